"""Base of methods with a surrogate: initial design, then model, acquisition, local search."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, NamedTuple, Protocol, TypeVar

import numpy as np

from engine.domain.understanding import SurrogateSlice
from engine.options import shown
from engine.space import Categorical, Configuration, Integer, Parameter, Value
from engine.tuners.base import MethodOptions, Sampler, TuningProblem
from engine.tuners.bayes.encoding import Encoding, keys, rows_of
from engine.tuners.points import identify

if TYPE_CHECKING:
    from engine.tuners.bayes.search import Effort, Slope
    from engine.tuners.bayes.told import Told

ELITE = 5
"""Best results from which the search of the acquisition starts, too."""


class Surrogate(Protocol):
    """Interface of a surrogate model of the score."""

    def predict(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict mean and standard deviation (> 0) of the score at ``rows``, shape ``(m, d)``:
        each shape ``(m,)``."""
        ...


class Model(NamedTuple):
    """A fitted surrogate and its data."""

    surrogate: Surrogate
    told: Told
    best: float
    """Score that is to be improved on."""


class SurrogateOptions(MethodOptions, frozen=True):
    """Options of every method with a surrogate."""

    n_initial: Annotated[
        int,
        shown(
            "Design first",
            "Configurations spread over the space before the model is used.",
            2,
            1000,
        ),
    ] = 10


Options = TypeVar("Options", bound=SurrogateOptions)


class SurrogateSampler(Sampler[Options]):
    """Starts with a space-filling design, then proposes where the expected improvement is largest.

    Failed configurations count as bad as the worst seen. Pending ones are believed to score as the
    model predicts. A configuration outside the space, chosen by the user, is not used by the model.
    """

    most: int
    """Most results that a model is fitted to; bounds the cost of a proposal."""

    def __init__(self, problem: TuningProblem) -> None:
        super().__init__(problem)
        self.encoding = Encoding(self.space)
        self._rows: list[np.ndarray] = []
        self._values: list[float] = []
        self._model: tuple[int, Model] | None = None
        self._note: dict[str, Value] = {}

    @abstractmethod
    def fit(self, told: Told) -> Surrogate:
        """Fit a surrogate."""

    @abstractmethod
    def believing(self, surrogate: Surrogate, rows: np.ndarray) -> Surrogate:
        """Return ``surrogate`` as if ``rows``, shape ``(m, d)``, had scored its predictions."""

    @abstractmethod
    def effort(self) -> Effort:
        """Return how thoroughly to search the acquisition."""

    def reluctance(self, rows: np.ndarray) -> np.ndarray:
        """Penalty on the log-improvement at ``rows``, shape ``(m, d)``: shape ``(m,)``."""
        return np.zeros(len(rows))

    def slope(self, surrogate: Surrogate, best: float) -> Slope | None:
        """Return the gradient of the penalised log-improvement; None for models that have none."""
        return None

    def learn(self, configuration: Configuration, value: float | None) -> None:
        """Add a result; configurations outside the space are ignored."""
        if identify(self.space, configuration) is None:
            return
        self._rows.append(self.encoding.row(configuration))
        sign = -1.0 if self.problem.maximise else 1.0
        self._values.append(np.nan if value is None else sign * value)

    def note(self) -> dict[str, Value]:
        """Phase and figures of the configuration just drawn."""
        return self._note

    def model(self) -> Model | None:
        """Return the model of the results so far, pending ones left out; None before there are
        enough."""
        count = len(self._values)
        enough = max(self.options.n_initial, 2)
        # Failures count towards the design but teach nothing alone.
        if count < enough or np.isfinite(self._values).sum() < 2 or not len(self.encoding.owner):
            return None
        if self._model is None or self._model[0] != count:
            from engine.tuners.bayes.told import gather

            told = gather(np.stack(self._rows), np.array(self._values), self.most)
            surrogate = self.fit(told)
            # The best predicted mean, not the best score, which noise may have made.
            best = float(surrogate.predict(told.rows)[0].min())
            self._model = count, Model(surrogate, told, best)
        return self._model[1]

    def draw(self, rng: np.random.Generator) -> Configuration:
        """Return a point of the design, or the most promising configuration once there is a
        model."""
        model = self.model()
        if model is None:
            self._note = {"phase": "design"}
            return self.encoding.configuration(self._design(self._next))
        return self._promising(model, rng)

    def _design(self, number: int) -> np.ndarray:
        """Point ``number`` of a scrambled Sobol sequence, from 1 on; shape (d,)."""
        from scipy.stats import qmc

        seeded = np.random.default_rng(self.problem.seed)
        sequence = qmc.Sobol(self.encoding.width, scramble=True, rng=seeded)
        if number > 1:
            # Point n by its number, so that a resumed search draws the same design.
            sequence.fast_forward(number - 1)
        return sequence.random(1)[0]

    def _promising(self, model: Model, rng: np.random.Generator) -> Configuration:
        """Find the unknown configuration with the largest acquisition."""
        from engine.tuners.bayes.acquisition import log_expected_improvement
        from engine.tuners.bayes.search import maximise

        inside = [p.configuration for p in self.pending]
        inside = [c for c in inside if identify(self.space, c) is not None]
        pending = rows_of(self.encoding, inside)
        surrogate, best = self.believing(model.surrogate, pending), model.best
        if len(pending):
            # What pending ones are believed to reach is no improvement any more.
            best = min(best, float(surrogate.predict(pending)[0].min()))

        def score(rows: np.ndarray) -> np.ndarray:
            promise = log_expected_improvement(*surrogate.predict(rows), best)
            return promise - self.reluctance(rows)

        elite = model.told.rows[np.argsort(model.told.scores, kind="stable")[:ELITE]]
        slope = self.slope(surrogate, best)
        found = maximise(self.encoding, score, elite, rng, self.effort(), slope)
        known = set(keys(np.stack(self._rows))) | set(keys(pending))
        self._note = {"phase": "model", "model_points": len(model.told.rows)}
        if len(self._rows) > len(model.told.rows):
            # The model is bounded: it is made of a share of what was told.
            self._note["model_left_out"] = len(self._rows) - len(model.told.rows)
        for row, key, height in zip(found.rows, keys(found.rows), found.scores, strict=True):
            if key in known:
                continue
            configuration = self.encoding.configuration(row)
            if identify(self.space, configuration) not in self._known:
                self._note["acquisition"] = float(np.exp(height))
                return configuration
        return self.space.sample(rng)

    def slices(self, configuration: Configuration, points: int = 60) -> tuple[SurrogateSlice, ...]:
        """Slices of the model along each active hyperparameter of ``configuration``.

        Args:
            configuration: where the slices cross, in the space.
            points: values of each number.

        Returns:
            Mean, 95 % bounds and relative expected improvement at each value, in the measure's
            units; empty before there is a model.
        """
        model = self.model()
        if model is None:
            return ()
        from engine.tuners.bayes.acquisition import log_expected_improvement

        axes = [
            (parameter.name, values)
            for parameter in self.space.parameters
            if parameter.name in configuration and len(values := _values(parameter, points)) > 1
        ]
        rows = rows_of(
            self.encoding,
            [
                self.space.nearest({**configuration, name: value})
                for name, values in axes
                for value in values
            ],
        )
        mean, sd = model.surrogate.predict(rows)
        log_improvement = log_expected_improvement(mean, sd, model.best)
        # Relative to the best, since absolute improvements may underflow.
        promise = np.exp(log_improvement - log_improvement.max(initial=-np.inf))
        sign = -1.0 if self.problem.maximise else 1.0
        bounds = [
            sign * model.told.transform.inverse(mean + offset * sd) for offset in (-1.96, 0, 1.96)
        ]
        # Turning the sign swaps the bounds.
        low, middle, high = bounds[::-1] if self.problem.maximise else bounds
        slices, at = [], 0
        for name, values in axes:
            part = slice(at, at := at + len(values))
            columns = [tuple(c[part].tolist()) for c in (middle, low, high, promise)]
            slices.append(SurrogateSlice(name, values, *columns))
        return tuple(slices)


def _values(parameter: Parameter, points: int) -> tuple[Value, ...]:
    """Up to ``points`` values of ``parameter`` from end to end; all choices of a categorical."""
    if isinstance(parameter, Categorical):
        return parameter.choices
    values = [parameter.from_unit(unit) for unit in np.linspace(0.0, 1.0, points)]
    if isinstance(parameter, Integer):
        return tuple(dict.fromkeys(values))
    return tuple(values) if parameter.low < parameter.high else ()
