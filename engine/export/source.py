"""scikit-learn estimators as the Python code that makes them."""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

WIDTH = 88
"""Longest line of code that is not broken up."""


class Name(str):
    """A name of the script: written as it is, not as text."""


def code(value: Any, indent: int = 0) -> str:
    """An expression that makes an equal of ``value``.

    Estimators are written with the arguments that differ from their defaults; numbers with all
    their digits.

    Args:
        value: an unfitted estimator, or a number, text, None, list, tuple or dict of such.
        indent: spaces before the lines after the first.

    Raises:
        TypeError: for a value of another kind.
    """
    if _is_estimator(value):
        arguments = [f"{name}=" for name, _ in changed(value)]
        return _call(type(value).__name__, arguments, [v for _, v in changed(value)], indent)
    if isinstance(value, list):
        return _bracketed("[", "]", [""] * len(value), value, indent)
    if isinstance(value, tuple):
        return _bracketed("(", ",)" if len(value) == 1 else ")", [""] * len(value), value, indent)
    if isinstance(value, dict):
        keys = [f"{code(key)}: " for key in value]
        return _bracketed("{", "}", keys, list(value.values()), indent)
    return _atom(value)


def changed(estimator: Any) -> list[tuple[str, Any]]:
    """The arguments of an estimator that differ from its constructor's defaults, in its order."""
    given = estimator.get_params(deep=False)
    parameters = inspect.signature(type(estimator).__init__).parameters
    return [
        (name, given[name])
        for name, parameter in parameters.items()
        if name in given and not _same(given[name], parameter.default)
    ]


def imports(value: Any) -> dict[str, set[str]]:
    """Which names of which public modules the code of ``value`` needs."""
    needed: dict[str, set[str]] = {}
    for estimator in _estimators(value):
        name = type(estimator).__name__
        needed.setdefault(public_module(type(estimator)), set()).add(name)
    return needed


def public_module(kind: type) -> str:
    """Public module to import ``kind`` from: its own, up to the first private part.

    Raises:
        TypeError: if it is not public there.
    """
    parts = kind.__module__.split(".")
    private = next((i for i, part in enumerate(parts) if part.startswith("_")), len(parts))
    module = ".".join(parts[:private])
    if getattr(importlib.import_module(module), kind.__name__, None) is not kind:
        raise TypeError(f"{kind.__name__} is not public in {module}")
    return module


def _estimators(value: Any) -> Iterator[Any]:
    if _is_estimator(value):
        yield value
        value = [given for _, given in changed(value)]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _estimators(item)


def _call(name: str, labels: list[str], values: list[Any], indent: int) -> str:
    return name + _bracketed("(", ")", labels, values, indent)


def _bracketed(begin: str, end: str, labels: list[str], values: Any, indent: int) -> str:
    """``values`` on one line if they fit, else one a line."""
    flat = [label + code(v) for label, v in zip(labels, values, strict=True)]
    line = begin + ", ".join(flat) + end
    if indent + len(line) <= WIDTH and "\n" not in line:
        return line
    inner = indent + 4
    broken = [label + code(v, inner) for label, v in zip(labels, values, strict=True)]
    pad = "\n" + " " * inner
    return (
        begin + "".join(f"{pad}{item}," for item in broken) + "\n" + " " * indent + end.lstrip(",")
    )


def _atom(value: Any) -> str:
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str):
        plain = repr(value)
        # Double quotes, as formatters write them, where that needs no escaping.
        return f'"{plain[1:-1]}"' if plain[0] == "'" and '"' not in plain else plain
    if isinstance(value, type) and value.__module__ == "numpy":
        return f"np.{value.__name__}"
    raise TypeError(f"no code for {value!r}")


def _is_estimator(value: Any) -> bool:
    return hasattr(value, "get_params") and not isinstance(value, type)


def _same(value: Any, default: Any) -> bool:
    if type(value) is not type(default) or _is_estimator(value):
        return False
    if isinstance(value, float) and math.isnan(value):
        return math.isnan(default)
    return bool(value == default)
