"""What every reader must hold to: `ReaderSuite`, a class of tests to inherit.

class TestSpreadsheets(ReaderSuite):
    @pytest.fixture
    def reader(self):
        return SpreadsheetReader()
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from engine.data.arrow import to_pandas
from engine.data.open import load, open_table
from engine.data.readers import READERS, Reader, ReadTable, ScriptLines
from engine.errors import InputError
from engine.export.embed import import_block
from engine.export.reading import carried
from engine.plan import DataPlan, PictureOptions, TextOptions

TEXT = (pa.string(), pa.large_string())
OPEN = {"rows", "options"}
"""Options that stay as they are when all is settled."""


def run_lines(lines: ScriptLines, source: str) -> tuple[pd.DataFrame, str]:
    """The table and the fingerprint that a script gets by ``lines``; "" without a fingerprint."""
    statements, definitions = carried([lines])
    fingerprint = f"({lines.fingerprint})(path)" if lines.fingerprint else '""'
    text = "\n\n".join(
        [
            "from __future__ import annotations",
            import_block(statements),
            *definitions,
            f"table = {lines.call}",
            f"found = {fingerprint}",
        ]
    )
    namespace: dict[str, Any] = {"path": Path(source)}
    exec(text, namespace)
    return namespace["table"], namespace["found"]


class ReaderSuite:
    """Tests of one reader; a subclass has the fixture ``reader``."""

    @pytest.fixture
    def source(self, reader: Reader[Any], tmp_path: Path) -> str:
        """A table of the reader's own making."""
        folder = tmp_path / "example"
        folder.mkdir()
        return reader.example(folder)

    @pytest.fixture
    def table(self, reader: Reader[Any], source: str) -> ReadTable:
        """The same, read with all options open."""
        return reader.read(source, reader.options())

    def test_its_card_is_complete(self, reader: Reader[Any]) -> None:
        card = reader.card
        assert card.id and card.label
        assert reader.options.__struct_config__.tag == card.options

    def test_it_takes_its_own_tables_and_no_others(
        self, reader: Reader[Any], source: str, tmp_path: Path
    ) -> None:
        assert reader.sniff(source)
        assert not reader.sniff(str(tmp_path / "nowhere" / "table.unknown"))
        for other in READERS.values():
            if other.card.id != reader.card.id:
                folder = tmp_path / other.card.id
                folder.mkdir()
                assert not reader.sniff(other.example(folder))
                assert not other.sniff(source)

    def test_columns_have_types_that_are_known(self, table: ReadTable) -> None:
        names = table.columns.column_names
        assert table.columns.num_rows > 0
        assert len({*names}) == len(names)
        assert all(names)
        for kind in table.columns.schema.types:
            assert (
                pa.types.is_integer(kind)
                or pa.types.is_floating(kind)
                or kind in (*TEXT, pa.timestamp("us"))
                or (pa.types.is_dictionary(kind) and kind.value_type in TEXT)
            ), kind

    def test_every_option_is_settled(self, reader: Reader[Any], table: ReadTable) -> None:
        assert isinstance(table.options, reader.options)
        settled = msgspec.structs.asdict(table.options)
        assert [name for name, value in settled.items() if value is None and name not in OPEN] == []
        data = DataPlan("somewhere", read=table.options)
        assert msgspec.json.decode(msgspec.json.encode(data), type=DataPlan) == data

    def test_it_reads_the_same_again(
        self, reader: Reader[Any], source: str, table: ReadTable
    ) -> None:
        state = reader.state(source)
        again = reader.read(source, table.options)
        assert again.columns.equals(table.columns)
        assert (again.options, again.sha256) == (table.options, table.sha256)
        assert len(table.sha256) == 64
        assert reader.state(source) == state

    def test_only_the_first_rows_are_read_if_asked(
        self, reader: Reader[Any], source: str, table: ReadTable
    ) -> None:
        wanted = table.columns.num_rows // 2
        few = reader.read(source, msgspec.structs.replace(table.options, rows=wanted))
        pd.testing.assert_frame_equal(
            _plain(few.columns), _plain(table.columns.slice(0, wanted)), check_dtype=False
        )
        assert few.options.rows == wanted
        assert f"first {wanted:,} rows" in " ".join(note.sentence for note in few.notes)

    @pytest.mark.parametrize("rows", [None, 3])
    def test_a_script_reads_the_very_same(
        self, reader: Reader[Any], source: str, rows: int | None
    ) -> None:
        table = reader.read(source, reader.options(rows=rows))
        lines = reader.script(source, table.options)
        found, fingerprint = run_lines(lines, source)
        pd.testing.assert_frame_equal(found, to_pandas(table.columns), check_column_type=False)
        assert fingerprint == (table.sha256 if lines.fingerprint else "")

    def test_new_rows_are_read_like_the_table(
        self, reader: Reader[Any], source: str, table: ReadTable
    ) -> None:
        for known in (table.options, TextOptions(), PictureOptions()):
            own = reader.for_new_rows(known)
            assert isinstance(own, reader.options)
        new = reader.read(source, reader.for_new_rows(table.options), new_rows=True)
        assert new.columns.equals(table.columns)
        named = reader.row_names(source)
        assert named is None or len(named[1]) == new.columns.num_rows

    def test_it_can_be_learnt_from(self, source: str, table: ReadTable) -> None:
        target = table.columns.column_names[-1]
        found = open_table(DataPlan(source, target=target))
        loaded = load(found.data)
        assert found.rows == table.columns.num_rows
        assert loaded.features.shape[0] == loaded.target.size > 0
        assert np.isfinite(loaded.target).all()

    def test_options_that_make_no_sense_are_refused(self, reader: Reader[Any], source: str) -> None:
        other = TextOptions() if reader.card.options != "text" else PictureOptions()
        wrong = [other, reader.options(rows=0)]
        if reader.card.options == "typed":
            wrong.append(reader.options(options={"nothing of the kind": 1}))
        for options in wrong:
            with pytest.raises(InputError) as caught:
                reader.checked(source, options)
            assert caught.value.code in ("plan.field", "plan.unknown")

    def test_what_is_missing_or_damaged_is_refused_in_words(
        self, reader: Reader[Any], tmp_path: Path
    ) -> None:
        for suffix in reader.card.suffixes:
            path = tmp_path / f"table{suffix}"
            for content in (None, b"", b"\0\0\0\0 no table", b"\n"):
                if content is not None:
                    path.write_bytes(content)
                assert reader.sniff(str(path))
                with pytest.raises(InputError) as caught:
                    reader.read(str(path), reader.options())
                assert path.name in str(caught.value)


def _plain(table: pa.Table) -> pd.DataFrame:
    """``table`` with categories as text, since the first rows may not have all of them."""
    frame = to_pandas(table)
    return frame.astype({name: object for name in frame if frame[name].dtype == "category"})
