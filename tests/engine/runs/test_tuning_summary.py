"""A tuning by gradient summed up for pictures; no training is run here."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine import plan as plans
from engine.archive import Archive
from engine.data.open import open_table
from engine.domain.hypergradients import HypergradientFigures
from engine.domain.trials import Cause, FoldResult, HyperStepRecord, TrialState
from engine.gradient.spec import state_files, summary
from engine.objective.fold_data import fold_data
from engine.plan import DataPlan, Plan
from engine.protocol import message_codec, replies
from engine.runs import folder as files
from engine.runs import planning, run_library, tuning_summary
from engine.tuners.base import Proposal

WIDTH, STEPS = 5, 300
CHANGES = {
    "learner.id": "network",
    "learner.fixed.width": WIDTH,
    "method.id": "hypergradient",
    "method.options.steps": STEPS,
    "method.options.l2": "weights",
    "method.options.examples": True,
    "evaluation.resampling.kind": "kfold",
    "evaluation.resampling.folds": 2,
}
REMARK = "The hypergradient is noise."


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path / "home"))
    tuning_summary._reference.cache_clear()
    return tmp_path / "home"


def planned(source: str, **changes: object) -> Plan:
    data = open_table(DataPlan(source, target="target")).data
    return planning.checked(
        planning.draft(data, workers_available=1, changes={**CHANGES, **changes}).plan
    )


@pytest.fixture(scope="module")
def digits() -> Plan:
    return planned("builtin:digits")


@pytest.fixture
def run(tmp_path: Path, digits: Plan) -> Path:
    """A run that has not begun."""
    folder = tmp_path / "run"
    files.create(folder, digits, planning.load_data(digits.data))
    return folder


def fold(trial: int, number: int, loss: float, *warnings: str, **more: float) -> FoldResult:
    figures = {"loss": loss, "norm": 2 * loss, "growth": 1.5, "stored_bytes": 10.0 + number}
    found = HypergradientFigures.of({**figures, **more})
    return FoldResult(trial, number, {"log_loss": loss}, warnings=warnings, hypergradient=found)


def trial(number: int, *folds: FoldResult, state: str = "complete") -> HyperStepRecord:
    results = {f.fold: f for f in folds}
    return HyperStepRecord(number, {}, TrialState(state), folds=results)


def weights(plan: Plan) -> list[tuple[int, ...]]:
    return [(61, WIDTH), (WIDTH,), (WIDTH, 10), (10,)]


def test_before_the_first_step_all_stands_at_its_start(run: Path) -> None:
    found = tuning_summary.tuning(run, [])
    assert found is not None
    assert (found.number, found.steps, found.suspects) == (0, (), ())
    groups = {group.name: group for group in found.groups}
    assert [*groups] == ["step_size", "momentum", "scale", "l2", "examples"]
    rates = groups["step_size"]
    assert (rates.layout, rates.size, len(rates.at)) == ("steps", 4 * STEPS, summary.MOST_STEPS)
    assert {*rates.parts[0].values} == {0.1}
    assert rates.names == ("weights 1", "biases 1", "weights 2", "biases 2")
    assert [(p.rows, p.columns) for p in groups["l2"].parts] == [(61, 5), (1, 5), (5, 10), (1, 10)]
    assert groups["examples"].size == 1437
    assert found.image == (8, 8)
    assert len(found.inputs) == len(found.pixels) == 61
    assert found.whole_bytes == 4 * STEPS * (61 * 5 + 5 + 5 * 10 + 10)


def write(run: Path, number: int, **free: np.ndarray) -> None:
    state_files.write_arrays(
        state_files.state_path(run, number), {f"{state_files.FREE}{n}": a for n, a in free.items()}
    )


def values(shift: float) -> dict[str, np.ndarray]:
    return {
        "step_size": np.full((STEPS, 4), np.log(0.1) + shift, np.float32),
        "momentum": np.full((STEPS, 4), 0.0, np.float32),
        "scale": np.full(4, shift, np.float32),
        "l2": np.arange(61 * 5 + 5 + 5 * 10 + 10, dtype=np.float32) / 100 - 9,
        "examples": np.where(np.arange(1437) == 7, -3.0, shift).astype(np.float32),
    }


def test_values_are_those_of_the_latest_state_or_of_the_one_asked_for(run: Path) -> None:
    write(run, 1, **values(0.0))
    write(run, 3, **values(1.0))
    latest, first = tuning_summary.tuning(run, []), tuning_summary.tuning(run, [], 2)
    assert latest is not None
    assert first is not None
    assert (latest.number, first.number) == (3, 1)
    groups = {group.name: group for group in latest.groups}
    assert groups["step_size"].parts[0].values[0] == pytest.approx(0.1 * np.e, rel=1e-4)
    assert groups["momentum"].spread == (0.5,) * 5
    assert groups["scale"].parts[0].values == pytest.approx((np.e,) * 4, rel=1e-4)
    by_weight = groups["l2"].parts
    assert by_weight[0].values[:2] == pytest.approx(np.exp([-9, -8.99]), rel=1e-4)
    assert by_weight[3].values[-1] == pytest.approx(np.exp(3.69 - 9), rel=1e-4)
    assert [*groups["examples"].parts[0].values] == sorted(groups["examples"].parts[0].values)


def test_rows_that_count_least_are_named_as_in_the_table(run: Path) -> None:
    write(run, 1, **values(0.5))
    found = tuning_summary.tuning(run, [])
    assert found is not None
    (suspect,) = found.suspects
    task = fold_data(str(run))
    assert suspect.row == task.rows[7] + 1
    assert suspect.target == task.schema.classes[task.target[7]]
    assert suspect.weight == pytest.approx(2 / (1 + np.exp(3)), rel=1e-4)


def test_a_damaged_state_gives_way_to_the_one_before(run: Path) -> None:
    write(run, 1, **values(0.0))
    state_files.state_path(run, 2).write_bytes(b"PK\x03\x04 torn")
    write(run, 3, scale=np.zeros(4, np.float32))  # of another plan
    found = tuning_summary.tuning(run, [])
    assert found is not None
    assert found.number == 1


def test_hyper_steps_are_means_over_their_folds(run: Path) -> None:
    diverged = FoldResult(2, 0, cause=Cause.ERROR, message="It diverged.")
    trials = [
        trial(1, fold(1, 0, 1.0), fold(1, 1, 3.0, REMARK)),
        trial(0, fold(0, 0, 2.0), fold(0, 1, 4.0)),
        trial(2, diverged, state="failed"),
        trial(3, fold(3, 0, 1.0), state="running"),
    ]
    first, second, third = summary.steps(trials, 2)
    assert (first.number, first.loss, first.norm, first.remark) == (0, 3.0, 6.0, "")
    assert (second.loss, second.growth, second.stored_bytes) == (2.0, 1.5, 11.0)
    assert second.remark == REMARK
    assert (third.loss, third.norm, third.remark) == (None, None, "It diverged.")


def test_a_loss_that_is_no_number_in_one_fold_is_none(run: Path) -> None:
    half = fold(0, 1, math.inf, REMARK, norm=1.0)
    (found,) = summary.steps([trial(0, fold(0, 0, 1.0), half)], 2)
    assert (found.loss, found.norm) == (None, 1.5)


def test_the_reference_is_the_best_loss_of_another_search_on_the_same_rows(
    run: Path, digits: Plan, home: Path
) -> None:
    changes = {"learner.id": "svm", "learner.fixed": {}, "method.id": "random"}
    other = plans.replace(digits, {**changes, "method.options": {}})
    for name, seed, losses in (("same", digits.seed, (0.4, 0.3)), ("else", 99, (0.1,))):
        folder = home / "runs" / name
        plan = plans.replace(other, {"seed": seed})
        files.create(folder, plan, planning.load_data(plan.data))
        with Archive(folder, plan.space, maximise=True) as archive:
            for number, loss in enumerate(losses):
                archive.begin(Proposal(number, number, {}))
                for n in range(2):
                    archive.add_fold(fold(number, n, loss))
                archive.finish(number, TrialState.COMPLETE, value=0.5)
    assert len(run_library.folders_with(files.PLAN)) == 2
    found = tuning_summary.tuning(run, [])
    assert found is not None
    assert found.reference == pytest.approx(0.3)
    assert found.reference_name.startswith("support vector machine")


def test_messages_stay_small(tmp_path: Path, digits: Plan) -> None:
    plan = plans.replace(digits, {"learner.fixed.width": 500, "method.options.steps": 5000})
    folder = tmp_path / "wide"
    files.create(folder, plan, planning.load_data(plan.data))
    found = tuning_summary.tuning(folder, [])
    assert found is not None
    first = next(g for g in found.groups if g.name == "l2").parts[0]
    assert (first.rows, first.columns) == (61, summary.MOST // 61)  # of whole units
    message = replies.HyperparametersReady(id=1, tuning=found)
    line = message_codec.encode(message)
    assert len(line) < 400_000
    assert message_codec.decode_message(line) == message


def test_a_large_matrix_is_averaged_on_its_own_scale() -> None:
    table = np.exp(np.random.default_rng(0).normal(size=(1000, 790)))
    small = summary._averaged(table)
    assert small.shape == summary.BLOCKS
    assert small[0, 0] == pytest.approx(np.exp(np.log(table[:10, :9]).mean()), rel=0.1)
    assert np.log(small).mean() == pytest.approx(np.log(table).mean(), abs=0.01)
    assert summary._averaged(np.zeros((1000, 9))).shape == (100, 9)


def test_another_method_has_none(tmp_path: Path) -> None:
    data = open_table(DataPlan("builtin:wine")).data
    changes = {"learner.id": "svm", "method.id": "random"}
    plan = planning.draft(data, workers_available=1, changes=changes).plan
    files.create(tmp_path / "run", plan, planning.load_data(plan.data))
    assert tuning_summary.tuning(tmp_path / "run", []) is None


def test_the_engine_answers_without_jax(run: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.runs.tuning_summary import tuning; "
        f"assert tuning(Path({str(run)!r}), []) is not None; assert 'jax' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


def test_learned_rows_initial_weights_and_moves_have_their_own_shapes(tmp_path: Path) -> None:
    plan = planned(
        "builtin:digits",
        **{
            "method.options.examples": False,
            "method.options.training_set": 2,
            "method.options.sharing": True,
            "method.options.initial": True,
            "method.options.transform": "at random",
        },
    )
    folder = tmp_path / "run"
    files.create(folder, plan, planning.load_data(plan.data))
    found = tuning_summary.tuning(folder, [])
    assert found is not None
    groups = {group.name: group for group in found.groups}
    learned, initial, jitter = groups["learned"], groups["initial"], groups["jitter"]
    assert (learned.layout, initial.layout) == ("images", "weights")
    assert [(p.rows, p.columns) for p in learned.parts] == [(20, 61)]
    assert learned.names[9:12] == ("9", "0", "1")
    assert learned.start is None
    assert [(p.rows, p.columns) for p in initial.parts][:2] == [(61, WIDTH), (1, WIDTH)]
    sharing = groups["sharing"]
    assert (sharing.layout, sharing.size, sharing.names) == ("pairs", 45, tuple("0123456789"))
    assert jitter.names == ("turn", "zoom", "right", "down")
    assert jitter.start == 0.05
