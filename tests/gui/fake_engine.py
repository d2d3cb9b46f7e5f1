"""A small engine that speaks the protocol by heart, for tests of the window. Standard library only.

``fake_engine.py ANSWERS.json``: the file holds what it answers with, made from the real types by a
fixture. What a table is called tells how the engine behaves: ``builtin:crash``, ``builtin:hang``,
``builtin:late``, ``builtin:twice``, ``builtin:garbage``, ``builtin:missing``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

ANSWERS = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
RUN = "/runs/one"


def say(message: dict) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def reply(request: dict, type_: str, **fields: object) -> None:
    say({"type": type_, "id": request["id"], **fields})


def event(type_: str, **fields: object) -> None:
    say({"type": type_, **fields})


def row(number: int, state: str = "complete") -> dict:
    return {
        "number": number,
        "state": state,
        "configuration": {"C": 0.5 + number},
        "value": 0.9 if state == "complete" else None,
        "folds_done": 5,
        "seconds": 1.0,
    }


def progress(evaluations: float) -> dict:
    return {
        "path": RUN,
        "evaluations": evaluations,
        "planned": 40.0,
        "fraction": evaluations / 40,
        "elapsed": 1.0,
        "left": None,
        "trials": 3,
        "complete": 2,
        "failed": 1,
        "pruned": 0,
        "busy": 1,
        "workers": 2,
    }


def open_table(request: dict, held: list[dict]) -> None:
    data = request["data"]
    source = data["source"]
    if source == "builtin:crash":
        sys.stderr.write("a fault\n")
        os._exit(3)
    if source == "builtin:hang":
        time.sleep(600)
    if source == "builtin:missing":
        reply(request, "Failed", code="file.missing", sentence="There is no file.")
        return
    if source == "builtin:late":
        held.append(request)
        return
    if source == "builtin:garbage":
        sys.stdout.write('hello\n[1, 2]\n{"type": "Unknown"}\n{"type": "Failed"}\n{"broken\n\n')
    table = {**ANSWERS["table"], "data": {**data, "sha256": "0" * 64}}
    reply(request, "TableOpened", table=table)
    if source == "builtin:twice":
        reply(request, "TableOpened", table={**table, "rows": 1})


def advise(request: dict) -> None:
    advised = json.loads(json.dumps(ANSWERS["advised"]))
    plan = advised["plan"]
    plan["data"] = request["data"]
    if request.get("learner"):
        plan["learner"]["id"] = request["learner"]
    for path, value in request["changes"].items():
        *parents, leaf = path.split(".")
        node = plan
        for parent in parents:
            node = node[parent]
        node[leaf] = value
    if plan["seed"] == 13:
        reply(request, "Failed", code="plan.field", sentence="Not 13.", field="seed")
    else:
        reply(request, "Advised", **advised)


def main() -> None:
    held: list[dict] = []
    for line in sys.stdin:
        request = json.loads(line)
        type_ = request["type"]
        for waiting in held:
            reply(waiting, "TableOpened", table={**ANSWERS["table"], "data": waiting["data"]})
        held.clear()
        if type_ == "Hello":
            reply(request, "Welcome", **ANSWERS["welcome"])
        elif type_ == "OpenTable":
            open_table(request, held)
        elif type_ == "Advise":
            advise(request)
        elif type_ == "Check":
            reply(request, "Checked", problems=[])
        elif type_ == "Probe":
            reply(request, "Probed", probe=ANSWERS["probe"])
        elif type_ == "ListRuns":
            reply(request, "Runs", runs=ANSWERS["runs"])
        elif type_ == "OpenRun":
            summary = {**ANSWERS["summary"], "path": request["path"]}
            reply(request, "RunOpened", path=request["path"], plan=ANSWERS["plan"], summary=summary)
            event("Trials", path=request["path"], trials=[row(n) for n in range(3)])
        elif type_ in ("Start", "ResumeRun"):
            reply(request, "Started", path=RUN, plan=ANSWERS["plan"])
            event("RunChanged", path=RUN, state="running")
            event("Trials", path=RUN, trials=[row(0), row(1), row(2, "running")])
            event("Trials", path="/runs/other", trials=[row(9)])
            event("Progress", **progress(1.0))
            event("Progress", **progress(2.0))
        elif type_ == "Stop":
            reply(request, "Done")
            event("Trials", path=RUN, trials=[row(2), row(3, "failed")])
            event("RunChanged", path=RUN, state="stopped", sentence="Stopped by you.")
        elif type_ == "Results":
            reply(request, "Failed", code="run.no_result", sentence="No result yet.")
        elif type_ == "Shutdown":
            reply(request, "Done")
            return
        else:
            reply(request, "Done")


if __name__ == "__main__":
    main()
