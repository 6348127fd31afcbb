"""A table and the files of its images as a ZIP, streamed: no more than one image is in memory."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from patchcore_core.errors import DataError
from patchcore_core.exports.table import csv_bytes

TABLE, LEFT_OUT = "scores.csv", "left_out.txt"


def zipped(
    rows: Sequence[Mapping[str, Any]], places: Sequence[str], files: Callable[[int], Iterable[tuple[str, bytes]]],
    last: Callable[[], Iterable[tuple[str, bytes]]] = tuple,
) -> Iterator[bytes]:
    """The bytes of a ZIP, piece by piece: the files of each image, then its row in `scores.csv`.

    rows, places (N): what the table says of each image, and its folder and stem; the table's column `pictures` repeats
    the place. files: from the number of an image the ending and content of each of its files. An image for which that
    raises DataError has no place in the table, and the reason stands in `left_out.txt`. last: name and content of files
    that are made once all images are written.
    """
    pieces, drawn, left_out = Pieces(), list[str](), list[str]()
    with zipfile.ZipFile(pieces, "w", zipfile.ZIP_STORED) as archive:  # pictures are compressed already
        for number, place in enumerate(places):
            try:
                made = list(files(number))
            except DataError as error:
                left_out.append(f"{error}\n")
                drawn.append("")
                continue
            drawn.append(place)
            for ending, content in made:
                archive.writestr(place + ending, content)
                yield pieces.taken()
        table = [{**row, "pictures": place} for row, place in zip(rows, drawn, strict=True)]
        archive.writestr(TABLE, csv_bytes(table))
        for name, content in last():
            archive.writestr(name, content)
        if left_out:
            archive.writestr(LEFT_OUT, "".join(left_out).encode(errors="backslashreplace"))
    yield pieces.taken()


class Pieces:
    """A file that can only be written, and forgets what was taken."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        """Hold the data."""
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing to do: what was written is held until it is taken."""

    def close(self) -> None:
        """Nothing to do."""

    def taken(self) -> bytes:
        """What was written since the last call."""
        taken, self._held = bytes(self._held), bytearray()
        return taken
