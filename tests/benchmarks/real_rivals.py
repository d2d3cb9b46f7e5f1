"""Optuna's TPE and scikit-learn's random searches on the pairs of `real_pairs.py`.

Each comes twice: with a number of full evaluations, and with a wall time in which it runs as its
users run it. All know the score of the default configuration. Halving goes without the training
scores that it computes unless told not to.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from real_pairs import Objective

from engine.objective.pipeline import MODEL
from engine.space import Categorical, Configuration, Float, Integer, Parameter, SearchSpace

SCORING = {
    "accuracy": "accuracy",
    "log_loss": "neg_log_loss",
    "rmse": "neg_root_mean_squared_error",
}
"""scikit-learn's names of the measures."""


class Found(NamedTuple):
    cost: float
    """Of the best configuration; less is better."""
    evaluations: float
    """Full ones that it took."""
    seconds: float = 0.0
    picked: str = ""
    """What auto stood for."""


# --- Optuna ---------------------------------------------------------------------------------------


def optuna_counted(pair: Objective, seed: int, evaluations: int) -> Found:
    study = _study(pair, seed)
    study.optimize(lambda trial: pair(_suggested(trial, pair.plan.space)), n_trials=evaluations)
    return Found(-study.best_value if pair.maximise else study.best_value, evaluations)


def optuna_timed(pair: Objective, seed: int, seconds: float, workers: int) -> Found:
    from sklearn.model_selection import cross_val_score

    study, sign = _study(pair, seed), 1 if pair.maximise else -1
    given = _evaluation(pair, workers)

    def score(trial: Any) -> float:
        configuration = _suggested(trial, pair.plan.space)
        trial.set_user_attr("configuration", configuration)
        model = pair.model.set_params(**{f"{MODEL}__{k}": v for k, v in configuration.items()})
        scores = cross_val_score(model, pair.table, pair.problem.target, **given)
        return sign * float(scores.mean())

    begun = time.perf_counter()
    study.optimize(score, timeout=seconds)
    used = time.perf_counter() - begun
    found = study.best_trial.user_attrs["configuration"]
    return Found(pair.cost(found), len(study.trials), used)


def _study(pair: Objective, seed: int) -> Any:
    """A study with Optuna's default sampler that starts with the default configuration."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    direction = "maximize" if pair.maximise else "minimize"
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed), direction=direction)
    study.enqueue_trial(pair.default)
    return study


def _suggested(trial: Any, space: SearchSpace) -> Configuration:
    """The configuration of an Optuna trial."""
    chosen: Configuration = {}
    for p in space.parameters:
        if not space.is_active(p.name, chosen):
            continue
        match p:
            case Float():
                chosen[p.name] = trial.suggest_float(p.name, p.low, p.high, log=p.log)
            case Integer():
                chosen[p.name] = trial.suggest_int(p.name, p.low, p.high, log=p.log)
            case Categorical():
                chosen[p.name] = trial.suggest_categorical(p.name, p.choices)
    return chosen


# --- scikit-learn ---------------------------------------------------------------------------------


def random_counted(pair: Objective, seed: int, evaluations: int) -> Found:
    """The candidates of RandomizedSearchCV, which draws them with the same class."""
    from sklearn.model_selection import ParameterSampler

    drawn = ParameterSampler(distributions(pair.plan.space), evaluations - 1, random_state=seed)
    costs = [pair.cost(c) for c in (pair.default, *map(_plain, drawn))]
    return Found(min(costs), len(costs))


def random_timed(pair: Objective, seed: int, seconds: float, workers: int) -> Found:
    """In batches of half of what the time left has room for."""
    from sklearn.model_selection import RandomizedSearchCV

    seeds, batch, done, best = _seeds(seed), workers, 0, (-np.inf, pair.default)
    begun = time.perf_counter()
    while True:
        search = RandomizedSearchCV(
            pair.model,
            distributions(pair.plan.space),
            n_iter=batch,
            random_state=next(seeds),
            refit=False,
            **_evaluation(pair, workers),
        ).fit(pair.table, pair.problem.target)
        if search.best_score_ > best[0]:
            best = search.best_score_, _plain(search.best_params_)
        done += batch
        used = time.perf_counter() - begun
        room = int((seconds - used) / (used / done))
        if room < 1:
            return Found(min(pair.cost(best[1]), pair.cost(pair.default)), done, used)
        batch = max(room // 2, min(room, workers))


def halving_counted(pair: Objective, seed: int, evaluations: int) -> Found:
    best, spent, seeds = pair.cost(pair.default), 1.0, _seeds(seed)
    while spent < evaluations:
        found, cost = _halve(pair, next(seeds), 1)
        best, spent = min(best, pair.cost(found)), spent + cost
    return Found(best, spent)


def halving_timed(pair: Objective, seed: int, seconds: float, workers: int) -> Found:
    found, spent, seeds = [pair.default], 0.0, _seeds(seed)
    begun = time.perf_counter()
    while (used := time.perf_counter() - begun) < seconds:
        chosen, cost = _halve(pair, next(seeds), workers)
        found, spent = [*found, chosen], spent + cost
    return Found(min(map(pair.cost, found)), spent, used)


def _halve(pair: Objective, seed: int, workers: int) -> tuple[Configuration, float]:
    """What one HalvingRandomSearchCV chooses, and its full evaluations."""
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingRandomSearchCV

    search = HalvingRandomSearchCV(
        pair.model,
        distributions(pair.plan.space),
        random_state=seed,
        refit=False,
        return_train_score=False,
        **_evaluation(pair, workers),
    ).fit(pair.table, pair.problem.target)
    rungs = zip(search.n_candidates_, search.n_resources_, strict=True)
    rows = len(pair.problem.target)
    return _plain(search.best_params_), sum(count * size / rows for count, size in rungs)


class Drawn:
    """A parameter as a distribution for scikit-learn: uniform on the parameter's scale."""

    def __init__(self, parameter: Parameter) -> None:
        self._parameter = parameter

    def rvs(self, random_state: np.random.RandomState) -> Any:
        return self._parameter.from_unit(random_state.uniform())


def distributions(space: SearchSpace) -> list[dict[str, Any]]:
    """``space`` for scikit-learn: one alternative for each combination of choices."""
    choices = [p for p in space.parameters if isinstance(p, Categorical)]
    found = []
    for values in itertools.product(*(p.choices for p in choices)):
        chosen = {p.name: value for p, value in zip(choices, values, strict=True)}
        active = [p for p in space.parameters if space.is_active(p.name, chosen)]
        found.append(
            {
                f"{MODEL}__{p.name}": [chosen[p.name]] if p.name in chosen else Drawn(p)
                for p in active
            }
        )
    return found


def _plain(parameters: Mapping[str, Any]) -> Configuration:
    """A configuration from the parameters of a pipeline."""
    return {name.removeprefix(f"{MODEL}__"): value for name, value in parameters.items()}


def _evaluation(pair: Objective, workers: int) -> dict[str, Any]:
    """How scikit-learn evaluates: as the pair does."""
    return {"scoring": SCORING[pair.measure], "cv": pair.problem.folds, "n_jobs": workers}


def _seeds(seed: int) -> Iterator[int]:
    """Seeds of the repeats of a search."""
    return (int(np.random.SeedSequence([seed, i]).generate_state(1)[0]) for i in itertools.count())


Counted = Callable[[Objective, int, int], Found]
"""By pair, seed and full evaluations."""
Timed = Callable[[Objective, int, float, int], Found]
"""By pair, seed, seconds and workers."""
RIVALS: dict[str, tuple[Counted, Timed]] = {
    "optuna-tpe": (optuna_counted, optuna_timed),
    "sklearn-random": (random_counted, random_timed),
    "sklearn-halving": (halving_counted, halving_timed),
}
