"""The columns of the smaller pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine import catalog
from engine.domain.cards import Sketch
from engine.domain.results import Confusion, Residuals
from engine.domain.understanding import Importance
from engine.plan import Resampling
from engine.plots import confusion, importance, resampling, residuals, sketch, timeline
from engine.plots.colour import contrast, mix
from engine.plots.draw import shorten
from engine.plots.style import LIGHT, THEMES


def test_timeline_counts_from_the_first_fold(search):
    prepared = timeline.prepare(search([0.9, np.nan], ["complete", "failed"]))
    np.testing.assert_allclose(prepared.left, [0, 0.6], atol=1e-6)
    np.testing.assert_allclose(prepared.failed_left, [1.2, 1.8], atol=1e-6)
    assert prepared.worker.tolist() == [0, 1]
    assert (prepared.workers, prepared.unit) == (2, "s")
    assert prepared.summary == "4 folds on 2 workers in 3 s; 2 failed."


def test_timeline_cuts_out_a_night(search):
    snapshot = search([0.9] * 10)
    started = snapshot.folds["started"].copy()
    started[10:] += 8 * 3600
    prepared = timeline.prepare(replace(snapshot, folds=snapshot.folds | {"started": started}))
    assert [words for _, words in prepared.pauses] == ["paused 8 h"]
    assert prepared.limit <= 20
    assert "without pauses" in prepared.xlabel


def test_timeline_joins_touching_folds_when_there_are_many(search):
    snapshot = search([0.9] * 3000)
    prepared = timeline.prepare(snapshot)
    # Two workers, one fold of 1 s every 1.2 s: no longer one bar each, yet all time is there.
    assert prepared.left.size < 100
    assert prepared.width.sum() * 60 == pytest.approx(7200, rel=0.02)


def test_timeline_passes_over_broken_times(search):
    snapshot = search([0.9, 0.8])
    folds = snapshot.folds | {"started": np.array([np.nan, 5.0, 6.0, np.inf])}
    assert timeline.prepare(replace(snapshot, folds=folds)).left.tolist() == [0.0, 1.0]
    assert timeline.prepare(replace(snapshot, folds={})).workers == 0


def test_importance_ranks_and_sums_up_the_rest():
    prepared = importance.prepare(
        [Importance("b", 0.2, 0.1, 0.3), Importance("a", 0.5, 0.4, 0.6)]
        + [Importance(f"h{i}", 0.01, 0.0, 0.02) for i in range(30)]
    )
    assert prepared.names[:2] == ("a", "b")
    assert prepared.names[-1] == "21 others"
    assert len(prepared.names) == importance.MOST
    assert prepared.share.sum() == pytest.approx(1.0)
    assert np.isnan(prepared.high[-1])
    assert prepared.summary.startswith("What mattered most: a 50%, b 20%")


def test_importance_without_trials():
    prepared = importance.prepare([Importance("a", np.nan, 0, 1)])
    assert not prepared.names
    assert 0 < prepared.limit < 1


def test_confusion_shares_are_of_the_true_class():
    prepared = confusion.prepare(Confusion(("a", "b", "c"), ((8, 2, 0), (0, 0, 0), (1, 0, 3))))
    np.testing.assert_allclose(prepared.shares[0], [0.8, 0.2, 0])
    np.testing.assert_allclose(prepared.shares[1], 0)
    assert prepared.note == "most often a taken for b, 2 rows"
    assert prepared.summary == (
        "11 of 14 rows are predicted right. Most often a taken for b, 2 rows."
    )


def test_confusion_without_mistakes_or_classes():
    assert confusion.prepare(Confusion(("a",), ((4,),))).note == ""
    assert confusion.prepare(Confusion((), ())).counts.shape == (0, 0)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_words_in_cells_can_be_read_on_every_shade(theme):
    for share in np.linspace(0, 1, 101):
        ground = mix(theme.window, theme.accent, float(confusion.shade(np.array(share))))
        assert max(contrast(ink, ground) for ink in confusion.INKS) >= 4.5


def test_confusion_cells_show_counts_and_shares(figure):
    axes = figure().add_subplot()
    prepared = confusion.prepare(Confusion(("a", "b"), ((199, 1), (0, 4))))
    confusion.PICTURE.draw(axes, prepared, LIGHT)
    words = [text.get_text() for text in axes.texts]
    assert {"199\n>99%", "1\n1%", "0", "4\n100%"} <= set(words)


def test_residuals_spread_holds_four_fifths():
    truth = np.arange(100.0)
    error = np.concatenate([np.full(80, 1.0), np.full(20, 7.0)])
    prepared = residuals.prepare(Residuals(tuple(truth), tuple(truth + error)))
    assert prepared.spread == pytest.approx(1.0, abs=1.5)
    assert prepared.limits == (0.0, 106.0)
    assert not prepared.beyond.any()


def test_residuals_put_wild_predictions_at_the_edge():
    prepared = residuals.prepare(
        Residuals((0.0, 1.0, 2.0, float("nan"), 1.5), (0.1, 1e9, float("-inf"), 1.0, float("nan")))
    )
    assert prepared.truth.tolist() == [0.0, 1.0, 2.0]
    assert prepared.beyond.tolist() == [False, True, True]
    assert prepared.predicted.tolist() == [0.1, 2.0, 0.0]
    assert prepared.spread is None


def test_folds_to_scale():
    prepared = resampling.prepare(Resampling("kfold", 5), rows=178, test_share=0.2)
    assert prepared.test == 36
    assert (prepared.valid[:, 1] - prepared.valid[:, 0]).tolist() == [29, 29, 28, 28, 28]
    assert prepared.valid[-1, 1] == 142
    assert prepared.more == ""
    assert prepared.summary.startswith("36 of 178 rows are kept out as outer test; the other 142")


def test_holdout_and_repeats():
    prepared = resampling.prepare(Resampling("holdout", share=0.25), rows=100, test_share=0)
    assert prepared.valid.tolist() == [[75, 100]]
    prepared = resampling.prepare(Resampling("repeated_kfold", 20, 3), rows=100, test_share=0.1)
    assert len(prepared.valid) == 11
    assert prepared.more == "and 9 more folds, then 2 more times with the rows shuffled anew"


def test_parts_have_the_sizes_that_scikit_learn_makes():
    model_selection = pytest.importorskip("sklearn.model_selection")
    rows = np.arange(103)
    train, test = model_selection.train_test_split(rows, test_size=0.15)
    prepared = resampling.prepare(Resampling("kfold", 7), rows=103, test_share=0.15)
    assert prepared.test == len(test)
    sizes = [len(valid) for _, valid in model_selection.KFold(7).split(train)]
    assert (prepared.valid[:, 1] - prepared.valid[:, 0]).tolist() == sizes


SKETCHES = {card.id: card.sketch for card in catalog.CATALOG().methods if card.sketch is not None}


def drawn(method: str) -> sketch.Prepared:
    return sketch.prepare(SKETCHES[method])


@pytest.mark.parametrize("method", SKETCHES)
def test_sketches_fill_the_unit_square(method):
    prepared = drawn(method)
    assert prepared.dots.shape == (28, 2)
    assert ((prepared.dots >= 0) & (prepared.dots <= 1)).all()
    assert prepared.dots[0, 0] == 0 and prepared.dots[-1, 0] == 1
    assert ((prepared.cost > 0) & (prepared.cost <= 1)).all()
    assert prepared.summary.endswith(".")


def test_every_method_has_its_own_sketch():
    assert len({drawn(method).dots.tobytes() for method in SKETCHES}) == len(SKETCHES)


def test_a_sketch_is_declared_in_thousandths():
    prepared = sketch.prepare(Sketch("Two.", "130:111 850"))
    assert prepared.dots.tolist() == [[0, 0.13], [1, 0.85]]
    assert prepared.cost.tolist() == [0.111, 1]


@pytest.mark.parametrize("method", ["tpe", "gp", "rf_bo", "cmaes", "evolution", "de", "auto"])
def test_methods_that_learn_get_better(method):
    heights = drawn(method).dots[:, 1]
    assert np.median(heights[-8:]) > np.median(heights[:8]) + 0.2


@pytest.mark.parametrize("method", ["halving", "hyperband", "asha", "bohb"])
def test_larger_fits_are_fewer(method):
    cost = drawn(method).cost
    counts = [int((cost == level).sum()) for level in sorted(set(cost.tolist()))]
    assert len(counts) == 3
    assert counts == sorted(counts, reverse=True)


def test_sketches_of_even_designs_are_more_even_than_random():
    def widest_gap(method):
        return np.diff(np.sort(drawn(method).dots[:, 1])).max()

    assert max(widest_gap("lhs"), widest_gap("sobol")) < 0.5 * widest_gap("random")


def test_cheap_evaluations_are_small_dots(figure):
    axes = figure().add_subplot()
    sketch.PICTURE.draw(axes, drawn("halving"), LIGHT)
    cost, sizes = drawn("halving").cost, axes.collections[0].get_sizes()
    np.testing.assert_array_equal(np.argsort(cost, kind="stable"), np.argsort(sizes, kind="stable"))
    assert len(set(sizes.tolist())) == 3
    sketch.PICTURE.draw(axes, drawn("grid"), LIGHT)
    assert len(set(axes.collections[0].get_sizes().tolist())) == 1


def test_shorten_keeps_both_ends():
    assert shorten("short", 10) == "short"
    assert shorten("a_very_long_name_indeed", 10) == "a_very…eed"
