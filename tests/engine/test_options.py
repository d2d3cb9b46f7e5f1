"""Options of methods: what a struct says of them, and what a method reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
import pytest

from engine.domain.cards import Option
from engine.options import options_of, shown
from engine.space import Float, SearchSpace
from engine.tuners.base import MethodOptions, TuningProblem
from engine.tuners.cmaes import CmaEs


class Basic(MethodOptions, frozen=True):
    eta: Annotated[int, shown("Eta", "How many.", 2, 10)] = 3


class Every(Basic, frozen=True):
    rate: Annotated[float, shown("Rate", "How fast.", 0.5)] = 1.0
    kind: Annotated[Literal["a", "b"], shown("Kind", "Which.")] = "b"
    on: Annotated[bool, shown("On", "Whether.")] = True
    own: Annotated[str, shown("Own", "What.")] = ""


def test_a_struct_declares_the_options_of_a_form() -> None:
    assert options_of(MethodOptions) == ()
    assert options_of(Every) == (
        Option("eta", "Eta", "integer", 3, "How many.", 2.0, 10.0),
        Option("rate", "Rate", "float", 1.0, "How fast.", 0.5),
        Option("kind", "Kind", "choice", "b", "Which.", choices=("a", "b")),
        Option("on", "On", "boolean", True, "Whether."),
        Option("own", "Own", "text", "", "What."),
    )


class Required(MethodOptions, frozen=True):
    eta: Annotated[int, shown("Eta", "How many.")]


class Odd(MethodOptions, frozen=True):
    eta: Annotated[complex, shown("Eta", "How many.")] = 1j


@dataclass(frozen=True)
class Plain:
    width: int = 3
    share: Annotated[float, shown("Share", "Of it.", 0.0, 1.0)] = 0.5


def test_of_a_dataclass_those_that_are_shown() -> None:
    assert options_of(Plain) == (Option("share", "Share", "float", 0.5, "Of it.", 0.0, 1.0),)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Required, "“eta” has no default"),
        (Odd, "“eta” is of a kind that no form shows"),
    ],
)
def test_what_no_form_can_show_is_refused(kind: type[MethodOptions], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        options_of(kind)


def test_a_method_reads_its_own_options_with_their_types() -> None:
    """Whole numbers will do for others; what is of other kinds of methods is left alone."""
    space = SearchSpace((Float("x", 0.0, 1.0),))
    options = {"sigma": 0.5, "population": 6, "fidelity": "rows"}
    made = CmaEs(TuningProblem(space, {}, False, options=options)).options
    assert (made.sigma, made.population, made.restarts) == (0.5, 6, "bipop")
    with pytest.raises(msgspec.ValidationError):
        CmaEs(TuningProblem(space, {}, False, options={"sigma": 7.0}))
