"""Folders of pictures as tables, with real files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.data.images import pictures, read_pictures
from engine.data.new_rows import read_new_rows
from engine.data.open import load, open_table
from engine.data.readers.picture_folders import PROPOSED
from engine.data.table_source import open_source
from engine.errors import InputError
from engine.plan import DataPlan, PictureOptions

Paint = Callable[..., Path]


def test_a_row_is_a_picture_and_a_column_a_pixel(shapes: Path) -> None:
    table = open_table(DataPlan(str(shapes)))
    assert table.rows == 20
    assert [column.name for column in table.columns][:2] == ["pixel_0_0", "pixel_0_1"]
    assert len(table.columns) == 65
    assert table.data.target == "class"
    assert table.data.task == "binary"
    assert dict(table.classes) == {"left": 10, "wide": 10}
    assert table.data.read.side == 8
    assert any("8 by 8 pixels" in notice.sentence for notice in table.warnings)


def test_it_is_loaded_as_a_picture(shapes: Path, paint: Paint) -> None:
    paint("wide/more.png", 1.0)
    loaded = load(open_table(DataPlan(str(shapes))).data)
    assert loaded.schema.picture is not None
    assert loaded.schema.picture.side == 8
    place = loaded.schema.classes.index("left")
    assert (loaded.target == place).sum() == 10
    assert set(loaded.features["pixel_3_7"]) == {0.0, 255.0}


def test_each_is_cut_to_its_middle_square_and_made_as_large_as_the_others(
    paint: Paint, tmp_path: Path
) -> None:
    paint("a/one.png", 0.5, size=(40, 20))
    paint("b/two.png", 0.5, size=(20, 20))
    cells = read_pictures(tmp_path / "shapes", 4)
    for row in (0, 1):
        pixels = cells.iloc[row, :16].astype(int).to_numpy().reshape(4, 4)
        assert (pixels[:, :2] > 200).all()
        assert (pixels[:, 2:] < 55).all()


def test_the_edge_is_that_of_most_pictures_but_not_too_long(paint: Paint, shapes: Path) -> None:
    paint("wide/large.png", size=(300, 200))
    assert open_source(str(shapes)).options.side == 8
    for number in range(40):
        paint(f"huge/{number}.png", size=(90, 70))
    assert open_source(str(shapes)).options.side == PROPOSED
    own = open_source(str(shapes), PictureOptions(side=5))
    assert own.cells.shape == (61, 26)


def test_the_first_rows_show_every_class(shapes: Path) -> None:
    source = open_source(str(shapes), PictureOptions(rows=4))
    assert sorted(source.cells["class"].tolist()) == ["left", "left", "wide", "wide"]


def test_folders_in_a_class_belong_to_it_and_hidden_files_to_nothing(
    paint: Paint, shapes: Path
) -> None:
    paint("left/deeper/still/6.png")
    paint(".trash/7.png")
    (shapes / "left" / "notes.txt").write_text("not a picture")
    assert open_source(str(shapes)).cells["class"].tolist().count("left") == 11
    assert len(pictures(shapes)) == 21


def test_a_folder_that_has_changed_is_read_again_and_known_as_another(
    paint: Paint, shapes: Path
) -> None:
    before = open_table(DataPlan(str(shapes)))
    paint("left/0.png", 0.5)
    after = open_table(DataPlan(str(shapes)))
    assert before.data.sha256 != after.data.sha256
    with pytest.raises(InputError) as caught:
        load(before.data)
    assert caught.value.code == "file.changed"


def test_new_pictures_may_lie_loose_and_be_of_any_size(paint: Paint, tmp_path: Path) -> None:
    for number in range(3):
        paint(f"left/{number}.png", 0.25)
        paint(f"wide/{number}.png", 0.75)
    schema = load(open_table(DataPlan(str(tmp_path / "shapes"))).data).schema
    paint("../new/b.png", 0.25, size=(64, 64))
    paint("../new/a.png", 0.75, size=(16, 16))
    features, notes = read_new_rows(str(tmp_path / "new"), schema)
    assert features.shape == (2, len(schema.columns))
    assert features["pixel_4_4"].tolist() == [255.0, 0.0]
    assert notes == ()


def test_what_is_no_table_of_pictures_is_refused(
    refused, paint: Paint, shapes: Path, tmp_path: Path
) -> None:
    (tmp_path / "nothing").mkdir()
    refused("folder.empty", open_table, DataPlan(str(tmp_path / "nothing")))
    refused("plan.field", open_source, str(shapes), PictureOptions(side=1000))
    broken = shapes / "left" / "broken.png"
    broken.write_bytes((shapes / "left" / "0.png").read_bytes()[:40])
    assert "broken.png" in str(refused("folder.picture", open_table, DataPlan(str(shapes))))
    broken.unlink()
    paint("loose.png")
    assert "loose.png" in str(refused("folder.unsorted", open_table, DataPlan(str(shapes))))


def test_more_than_fits_into_memory_is_refused_with_the_way_out(
    refused, monkeypatch, shapes: Path
) -> None:
    monkeypatch.setattr("engine.data.readers.picture_folders.available_memory", lambda: 1000)
    sentence = str(refused("folder.too_large", open_source, str(shapes), PictureOptions(side=9)))
    assert "fewer pixels" in sentence
