"""Bad input gets one sentence and status 2, and nothing is left behind."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import plan as plans
from engine.cli.parser import parse

Call = Callable[..., tuple[int, str, str]]


def assert_refused(said: tuple[int, str, str], *fragments: str) -> None:
    status, out, err = said
    assert status == 2, err
    assert out == ""
    assert "Traceback" not in err
    lines = [line for line in err.splitlines() if line.startswith("tunesmith: ")]
    assert lines == err.splitlines()[-1:], err
    assert lines[0].rstrip(".").count("\n") == 0
    for fragment in fragments:
        assert fragment in lines[0]


@pytest.fixture
def tune(call: Call, tmp_path: Path, home: Path):
    """Tries a search and sees that nothing came of it."""

    def attempt(source: object, *more: object, target: str | None = "kind") -> tuple[int, str, str]:
        out = tmp_path / "out"
        named = [] if target is None else ["--target", target]
        said = call("tune", source, *named, "--trials", 2, *more, "--out", out)
        assert not out.exists()
        assert not home.exists()
        return said

    return attempt


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "empty"),
        (b"size,kind\n", "header but no rows"),
        (b"size,kind\n1,a\n2,b,c,d\n3,a\n", "Line 3"),
        (b"size,kind\n1,a\n2,\x00b\n" * 9, "binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
        (b'size,kind\n1,a\n2,"b\n3,a\n', "never closed"),
        (b"kind\na\nb\n", "single column"),
    ],
)
def test_files_that_are_no_tables(tune, tmp_path: Path, content: bytes, fragment: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    assert_refused(tune(path), str(path), fragment)


def test_a_file_that_is_not_there(tune, tmp_path: Path) -> None:
    assert_refused(tune(tmp_path / "none.csv"), "There is no file", "none.csv")


def test_a_file_that_is_no_text_table(tune, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x04K\x01.")
    assert_refused(tune(path), "model.pkl")


def test_a_folder(tune, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    assert_refused(tune(folder), "pictures")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of another kind")
def test_a_file_that_can_not_be_opened(tune) -> None:
    assert_refused(tune("/proc/self/mem"), "/proc/self/mem")


def test_text_that_can_not_be_decoded(tune, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes("größe,kind\n1,a\n2,b\n".encode("latin-1") * 2)
    assert_refused(tune(path, "--set", "data.read.encoding=utf-8"), "line 1", "encoding")
    assert_refused(tune(path, "--set", "data.read.encoding=klingon"), "klingon")


def test_a_file_that_would_fill_the_memory(tune, table: Path, monkeypatch) -> None:
    from types import SimpleNamespace

    import psutil

    few = SimpleNamespace(available=1000, total=1000, percent=1.0, used=0, free=1000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: few)
    assert_refused(tune(table), "of memory", "Read the first")


@pytest.mark.parametrize(
    ("values", "fragment"),
    [
        (["a"] * 30, "same value"),
        ([""] * 30, "lacks a value"),
        (["a"] * 28 + ["b"] * 2, "“b”"),
        (["a", "b"], "rows"),
    ],
)
def test_targets_nothing_can_be_learnt_from(tune, write, values, fragment: str) -> None:
    path = write("t.csv", ["size", "kind"], [[i * 1.5, v] for i, v in enumerate(values)])
    assert_refused(tune(path, "--folds", 5), fragment)


def test_fewer_rows_than_folds(tune, write) -> None:
    path = write("t.csv", ["size", "kind"], [[i, i * 0.37] for i in range(8)])
    options = ["--task", "regression", "--folds", 9]
    assert_refused(tune(path, *options), "too few", "folds")


def test_a_target_that_is_not_there(tune, table: Path) -> None:
    assert_refused(tune(table, target="knid"), "Did you mean", "kind", "colour")


def test_no_target(tune, table: Path, tmp_path: Path) -> None:
    assert_refused(tune(table, target=None), "which column", "colour")


def test_words_can_not_be_predicted_as_numbers(tune, table: Path) -> None:
    assert_refused(tune(table, "--task", "regression"), "kind")


@pytest.mark.parametrize(
    ("options", "fragment"),
    [
        (["--learner", "oracle"], "oracle"),
        (["--method", "luck"], "luck"),
        (["--measure", "beauty"], "beauty"),
        (["--measure", "rmse"], "RMSE"),
        (["--trials", "0"], "evaluations"),
        (["--trials", "-3"], "evaluations"),
        (["--trials", "nan"], ""),
        (["--trials", "inf"], ""),
        (["--trials", "many"], "--trials"),
        (["--seconds", "-1"], ""),
        (["--folds", "1"], "folds"),
        (["--workers", "0"], "workers"),
        (["--workers", "-2"], "workers"),
        (["--seed", "-1"], "seed"),
        (["--test", "none.csv"], "none.csv"),
        (["--set", "nothing=1"], "nothing"),
        (["--set", "evaluation.nothing=1"], "evaluation.nothing"),
        (["--set", "evaluation.measure.id=1"], "evaluation.measure.id"),
        (["--set", "data.nothing=1"], "data.nothing"),
        (["--set", "data.read.nothing=1"], "data.read.nothing"),
        (["--set", "data.leave_out=3"], "leave_out"),
        (["--set", 'data.leave_out=["nothing"]'], "nothing"),
        (["--set", "workers=two"], "workers"),
        (["--set", "seed"], "PATH=VALUE"),
        (["--set", "evaluation.test_share=2"], "share"),
        (["--set", "evaluation.resampling.kind=bootstrap"], "resampling"),
        (["--set", "method.gamma_ray=2"], "gamma_ray"),
        (["--set", "limits.seconds=-1"], ""),
        (["--set", "limits.memory_mb=0"], ""),
        (["--set", "preparation.max_categories=0"], ""),
        (["--learner", "svm", "--set", "learner.fixed.depth=2"], "depth"),
        (["--learner", "svm", "--set", "learner.fixed.C=-2"], "C"),
        (["--bogus"], "--bogus"),
    ],
    ids=" ".join,
)
def test_options_that_make_no_sense(tune, table: Path, options: list[str], fragment: str) -> None:
    assert_refused(tune(table, *options), fragment)


def space(**parameter: object) -> str:
    given = {"type": "float", "name": "C", "low": 0.1, "high": 1.0, **parameter}
    return "space=" + json.dumps({"parameters": [given]})


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        (space(low=2.0), "C"),
        (space(low=-1.0), "C"),
        (space(low=0.0, log=True), "log scale"),
        (space(name="depth"), "depth"),
        (space(type="integer", low=0.5), "low"),
        ('space={"parameters":[]}', "Switch at least one on"),
        ("space=3", "space"),
    ],
)
def test_impossible_spaces(tune, table: Path, text: str, fragment: str) -> None:
    assert_refused(tune(table, "--learner", "svm", "--set", text), fragment)


def test_a_test_file_that_does_not_go_with_the_table(tune, table: Path, write) -> None:
    lacking = write("test.csv", ["size", "kind"], [[1, "big"], [2, "small"]])
    assert_refused(tune(table, "--test", lacking), "test.csv", "colour")
    header = ["size", "colour", "count", "kind"]
    other = write("other.csv", header, [[1, "red", 2, "huge"], [2, "red", 3, "big"]])
    assert_refused(tune(table, "--test", other), "huge")


# --- where the run would be -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["taken", "taken/notes.txt"])
def test_an_output_folder_that_is_taken(call: Call, table: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").write_text("mine")
    said = call("tune", table, "--target", "kind", "--out", tmp_path / name)
    assert_refused(said, "not empty")
    assert said[2].count("\n") == 1  # said before the table is looked at
    assert (tmp_path / "taken" / "notes.txt").read_text() == "mine"
    assert len(list((tmp_path / "taken").iterdir())) == 1


def test_an_output_folder_that_can_not_be_made(call: Call, table: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file" / "run", tmp_path / ("x" * 300)):
        assert_refused(call("tune", table, "--target", "kind", "--out", out), "written")


def test_an_output_folder_on_a_full_disk(
    call: Call, table: Path, tmp_path: Path, monkeypatch
) -> None:
    import errno

    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    said = call("tune", table, "--target", "kind", "--out", tmp_path / "a" / "run")
    assert_refused(said, "No space left")
    assert not (tmp_path / "a" / "run").exists()


# --- plans ----------------------------------------------------------------------------------------


@pytest.fixture
def plan(finished, tmp_path: Path) -> dict:
    """A plan that could be run, as a tree."""
    return json.loads((finished.folder / "plan.json").read_bytes())


@pytest.mark.parametrize(
    ("changes", "fragments"),
    [
        ({"format": 99}, ("newer Tunesmith", "format 99")),
        ({"format": 99, "quantum": True}, ("newer Tunesmith",)),
        ({"quantum": True}, ("quantum",)),
        ({"workers": "many"}, ("workers",)),
        ({"workers": 0}, ("workers",)),
        ({"budget": {}}, ("budget",)),
        ({"learner": {"id": "oracle"}}, ("oracle",)),
        ({"format": 1}, ("earlier Tunesmith", "format 1")),
    ],
)
def test_plans_that_can_not_be_run(call: Call, plan, tmp_path: Path, changes, fragments) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({**plan, **changes}))
    assert_refused(call("run", path, "--out", tmp_path / "out"), *fragments)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("method", ["luck", "hypergradient"])
def test_a_plan_of_a_method_that_is_none(call: Call, plan, tmp_path: Path, method: str) -> None:
    path = tmp_path / "plan.json"
    plan["search"]["method"]["id"] = method
    path.write_text(json.dumps(plan))
    assert_refused(call("run", path, "--out", tmp_path / "out"), method)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"{}", b"[" * 99_999])
def test_files_that_are_no_plans(call: Call, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    assert_refused(call("run", path, "--out", tmp_path / "out"), "plan.json")


def test_a_plan_that_is_not_there(call: Call, tmp_path: Path) -> None:
    assert_refused(call("run", tmp_path / "plan.json"), "no file")
    assert_refused(call("run", tmp_path), str(tmp_path))


def test_a_plan_whose_table_has_changed(call: Call, plan, table: Path, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan["data"]["source"] = str(table)
    table.write_bytes(table.read_bytes() + b"5,red,2,big\r\n")
    path.write_text(json.dumps(plan))
    assert_refused(call("run", path, "--out", tmp_path / "out"), "changed since the plan")


def test_a_run_with_a_plan_of_a_newer_version_is_left_alone(
    call: Call, finished, plan, tmp_path: Path
) -> None:
    import shutil

    run = tmp_path / "run"
    shutil.copytree(finished.folder, run)
    text = json.dumps({**plan, "format": plans.FORMAT + 1})
    (run / "plan.json").write_text(text)
    for arguments in (["resume", run], ["export", run, "--what", "config", "--to", run / "x"]):
        assert_refused(call(*arguments), "newer Tunesmith")
    assert (run / "plan.json").read_text() == text


# --- runs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["resume", "{}"],
        ["predict", "{}", "new.csv", "--to", "p.csv"],
        ["export", "{}", "--what", "trials", "--to", "t.csv"],
        ["export", "{}", "--what", "script", "--to", "t.py"],
    ],
    ids=" ".join,
)
def test_folders_that_are_no_runs(call: Call, tmp_path: Path, arguments, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder in (empty, tmp_path / "none"):
        said = call(*(a.format(folder) for a in arguments))
        assert_refused(said, "is not a run")
    assert not list(empty.iterdir())


def test_a_finished_run_is_not_resumed(call: Call, finished) -> None:
    before = {f.name: f.read_bytes() for f in finished.folder.iterdir()}
    assert_refused(call("resume", finished.folder), "finished", "more budget")
    assert_refused(call("resume", finished.folder, "--trials", "-1"), "evaluations")
    assert_refused(call("resume", finished.folder, "--trials", "3"), "finished")
    assert {f.name: f.read_bytes() for f in finished.folder.iterdir()} == before


@pytest.mark.parametrize(
    ("header", "row", "fragments"),
    [
        (["size", "count"], [1, 2], ("lacks the columns", "colour")),
        (["size", "colour", "count"], ["tall", "red", 2], ("size", "tall", "row 1", "number")),
    ],
)
def test_rows_the_model_can_not_predict(
    call: Call, finished, write, tmp_path: Path, header, row, fragments
) -> None:
    rows = write("new.csv", header, [row])
    to = tmp_path / "p.csv"
    assert_refused(call("predict", finished.folder, rows, "--to", to), "new.csv", *fragments)
    assert not to.exists()


def test_places_that_can_not_be_written(call: Call, finished, tmp_path: Path) -> None:
    for what in ("config", "script", "model", "report", "trials"):
        to = tmp_path / "none" / "x"
        assert_refused(call("export", finished.folder, "--what", what, "--to", to), "none")
        said = call("export", finished.folder, "--what", what, "--to", tmp_path)
        assert_refused(said, "can't be written")
    said = call("predict", finished.folder, finished.table, "--to", tmp_path / "none" / "x")
    assert_refused(said, "none")


def test_a_run_without_a_result_has_nothing_to_take_home(call, finished, tmp_path: Path) -> None:
    import shutil

    run = tmp_path / "run"
    shutil.copytree(finished.folder, run)
    (run / "result.json").unlink()
    (run / "model.skops").unlink()
    to = tmp_path / "x"
    for what in ("config", "script", "model", "report"):
        assert_refused(call("export", run, "--what", what, "--to", to), "no result yet")
    assert_refused(call("predict", run, finished.table, "--to", to), "no result yet")
    assert call("export", run, "--what", "trials", "--to", to)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["tune"],
        ["fly"],
        ["export", "x", "--what", "poem", "--to", "y"],
        ["list", "wishes"],
        ["run"],
    ],
    ids=" ".join,
)
def test_calls_that_make_no_sense(call: Call, arguments) -> None:
    assert_refused(call(*arguments), "--help")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(["--help"])
    assert caught.value.code == 0
    said = capsys.readouterr().out
    for command in ("tune", "run", "resume", "recommend", "predict", "export", "list", "engine"):
        assert f" {command} " in said.replace("\n", " ")
