"""Opening a table for a person, and loading it for a search."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.data import columns, leaks, notices
from engine.data import target as targets
from engine.data.new_rows import checked_features, open_matching
from engine.data.pixels import picture
from engine.data.profile import Profile
from engine.data.readers import reader_of
from engine.data.schema import ColumnSpec, Schema
from engine.data.table_source import Source, open_source
from engine.data.target import Target
from engine.domain.tables import Column, Notice, Table
from engine.errors import InputError
from engine.guide.facts import Facts
from engine.plan import DataPlan

if TYPE_CHECKING:
    import pandas as pd

PREVIEW_ROWS = 50
PREVIEW_COLUMNS = 1_000
MOST_ENCODED = 50
"""Columns that one category takes at most once encoded (`PreparationPlan.max_categories`)."""
NAMES_SHOWN = 20


@dataclass(frozen=True)
class Loaded:
    """A table ready for a search: the rows that have a target.

    Attributes:
        features: n rows, one column a feature of the schema: float64, or categorical.
        target: shape (n,); float64 for regression, otherwise int64 places in ``schema.classes``.
        schema: what the columns mean and how to read more of them.
        facts: the table in figures.
        notices: what a person should know about it.
        test: features and target of a separate file with outer test rows, if there is one.
    """

    features: pd.DataFrame
    target: np.ndarray
    schema: Schema
    facts: Facts
    notices: tuple[Notice, ...] = ()
    test: tuple[pd.DataFrame, np.ndarray] | None = None


@dataclass(frozen=True)
class _Examined:
    """A table with all that a plan says about it applied. ``target`` is None while it has none."""

    source: Source
    profiles: list[Profile]
    features: list[Profile]
    left_out: tuple[str, ...]
    specs: list[ColumnSpec]
    target: Target | None
    notices: list[Notice]


def open_table(data: DataPlan) -> Table:
    """Read the table of ``data``, profile it, and propose what is not settled.

    The plan that comes back has every reading option, the hashes and, given a target, task and
    positive class.

    Raises:
        InputError: for a table that can't be read (``file.*``, ``folder.*``, ``table.*``,
            ``builtin.*``), a plan that does not fit it (``target.*``, ``column.unknown``,
            ``plan.*``), or a test file that does not (``columns.*``, ``test.*``).
    """
    data = with_target(data)
    seen = _examine(data)
    source, target = seen.source, seen.target
    settled = msgspec.structs.replace(data, read=source.options, sha256=source.sha256)
    tested = None
    if target is not None:
        settled = msgspec.structs.replace(settled, task=target.task, positive=target.positive)
        if data.test_source is not None:
            tested, _, _ = _read_test(data.test_source, _schema(seen, target))
    settled = msgspec.structs.replace(settled, test_sha256=tested.sha256 if tested else None)
    used = {p.name for p in seen.features}
    cells = source.cells
    head = cells.iloc[:PREVIEW_ROWS, :PREVIEW_COLUMNS]
    preview = [columns.texts(column) for _, column in head.items()]
    counted = zip(target.classes, target.counts, strict=True) if target else ()
    return Table(
        data=settled,
        rows=len(cells),
        columns=tuple(_column(p, p.name in used) for p in seen.profiles),
        preview=tuple(zip(*preview, strict=True)),
        warnings=tuple(seen.notices),
        suggested_target=targets.suggest([p.name for p in seen.profiles if not p.idle]),
        classes=tuple(sorted(counted, key=lambda pair: -pair[1])),
        tasks=target.tasks if target else (),
    )


def load(data: DataPlan) -> Loaded:
    """The table of ``data`` as features and target.

    Raises:
        InputError: as `open_table` does; ``target.none`` without a target; ``file.changed`` if a
            file is not the one whose hash the plan holds.
    """
    data = with_target(data)
    if data.target is None:
        names = open_source(data.source, data.read).names
        raise InputError("target.none", field="data.target", path=data.source, known=_listed(names))
    seen = _examine(data)
    source, target = seen.source, seen.target
    assert target is not None
    _check_hash(data.source, data.sha256, source)
    schema = _schema(seen, target)
    cells = source.cells
    kept = cells if target.keep.all() else cells.loc[target.keep].reset_index(drop=True)
    features = columns.typed(kept, schema.specs(), source.decimal)
    test, remarks = None, list(seen.notices)
    if data.test_source is not None:
        tested, test, more = _read_test(data.test_source, schema)
        _check_hash(data.test_source, data.test_sha256, tested)
        schema = msgspec.structs.replace(schema, test_read=tested.options)
        remarks += more
    return Loaded(
        features=features,
        target=target.values,
        schema=schema,
        facts=_facts(features, schema, target),
        notices=tuple(remarks),
        test=test,
    )


def with_target(data: DataPlan) -> DataPlan:
    """``data`` with the column to predict, where the table itself says which (`Reader.target`)."""
    if data.target is not None:
        return data
    return msgspec.structs.replace(data, target=reader_of(data.source).target)


def _examine(data: DataPlan) -> _Examined:
    source = open_source(data.source, data.read)
    names = source.names
    _check_names(data, names)
    profiles = [source.profile(name, data.kinds.get(name)) for name in names]
    for profile in profiles:
        _check_dates(profile, source)
    left_out = {*data.leave_out, data.target}
    features = [p for p in profiles if not p.idle and p.name not in left_out]
    used = {p.name for p in features if p.kind != "date"}
    specs = [spec for p in features for spec in p.specs(used)]
    target = None
    remarks = list(source.notes)
    if data.target is not None:
        target = targets.settle(
            data.target,
            source.column(data.target),
            source.decimal,
            task=data.task,
            positive=data.positive,
        )
        if not specs:
            raise InputError("table.no_features", field="data.leave_out", target=data.target)
        remarks += notices.about_target(target)
        remarks += notices.about_leaks(_leaks(source, specs, target), target.name)
    remarks += notices.about_columns([p for p in profiles if p.name not in left_out], source.rows)
    compared = [p.name for p in features] + ([data.target] if data.target else [])
    remarks += notices.about_duplicates(source.cells, compared)
    remarks.sort(key=lambda notice: notice.severity != "caution")
    return _Examined(source, profiles, features, data.leave_out, specs, target, remarks)


def _check_names(data: DataPlan, names: list[str]) -> None:
    known = set(names)
    if data.target is not None and data.target not in known:
        near = difflib.get_close_matches(data.target, names, 1, cutoff=0.4)
        raise InputError(
            "target.unknown",
            field="data.target",
            path=data.source,
            target=data.target,
            suggestion=near[0] if near else names[-1],
            known=_listed(names),
        )
    for name in data.leave_out:
        if name not in known:
            raise InputError(
                "column.unknown",
                field="data.leave_out",
                path=data.source,
                name=name,
                known=_listed(names),
            )
    for name in data.kinds:
        if name not in known:
            raise InputError(
                "plan.unknown", field="data.kinds", kind="column", name=name, known=_listed(names)
            )


def _check_dates(profile: Profile, source: Source) -> None:
    """Refuse a column that the person calls dates and that no date format fits."""
    if profile.kind == "date" and profile.odd:
        texts = columns.texts(source.column(profile.name))
        raise InputError(
            "columns.not_dates",
            field="data.kinds",
            name=profile.name,
            path=source.name,
            row=texts.index(profile.odd_text) + 1 if profile.odd_text in texts else 1,
            value=profile.odd_text.strip(),
        )


def _check_hash(name: str, expected: str | None, source: Source) -> None:
    if expected is not None and expected != source.sha256:
        raise InputError("file.changed", field="data.source", path=name)


def _leaks(source: Source, specs: list[ColumnSpec], target: Target) -> tuple[str, ...]:
    chosen = leaks.sample_rows(target.values.size)
    rows = np.flatnonzero(target.keep)[chosen]
    sample = source.cells.take(rows)
    return leaks.find_leaks(
        sample, specs, source.decimal, target.values[chosen], len(target.classes)
    )


def _schema(seen: _Examined, target: Target) -> Schema:
    return Schema(
        columns=tuple(seen.specs),
        target=target.name,
        task=target.task,
        classes=target.classes,
        positive=target.positive,
        read=seen.source.options,
        picture=picture(seen.profiles, seen.features, (target.name, *seen.left_out)),
    )


def _read_test(
    name: str, schema: Schema
) -> tuple[Source, tuple[pd.DataFrame, np.ndarray], list[Notice]]:
    """The file with outer test rows: its rows that have a target, and what was done to it."""
    table = open_matching(name, schema, (schema.target,))
    cells = table.column(schema.target)
    texts = columns.texts(cells)
    if schema.task == "regression":
        values = columns.numbers(cells, table.decimal)
        numbers = (columns.number(text, table.decimal) for text in texts)
        wrong = next((row for row, value in enumerate(numbers) if value is None), None)
        keep = ~np.isnan(values)
    else:
        values = columns.class_codes(cells, schema.classes, table.decimal)
        new = np.flatnonzero(values == columns.NEW_LABEL)
        wrong = int(new[0]) if new.size else None
        keep = values >= 0
    if wrong is not None:
        code = "target.not_numeric" if schema.task == "regression" else "test.classes"
        label = texts[wrong].strip()
        raise InputError(
            code,
            field="data.test_source",
            path=name,
            target=schema.target,
            row=wrong + 1,
            label=label,
            value=label,
        )
    if not keep.any():
        raise InputError("test.no_rows", field="data.test_source", path=name, target=schema.target)
    features, notes = checked_features(table, schema, keep)
    lost = int((~keep).sum())
    sentences = [f"Test rows: {note}" for note in notes]
    if lost:
        count = "1 row has" if lost == 1 else f"{lost:,} rows have"
        sentences.append(f"Test rows: {count} no value in {schema.target} and count for nothing.")
    return (
        table,
        (features, values[keep]),
        [Notice("test.rows", sentence) for sentence in sentences],
    )


def _facts(features: pd.DataFrame, schema: Schema, target: Target) -> Facts:
    encoded = len(schema.numeric)
    missing = int(np.isnan(features[list(schema.numeric)].to_numpy()).sum())
    for name in schema.categorical:
        codes = features[name].cat.codes.to_numpy()
        lacking = int((codes < 0).sum())
        missing += lacking
        encoded += min(MOST_ENCODED, int(codes.max(initial=-1)) + 1 + (lacking > 0))
    return Facts(
        rows=len(features),
        columns=features.shape[1],
        encoded=encoded,
        numeric=len(schema.numeric),
        categorical=len(schema.categorical),
        missing_cells=missing,
        task=target.task,
        target=target.name,
        classes=tuple(zip(target.classes, target.counts, strict=True)),
        picture=schema.picture,
    )


def _column(profile: Profile, used: bool) -> Column:
    return Column(
        name=profile.name,
        kind=profile.kind,
        used=used,
        missing=profile.missing + profile.infinite,
        distinct=profile.distinct,
        minimum=profile.minimum,
        maximum=profile.maximum,
        histogram=profile.histogram,
        examples=profile.examples,
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    return shown if more <= 0 else f"{shown} and {more:,} more"
