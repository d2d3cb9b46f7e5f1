"""Hyperparameter importance by PED-ANOVA, with a bootstrap interval over trials.

PED-ANOVA (Watanabe, Bansal and Hutter 2023, IJCAI) compares the density of the best trials with
that of all trials, one hyperparameter at a time, by the Pearson divergence. It costs milliseconds
where functional ANOVA costs seconds, and Optuna's version accounts for conditional hyperparameters.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.domain.trials import Snapshot, TrialState
from engine.domain.understanding import Importance
from engine.errors import Cancelled
from engine.space import Categorical, Configuration, Float, Parameter, SearchSpace

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

LEAST = 8
"""Fewest complete trials for which importances are computed."""
MOST = 1_000
"""Most trials used; of more, a random sample."""
RESAMPLES = 10

_TOP = 0.1
_TOP_TRIALS = 5
"""Least number of trials among the best, so that their density can be estimated."""


def importances(
    snapshot: Snapshot,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Importance, ...]:
    """Compute every hyperparameter's share of the importance, with a bootstrap interval.

    The interval reaches from the 10th to the 90th percentile over draws of the trials with
    replacement. Trials that are not complete, lack a finite score or lie outside the space (the
    default configuration may) are left out.

    Args:
        snapshot: of the search.
        seed: of the sample and the resamples.
        resamples: bootstrap draws.
        cancelled: called before every resample; true ends the computation.

    Returns:
        Shares of 1, largest first; empty with fewer than `LEAST` usable trials or when all scores
        are equal.

    Raises:
        Cancelled: if ``cancelled()`` returned true.
    """
    trials = _trials(snapshot)
    if len(trials) < LEAST:
        return ()
    random = np.random.default_rng(seed)
    if len(trials) > MOST:
        chosen = np.sort(random.choice(len(trials), MOST, replace=False))
        trials = [trials[i] for i in chosen]
    names = snapshot.space.names
    shares = _evaluator(trials, snapshot.maximise, names)
    share = shares(np.arange(len(trials)))
    if not share.any():
        return ()
    drawn = []
    for _ in range(resamples):
        if cancelled():
            raise Cancelled
        # The bootstrap over trials: the search might have seen others.
        drawn.append(shares(random.integers(len(trials), size=len(trials))))
    low, high = np.percentile([share, *drawn], [10, 90], axis=0)
    found = [
        Importance(name, float(s), float(min(lo, s)), float(max(hi, s)))
        for name, s, lo, hi in zip(names, share, low, high, strict=True)
    ]
    return tuple(sorted(found, key=lambda importance: -importance.share))


def _evaluator(
    trials: Sequence[FrozenTrial], maximise: bool, names: Sequence[str]
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from indices of ``trials`` to shares of 1, shape (len(names),).

    Shares are all 0 where they are not defined. The study is built once, and a resample only
    changes the answer of its `get_trials`: adding trials to a study takes longer than anything else
    here.
    """
    import optuna
    from optuna.importance import PedAnovaImportanceEvaluator
    from optuna.study import StudyDirection

    class Resampled(optuna.Study):
        drawn: Sequence[FrozenTrial] = ()

        def get_trials(self, *_: Any, **__: Any) -> list[FrozenTrial]:
            return list(self.drawn)

    storage = optuna.storages.InMemoryStorage()
    direction = StudyDirection.MAXIMIZE if maximise else StudyDirection.MINIMIZE
    with _without_greeting():
        storage.create_new_study([direction], study_name="importances")
    study = Resampled("importances", storage)

    def shares(indices: np.ndarray) -> np.ndarray:
        study.drawn = [trials[i] for i in indices]
        # The best 10 %, more of few trials, but never more than half: the rest is what they differ
        # from.
        top = min(max(_TOP, _TOP_TRIALS / len(indices)), 0.5)
        evaluator = PedAnovaImportanceEvaluator(target_quantile=top)
        with warnings.catch_warnings():
            # It warns of few trials and equal scores; interval and empty answer say as much.
            warnings.simplefilter("ignore")
            raw = evaluator.evaluate(study)
        values = np.array([raw.get(name, 0.0) for name in names])
        total = values.sum()
        return values / total if np.isfinite(total) and total > 0 else np.zeros(len(names))

    return shares


@contextmanager
def _without_greeting() -> Iterator[None]:
    """Keep Optuna from logging that a study was created."""
    from optuna import logging

    level = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        yield
    finally:
        logging.set_verbosity(level)


def _trials(snapshot: Snapshot) -> list[FrozenTrial]:
    """Convert the usable trials to Optuna's."""
    import optuna
    from optuna.trial import FrozenTrial

    distributions = {p.name: _distribution(p) for p in snapshot.space.parameters}
    usable = snapshot.is_state(TrialState.COMPLETE) & np.isfinite(snapshot.value)
    now = datetime.now()
    trials = []
    for i in np.flatnonzero(usable).tolist():
        configuration = _configuration(snapshot, i)
        if configuration is None:
            continue
        trials.append(
            FrozenTrial(
                number=i,
                trial_id=i,
                state=optuna.trial.TrialState.COMPLETE,
                value=float(snapshot.value[i]),
                params=configuration,
                distributions={name: distributions[name] for name in configuration},
                datetime_start=now,
                datetime_complete=now,
                user_attrs={},
                system_attrs={},
                intermediate_values={},
            )
        )
    return trials


def _configuration(snapshot: Snapshot, index: int) -> Configuration | None:
    """The active hyperparameters of a trial; None where a value lies outside the space.

    A column holds None where its hyperparameter is inactive, but None may be a choice as well: the
    conditions tell which it is.
    """
    space: SearchSpace = snapshot.space
    configuration: Configuration = {}
    for parameter in space.parameters:
        column = snapshot.configurations.get(parameter.name)
        if column is None or not space.is_active(parameter.name, configuration):
            continue
        if not parameter.contains(column[index]):
            return None
        configuration[parameter.name] = column[index]
    return configuration


def _distribution(parameter: Parameter) -> BaseDistribution:
    from optuna import distributions

    if isinstance(parameter, Categorical):
        return distributions.CategoricalDistribution(parameter.choices)
    if isinstance(parameter, Float):
        return distributions.FloatDistribution(parameter.low, parameter.high, log=parameter.log)
    return distributions.IntDistribution(parameter.low, parameter.high, log=parameter.log)
