"""Which hypergradient engine the guide recommends: both sides of every rule."""

from __future__ import annotations

import pytest

from engine.domain.hypergradients import EngineOutlook, Suits, TuningOutlook
from engine.gradient.spec.engine_advice import CONVERGED, FEW, LONG, ROOM, recommend
from engine.guide.sentences import bytes_in_words

ENGINES: dict[str, Suits] = {
    "reversal": "reversible",
    "unrolled": "short",
    "checkpointed": "long",
    "forward": "few",
    "implicit_cg": "minimum",
}


def situation(
    *,
    without: tuple[str, ...] = (),
    size: int = 1_000,
    steps: int = 1_000,
    stored: float = 2 * ROOM,
    epochs: float = 10.0,
) -> TuningOutlook:
    engines = tuple(
        EngineOutlook(
            id,
            label=id,
            exact=id != "implicit_cg",
            stored_bytes=stored if id == "unrolled" else 1e6,
            stored_share=0.1,
            times=4.0,
            refusal="It can't." if id in without else "",
            suits=suits,
        )
        for id, suits in ENGINES.items()
    )
    return TuningOutlook((), engines, size=size, weights=5_000, steps=steps, epochs=epochs)


WAY = ("implicit_cg",)
ADAM = ("implicit_cg", "reversal")


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        # Only penalties or example weights, and convergent training: implicit.
        ({"epochs": CONVERGED}, "implicit_cg"),
        ({"epochs": CONVERGED - 1}, "reversal"),
        ({"epochs": CONVERGED, "without": WAY}, "reversal"),
        # Few hyperparameters and long training: forward.
        ({"without": WAY, "size": FEW, "steps": LONG}, "forward"),
        ({"without": WAY, "size": FEW + 1, "steps": LONG}, "reversal"),
        ({"without": WAY, "size": FEW, "steps": LONG - 1}, "reversal"),
        # What is small enough is stored.
        ({"without": WAY, "stored": ROOM}, "unrolled"),
        ({"without": WAY, "stored": 1.01 * ROOM}, "reversal"),
        # Else SGD with momentum is reversed, and Adam checkpointed.
        ({"without": WAY}, "reversal"),
        ({"without": ADAM}, "checkpointed"),
        ({"without": ADAM, "stored": ROOM}, "unrolled"),
    ],
)
def test_the_engine_follows_from_the_figures(known: dict[str, object], expected: str) -> None:
    ranked = recommend(situation(**known))  # type: ignore[arg-type]
    assert ranked[0].choice == expected
    assert ranked[0].would_change
    assert ranked[0].source
    assert {r.choice for r in ranked} == {*ENGINES}
    for one in ranked:
        assert one.reason.endswith(".")
        assert one.figures
        assert one.fits == (one.choice not in known.get("without", ()))  # type: ignore[operator]
    assert [r.fits for r in ranked] == sorted((r.fits for r in ranked), reverse=True)


def test_reasons_are_in_the_persons_own_figures() -> None:
    best = recommend(situation(without=WAY, size=1_608, steps=2_000))[0]
    assert "1,608 hyperparameters" in best.reason
    assert "510 MB" in best.reason
    assert ("steps times weights", "2,000 x 5,000") in best.figures


def test_nothing_is_recommended_where_every_engine_refuses() -> None:
    ranked = recommend(situation(without=ENGINES))
    assert all(not one.fits for one in ranked)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (480, "480 bytes"),
        (3_210, "3.2 kB"),
        (999_900, "1 MB"),
        (15.4e6, "15 MB"),
        (1.4e9, "1.4 GB"),
    ],
)
def test_bytes_are_said_with_two_figures(size: float, text: str) -> None:
    assert bytes_in_words(size) == text
