"""Notices about a table, one sentence each, in its own figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from engine.data.profile import Profile
from engine.data.readers.base import named
from engine.data.target import Target
from engine.domain.tables import Notice

MUCH_MISSING = 0.4
RARE_CLASS = 0.2
"""Of the share that a class has on average."""


def about_columns(profiles: Sequence[Profile], rows: int) -> list[Notice]:
    """Changes to columns, and their defects."""
    left_out = {
        "empty": ("without any value", "They hold nothing to learn from."),
        "constant": ("with the same value in every row", "They tell rows apart in no way."),
        "id": ("with a different value in every row, like an id", "A model can't learn from it."),
        "text": ("of free text", "This version learns from numbers, categories and dates only."),
    }
    notices = []
    for idle, (what, why) in left_out.items():
        names = tuple(p.name for p in profiles if p.idle == idle)
        if names:
            notices.append(
                Notice(
                    f"columns.{idle}",
                    f"{_counted(names)} {what} {_is(names)} left out: {named(names)}. {why} "
                    "Set the type of a column to use it all the same.",
                    names,
                )
            )
    notices += [_mixed(p, rows) for p in profiles if p.mixed or (p.odd and p.kind == "number")]
    notices += [
        Notice(
            "columns.ambiguous_dates",
            f"Dates in {p.name} such as {p.examples[0]} can be read two ways. They are read with "
            "the day first. If the month comes first, write them as year-month-day.",
            (p.name,),
            severity="caution",
        )
        for p in profiles
        if p.ambiguous
    ]
    dated = tuple(p.name for p in profiles if p.kind == "date" and not p.idle)
    if dated:
        notices.append(
            Notice(
                "columns.dates",
                f"{_counted(dated)} of dates {_is(dated)} split into year, month, day, weekday and "
                f"hour, as far as these differ: {named(dated)}.",
                dated,
            )
        )
    notices += _infinite(profiles) + _missing(profiles, rows)
    counting = tuple(p.name for p in profiles if p.counting)
    if counting:
        notices.append(
            Notice(
                "columns.counting",
                f"{named(counting)} numbers the rows from top to bottom. "
                "If that is no more than their order in the file, leave it out.",
                counting,
                "leave_out",
                "caution",
            )
        )
    return notices


def about_target(target: Target) -> list[Notice]:
    """Rows without a target, and classes that are rare."""
    notices = []
    lost = int((~target.keep).sum())
    if lost:
        notices.append(
            Notice(
                "rows.without_target",
                f"{_rows(lost)} of {target.keep.size:,} {'has' if lost == 1 else 'have'} no value "
                f"in {target.name} and {'is' if lost == 1 else 'are'} left out.",
                (target.name,),
            )
        )
    total = sum(target.counts)
    if target.counts and min(target.counts) < RARE_CLASS * total / len(target.counts):
        rarest = int(np.argmin(target.counts))
        count = target.counts[rarest]
        notices.append(
            Notice(
                "target.imbalance",
                f"Only {count:,} of {total:,} rows ({count / total:.1%}) are of the class "
                f"“{target.classes[rarest]}”. Accuracy would hardly notice it: prefer balanced "
                "accuracy, ROC AUC or log loss.",
                (target.name,),
                severity="caution",
            )
        )
    return notices


def about_leaks(names: Sequence[str], target: str) -> list[Notice]:
    """Columns that alone predict the target."""
    return [
        Notice(
            "columns.leak",
            f"{name} alone predicts {target} almost perfectly. If it is only known after {target} "
            "is, or is the same thing under another name, leave it out.",
            (name,),
            "leave_out",
            "caution",
        )
        for name in names
    ]


def about_duplicates(cells: pd.DataFrame, names: Iterable[str]) -> list[Notice]:
    """Rows that repeat an earlier one in all of the columns ``names``."""
    count = count_duplicates(cells, list(names))
    if not count:
        return []
    return [
        Notice(
            "rows.duplicate",
            f"{_rows(count)} of {len(cells):,} {'repeats' if count == 1 else 'repeat'} an earlier "
            "row exactly. Copies on both sides of a split make scores look better than they are; "
            "remove them from the file if they are not separate observations.",
            severity="caution",
        )
    ]


def count_duplicates(cells: pd.DataFrame, names: Sequence[str]) -> int:
    """Rows that repeat an earlier one in all of the columns ``names``.

    Column by column, only rows that are not yet told apart go on, so that a column of many values
    ends it at once.
    """
    rows = np.arange(len(cells))
    group = np.zeros(len(cells), dtype=np.int64)
    for name in names:
        column = cells[name].take(rows) if len(rows) < len(cells) else cells[name]
        codes, _ = pd.factorize(column, use_na_sentinel=False)
        joint = group * (int(codes.max(initial=0)) + 1) + codes
        _, group, sizes = np.unique(joint, return_inverse=True, return_counts=True)
        shared = sizes[group] > 1
        rows, group = rows[shared], group[shared]
        if not rows.size:
            return 0
    return int(rows.size - np.unique(group).size)


def _mixed(profile: Profile, rows: int) -> Notice:
    cells = "1 cell" if profile.odd == 1 else f"{profile.odd:,} cells"
    example = f"for example “{profile.odd_text}”"
    found = f"{profile.name} holds numbers but for {cells} of {rows:,}, {example}"
    if profile.mixed:
        done = (
            "so it is read as categories. To read it as numbers, with these cells as missing "
            "values, set its type to number."
        )
    else:
        done = "which count as missing values."
    return Notice("columns.mixed", f"{found}, {done}", (profile.name,), severity="caution")


def _infinite(profiles: Sequence[Profile]) -> list[Notice]:
    names = tuple(p.name for p in profiles if p.infinite)
    if not names:
        return []
    count = sum(p.infinite for p in profiles)
    cells = "1 infinite number counts" if count == 1 else f"{count:,} infinite numbers count"
    return [Notice("values.infinite", f"{cells} as missing in: {named(names)}.", names)]


def _missing(profiles: Sequence[Profile], rows: int) -> list[Notice]:
    lacking = [p for p in profiles if p.missing and not p.idle]
    if not lacking:
        return []
    names = tuple(p.name for p in lacking)
    cells = sum(p.missing for p in lacking)
    share = cells / (rows * max(1, sum(not p.idle for p in profiles)))
    notices = [
        Notice(
            "values.missing",
            f"{cells:,} {'cell is' if cells == 1 else 'cells are'} missing ({share:.1%}), in "
            f"{_counted(names).lower()}: {named(names)}. Numbers are filled in inside each fold; "
            "for a category, missing is a value of its own.",
            names,
        )
    ]
    much = tuple(p.name for p in lacking if p.missing > MUCH_MISSING * rows)
    if much:
        notices.append(
            Notice(
                "columns.mostly_missing",
                f"{_counted(much)} {'lacks' if len(much) == 1 else 'lack'} more than "
                f"{MUCH_MISSING:.0%} of {'its' if len(much) == 1 else 'their'} values: "
                f"{named(much)}. Consider leaving {'it' if len(much) == 1 else 'them'} out.",
                much,
                "leave_out",
                "caution",
            )
        )
    return notices


def _counted(names: Sequence[str]) -> str:
    return "One column" if len(names) == 1 else f"{len(names):,} columns"


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
