"""``enqueue`` and ``narrow``: steering a search."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.cli.printed_report import command
from engine.errors import InputError, SpaceError
from engine.runs import folder as files
from engine.runs import steering
from engine.space import Categorical, Float, Parameter, SearchSpace, Value


def enqueue(call: argparse.Namespace) -> int:
    """Add a configuration chosen by the user; the run evaluates it when it is resumed."""
    folder = Path(call.folder)
    space = files.load_plan(folder).space
    given = {name: _value(space, name, text) for name, text in _pairs(call.values)}
    trial, configuration = steering.enqueue(folder, given)
    print(f"Trial {trial}: {_words(configuration)}")
    print(f"Evaluate it with: {command('resume', folder)}", file=sys.stderr)
    return 0


def narrow(call: argparse.Namespace) -> int:
    """Create a run that resumes the search in another version of the space."""
    folder = Path(call.folder)
    space = files.load_plan(folder).space
    changed = {name: _ranged(space, name, text) for name, text in _pairs(call.values)}
    space = msgspec.structs.replace(
        space, parameters=tuple(changed.get(p.name, p) for p in space.parameters)
    )
    out = Path(call.out) if call.out else None
    place, _, kept, left_out = steering.narrow(folder, space, out, call.trials)
    print(f"{place}: {kept} trials taken over, {left_out} lie outside the new space")
    print(f"Go on with: {command('resume', place)}", file=sys.stderr)
    return 0


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    found = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise InputError("usage", what=f"A hyperparameter is set as NAME=VALUE, not “{text}”.")
        found.append((name, value))
    return found


def _parameter(space: SearchSpace, name: str) -> Parameter:
    if name not in space.names:
        known = ", ".join(space.names)
        raise SpaceError("plan.unknown", kind="hyperparameter", name=name, known=known)
    return space[name]


def _value(space: SearchSpace, name: str, text: str) -> Value:
    """The value that ``text`` means for the hyperparameter ``name``."""
    parameter = _parameter(space, name)
    if isinstance(parameter, Categorical):
        for choice in parameter.choices:
            if text.lower() == str(choice).lower():
                return choice
        raise SpaceError("space.value", name=name, value=text, allowed=parameter.allowed)
    try:
        return float(text) if isinstance(parameter, Float) else int(text)
    except ValueError:
        allowed = parameter.allowed
        raise SpaceError("space.value", name=name, value=text, allowed=allowed) from None


def _ranged(space: SearchSpace, name: str, text: str) -> Parameter:
    """The hyperparameter ``name`` with the range ``LOW..HIGH`` or the choices ``A,B``."""
    parameter = _parameter(space, name)
    if isinstance(parameter, Categorical):
        choices = tuple(_value(space, name, part.strip()) for part in text.split(","))
        return msgspec.structs.replace(parameter, choices=choices)
    low, dots, high = text.partition("..")
    if not dots:
        high = low
    ends = {"low": _value(space, name, low), "high": _value(space, name, high)}
    return msgspec.structs.replace(parameter, **ends)


def _words(configuration: dict[str, Value]) -> str:
    return ", ".join(f"{name}={value}" for name, value in configuration.items())
