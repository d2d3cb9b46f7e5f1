"""The review's table of HPO methods as rules, one per row.

Bischl et al. (2023), choice of an HPO algorithm, and the authors' lecture ("practical aspects"). A
row names several methods, the best suited first; the first of them that the catalog has and that
can take the space is advised. Thresholds without a source are Tunesmith's rules of thumb.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from engine.domain.advice import Recommendation
from engine.domain.cards import MethodCard
from engine.guide import cost
from engine.guide.fidelity import ETA, Smallest, smallest
from engine.guide.noise import fold_noise
from engine.guide.sentences import count, duration, spelled
from engine.guide.situation import Rule, Situation
from engine.space import SearchSpace

AUTO = "auto"
"""Id of the method that stands for the guide's choice."""
FEW = 3
"""Most hyperparameters for which random search is enough when evaluations are cheap and many."""
COVERING = 50
"""Random evaluations per hyperparameter that cover so small a space: the rule of thumb's lower
end."""
COVERED = 0.05
"""Seconds below which an evaluation costs less than a model's proposal. At equal wall time and with
more expensive evaluations a Gaussian process left a third of the regret of random search."""
CHEAP = 1.0
"""Seconds below which a fit is so cheap that smaller ones save little: preparing and scoring cost
as much. At equal wall time halving was the worst method on fits of 0.05 to 1 s."""
LEARNING = 2
"""Evaluations per hyperparameter that a model of the score needs."""
GUIDED = 10
"""Fewest full evaluations for a model. On real tables twelve left 0.34 of the default's regret to a
Gaussian process and 0.55 to random search."""
START = 20
"""Budgets with fewer full evaluations call for partial fits."""
DEAR = 60.0
"""Seconds from which an evaluation counts as expensive."""
PATIENT = 50
"""Full evaluations from which a search of expensive ones needs no partial fits."""
LARGE = 1_000
"""Evaluations from which evolution has enough generations."""
SMOOTH = 20
"""Most hyperparameters for which a Gaussian process is the first choice."""
LONG = 500
"""Most evaluations for which a Gaussian process is the first choice."""
MIXED = 1 / 3
"""Largest share of categorical hyperparameters for a Gaussian process."""
TANGLED = 10
"""Hyperparameters beyond which conditions call for trees or densities."""
RACED = 30
"""Folds from which a race pays: its first test then costs a sixth of an evaluation. On 30 folds it
found as much as a Gaussian process, on ten less."""
RACING = 50
"""Full evaluations that a race needs: with half of them a model of the score found more."""
FIRST_TEST = 5
"""Folds before the first test of a race (irace's default)."""
NOISY = 0.3
"""Standard deviation between folds, as a share of the distance from a perfect score, from which
single folds tell little: not even a configuration with a quarter less error shows on one."""
AT_ONCE = 4
"""Trials evaluated in parallel from which synchronous rungs leave workers idle."""

REVIEW = "Bischl et al. 2023, choice of an HPO algorithm"
_BAYESIAN = "Bischl et al. 2023, Bayesian optimisation"
_HYPERBAND = "Bischl et al. 2023, Hyperband"
_RACING = "Bischl et al. 2023, iterated racing"
_EVOLUTION = "Bischl et al. 2023, evolution strategies"
_SEVERAL = "Karl et al. 2023, multi-objective hyperparameter optimisation"
_GRID = "Bischl et al. 2023, grid search"


def able(situation: Situation, card: MethodCard) -> bool:
    """Whether the method itself, not what it picks, can take the space and the objectives."""
    if card.id == AUTO or card.multi_objective != bool(situation.further_measures):
        return False
    return card.conditions or not situation.conditional


def evaluations(situation: Situation) -> float:
    """Planned full evaluations, or those that the time allows if fewer."""
    room = max(cost.affordable(situation), 1)
    if situation.evaluations is None:
        return room
    return situation.evaluations if situation.seconds is None else min(situation.evaluations, room)


def needed(situation: Situation) -> int:
    """Fewest full evaluations with which a model of the score is useful."""
    return max(GUIDED, LEARNING * situation.tuned)


def points(situation: Situation, most: int) -> float:
    """Number of points of a grid with at most ``most`` values per hyperparameter."""
    if situation.space is None:
        return 1.0
    # One parameter at a time; conditions would make the grid smaller, so this is an upper bound.
    each = (SearchSpace((parameter,)) for parameter in situation.space.parameters)
    return math.prod(min(space.cardinality(), most) for space in each)


def further(situation: Situation) -> str:
    """Names of the objectives other than the tuned measure, as a list in words."""
    catalog = situation.catalog
    labels = {card.id: card.label for card in (*catalog.measures, *catalog.costs)}
    *first, last = (labels.get(name, name) for name in situation.further_measures)
    return f"{', '.join(first)} and {last}" if first else last


# --- rows of the table ----------------------------------------------------------------------------


def _several(situation: Situation) -> Recommendation | None:
    if not situation.further_measures:
        return None
    cards = situation.catalog.methods
    return _advised(
        situation,
        (card.id for card in cards if card.multi_objective),
        f"with {further(situation)} optimised as well there is no single best but a front of "
        "trade-offs, and this method searches for all of it.",
        _SEVERAL,
        "you optimised one measure alone",
        ("measures", str(1 + len(situation.further_measures))),
    )


def _all_of_it(situation: Situation) -> Recommendation | None:
    space = situation.space
    if space is None or situation.tuned == 0 or situation.choices < situation.tuned:
        return None
    if space.cardinality() > evaluations(situation):
        return None
    configurations = count(space.cardinality(), "configuration")
    return _advised(
        situation,
        ("grid",),
        f"the space has only {configurations}, so a grid tries them all.",
        _GRID,
        f"the budget were below {configurations}, or a hyperparameter were a number",
    )


def _few_and_cheap(situation: Situation) -> Recommendation | None:
    enough = COVERING * situation.tuned
    if situation.tuned > FEW or cost.evaluation_seconds(situation) >= COVERED:
        return None
    if evaluations(situation) < enough:
        return None
    return _advised(
        situation,
        ("random", "sobol", "lhs"),
        "so few dimensions that random points cover the space, and evaluations so cheap that a "
        "model of the score would take longer to propose one than to try it.",
        REVIEW,
        f"you tuned more than {FEW} hyperparameters, an evaluation took {COVERED:g} s or more, or "
        f"the budget were below {count(enough, 'evaluation')}",
    )


def _race(situation: Situation) -> Recommendation | None:
    noise, n_folds = fold_noise(situation), situation.n_folds
    if noise is None or noise < NOISY or n_folds < RACED:
        return None
    if evaluations(situation) < max(RACING, needed(situation)):
        return None
    racing = (card.id for card in situation.catalog.methods if card.partial_folds)
    return _advised(
        situation,
        racing,
        f"from fold to fold scores differ by {noise:.0%} of their distance from a perfect one, so "
        "a race drops a configuration once tests over its folds show it worse, often after "
        f"{FIRST_TEST} of {n_folds}, and spends the rest on good ones.",
        _RACING,
        f"the folds agreed better (below {NOISY:.0%}), an evaluation had fewer than {RACED}, or "
        f"the budget were below {count(RACING, 'evaluation')}",
    )


def _small_fits(situation: Situation) -> Recommendation | None:
    small, budget = smallest(situation), evaluations(situation)
    seconds = cost.evaluation_seconds(situation)
    dear = seconds >= DEAR and budget < PATIENT
    worthwhile = cost.fold_seconds(situation) >= CHEAP
    if not small.helps or not (dear or (worthwhile and budget < START)):
        return None
    limit = PATIENT if dear else START
    quicker = (
        f"a fit took less than {duration(CHEAP)}"
        if worthwhile and budget < START
        else f"an evaluation took less than {duration(DEAR)}"
    )
    return _advised(
        situation,
        _by_budget(situation, small),
        f"too few for a search of full fits alone. Fits with {small.words}, show "
        "which configurations deserve more.",
        _HYPERBAND,
        f"the budget reached {count(limit, 'evaluation')}, or {quicker}",
        ("smallest fit", small.words),
    )


def _by_budget(situation: Situation, small: Smallest) -> tuple[str, ...]:
    """Methods with partial fits, the best suited to workers and budget first."""
    if situation.workers / situation.n_folds >= AT_ONCE:
        return ("asha", "bohb", "hyperband", "halving")
    begun = 1 / small.share
    bracket = round(math.log(begun, ETA)) + 1  # full fits that one bracket costs
    brackets = evaluations(situation) / bracket
    if brackets < 1:
        return ("halving", "asha", "hyperband", "bohb")
    # BOHB's densities need l + 1 good configurations and as many bad ones (Falkner et al. 2018).
    if brackets >= 2 and begun >= situation.tuned + 1:
        return ("bohb", "hyperband", "asha", "halving")
    return ("hyperband", "halving", "asha", "bohb")


def _evolve(situation: Situation) -> Recommendation | None:
    if evaluations(situation) < LARGE or cost.evaluation_seconds(situation) >= COVERED:
        return None
    numbers = ("cmaes", "de", "evolution")
    mixed = ("evolution", "de", "cmaes")
    return _advised(
        situation,
        numbers if situation.numeric_space else mixed,
        "so many and such cheap evaluations that a model of the score would take longer than the "
        "fits it saves; a population learns from them at no cost.",
        _EVOLUTION,
        f"the budget were below {count(LARGE, 'evaluation')}, or an evaluation took {COVERED:g} "
        "s or more",
    )


def _too_few_evaluations(situation: Situation) -> Recommendation | None:
    least = needed(situation)
    if evaluations(situation) >= least:
        return None
    return _advised(
        situation,
        ("random", "sobol", "lhs"),
        f"a model of the score needs about {least} evaluations before it can guide, so random "
        "points are as good and simpler.",
        _BAYESIAN,
        f"the budget reached {count(least, 'evaluation')}",
    )


def _smooth(situation: Situation) -> Recommendation | None:
    tangled = situation.conditional and situation.tuned > TANGLED
    mixed = situation.choices > MIXED * situation.tuned
    if situation.tuned > SMOOTH or evaluations(situation) > LONG or tangled or mixed:
        return None
    return _advised(
        situation,
        ("gp",),
        "enough for a model to learn from the scores, and few enough for the one that needs the "
        "fewest, a smooth surface with its uncertainty (Gaussian process).",
        _BAYESIAN,
        f"the budget were below {count(needed(situation), 'evaluation')} or above {LONG}, you "
        f"tuned more than {SMOOTH} hyperparameters, or more than a third of them were choices",
    )


def _trees_or_densities(situation: Situation) -> Recommendation | None:
    if evaluations(situation) > LONG:
        methods, why = ("tpe", "rf_bo"), "whose cost stays small in so long a search"
    elif situation.numeric_space and not situation.conditional:
        methods, why = ("tpe", "rf_bo"), "that copes with many hyperparameters"
    else:
        methods, why = ("rf_bo", "tpe"), "that takes choices and conditions as they are"
    return _advised(
        situation,
        methods,
        f"enough for a model to learn from the scores, and this is one {why}.",
        _BAYESIAN,
        f"the budget were below {count(needed(situation), 'evaluation')}, or you tuned fewer "
        "hyperparameters, most of them numbers",
    )


def _any_model(situation: Situation) -> Recommendation | None:
    cards = situation.catalog.methods
    models = (card.id for card in cards if card.model_based and not card.partial_fits)
    return _advised(
        situation,
        models,
        "enough for a model of good and bad regions to learn from the scores, and too costly to "
        "spend on points drawn blindly.",
        _BAYESIAN,
        f"the budget were below {count(needed(situation), 'evaluation')}",
    )


def _anything(situation: Situation) -> Recommendation | None:
    """Last resort: no method in the catalog suits the space better."""
    return _advised(
        situation,
        ("random", *(card.id for card in situation.catalog.methods)),
        "it works in any such space and with any budget.",
        REVIEW,
        "a method that learns from the scores could handle the space",
    )


RULES: tuple[Rule, ...] = (
    _several,
    _all_of_it,
    _few_and_cheap,
    _race,
    _small_fits,
    _evolve,
    _too_few_evaluations,
    _smooth,
    _trees_or_densities,
    _any_model,
    _anything,
)


def _advised(
    situation: Situation,
    methods: Iterable[str],
    why: str,
    source: str,
    would_change: str,
    figure: tuple[str, str] | None = None,
) -> Recommendation | None:
    """Advise the first of ``methods`` that the catalog has and that can take the space."""
    cards = {card.id: card for card in situation.catalog.methods if able(situation, card)}
    card = next((cards[name] for name in methods if name in cards), None)
    if card is None:
        return None
    kind = "numeric hyperparameter" if situation.numeric_space else "hyperparameter"
    conditions = ", some of them conditional" if situation.conditional else ""
    budget = count(evaluations(situation), "evaluation")
    return Recommendation(
        choice=card.id,
        label=card.label,
        reason=(
            f"{spelled(situation.tuned, kind)}{conditions} and {budget} of "
            f"{cost.stated(situation)} each: {why}"
        ),
        source=source,
        would_change=f"It would change if {would_change}.",
        figures=figures(situation, figure),
    )


def figures(
    situation: Situation, more: tuple[str, str] | None = None
) -> tuple[tuple[str, str], ...]:
    """Figures that the choice rests on; ``more``, or else the noise, replaces the conditions."""
    mixed = "all numeric" if situation.numeric_space else "numbers and choices"
    noise = fold_noise(situation)
    if more is None and noise is not None:
        more = ("noise between folds", f"{noise:.0%}")
    return (
        ("hyperparameters", f"{situation.tuned}, {mixed}"),
        ("one evaluation", cost.stated(situation)),
        ("budget", count(evaluations(situation), "evaluation")),
        more or ("conditions", "yes" if situation.conditional else "none"),
    )
