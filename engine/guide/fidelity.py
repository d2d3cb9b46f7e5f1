"""Smallest useful partial fit, for methods that begin with partial fits.

Successive halving drops configurations by their scores at a small share of a full fit, so that
share must still rank them. On few rows it does not: scores get noisy, and rankings lean towards too
much regularisation (scikit-learn's maintainers on their own halving search: issues 29089 and 31608,
a default of at least 1,000 rows planned in 34253). Neither do a handful of trees or rounds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from engine.domain.cards import MethodCard
from engine.guide import recommend_resampling
from engine.guide.facts import Facts
from engine.guide.situation import FULL_SIZE, Fidelity, Situation
from engine.plan import Resampling
from engine.space import Value

ROWS = 1_000
"""Fewest rows of the smallest subset."""
RAREST = 20
"""Fewest rows of the rarest class in the smallest subset."""
GROWN = 10
"""Fewest trees or rounds of the smallest fit."""
WIDEST = 27
"""Largest ratio of a full fit to the smallest. Each further rung makes Hyperband's brackets longer,
and its smallest fits, which every configuration starts with, say less."""
ETA = 3.0
"""Reduction factor: halving keeps 1 in so many configurations (Hyperband's default)."""


class Smallest(msgspec.Struct, frozen=True):
    """The smallest partial fit that is proposed."""

    kind: Fidelity
    share: float
    """Share of a full fit: 1 / eta^k, or 1 where fits can't be partial."""
    warning: str = ""
    """Sentence, where even the largest partial fit misleads."""
    words: str = ""
    """The share and its absolute size: ``1/9 of the rows, 1,067``."""

    @property
    def helps(self) -> bool:
        """Whether there are partial fits that can be trusted."""
        return self.kind != "none" and not self.warning


def lowest_fidelity(
    facts: Facts, kind: Fidelity, eta: float = ETA, *, share: float = 1.0, full: float = FULL_SIZE
) -> tuple[float, str]:
    """Compute the smallest useful partial fit from the size of the data or of the model.

    Args:
        facts: figures of the table.
        kind: what a partial fit saves.
        eta: ratio of one rung's fidelity to the one before, above 1.
        share: of the rows, those that a full fit learns from: without the outer test rows and the
            validation fold.
        full: trees or rounds of a full fit; for ``folds``, folds of a full evaluation.

    Returns:
        A share 1 / eta^k of a full fit, at least 1 / `WIDEST` where eta allows, and a warning
        sentence, empty where none is needed. Where even 1 / eta misleads, the share is that and the
        warning says why. A kind of ``none`` gives 1 and no warning.

    Raises:
        ValueError: if ``eta`` is not above 1.
    """
    if not eta > 1:
        raise ValueError(f"eta must be above 1, not {eta}")
    if kind == "none":
        return 1.0, ""
    limits = _limits(facts, kind, share, full)
    # A hair of slack: 27 rows a third of 81 must count whatever the rounding of eta^k.
    steps = min(math.floor(math.log(have / need, eta) + 1e-9) for _, have, need in limits)
    widest = max(1, math.floor(math.log(WIDEST, eta) + 1e-9))
    if steps >= 1:
        return eta ** -min(steps, widest), ""
    what, have, need = min(limits, key=lambda limit: limit[1] / limit[2])
    return 1 / eta, (
        f"{_fraction(1 / eta)} of the {math.floor(have):,} {what} is {math.floor(have / eta):,}; "
        f"scores from fewer than about {need:,} mislead, so full fits are the safer choice."
    )


def smallest(situation: Situation, eta: float = ETA) -> Smallest:
    """Apply `lowest_fidelity` to the situation's learner, folds and space."""
    kind, share = kind_of(situation), training_share(situation)
    full = situation.n_folds if kind == "folds" else situation.full_size
    min_fidelity, warning = lowest_fidelity(situation.facts, kind, eta, share=share, full=full)
    if kind == "none":
        return Smallest(kind, min_fidelity)
    total = situation.facts.rows * share if kind == "rows" else full
    noun = "trees, rounds or epochs" if kind == "model" else kind
    words = f"{_fraction(min_fidelity)} of the {noun}, about {min_fidelity * total:,.0f}"
    return Smallest(kind, min_fidelity, warning, words)


def options(
    card: MethodCard, situation: Situation, chosen: Mapping[str, Value] | None = None
) -> dict[str, Value]:
    """Complete a method's options so that its partial fits suit the data.

    Args:
        card: any method; one without partial fits needs nothing.
        situation: of the search.
        chosen: the user's options. They are kept, but for those left to the guide: a ``fidelity``
            of ``auto`` and a ``min_fidelity`` of 0.

    Returns:
        Options by name, ``chosen`` among them.
    """
    settled = dict(chosen or {})
    known = {option.name: option for option in card.options}
    if not card.partial_fits:
        return settled
    if settled.get("fidelity") in ("model", "rows", "folds"):
        situation = msgspec.structs.replace(situation, fidelity=settled["fidelity"])
    found = smallest(situation, eta_of(card, settled))
    if "fidelity" in known and settled.get("fidelity", "auto") == "auto":
        settled.pop("fidelity", None)
        if found.kind in known["fidelity"].choices:
            settled["fidelity"] = found.kind
    if "min_fidelity" in known and settled.get("min_fidelity", 0) == 0:
        settled["min_fidelity"] = found.share
    return settled


def eta_of(card: MethodCard, chosen: Mapping[str, Value] | None = None) -> float:
    """Reduction factor of the method: chosen, else its default, else Hyperband's."""
    default = next((option.default for option in card.options if option.name == "eta"), ETA)
    eta = (chosen or {}).get("eta", default)
    usable = isinstance(eta, int | float) and not isinstance(eta, bool) and eta > 1
    return float(eta) if usable else ETA  # type: ignore[arg-type]


def kind_of(situation: Situation) -> Fidelity:
    """How fits of the situation's learner can be partial."""
    if situation.fidelity is not None:
        return situation.fidelity
    if situation.card is None:
        return "none"
    return "model" if situation.card.fidelity_parameter else "rows"


def training_share(situation: Situation) -> float:
    """Share of the table's rows that one fit of a fold learns from."""
    outer = 0.0 if situation.test_rows is not None else situation.test_share
    if outer is None:
        outer = recommend_resampling.test_share(situation.facts)
    return (1 - outer) * (
        1 - recommend_resampling.validation_share(situation.resampling or Resampling())
    )


def _limits(
    facts: Facts, kind: Fidelity, share: float, full: float
) -> list[tuple[str, float, int]]:
    """Sizes of a full fit and of the smallest useful one: name, size, least size."""
    if kind == "folds":
        return [("folds", full, 1)]
    if kind == "model":
        return [("trees, rounds or epochs", full, GROWN)]
    limits = [("rows that a fit learns from", facts.rows * share, ROWS)]
    if facts.classes:
        label, count = min(facts.classes, key=lambda pair: pair[1])
        limits.append((f"rows of “{label}” that a fit learns from", count * share, RAREST))
    return [(name, max(have, 1e-9), need) for name, have, need in limits]


def _fraction(share: float) -> str:
    return f"1/{1 / share:.3g}"
