"""Comparisons through the protocol: started, told of, left and taken up, and runs side by side."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.domain.comparison import DEFAULT, Contender
from engine.plan import MethodPlan
from engine.protocol import events, replies, requests

TPE = Contender("tpe", "TPE", MethodPlan("tpe", {"n_startup_trials": 2}))


def test_from_the_check_to_the_end_and_on(served, plan) -> None:
    asked = {"plans": (plan(2),), "contenders": (TPE,), "repetitions": 1, "seed": 4}
    checked = served.ask(requests.CheckComparison, **asked)
    assert checked.problems == ()
    assert (checked.costs.searches, checked.costs.evaluations) == (2, 4)
    wrong = served.ask(requests.CheckComparison, **{**asked, "repetitions": 0})
    assert [p.code for p in wrong.problems] == ["experiment.repetitions"]
    assert served.ask(requests.Compare, **{**asked, "contenders": (TPE, TPE)}).code == (
        "experiment.name"
    )

    started = served.ask(requests.Compare, **asked)
    assert {m.state for m in started.comparison.members} == {"waiting"}
    path = started.path
    assert served.ask(requests.Compare, **asked).code == "run.busy"
    ended = served.wait(events.ComparisonChanged, path=path, state="finished")
    assert ended.sentence == ""
    told = [e for e in served.events if isinstance(e, events.ComparisonProgress)]
    assert [told[0].done, told[-1].done, told[-1].fraction] == [0, 2, 1.0]
    members = [e.member for e in served.events if isinstance(e, events.MemberChanged)]
    assert {m.contender for m in members if m.state == "finished"} == {"tpe", "random", DEFAULT}

    opened = served.ask(requests.OpenComparison, path=path)
    assert opened.summary.state == "finished"
    assert opened.comparison.scores().shape == (1, 3, 1)
    assert opened.plans[0].learner.id == "svm"
    runs = [m.path for m in opened.comparison.members if m.path]
    assert served.ask(requests.OpenRun, path=runs[0]).summary.state == "finished"
    assert served.ask(requests.ListRuns).runs == ()
    (listed,) = served.ask(requests.ListComparisons).comparisons
    assert listed.path == path
    assert served.ask(requests.ResumeComparison, path=path).code == "experiment.finished"

    side = served.ask(requests.PutSideBySide, paths=tuple(runs))
    assert (side.reasons, side.cautions) == ((), ())
    assert [c.name for c in side.comparison.contenders] == ["tpe", "random", DEFAULT]

    larger = served.ask(requests.CheckExtension, path=path, repetitions=2)
    assert larger.problems == ()
    assert (larger.costs.searches, larger.costs.evaluations) == (2, 4)
    assert larger.costs.seconds > 0
    assert larger.costs.sentence.startswith("2 more searches of 2 evaluations, 16 fits, about ")
    fewer = served.ask(requests.CheckExtension, path=path, repetitions=0)
    assert [p.code for p in fewer.problems] == ["experiment.fewer"]
    # Nothing was changed by asking.
    assert served.ask(requests.OpenComparison, path=path).comparison.repetitions == 1
    more = served.ask(requests.ResumeComparison, path=path, repetitions=2)
    assert more.comparison.repetitions == 2
    served.wait(events.ComparisonChanged, path=path, state="finished")
    assert served.ask(requests.OpenComparison, path=path).summary.total == 4
    assert isinstance(served.ask(requests.DeleteRun, path=path), replies.Done)
    assert served.ask(requests.ListComparisons).comparisons == ()


def test_paused_stopped_and_taken_up_by_another_engine(engines, plan) -> None:
    engine = engines()
    endless = msgspec.structs.replace(TPE, method=MethodPlan("tpe"))
    started = engine.ask(
        requests.Compare, plans=(plan(5000),), contenders=(endless,), repetitions=1
    )
    path = started.path
    engine.wait(events.MemberChanged, path=path)
    assert isinstance(engine.ask(requests.Pause), replies.Done)
    engine.wait(events.ComparisonChanged, path=path, state="paused")
    assert isinstance(engine.ask(requests.Resume), replies.Done)
    engine.wait(events.ComparisonChanged, path=path, state="running")
    assert isinstance(engine.ask(requests.Stop), replies.Done)
    engine.wait(events.ComparisonChanged, path=path, state="stopped")
    assert engine.ask(requests.OpenComparison, path=path).summary.state == "interrupted"
    assert engine.ask(requests.Pause).code == "run.none_running"
    engine.close()
    again = engines()
    again.ask(requests.ResumeComparison, path=path)
    changed = again.wait(events.MemberChanged, path=path)
    assert changed.member.trials > 0
    again.hang_up()


def test_what_random_search_would_have_given(served, plan, tmp_path: Path) -> None:
    run = str(tmp_path / "run")
    served.ask(requests.Start, plan=plan(3, method__id="sobol"), out=run)
    served.wait(events.RunChanged, path=run, state="finished")
    found = served.ask(requests.AskCounterfactual, path=run).counterfactual
    assert not found.enough
    assert "None of its trials" in found.sentence
    assert (found.length, found.needed) == (3, 11)
    assert found.seconds > 0
    twin = served.ask(requests.RunCounterfactual, path=run)
    assert twin.path == str(Path(run) / "random")
    assert twin.plan.method.id == "random"
    served.wait(events.RunChanged, path=twin.path, state="finished")
    found = served.ask(requests.AskCounterfactual, path=run).counterfactual
    assert (found.enough, found.random) == (True, 10)
    assert served.ask(requests.RunCounterfactual, path=run).code == "run.finished"
    other = plan(3, learner__id="elastic_net")
    wrong = msgspec.structs.replace(other, seed=9)
    place = str(tmp_path / "other")
    changed = msgspec.structs.replace(
        wrong, evaluation=msgspec.structs.replace(wrong.evaluation, measure="log_loss")
    )
    served.ask(requests.Start, plan=changed, out=place)
    served.wait(events.RunChanged, path=place, state="finished")
    side = served.ask(requests.PutSideBySide, paths=(run, place))
    assert side.comparison is None
    assert "they differ in measure" in side.reasons[0]
