"""The help page of the command line says all of it and nothing else; documented commands parse."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

import pytest

from engine import errors
from engine.cli.main import COMMANDS
from engine.cli.parser import build_parser, parse

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "resources/help/command_line.md").read_text(encoding="utf-8")
LAUNCH = "python3 packaging/launch.py run"
GENERAL = {"--verbose", "--version", "--help", "-h"}
"""Options that are described once for all commands."""


def commands() -> Mapping[str, argparse.ArgumentParser]:
    (found,) = (
        action.choices
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return found


def section(command: str) -> str:
    """The part of the page under the heading ``command``."""
    _, heading, rest = PAGE.partition(f"\n## {command}\n")
    assert heading, f"no section on {command}"
    return rest.partition("\n## ")[0]


def options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z]+", text)) - GENERAL


def documented() -> list[str]:
    """Every whole command in the README and the help pages; not those with options in brackets,
    and no mere names of commands."""
    found = set()
    for page in [ROOT / "README.md", *sorted((ROOT / "resources/help").glob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"^    (.+)$|^(tunesmith .+)$", text, re.MULTILINE)
        lines = [one or other for one, other in blocks]
        lines += [" ".join(code.split()) for code in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]
        for line in lines:
            line = line.partition("  # ")[0].strip().replace(LAUNCH, "tunesmith")
            mention = line.removeprefix("tunesmith ") in commands()
            if line.startswith("tunesmith ") and not mention and not re.search(r"\[|\.\.\.", line):
                found.add(line)
    return sorted(found)


def test_every_command_has_a_section():
    assert set(commands()) == {name for name in COMMANDS if name is not None}
    headings = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    named = [heading for heading in headings if heading in commands()]
    assert named == list(dict.fromkeys(named))
    assert set(named) == set(commands())
    assert set(headings) - set(named) == {"Words used below", "Exit status"}


@pytest.mark.parametrize("name", commands())
def test_a_section_has_every_option_and_choice_of_its_command(name):
    text = section(name)
    actions = [a for a in commands()[name]._actions if not set(a.option_strings) & GENERAL]
    real = {option for action in actions for option in action.option_strings}
    assert options(text) == real
    for action in actions:
        for choice in action.choices or ():
            if action.dest != "task":  # said once, of tune
                assert f"`{choice}`" in text, f"{action.dest} {choice}"


def test_the_options_of_all_commands_are_described():
    start = PAGE.partition("\n## tune\n")[0]
    assert {"--verbose", "--version", "--help"} <= set(re.findall(r"--[a-z]+", start))


def test_every_exit_status_is_described():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    statuses = {str(getattr(kind, "exit_status", 0)) for kind in kinds}
    assert set(re.findall(r"^\| (\d+) \|", section("Exit status"), re.MULTILINE)) == statuses


def test_there_are_documented_commands():
    assert len(documented()) > 15


@pytest.mark.parametrize("line", documented())
def test_a_documented_command_parses(line):
    words = ["1" if word == "N" else word for word in shlex.split(line)[1:]]
    if words[-1] == "--help":
        with pytest.raises(SystemExit):
            parse(words)
    else:
        parse(words)
