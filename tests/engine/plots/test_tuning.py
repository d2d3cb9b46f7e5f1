"""Pictures of a tuning by gradient: what they say, and what they are given at worst."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from engine.domain.hypergradients import HyperStep, Part
from engine.plots import (
    example_weights,
    group_values,
    learned_rows,
    memory,
    panels,
    schedules,
    sharing,
    tiles,
    weight_maps,
)
from engine.plots.hyper_curves import prepare_convergence, prepare_loss, prepare_norm
from engine.plots.picture import PICTURES
from engine.plots.style import DARK, LIGHT
from engine.testing.tunings import NOISE, tuning

EVERY = {
    "outer_loss": prepare_loss,
    "gradient_norm": prepare_norm,
    "schedules": schedules.prepare,
    "weight_maps": weight_maps.prepare,
    "learned_rows": learned_rows.prepare,
    "group_values": lambda tuning: group_values.prepare(tuning, "scale"),
    "example_weights": example_weights.prepare,
    "sharing": sharing.prepare,
    "convergence": prepare_convergence,
    "memory": memory.prepare,
}


def changed(found, **fields):
    return msgspec.structs.replace(found, **fields)


def broken():
    """A tuning in which every number is odd."""
    found = tuning(3)
    groups = []
    for group in found.groups:
        odd = (math.nan, math.inf, -math.inf, 0.0, -1.0, 1e300)
        parts = tuple(
            changed(part, values=tuple(odd[i % 6] for i in range(len(part.values))))
            for part in group.parts
        )
        groups.append(changed(group, parts=parts, spread=(math.nan,) * 5))
    steps = (
        HyperStep(0, math.inf, math.inf),
        HyperStep(1, None, None, remark="It diverged."),
        HyperStep(2, -1.0, 0.0, stored_bytes=0.0),
        HyperStep(3, 1e300, 1e-320),
    )
    return changed(found, steps=steps, groups=tuple(groups), whole_bytes=0.0, suspects=())


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_whatever_there_is_draws_and_says_so(figure, name, theme):
    prepare = EVERY[name]
    bare = changed(tuning(0), groups=(), suspects=(), reference=None)
    for found in (None, bare, tuning(1), broken(), tuning(300, noisy=(7,), lost=(8,))):
        prepared = prepare(found)
        made = figure(theme)
        PICTURES[name].draw(made.add_subplot(), prepared, theme)
        made.canvas.draw()
        assert prepared.summary.endswith(".")


def test_the_loss_with_its_start_best_and_reference():
    prepared = prepare_loss(tuning(40, lost=(5,)), planned=60)
    assert prepared.curve("loss").shape == (39, 2)
    assert prepared.lost.tolist() == [5]
    start, reference = prepared.levels
    assert start.y == pytest.approx(1.15)
    assert prepared.best is not None
    assert prepared.best[0] == 39
    assert (reference.y, reference.words) == (0.31, "random forest")
    assert prepared.ylim[0] < 0.3 < 1.15 < prepared.ylim[1]
    assert prepared.summary == (
        "Least outer loss 0.3065 at hyper-step 39, 1.15 at the start; 1 hyper-step diverged."
    )


@pytest.mark.parametrize(("last", "below"), [(1.2, True), (0.8, False)])
def test_the_words_of_the_start_keep_off_the_losses_beside_them(last, below):
    steps = tuple(HyperStep(n, loss, 1.0) for n, loss in enumerate([1.0, 0.9, *[last] * 10]))
    prepared = prepare_loss(changed(tuning(1), steps=steps), 12)
    assert prepared.levels[0].below == below


def test_a_loss_that_falls_far_is_on_a_log_scale():
    steps = tuple(HyperStep(n, 10.0 ** (1 - n), 1.0) for n in range(4))
    assert prepare_loss(changed(tuning(1), steps=steps)).log
    assert not prepare_loss(tuning(40)).log


def test_noise_is_marked_and_said():
    prepared = prepare_norm(tuning(40, noisy=(12, 13), lost=(20,)))
    assert prepared.curve("noise")[:, 0].tolist() == [12, 13]
    assert prepared.lost.tolist() == [20]
    assert len(prepared.curve("useful")) == 37
    assert prepared.verdict.colour == "caution"
    assert prepared.verdict.text == "noise in 3 of 40 hyper-steps"
    calm = prepare_norm(tuning(40))
    assert calm.verdict.colour == "muted"
    assert calm.verdict.text == "hypergradients can be followed"
    assert NOISE in prepare_norm(tuning(14, noisy=(13,))).summary


def test_schedules_have_a_curve_a_layer():
    rates, decays = schedules.prepare(tuning(40)).panels
    assert (rates.title, rates.log, rates.start) == ("Step size", True, 0.1)
    assert not decays.log
    first, biases, second, _ = rates.curves
    assert first.colour == biases.colour != second.colour
    assert (first.dashed, biases.dashed) == (False, True)
    assert rates.ylim[0] <= min(c.y.min() for c in rates.curves)


def test_weights_of_pixels_are_images_one_a_unit():
    prepared = weight_maps.prepare(tuning(40))
    assert [tile.name for tile in prepared.tiles[:2]] == ["mean", "unit 1"]
    assert len(prepared.tiles) == 21
    mean, first = prepared.tiles[0].values, prepared.tiles[1].values
    assert first.shape == (8, 8)
    # Constant pixels are no columns.
    assert np.isnan(first.ravel()[[0, 32, 39]]).all()
    units = np.stack([tile.values for tile in prepared.tiles[1:]])
    np.testing.assert_allclose(mean, np.exp(np.log(units).mean(axis=0)), rtol=1e-12)
    assert prepared.log


def test_weights_of_a_table_are_heat_maps():
    prepared = weight_maps.prepare(tuning(40, image=False))
    assert [tile.values.shape for tile in prepared.tiles] == [(61, 20), (20, 10)]
    assert not prepared.tiles[0].square


def test_learned_rows_are_named_by_their_class():
    prepared = learned_rows.prepare(tuning(40))
    assert [tile.name for tile in prepared.tiles] == list("0123456789")
    assert prepared.colours == "grey"
    (heat,) = learned_rows.prepare(tuning(40, image=False)).tiles
    assert heat.values.shape == (10, 61)


def test_classes_that_share_are_a_matrix():
    found = tuning(3)
    group = next(g for g in found.groups if g.layout == "pairs")
    three = changed(
        group, parts=(Part("sharing", 1, 3, (0.1, 1e-4, 1e-2)),), names=("a", "b", "c"), size=3
    )
    prepared = sharing.prepare(changed(found, groups=(three,)))
    np.testing.assert_array_equal(
        prepared.values, [[np.nan, 0.1, 1e-4], [0.1, np.nan, 1e-2], [1e-4, 1e-2, np.nan]]
    )
    assert prepared.note == "most between a and b, least between a and c"
    assert prepared.summary == (
        "Sharing between classes at hyper-step 3: 3 pairs, from 0.0001 to 0.1, 0.001 at the start."
        " Most between a and b, least between a and c."
    )


def test_many_values_are_those_that_moved_farthest():
    found = tuning(3)
    group = next(g for g in found.groups if g.name == "scale")
    moved = np.ones(100)
    moved[[17, 60]] = 50.0
    long = changed(
        group,
        parts=(Part("scale", 1, 100, tuple(moved)),),
        names=tuple(f"c{n}" for n in range(100)),
        size=100,
    )
    prepared = group_values.prepare(changed(found, groups=(long,)), "scale")
    assert len(prepared.names) == group_values.MOST
    assert {"c17", "c60"} <= {*prepared.names}


def test_weights_of_examples_mark_the_rows_that_count_least():
    found = tuning(40)
    prepared = example_weights.prepare(found)
    assert prepared.shares.sum() == pytest.approx(1)
    assert prepared.suspects.tolist() == [row.weight for row in found.suspects]
    assert "row 3 counts least" in prepared.summary


def test_what_is_left_of_the_gradient_beside_the_residual():
    prepared = prepare_convergence(tuning(40, lost=(5,)), planned=60)
    slopes, residuals = prepared.curve("gradient left"), prepared.curve("residual")
    assert slopes.shape == residuals.shape == (39, 2)
    assert slopes[0].tolist() == [0, 0.2]
    assert prepared.ylim[0] <= 0.01 < 1.0 <= prepared.ylim[1]
    assert prepared.summary == (
        "At the end of the last training 0.028 of the training loss's gradient at the start was "
        "left; its linear system was solved to a residual of 0.01."
    )
    steps = tuple(changed(s, residual=None) for s in tuning(3).steps)
    assert not prepare_convergence(changed(tuning(3), steps=steps)).curve("residual").size


def test_memory_beside_every_step():
    prepared = memory.prepare(tuning(40))
    assert prepared.sizes.tolist() == [46e3 + 39, 930e3]
    assert prepared.summary == (
        "The engine keeps 46 kB for the way back: 1/20 of the weights of every step, 930 kB."
    )


@pytest.mark.parametrize(
    ("size", "words"), [(480, "480 bytes"), (3210, "3.2 kB"), (999_600, "1 MB"), (1.4e9, "1.4 GB")]
)
def test_bytes_in_words(size, words):
    assert memory.in_words(size) == words


def test_tiles_are_as_large_as_there_is_room_for():
    options = {"gap": 10.0, "above": 18.0, "least": 44.0}
    places = panels.tiled(440, 300, [1.0] * 6, **options)
    sizes = {(round(p.width * 440), round(p.height * 300)) for p in places}
    assert len(places) == 6
    assert sizes == {(127, 127)}
    few = panels.tiled(100, 80, [1.0] * 60, **options)
    assert 1 <= len(few) < 60
    assert panels.tiled(440, 300, [], **options) == []
    for place in (*places, *few):
        assert place.x0 > -1e-9
        assert place.y0 > -1e-9
        assert place.x1 < 1 + 1e-9
        assert place.y1 < 1 + 1e-9


def test_panels_one_above_the_other():
    high = panels.stacked(300, 400, 2)
    assert [round(p.width, 3) for p in high] == [1, 1]
    assert high[0].y0 > high[1].y1
    assert len(panels.stacked(300, 120, 2)) == 1
    assert panels.stacked(300, 120, 0) == []


def test_one_value_everywhere_has_a_scale():
    found = tiles.prepared([tiles.Tile("a", np.full((2, 2), 0.5))], log=True, key="", summary="a.")
    assert found.low < 0.5 < found.high
