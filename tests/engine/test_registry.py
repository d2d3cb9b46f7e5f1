"""The registry: ours by files, other packages' by entry points, and what is wrong in words."""

from __future__ import annotations

import itertools
import sys
import textwrap
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.registry import LAST, Registry

_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Thing:
    id: str
    order: float = LAST


class Maker(ABC):
    card = ""

    @abstractmethod
    def make(self) -> str: ...


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Python imports from."""
    monkeypatch.syspath_prepend(tmp_path)
    # The modules below import this one by a name that does not depend on how pytest named it.
    monkeypatch.setitem(sys.modules, "things", sys.modules[__name__])
    return tmp_path


def unique(name: str) -> str:
    """A name that no other test imports, since what is imported stays."""
    return f"{name}_{next(_NUMBERS)}"


@pytest.fixture
def room(site: Path) -> Callable[..., str]:
    """Makes a package of modules, each of the text given, and gives its name."""
    name = unique("room")

    def make(**modules: str) -> str:
        (site / name).mkdir()
        for module, text in {"__init__": "", **modules}.items():
            (site / name / f"{module}.py").write_text(textwrap.dedent(text), "utf-8")
        return name

    return make


@pytest.fixture
def install(site: Path) -> Callable[..., None]:
    """Makes a distribution with entry points for things, and the module they are in."""

    def make(distribution: str, text: str, **points: str) -> None:
        module = unique(distribution)
        (site / f"{module}.py").write_text(textwrap.dedent(text), "utf-8")
        info = site / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1\n")
        lines = [f"{name} = {module}{where}" for name, where in points.items()]
        (info / "entry_points.txt").write_text("\n".join(["[tunesmith.things]", *lines, ""]))

    return make


def things(name: str, **more) -> Registry[Thing]:
    return Registry("thing", name, Thing, key=lambda t: t.id, order=lambda t: t.order, **more)


def test_components_are_found_by_their_files_in_their_order(room) -> None:
    name = room(
        a="from things import Thing\nFIRST = Thing('z', 1)\n_PRIVATE = Thing('p')\nAGAIN = FIRST",
        b="from things import Thing\nUNORDERED, LATER = Thing('u'), Thing('a')",
        c="from things import Thing\nWORDS = 'no thing'",
    )
    registry = things(name)
    assert list(registry) == ["z", "a", "u"]
    assert registry["z"] == Thing("z", 1)
    assert len(registry) == 3
    assert "p" not in registry
    assert registry.rejected == ()


def test_an_unknown_one_is_told_in_a_sentence(room) -> None:
    registry = things(room(a=""))
    assert "knn" not in registry
    assert registry.get("knn") is None
    with pytest.raises(InputError) as caught:
        registry["knn"]
    assert str(caught.value).startswith("There is no thing “knn” here. If it comes with a package")
    assert isinstance(caught.value, KeyError)


def test_only_the_modules_named_are_looked_into(room) -> None:
    name = room(a="from things import Thing\nA = Thing('a')", b="raise RuntimeError('imported')")
    assert list(things(name, modules=["a"])) == ["a"]


def test_classes_count_where_they_are_written_and_can_be_used(room) -> None:
    name = room(
        a="""
            from things import Maker
            class Base(Maker):
                def make(self): return "x"
            class Abstract(Maker):
                card = "abstract"
            class One(Base):
                card = "one"
        """,
        b="""
            from {name}.a import One
            class Two(One):
                card = "two"
            class Helper(One):
                pass
        """,
    )
    folder = Path(sys.path[0]) / name / "b.py"
    folder.write_text(folder.read_text("utf-8").replace("{name}", name), "utf-8")
    registry = Registry("maker", name, Maker, key=lambda m: m.card, classes=lambda cls: cls())
    assert list(registry) == ["one", "two"]
    assert registry["two"].make() == "x"
    kept = Registry("maker", name, Maker, key=lambda m: m.card, classes=lambda cls: cls)
    assert [kind.__name__ for kind in kept.values()] == ["One", "Two"]


def test_a_fault_of_ours_raises(room) -> None:
    def check(thing: Thing) -> None:
        if thing.order == 0:
            raise ValueError("it has no place")

    name = room(a="from things import Thing\nA = Thing('a', 0)")
    with pytest.raises(ValueError, match="it has no place"):
        len(things(name, check=check))


def test_two_of_ours_with_one_id_raise(room) -> None:
    name = room(a="from things import Thing\nA, B = Thing('a', 1), Thing('a', 2)")
    with pytest.raises(ValueError, match="already a thing with the id “a”"):
        len(things(name))


def test_other_packages_join_after_ours(room, install) -> None:
    name = room(a="from things import Thing\nA = Thing('m')")
    install("other", "from things import Thing\nB, MORE = Thing('b', 1), (Thing('c'), Thing('d'))",
            one=":B", more=":MORE")  # fmt: skip
    registry = things(name)
    assert list(registry) == ["m", "c", "d", "b"]
    assert registry.rejected == ()


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("", ":ABSENT", "has no attribute 'ABSENT'"),
        ("import a_package_that_is_not_there", ":A", "ModuleNotFoundError: No module named"),
        ("def broken(:", ":A", "SyntaxError"),
        ("raise SystemExit(3)", ":A", "SystemExit: 3"),
        ("A = 'text'", ":A", "it is no thing: 'text'"),
        ("from things import Thing\nA = Thing('ours')", ":A", "already a thing with the id “ours”"),
        ("from things import Thing\nA = Thing('')", ":A", "it has no id"),
        ("from things import Thing\nA = (Thing('half'), 'rest')", ":A", "it is no thing: 'rest'"),
    ],
)
def test_a_broken_one_is_left_out_and_reported(room, install, text, where, why) -> None:
    def check(thing: Thing) -> None:
        if not thing.id:
            raise ValueError("it has no id")

    name = room(a="from things import Thing\nA = Thing('ours')")
    install("broken", text, bad=where)
    registry = things(name, check=check)
    assert list(registry) == ["ours"]
    (rejected,) = registry.rejected
    assert (rejected.kind, rejected.name, rejected.package) == ("thing", "bad", "broken")
    assert why in rejected.why
    sentence = rejected.sentence
    assert "broken" in sentence and "bad" in sentence and sentence.endswith(".")
    assert "\n" not in sentence


def test_a_broken_package_keeps_no_other_from_joining(room, install) -> None:
    name = room(a="")
    install("broken", "raise RuntimeError('not today')", bad=":A")
    install("sound", "from things import Thing\nA = Thing('sound')", good=":A")
    registry = things(name)
    assert list(registry) == ["sound"]
    assert [r.package for r in registry.rejected] == ["broken"]


def test_it_loads_once_whoever_asks_first(room, install) -> None:
    name = room(a="from things import Thing\nA = Thing('a')")
    install(
        "slow", "import time\ntime.sleep(0.1)\nfrom things import Thing\nB = Thing('b')", b=":B"
    )
    registry, found = things(name), []
    threads = [threading.Thread(target=lambda: found.append(list(registry))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["a", "b"]] * 4
