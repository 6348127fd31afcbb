"""ZIP files made piece by piece."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator

from patchcore_core.errors import DataError
from patchcore_core.exports.archive import zipped

SIZE = 2**20


def test_one_image_at_a_time_is_asked_for_and_held() -> None:
    asked = []

    def files(number: int) -> Iterator[tuple[str, bytes]]:
        asked.append(number)
        yield "_mask.png", bytes([number]) * SIZE

    pieces = zipped([{"image": str(number)} for number in range(9)], [f"im/{number}" for number in range(9)], files)
    first = next(pieces)
    assert asked == [0]
    rest = list(pieces)
    assert max(map(len, (first, *rest))) < SIZE + 5000
    with zipfile.ZipFile(io.BytesIO(b"".join((first, *rest)))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [*(f"im/{number}_mask.png" for number in range(9)), "scores.csv"]
        assert archive.read("im/7_mask.png") == bytes([7]) * SIZE


def test_an_image_that_fails_halfway_has_no_file_and_its_reason() -> None:
    def files(number: int) -> Iterator[tuple[str, bytes]]:
        yield "_photo.png", b"photo"
        if number == 1:
            raise DataError("b.png: gone")

    made = b"".join(zipped([{"image": "=a"}, {"image": "b"}], ["a", "b"], files))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.namelist() == ["a_photo.png", "scores.csv", "left_out.txt"]
        assert archive.read("left_out.txt") == b"b.png: gone\n"
        rows = list(csv.DictReader(io.StringIO(archive.read("scores.csv").decode())))
    assert rows == [{"image": "'=a", "pictures": "a"}, {"image": "b", "pictures": ""}]


def test_nothing_listed_is_an_archive_with_an_empty_table() -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(zipped([], [], lambda _: [])))) as archive:
        assert archive.namelist() == ["scores.csv"]
