"""Preparation and estimator as one scikit-learn pipeline: scripts and saved models need nothing of
ours.

Missing numbers are imputed and missing categories are a category of their own; categories that were
not seen in fitting share the column of the rare ones, or have none. The prepared table is a dense
array of floats: the learners here take nothing else without converting it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.data.schema import Schema
from engine.learners import Learner
from engine.plan import Plan, PreparationPlan
from engine.space import Value

MISSING = "(missing)"
PREPARE = "prepare"
MODEL = "model"


def preparation(schema: Schema, plan: PreparationPlan, *, scales: bool) -> Any:
    """Make an unfitted column transformer for the features of ``schema``.

    Args:
        schema: of the table.
        plan: how to prepare.
        scales: whether the learner needs features on one scale.

    Returns:
        A ``ColumnTransformer``.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    scaler = (
        [StandardScaler()] if plan.scale == "standard" or (plan.scale == "auto" and scales) else []
    )
    numbers = make_pipeline(SimpleImputer(strategy=plan.impute, keep_empty_features=True), *scaler)
    categories = make_pipeline(
        SimpleImputer(strategy="constant", fill_value=MISSING),
        _encoder(plan),
        *(scaler if plan.encode == "ordinal" else []),
    )
    parts = [("numbers", numbers, schema.numeric), ("categories", categories, schema.categorical)]
    return ColumnTransformer(
        [(name, steps, list(columns)) for name, steps, columns in parts if columns],
        sparse_threshold=0.0,
    )


def estimator(
    plan: Plan, learner: Learner, configuration: Mapping[str, Value], seed: int, schema: Schema
) -> Any:
    """Make the unfitted estimator of a configuration.

    Args:
        plan: of the run; its fixed hyperparameters count unless the configuration has them.
        learner: its learner.
        configuration: hyperparameters.
        seed: ``random_state``.
        schema: of the table.

    Returns:
        A scikit-learn estimator.
    """
    from engine.objective.measures import MEASURES

    wanted = (plan.evaluation.measure, *plan.evaluation.further_measures)
    more = {"picture": schema.picture} if learner.card.pictures else {}
    return learner.build(
        schema.task,
        {**plan.learner.fixed, **configuration},
        seed,
        probabilities=any(
            MEASURES[name].card.needs == "probabilities" for name in wanted if name in MEASURES
        ),
        **more,
    )


def pipeline(
    plan: Plan, learner: Learner, schema: Schema, configuration: Mapping[str, Value], seed: int
) -> Any:
    """Make the unfitted pipeline of preparation and estimator.

    Args:
        plan: of the run.
        learner: its learner.
        schema: of the table.
        configuration: hyperparameters.
        seed: ``random_state``.

    Returns:
        A scikit-learn ``Pipeline``.
    """
    from sklearn.pipeline import Pipeline

    prepare = preparation(schema, plan.preparation, scales=learner.scales)
    model = estimator(plan, learner, configuration, seed, schema)
    return Pipeline([(PREPARE, prepare), (MODEL, model)])


def _encoder(plan: PreparationPlan) -> Any:
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

    if plan.encode == "ordinal":
        return OrdinalEncoder(
            handle_unknown="use_encoded_value",
            unknown_value=-1,
            max_categories=plan.max_categories,
        )
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        max_categories=plan.max_categories,
        sparse_output=False,
    )
