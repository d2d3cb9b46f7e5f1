"""Rules for the final configuration: the best mean of many is also the luckiest.

* best: the best validation mean.
* one_se: the configuration nearest to the default among those within one standard error of the best
  (Breiman et al. 1984, *Classification and regression trees*, section 3.4.3). "Simpler" differs
  between learners; nearness to the default means the same for all of them, needs no timing, and is
  the reference of overtuning: each step away from the default must be justified by more than noise.
  Where the default itself is within one standard error, it is chosen.
* cheapest: the one with the shortest fit among those within one standard error.
* surrogate: the best by a forest fitted to all scores, which averages out the noise of single ones
  (Bischl et al. 2023, on the choice of the final configuration).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.analysis.forest_model import Model
from engine.domain.trials import TrialRecord, TrialState
from engine.domain.trust import ChoiceKind, FinalChoice
from engine.plan import Resampling
from engine.space import Configuration, SearchSpace

LABELS: dict[ChoiceKind, str] = {
    "best": "Best mean",
    "one_se": "Nearest to the default within one standard error",
    "cheapest": "Quickest to fit within one standard error",
    "surrogate": "Best by the model of all scores",
}


def choices(
    trials: Sequence[TrialRecord],
    *,
    space: SearchSpace,
    measure: str,
    maximise: bool,
    resampling: Resampling,
    model: Model | None,
    refused: str = "",
) -> tuple[FinalChoice, ...]:
    """Apply every rule to the complete trials of a run.

    Args:
        trials: of the run, by number; trial 0 is the default.
        space: of the run.
        measure: id of the tuned measure.
        maximise: whether larger is better.
        resampling: of the run.
        model: forest fitted to the scores of these trials, whose `Model.index` are positions among
            the complete ones, or None.
        refused: why there is no model, as a sentence.

    Returns:
        One choice per rule, the best mean first; empty without a complete trial. A rule that can't
        be applied has no trial and a sentence that says why.
    """
    done = [t for t in trials if t.state is TrialState.COMPLETE and finite(t)]
    if not done:
        return ()
    sign = 1.0 if maximise else -1.0
    values = np.array([t.value for t in done], float)
    best = done[int(np.argmax(sign * values))]
    default = trials[0].configuration
    error = standard_error(best, measure, resampling)

    def choice(kind: ChoiceKind, trial: TrialRecord | None, sentence: str) -> FinalChoice:
        if trial is None or trial.value is None or best.value is None:
            return FinalChoice(kind, LABELS[kind], None, sentence=sentence)
        return FinalChoice(
            kind,
            LABELS[kind],
            trial.number,
            value=trial.value,
            gives_up=sign * (best.value - trial.value),
            fit_seconds=_fit_seconds(trial),
            distance=distance(space, default, trial.configuration),
            sentence=sentence,
        )

    found = [choice("best", best, "Its score is the best of many, so part of it is luck.")]
    if error is None:
        why = "One fold gives no standard error. Use cross-validation to have this choice."
        found += [choice("one_se", None, why), choice("cheapest", None, why)]
    else:
        # The one-standard-error rule (Breiman et al. 1984, section 3.4.3), with the error of the
        # best.
        near = [t for t, v in zip(done, values, strict=True) if sign * (best.value - v) <= error]
        simple = min(near, key=lambda t: (distance(space, default, t.configuration), t.number))
        quick = min(near, key=lambda t: (_fit_seconds(t), t.number))
        among = (
            f"{len(near)} configurations are within one standard error ({error:.3g}) of the best."
        )
        if len(near) == 1:
            among = (
                f"No other configuration is within one standard error ({error:.3g}) of the best."
            )
        itself = " The default itself is: the search has found nothing surely better."
        found += [
            choice("one_se", simple, among + (itself if simple.number == 0 else "")),
            choice("cheapest", quick, among),
        ]
    if model is None:
        found.append(choice("surrogate", None, refused))
    else:
        # Predictions at the trials themselves, not at new points: the choice must have been
        # evaluated.
        expected = model.trees.mean(model.features(model.rows))
        place = int(model.index[int(np.argmax(sign * expected))])
        forest = f"A forest of {model.quality.trials:,} trials (R2 {model.quality.r2:.2f})"
        words = f"{forest} expects most of it."
        found.append(choice("surrogate", done[place], words))
    return tuple(found)


def standard_error(trial: TrialRecord, measure: str, resampling: Resampling) -> float | None:
    """Standard error of a cross-validation mean, corrected for shared training rows (Nadeau and
    Bengio 2003, *Inference for the generalization error*): ``s sqrt(1/J + n_test/n_train)``.

    Args:
        trial: a trial with fold scores.
        measure: id of the measure.
        resampling: of the run.

    Returns:
        The standard error in the measure's units; None with fewer than two folds.
    """
    scores = np.array([f.scores[measure] for f in trial.folds.values() if f.cause is None])
    if scores.size < 2:
        return None
    # With k folds a test fold has 1 / (k - 1) times the rows it is trained on.
    return float(scores.std(ddof=1) * math.sqrt(1 / scores.size + 1 / (resampling.folds - 1)))


def distance(space: SearchSpace, one: Configuration, other: Configuration) -> float:
    """Mean distance between two configurations over the hyperparameters active in either.

    Args:
        space: of both; values outside are moved into it.
        one: a configuration.
        other: another one.

    Returns:
        From 0 to 1. Numbers count by their distance as a share of the range (on the log scale where
        there is one); choices that differ, and hyperparameters active in only one of the two, count
        as 1.
    """
    first, second = space.to_unit(space.nearest(one)), space.to_unit(space.nearest(other))
    apart = []
    for parameter, a, b in zip(space.parameters, first, second, strict=True):
        if math.isnan(a) and math.isnan(b):
            continue
        whole = math.isnan(a) or math.isnan(b) or not hasattr(parameter, "low")
        apart.append(float(a != b) if whole else abs(a - b))
    return float(np.mean(apart)) if apart else 0.0


def finite(trial: TrialRecord) -> bool:
    """Return whether ``trial`` has a finite score."""
    return trial.value is not None and math.isfinite(trial.value)


def _fit_seconds(trial: TrialRecord) -> float:
    times = [fold.fit_seconds for fold in trial.folds.values()]
    return float(np.mean(times)) if times else 0.0
