"""A measure as a script has it: the function ``score``, and what it needs."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

from engine.export import script_parts as parts
from engine.export.embed import embedded
from engine.export.source import code
from engine.objective.measures import Measure
from engine.objective.measures.base import Metric


class Scoring(NamedTuple):
    """How a script scores a fitted model.

    Attributes:
        functions: definitions, the last one of ``score(model, features, truth)``.
        imports: import statements that they need besides those of `script_parts.IMPORTS`.
    """

    functions: list[str]
    imports: list[str]


def scoring(measure: Measure, model: Any, *, classes: bool) -> Scoring:
    """How a script computes ``measure``.

    Args:
        measure: its declaration; a function that is no `Metric` is carried as source text.
        model: the unfitted pipeline.
        classes: whether classes are predicted.
    """
    functions, imports = list[str](), list[str]()
    certain = hasattr(model, "predict_proba")
    if measure.card.needs != "labels":
        functions.append(parts.PROBABILITIES if certain else parts.DECISIONS)
        given = "chances(model, features)"
    else:
        given = parts.MOST_LIKELY if classes and certain else "model.predict(features)"
    function = measure.function
    if isinstance(function, Metric):
        imports.append(f"from sklearn.metrics import {function.name}")
        every = ["labels=range(len(CLASSES))"] if function.every_class else []
        more = [*every, *(f"{name}={code(value)}" for name, value in function.keywords.items())]
        name = function.name
    else:
        module, name = importlib.import_module(function.__module__), function.__name__
        carried_imports, carried = embedded(module, [name])
        functions += carried
        imports += carried_imports
        more = ["len(CLASSES)" if classes else "0"]
    call = f"{name}({', '.join(['truth', 'given', *more])})"
    functions.append(parts.SCORE.format(given=given, call=call))
    return Scoring(functions, imports)
