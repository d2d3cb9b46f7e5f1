from __future__ import annotations

import pytest

from engine.plan import PictureOptions, ReadOptions, TextOptions, TypedOptions
from gui.pages.data.read_options import ReadOptionsForm, facts
from gui.widgets.fields import Choice, NumberField


def shown(form: ReadOptionsForm) -> set[str]:
    """Names of the fields that can be seen."""
    fields = [*form.findChildren(Choice), *form.findChildren(NumberField)]
    return {field.accessibleName() for field in fields if field.isVisibleTo(form)}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (TypedOptions(), {"Only the first rows"}),
        (PictureOptions(), {"Only the first rows", "Pixels of an edge"}),
        (
            TextOptions(),
            {
                "Only the first rows",
                "Delimiter",
                "Encoding",
                "Decimal sign",
                "Quotation mark",
                "First line holds",
            },
        ),
    ],
)
def test_only_the_options_of_the_table_are_shown(qtbot, options: ReadOptions, names: set[str]):
    form = ReadOptionsForm()
    qtbot.addWidget(form)
    form.show_options(options, options)
    assert shown(form) == names


def test_a_change_keeps_the_kind_and_the_other_options(qtbot):
    form = ReadOptionsForm()
    qtbot.addWidget(form)
    form.show_options(PictureOptions(rows=5), PictureOptions(rows=5, side=8))
    with qtbot.waitSignal(form.changed) as caught:
        (side,) = [f for f in form.findChildren(NumberField) if "edge" in f.accessibleName()]
        side.changed.emit(4)
    assert caught.args == [PictureOptions(rows=5, side=4), "side"]


def test_facts_of_typed_tables_are_few():
    assert facts(TypedOptions()) == ()
    assert facts(TypedOptions(rows=10)) == ("first 10 rows only",)
