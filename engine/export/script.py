"""A script that makes the model again with pandas and scikit-learn alone (and JAX for networks).

It reads the original table as the run did (it carries the source of `engine.data.columns`, and what
the table's reader says), makes the same outer split, builds the same pipeline written out, prints
the test score of ``result.json`` to the last digit, then fits on all rows and saves the model.
Without outer test rows it prints the cross-validated score instead.

The script's own functions are plain text below and in `engine.export.script_parts`; what depends on
the run is filled in as literals.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

from engine.data import columns
from engine.data.readers import ScriptLines
from engine.data.schema import Schema
from engine.data.table_store import load_arrow
from engine.domain.trials import TrialRecord
from engine.export import script_parts as parts
from engine.export.embed import OURS, embedded, import_block, packages_of
from engine.export.finished_run import FinishedRun, finished, place_text, tuned
from engine.export.gradient import numbered, tuned_model
from engine.export.measure import scoring
from engine.export.reading import ScriptTable, carried, script_tables
from engine.export.source import Name, code, imports
from engine.learners import LEARNERS
from engine.objective.measures import MEASURES
from engine.objective.pipeline import pipeline

PLAIN = "plain"
"""The function in a module of our own estimators that makes a fitted one scikit-learn's own."""
SHOWN_VERSIONS = ("python", "scikit-learn", "jax", "pandas", "numpy")


def write(folder: Path, to: Path, trial: TrialRecord | None = None) -> None:
    """Write the script that fits the model of a run again.

    Args:
        folder: of the run.
        to: file to write.
        trial: a complete one to export in place of the result.

    Raises:
        InputError: ``run.none``, ``run.no_result`` or ``export.unwritable``.
    """
    run, loaded = finished(folder), load_arrow(folder / "data.arrow")
    run = run if trial is None else run.with_trial(trial)
    if run.plan.by_gradient:
        model, values = tuned_model(run, loaded.schema, loaded.facts, tuned(folder))
        text = script(run, loaded.schema, model, values)
    else:
        text = script(run, loaded.schema, _model(run, loaded.schema))
    place_text(to, text)


def script(run: FinishedRun, schema: Schema, model: Any, values: str = "") -> str:
    """The text of the script for a run over a table of ``schema``.

    Args:
        model: the unfitted pipeline, its seed the name ``seed``.
        values: code that defines what ``model`` names besides.
    """
    tables = script_tables(run.plan.data, schema)
    wanted = ["typed", "class_codes" if schema.classes else "numbers"]
    carried_imports, definitions = carried(
        [*(table.lines for table in tables), ScriptLines("", {columns.__name__: wanted})]
    )
    scores = scoring(MEASURES[run.result.measure], model, classes=bool(schema.classes))
    own = [
        _settings(tables, schema),
        *([values] if values else []),
        _make_model(model),
        *scores.functions,
        *_reading(tables, schema),
        _main(run, schema, model, tables),
    ]
    body = "\n\n\n".join(part.strip("\n") for part in own)
    needed = [*carried_imports, *scores.imports, *_used(body)]
    own_models: list[str] = []
    for module, names in imports(model).items():
        if module.startswith(OURS):
            more, own_models = embedded(importlib.import_module(module), [*sorted(names), PLAIN])
            needed += more
        else:
            needed += [f"from {module} import {name}" for name in names]
    return (
        _opening(run, needed, wide=bool(values))
        + import_block(needed)
        + "\n\n"
        + body
        + (parts.OWN_MODELS + _spaced(own_models) if own_models else "")
        + "\n\n\n# --- from the table to numbers and categories, as Tunesmith does it ---\n\n"
        + _spaced(definitions)
        + '\n\n\nif __name__ == "__main__":\n    main()\n'
    )


def _model(run: FinishedRun, schema: Schema) -> Any:
    """The pipeline, its seed replaced by the name ``seed``."""
    result = run.result
    learner = LEARNERS[run.plan.learner.id]
    model = pipeline(run.plan, learner, schema, result.configuration, result.model_seed)
    seeds = [name for name in model.get_params() if name.endswith("random_state")]
    given = model.get_params()
    return model.set_params(**{n: Name("seed") for n in seeds if given[n] == result.model_seed})


def _opening(run: FinishedRun, needed: list[str], *, wide: bool) -> str:
    plan, result = run.plan, run.result
    label = LEARNERS[plan.learner.id].card.label
    table = Path(plan.data.source).name.removeprefix("builtin:")
    versions = [f"{n} {result.versions[n]}" for n in SHOWN_VERSIONS if n in result.versions]
    rows = "without the test rows" if result.test is not None else "in each fold"
    title = f"{label} for {plan.data.target} of {table}, tuned with Tunesmith."
    packages = packages_of(needed)
    needs = [*parts.NEEDS, *(parts.PACKAGES.get(name, name) for name in packages)]
    return parts.OPENING.format(
        needs=f"{', '.join(needs[:-1])} and {needs[-1]}",
        threads=(parts.JAX_THREADS if "jax" in packages else "") + (parts.JAX_WIDE if wide else ""),
        # Names come from files: nothing in them may end the docstring or be an escape.
        title=title.replace("\\", "/").replace('"', "'"),
        rows=rows,
        versions=", ".join(versions),
    )


def _settings(tables: list[ScriptTable], schema: Schema) -> str:
    lines = [table.settings for table in tables if table.settings]
    lines.append(f"TARGET = {code(schema.target)}")
    if schema.classes:
        lines.append(f"CLASSES = {code(list(schema.classes))}")
    lines.append("# Columns the model learns from, and how their cells are read.")
    lines.append(f"FEATURES = {code(schema.specs())}")
    return "\n".join(lines)


def _make_model(model: Any) -> str:
    more = ", rows" if numbered(model) else ""
    return f"def make_model(seed{more}):\n{parts.MAKE_MODEL_DOC}\n    return {code(model, 4)}"


def _reading(tables: list[ScriptTable], schema: Schema) -> list[str]:
    target = parts.CLASS_TARGET if schema.classes else parts.NUMBER_TARGET
    checks = [parts.CHECK] if any(table.settings for table in tables) else []
    loads = [table.function for table in tables]
    return [parts.PREPARE.format(target=target.strip("\n")), *loads, *checks]


def _main(run: FinishedRun, schema: Schema, model: Any, tables: list[ScriptTable]) -> str:
    plan, result = run.plan, run.result
    measure, seed = result.measure, result.model_seed
    stratify = "target" if schema.classes else "None"
    rowwise = numbered(model)
    every = ", rows=np.arange(len(target))" if rowwise else ""
    final = every
    if len(tables) > 1:
        scoring = parts.SCORE_TEST_FILE.format(
            measure=measure, seed=seed, train=every, load_test=tables[1].call
        )
    elif result.test is not None:
        outer = plan.evaluation.outer
        if outer is None:
            rows = parts.TEST_SHARE.format(
                share=code(plan.evaluation.test_share), split_seed=plan.seed, stratify=stratify
            )
        else:
            rows = parts.TEST_FOLD.format(
                kind="KFold" if stratify == "None" else "StratifiedKFold",
                fold=outer.fold,
                folds=outer.folds,
                split_seed=outer.seed,
            )
        rows = rows.strip("\n")
        final = ", rows=places" if rowwise else ""
        scoring = parts.SCORE_TEST.format(
            measure=measure,
            seed=seed,
            rows=rows,
            train=", rows=np.arange(len(train))" if rowwise else "",
            places=parts.PLACES if rowwise else "",
        )
    else:
        scoring = _cross_validated(run, stratify, ", rows=train" if rowwise else "")
    own = any(module.startswith(OURS) for module in imports(model))
    return parts.MAIN.format(
        arguments="".join(table.argument for table in tables),
        load=tables[0].call,
        scoring=scoring.strip("\n"),
        seed=seed,
        final=final,
        portable=parts.PORTABLE if own else "",
    )


def _cross_validated(run: FinishedRun, stratify: str, train: str) -> str:
    from engine.objective.seeds import fold_seed

    plan, result = run.plan, run.result
    resampling = plan.evaluation.resampling
    seeds = [fold_seed(plan.seed, result.trial, fold) for fold in range(resampling.n_folds)]
    if resampling.kind == "holdout":
        folds = parts.HOLDOUT.format(
            share=code(resampling.share), split_seed=plan.seed, stratify=stratify
        )
    else:
        kind = "RepeatedKFold" if resampling.kind == "repeated_kfold" else "KFold"
        kind = kind if stratify == "None" else kind.replace("KFold", "StratifiedKFold")
        times = (
            f"n_repeats={resampling.repeats}"
            if resampling.kind == "repeated_kfold"
            else "shuffle=True"
        )
        folds = parts.KFOLD.format(
            kind=kind, folds=resampling.folds, times=times, split_seed=plan.seed
        )
    return parts.SCORE_FOLDS.format(
        measure=result.measure, seeds=code(seeds, 4), folds=folds.strip("\n"), train=train
    )


def _used(body: str) -> list[str]:
    """Import statements for what the script's own functions use."""
    return [
        statement
        for name, statement in parts.IMPORTS.items()
        if re.search(rf"(?<![\w.]){re.escape(name)}\b", body)
    ]


_LONG = ("def ", "class ", "@")


def _spaced(definitions: list[str]) -> str:
    """Definitions with two blank lines around the long ones and none between short constants."""
    text = ""
    for before, part in zip([None, *definitions], definitions, strict=False):
        if before is not None:
            long = part.startswith(_LONG) or before.startswith(_LONG)
            text += "\n\n\n" if long else "\n"
        text += part
    return text
