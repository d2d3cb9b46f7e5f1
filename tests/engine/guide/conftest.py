from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from engine.catalog import costs
from engine.domain.cards import Catalog, LearnerCard, MeasureCard, MethodCard
from engine.guide.facts import Facts
from engine.guide.situation import Situation
from engine.options import Option

ALL = ("binary", "multiclass", "regression")
CLASSES = ("binary", "multiclass")
GROWS = {"random_forest": "trees", "gradient_boosting": "rounds"}


def _learner(name: str) -> LearnerCard:
    return LearnerCard(
        id=name,
        label=name.replace("_", " ").capitalize(),
        summary="",
        good_for=f"What {name} is good for.",
        cost="",
        tasks=ALL,
        hyperparameters=(),
        help=name,
        fidelity_parameter=GROWS.get(name, ""),
    )


def _method(name: str, **abilities: Any) -> MethodCard:
    return MethodCard(
        id=name,
        label=name.upper(),
        summary=f"About {name}.",
        options=(),
        source="somewhere",
        help=name,
        **abilities,
    )


def _measure(name: str, tasks: tuple, maximise: bool = True) -> MeasureCard:
    return MeasureCard(
        id=name,
        label=name,
        maximise=maximise,
        tasks=tasks,
        summary=f"About {name}.",
        help=name,
        needs="probabilities" if name == "log_loss" else "labels",
    )


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    learners = ("elastic_net", "svm", "random_forest", "gradient_boosting")
    measures = ("accuracy", "balanced_accuracy", "roc_auc", "log_loss", "f1_macro")
    return Catalog(
        learners=tuple(_learner(name) for name in learners),
        methods=(_method("random"), _method("tpe", model_based=True)),
        measures=(
            *(_measure(name, CLASSES, name != "log_loss") for name in measures),
            *(_measure(name, ("regression",), name == "r2") for name in ("rmse", "mae", "r2")),
        ),
        datasets=(),
    )


@pytest.fixture(scope="session")
def wider(catalog) -> Catalog:
    """`catalog` with more methods."""
    options = (
        Option("eta", "Eta", "integer", 3),
        Option("fidelity", "Fidelity", "choice", "auto", choices=("auto", "model", "rows")),
        Option("min_fidelity", "Smallest", "float", 0.0),
    )
    small = msgspec.structs.replace(_method("hyperband", partial_fits=True), options=options)
    racing = _method("racing", partial_folds=True)
    methods = (_method("auto"), *catalog.methods, small, racing, _method("grid"), _method("gp"))
    return msgspec.structs.replace(catalog, methods=methods)


@pytest.fixture(scope="session")
def facts() -> Callable[..., Facts]:
    """Facts about a table of ``rows`` rows with the class counts given (none: regression)."""

    def make(*counts: int, rows: int = 0, numeric: int = 10, categorical: int = 0, **more) -> Facts:
        task = "regression" if not counts else "binary" if len(counts) == 2 else "multiclass"
        return Facts(
            rows=rows or sum(counts),
            columns=numeric + categorical,
            encoded=more.pop("encoded", numeric + 5 * categorical),
            numeric=numeric,
            categorical=categorical,
            missing_cells=0,
            task=task,
            classes=tuple((f"class {i}", n) for i, n in enumerate(counts)),
            target="price" if not counts else "kind",
            **more,
        )

    return make


@pytest.fixture
def situation(catalog, facts) -> Callable[..., Situation]:
    """A situation with 600 balanced rows, or the ``facts`` given."""

    def make(**known) -> Situation:
        known.setdefault("facts", facts(300, 300))
        return Situation(**{"catalog": catalog, "costs": costs(), **known})

    return make
