"""A tuning by gradient as a person runs it: a whole run, and one that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from skops.io import get_untrusted_types, load

from engine.archive import JOURNAL, read
from engine.domain.trials import HyperStepRecord
from engine.learners import LEARNERS

pytestmark = pytest.mark.slow

COMMON = [
    *("--learner", "network", "--method", "hypergradient", "--seed", 3),
    *("--folds", 2, "--workers", 1, "--measure", "log_loss", "--set", "method.steps=30"),
    *("--set", "learner.fixed.width=8", "--set", "learner.fixed.batch_size=32"),
]


GROUPS = {
    "schedules": ["builtin:wine"],
    "learned rows from initial weights": [
        *("builtin:wine", "--set", "method.initial=true", "--set", "method.training_set=2"),
    ],
    "moves of pictures": ["builtin:digits", "--set", "method.transform=at random"],
}


def tuned(
    tunesmith: Any, out: Path, *more: object, of: Sequence[str] = ("builtin:wine",)
) -> dict[str, Any]:
    tunesmith("tune", *of, *COMMON, *more, "--out", out, "--json")
    return msgspec.json.decode((out / "result.json").read_bytes())


@pytest.mark.parametrize(
    "engine", ["reversal", "unrolled", "checkpointed", "forward", "implicit_cg", "neumann"]
)
def test_every_engine_tunes(tunesmith: Any, tmp_path: Path, engine: str) -> None:
    found = tuned(tunesmith, tmp_path / "run", "--trials", 6, "--set", f"method.engine={engine}")
    assert found["trials"] == 6
    assert found["validation_best"] <= found["validation_default"]
    assert found["configuration"] == {}


def test_tuning_improves_and_the_model_is_plain(tunesmith: Any, tmp_path: Path) -> None:
    run = tmp_path / "run"
    found = tuned(tunesmith, run, "--trials", 15, "--set", "method.l2=weights")
    assert found["validation_best"] < 0.8 * found["validation_default"]
    fourth = read(run)[0][3]
    assert isinstance(fourth, HyperStepRecord)
    step = fourth.step(len(fourth.folds))
    assert None not in (step.loss, step.norm, step.stored_bytes, step.growth, step.slope)
    assert not {*get_untrusted_types(file=run / "model.skops")} - {*LEARNERS["network"].trusted}
    model = load(run / "model.skops", trusted=[*LEARNERS["network"].trusted])
    assert type(model[-1]).__module__.startswith("sklearn.")
    tunesmith("export", run, "--what", "config", "--to", tmp_path / "config.json")
    values = msgspec.json.decode((tmp_path / "config.json").read_bytes())["hyperparameters"]
    assert np.shape(values["step_size"]) == (30, 4)
    assert np.shape(values["l2"]) == (13 * 8 + 8 + 8 * 3 + 3,)
    tunesmith("export", run, "--what", "hyperparameters", "--to", tmp_path / "all.npz")
    assert np.load(tmp_path / "all.npz")["step_size"].shape == (30, 4)
    tunesmith("export", run, "--what", "report", "--to", tmp_path / "a.html")
    report = (tmp_path / "a.html").read_text()
    assert "<h2>What was tuned</h2>" in report
    assert "<h2>Configuration</h2>" not in report
    assert "hyper_step" not in report
    tunesmith("export", run, "--what", "script", "--to", tmp_path / "a.py")
    said = subprocess.run([sys.executable, tmp_path / "a.py"], capture_output=True, text=True)
    assert said.stdout.splitlines()[0].endswith(f": {found['test']['score']}")
    tunesmith("export", run, "--what", "model", "--to", tmp_path / "all.skops")
    assert (tmp_path / "all.skops").stat().st_size > 0


def test_a_number_is_predicted_with_weights_of_examples(tunesmith: Any, tmp_path: Path) -> None:
    out = tmp_path / "run"
    tunesmith(
        *("tune", "builtin:diabetes", "--learner", "network", "--method", "hypergradient"),
        *("--folds", 2, "--seed", 1, "--trials", 5, "--set", "method.steps=20"),
        *("--set", "method.examples=true", "--set", "method.inputs=true", "--out", out),
    )
    assert msgspec.json.decode((out / "result.json").read_bytes())["test"]["score"] > 0
    kept = np.load(out / "hyper" / "state-4.npz")
    assert kept["free examples"].any()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("groups", GROUPS)
def test_killed_and_resumed_it_ends_the_same(
    start: Any, tunesmith: Any, tmp_path: Path, groups: str
) -> None:
    of = GROUPS[groups]
    whole = tuned(tunesmith, tmp_path / "whole", "--trials", 8, of=of)
    run = tmp_path / "cut"
    process = start("tune", *of, *COMMON, "--trials", 8, "--out", run)
    while not (run / JOURNAL).exists() or (run / JOURNAL).read_bytes().count(b'"fold:') < 7:
        assert process.poll() is None, process.communicate()[1]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    for lost in (run / "hyper").glob("state-2.npz"):
        lost.unlink()  # as if the disk had lost one: it is computed again
    tunesmith("resume", run)
    resumed = msgspec.json.decode((run / "result.json").read_bytes())
    for unlike in ("seconds", "run"):
        whole.pop(unlike, None)
        resumed.pop(unlike, None)
    assert resumed == whole
    assert [t.value for t in read(run)[0]] == [t.value for t in read(tmp_path / "whole")[0]]
