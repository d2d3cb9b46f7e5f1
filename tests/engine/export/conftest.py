from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from engine import plan as plans
from engine.data.open import load, open_table
from engine.data.table_store import save
from engine.domain.results import Interval, RunResult
from engine.learners import LEARNERS
from engine.objective.final_model import fit_final
from engine.objective.fold_job import evaluate_fold
from engine.objective.measures import MEASURES
from engine.objective.seeds import final_seed, fold_seed
from engine.plan import (
    Budget,
    Configurations,
    DataPlan,
    EvaluationPlan,
    LearnerPlan,
    MethodPlan,
    OuterFold,
    Plan,
    PreparationPlan,
    Resampling,
)

CONFIGURATIONS = {
    "elastic_net": {"l1_ratio": 0.3},
    "svm": {"C": 3.7, "gamma": 0.031},
    "random_forest": {"n_estimators": 12, "max_features": 0.45, "bootstrap": False},
    "gradient_boosting": {"max_iter": 8, "learning_rate": 0.21, "max_depth": 3},
    "network": {"epochs": 30, "width": 16, "layers": 2, "batch_size": 16, "step_size": 0.01},
    "self_tuning": {"hyper_steps": 2, "steps": 50, "width": 8},
    "conv_network": {"epochs": 3, "filters": 2, "layers": 2, "kernel": 2, "step_size": 0.01},
}

FOLDS = Resampling(folds=3)
USUAL = PreparationPlan()


@pytest.fixture(scope="session")
def mixed(tmp_path_factory) -> Path:
    """Numbers, categories and dates, with missing values, rows without a target, decimal commas and
    the names people give; 90 rows, classes in ``kind`` and ``two``, numbers in ``price``."""
    rng = np.random.default_rng(3)
    n = 90
    size = rng.normal(10, 3, n)
    colour = rng.choice(["red", "green", "blau\u00e4", "NA", " - "], n)
    day = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 700, n), unit="D")
    lift = size + (colour == "red") * 4 + rng.normal(0, 1, n)
    kind = np.where(lift > 12, "big; one", np.where(lift > 9, "middle", "small"))
    price = [f"{v:.3f}".replace(".", ",") for v in 3 * lift]
    table = pd.DataFrame(
        {
            'size "x"': [f"{v:.4f}".replace(".", ",") for v in size],
            "colour": colour,
            "bought on": [d.strftime("%d.%m.%Y") for d in day],
            "count": rng.integers(0, 9, n).astype(str),
            "kind": kind,
            "two": np.where(rng.random(n) < 0.3, "no", np.where(lift > 10, "yes", "no")),
            "price": price,
        }
    )
    table.loc[rng.integers(0, n, 9), 'size "x"'] = ""
    table.loc[rng.integers(0, n, 9), "bought on"] = "?"
    table.loc[[4, 50], ["kind", "two", "price"]] = ""
    path = tmp_path_factory.mktemp("tables") / "mixed \u00e4.csv"
    table.to_csv(path, sep=";", index=False, encoding="cp1252")
    return path


@pytest.fixture
def finished_run(tmp_path: Path) -> Callable[..., Path]:
    """A run's folder as the engine leaves it, but for the journal."""

    def make(
        data: DataPlan,
        learner: str,
        measure: str,
        *,
        share: float = 0.2,
        resampling: Resampling = FOLDS,
        preparation: PreparationPlan = USUAL,
        fixed: dict | None = None,
        outer: OuterFold | None = None,
    ) -> Path:
        folder = tmp_path / "run"
        folder.mkdir()
        data = open_table(data).data
        loaded = load(data)
        configuration = CONFIGURATIONS.get(learner, {})
        chosen = LEARNERS[learner]
        default = chosen.default(loaded.facts)
        plan = Plan(
            data=data,
            learner=LearnerPlan(learner, fixed or {}),
            search=Configurations(chosen.space(loaded.facts), MethodPlan("random")),
            evaluation=EvaluationPlan(measure, resampling, share, outer=outer),
            budget=Budget(evaluations=1),
            preparation=preparation,
            seed=11,
        )
        save(loaded, folder / "data.arrow")
        (folder / "plan.json").write_bytes(plans.encode(plan))
        fit = fit_final(str(folder), configuration, default, final_seed(plan.seed))
        folds = [
            evaluate_fold(str(folder), configuration, fold, fold_seed(plan.seed, 4, fold))
            for fold in range(resampling.n_folds)
        ]
        tested = fit.about == "test"
        score = fit.scores[measure]
        result = RunResult(
            learner=learner,
            measure=measure,
            maximise=MEASURES[measure].card.maximise,
            trial=4,
            configuration=configuration,
            validation_best=math.fsum(f.scores[measure] for f in folds) / len(folds),
            validation_default=0.5,
            default_configuration=default,
            trials=5,
            evaluations=5,
            seconds=75.0,
            seed=plan.seed,
            model_seed=final_seed(plan.seed),
            folds=resampling.n_folds,
            test=Interval(score, score - 0.1, score + 0.1, "bootstrap") if tested else None,
            test_rows=len(fit.predicted.truth) if tested else 0,
            test_scores=fit.scores if tested else {},
            looks=int(tested),
            classes=fit.classes,
            prediction_rows=fit.about,
            versions={"python": "3", "scikit-learn": "1.9"},
        )
        (folder / "result.json").write_bytes(msgspec.json.encode(result))
        return folder

    return make
