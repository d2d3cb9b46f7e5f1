"""Folders of pictures as tables: a row a picture, a column a pixel.

The pictures of each class lie in a folder of their own, named after it; pictures to be predicted
may lie loose.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, ClassVar

from engine.data.readers.base import Reader, ReadTable, ScriptLines, about_rows, refused
from engine.data.system_memory import available_memory, readable
from engine.domain.cards import ReaderCard
from engine.domain.tables import Notice
from engine.errors import InputError
from engine.plan import PictureOptions, ReadOptions

if TYPE_CHECKING:
    pass

SIDES = (4, 100)
"""Least and most pixels of an edge."""
PROPOSED = 32
"""Pixels of an edge that are proposed at most: more take long and seldom tell more."""
PIXEL_BYTES = 20
"""Memory of a pixel, most of it for the number it becomes (measured)."""


class PictureReader(Reader[PictureOptions]):
    """Folders of pictures; the folders in it name the classes."""

    card: ClassVar[ReaderCard] = ReaderCard(
        id="pictures",
        label="Folders of pictures",
        summary="A folder for each class; each picture is a row, each pixel a column.",
        folders=True,
        options="pictures",
    )
    options = PictureOptions
    target = "class"
    order = 4

    def sniff(self, source: str) -> bool:
        try:
            return Path(source).is_dir()
        except (OSError, ValueError):
            return False

    def read(self, source: str, options: PictureOptions, *, new_rows: bool = False) -> ReadTable:
        import pyarrow as pa

        from engine.data import images

        folder = Path(source)
        paths = images.pictures(folder)[: options.rows]
        if not paths:
            raise InputError("folder.empty", path=folder)
        loose = next((path for path in paths if path.parent == folder), None)
        if loose is not None and not new_rows:
            raise InputError("folder.unsorted", path=folder, name=loose.name)
        try:
            side = _side(paths, options.side)
            _check_memory(folder, len(paths), side)
            cells = images.read_pictures(folder, side, options.rows)
        except images.UnreadablePicture as error:
            path, why = error.args
            raise InputError("folder.picture", path=path, why=why) from error
        settled = PictureOptions(side=side, rows=options.rows)
        note = Notice(
            "read.pictures",
            f"The pictures are made gray, cut to their middle square and brought to {side} by "
            f"{side} pixels. The reading options take another number.",
        )
        return ReadTable(
            columns=pa.Table.from_pandas(cells, preserve_index=False),
            options=settled,
            sha256=images.fingerprint_of(folder, options.rows),
            notes=(note, *about_rows(settled, len(paths))),
        )

    def script(self, source: str, options: PictureOptions) -> ScriptLines:
        rows = "" if options.rows is None else f", rows={options.rows}"
        hashed = f"lambda folder: fingerprint_of(folder{rows})" if rows else "fingerprint_of"
        return ScriptLines(
            call=f"read_pictures(path, side={options.side}{rows})",
            carried={"engine.data.images": ("read_pictures", "fingerprint_of")},
            fingerprint=hashed,
        )

    def example(self, folder: Path) -> str:
        import numpy as np
        from PIL import Image

        for place in range(12):
            kind = folder / ("light" if place % 2 else "dark")
            kind.mkdir(exist_ok=True)
            gray = np.arange(36).reshape(6, 6) * (place % 5 + 1) + 50 * (place % 2)
            Image.fromarray(gray.astype(np.uint8)).save(kind / f"{place}.png")
        return str(folder)

    def state(self, source: str) -> tuple[object, ...]:
        from engine.data import images

        return tuple(images.state(Path(source)))

    def for_new_rows(self, options: ReadOptions) -> PictureOptions:
        # Pictures of any size become as large as those of the model.
        return PictureOptions(side=options.side if isinstance(options, PictureOptions) else None)

    def row_names(self, source: str) -> tuple[str, list[str]] | None:
        from engine.data import images

        return "picture", images.names(Path(source))


def _side(paths: Sequence[Path], asked: int | None) -> int:
    """Pixels of an edge: those asked for, or those of most pictures, `PROPOSED` at most."""
    from engine.data import images

    least, most = SIDES
    if asked is None:
        return min(PROPOSED, max(least, int(median(map(images.shorter_edge, paths)))))
    if not least <= asked <= most:
        raise refused("side", asked, f"it must be from {least} to {most}")
    return asked


def _check_memory(folder: Path, count: int, side: int) -> None:
    needed, free = count * side * side * PIXEL_BYTES, available_memory()
    if needed > free / 2:
        raise InputError(
            "folder.too_large",
            field="data.read.side",
            path=folder,
            count=count,
            side=side,
            needed=readable(needed),
            free=readable(free),
        )
