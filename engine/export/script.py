"""A script that makes the model again with pandas and scikit-learn alone (and JAX for networks).

It reads the original table as the run did (it carries the source of `engine.data.columns`, and of
`engine.data.images` for a folder of pictures), makes the same outer split, builds the same pipeline
written out, prints the test score of ``result.json`` to the last digit, then fits on all rows and
saves the model. Without outer test rows it prints the cross-validated score instead.

The script's own functions are plain text below and in `engine.export.script_parts`; what depends on
the run is filled in as literals.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

from engine.data import columns, images
from engine.data.schema import Schema
from engine.data.store import load_arrow
from engine.domain.trials import TrialRecord
from engine.export import script_parts as parts
from engine.export.embed import OURS, embedded, import_block
from engine.export.folder import FinishedRun, finished, place_text, tuned
from engine.export.gradient import numbered, tuned_model
from engine.export.measure import scoring
from engine.export.source import Name, code, imports
from engine.learners import LEARNERS
from engine.objective.measures import MEASURES
from engine.objective.pipeline import pipeline
from engine.plan import ReadOptions

BUILTIN = "builtin:"
PLAIN = "plain"
"""The function in a module of our own estimators that makes a fitted one scikit-learn's own."""
SHOWN_VERSIONS = ("python", "scikit-learn", "jax", "pandas", "numpy")


def write(folder: Path, to: Path, trial: TrialRecord | None = None) -> None:
    """Write the script of the run in ``folder``, or of a complete ``trial`` in place of its result.

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
    data = run.plan.data
    bundled = data.source.startswith(BUILTIN)
    reads = [schema.read] if data.test_source is None else [schema.read, schema.test_read]
    pictures = any(read is not None and read.side is not None for read in reads)
    wanted = ["as_text" if bundled else "read_cells", "typed"]
    wanted += ["class_codes" if schema.classes else "numbers"]
    wanted += ["read_cells"] if data.test_source is not None else []
    carried_imports, carried = embedded(columns, wanted)
    if pictures:
        more, reading = embedded(images, ["read_pictures", "fingerprint_of"])
        carried_imports, carried = [*carried_imports, *more], [*carried, *reading]
    scores = scoring(MEASURES[run.result.measure], model, classes=bool(schema.classes))
    own = [
        _settings(run, schema, bundled),
        *([values] if values else []),
        _make_model(model),
        *scores.functions,
        *_reading(run, schema, bundled),
        _main(run, schema, model),
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
    if bundled:
        needed.append(f"from sklearn.datasets import {_loader(data.source)}")
    return (
        _opening(run, wide=bool(values), pictures=pictures)
        + import_block(needed)
        + "\n\n"
        + body
        + (parts.OWN_MODELS + _spaced(own_models) if own_models else "")
        + "\n\n\n# --- from cells of text to numbers and categories, as Tunesmith does it ---\n\n"
        + _spaced(carried)
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


def _opening(run: FinishedRun, *, wide: bool, pictures: bool) -> str:
    plan, result = run.plan, run.result
    label = LEARNERS[plan.learner.id].card.label
    table = Path(plan.data.source.removeprefix(BUILTIN)).name
    versions = [f"{n} {result.versions[n]}" for n in SHOWN_VERSIONS if n in result.versions]
    rows = "without the test rows" if result.test is not None else "in each fold"
    title = f"{label} for {plan.data.target} of {table}, tuned with Tunesmith."
    packages = LEARNERS[plan.learner.id].packages
    needs = [*parts.NEEDS, *(["JAX"] if "jax" in packages else []), *(["Pillow"] * pictures)]
    return parts.OPENING.format(
        needs=f"{', '.join(needs[:-1])} and {needs[-1]}",
        threads=(parts.JAX_THREADS if "jax" in packages else "") + (parts.JAX_WIDE if wide else ""),
        # Names come from files: nothing in them may end the docstring or be an escape.
        title=title.replace("\\", "/").replace('"', "'"),
        rows=rows,
        versions=", ".join(versions),
    )


def _settings(run: FinishedRun, schema: Schema, bundled: bool) -> str:
    data = run.plan.data
    lines = []
    if not bundled:
        lines.append(f"TABLE = {code(_absolute(data.source))}")
        lines.append(f"SHA256 = {code(data.sha256)}")
    if data.test_source is not None:
        lines.append(f"TEST_TABLE = {code(_absolute(data.test_source))}")
        lines.append(f"TEST_SHA256 = {code(data.test_sha256)}")
    lines.append(f"TARGET = {code(schema.target)}")
    if schema.classes:
        lines.append(f"CLASSES = {code(list(schema.classes))}")
    lines.append("# Columns the model learns from, and how their cells are read.")
    lines.append(f"FEATURES = {code(schema.specs())}")
    return "\n".join(lines)


def _make_model(model: Any) -> str:
    more = ", rows" if numbered(model) else ""
    return f"def make_model(seed{more}):\n{parts.MAKE_MODEL_DOC}\n    return {code(model, 4)}"


def _reading(run: FinishedRun, schema: Schema, bundled: bool) -> list[str]:
    data = run.plan.data
    target = parts.CLASS_TARGET if schema.classes else parts.NUMBER_TARGET
    functions, kinds = [parts.PREPARE.format(target=target.strip("\n"))], list[ReadOptions]()
    decimal = code(schema.read.decimal or ".")
    if bundled:
        names = parts.CLASS_NAMES if schema.classes else ""
        rows = f".head({schema.read.rows})" if schema.read.rows else ""
        loader = _loader(data.source)
        functions.append(
            parts.LOAD_BUNDLED.format(loader=loader, names=names, rows=rows, decimal=decimal)
        )
    else:
        functions.append(parts.LOAD.format(**_read_call(schema.read), decimal=decimal))
        kinds.append(schema.read)
    if data.test_source is not None:
        options = schema.test_read or schema.read
        decimal = code(options.decimal or ".")
        functions.append(parts.LOAD_TEST.format(**_read_call(options), decimal=decimal))
        kinds.append(options)
    if any(read.side is None for read in kinds):
        functions.append(parts.CHECK_FILE)
    folders = [read for read in kinds if read.side is not None]
    if folders:
        rows = "" if folders[0].rows is None else f", rows={folders[0].rows}"
        functions.append(parts.CHECK_FOLDER.format(rows=rows))
    return functions


def _read_call(options: ReadOptions) -> dict[str, str]:
    """How the script checks and reads a file or folder."""
    if options.side is not None:
        rows = "" if options.rows is None else f", rows={options.rows}"
        call = f"read_pictures(path, side={options.side}{rows})"
        return {"check": "check_folder", "call": call}
    names = ("delimiter", "encoding", "quote", "header", "rows")
    given = {name: getattr(options, name) for name in names}
    lines = [f"        {name}={code(v)},\n" for name, v in given.items() if v is not None]
    return {"check": "check", "call": f"read_cells(\n        path,\n{''.join(lines)}    )"}


def _main(run: FinishedRun, schema: Schema, model: Any) -> str:
    plan, result = run.plan, run.result
    measure, seed = result.measure, result.model_seed
    stratify = "target" if schema.classes else "None"
    bundled = plan.data.source.startswith(BUILTIN)
    arguments = "" if bundled else parts.TABLE_ARGUMENT
    arguments += parts.TEST_TABLE_ARGUMENT if plan.data.test_source is not None else ""
    load = "load()" if bundled else "load(Path(call.table))"
    rowwise = numbered(model)
    every = ", rows=np.arange(len(target))" if rowwise else ""
    final = every
    if plan.data.test_source is not None:
        scoring = parts.SCORE_TEST_FILE.format(measure=measure, seed=seed, train=every)
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
        arguments=arguments,
        load=load,
        scoring=scoring.strip("\n"),
        seed=seed,
        final=final,
        portable=parts.PORTABLE if own else "",
    )


def _cross_validated(run: FinishedRun, stratify: str, train: str) -> str:
    from engine.objective.seeds import fold_seed

    plan, result = run.plan, run.result
    resampling = plan.evaluation.resampling
    seeds = [fold_seed(plan.seed, result.trial, fold) for fold in range(resampling.jobs)]
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


def _absolute(source: str) -> str:
    """Where the table is, so that the script runs from any folder."""
    path = Path(source)
    return str(path.absolute()) if path.exists() else source


def _loader(source: str) -> str:
    return "load_" + source.removeprefix(BUILTIN)
