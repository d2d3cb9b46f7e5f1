"""The incumbent (best configuration so far) and its improvements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.domain.trials import Snapshot, TrialState


@dataclass(frozen=True)
class Anytime:
    """Best score so far as a step function of the trial number.

    Attributes:
        number: shape (k,), trials that improved on all before them.
        value: shape (k,), their scores, strictly better each time.
        index: shape (k,), their positions in the snapshot.
    """

    number: np.ndarray
    value: np.ndarray
    index: np.ndarray


def anytime(snapshot: Snapshot) -> Anytime:
    """Find the improvements of a search, over complete trials with a finite score, by trial
    number."""
    usable = snapshot.is_state(TrialState.COMPLETE) & np.isfinite(snapshot.value)
    index = np.flatnonzero(usable)
    score = snapshot.value[index] if snapshot.maximise else -snapshot.value[index]
    before = np.concatenate([[-np.inf], np.maximum.accumulate(score)[:-1]]) if score.size else score
    index = index[score > before]
    return Anytime(snapshot.number[index], snapshot.value[index], index)
