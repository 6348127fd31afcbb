"""Counts of the rows' use come back as they were stored, and never for another memory bank."""

from pathlib import Path

import numpy as np
import pytest

from patchcore_core.errors import StoreError
from patchcore_core.runs.bank.row_use import RowUse, keep_row_use, read_row_use, unused
from patchcore_core.runs.folder import ROW_USE

USE = RowUse((np.array([3, 0, 5]), np.array([0, 0])), images=4)


def test_counts_come_back(tmp_path: Path) -> None:
    keep_row_use(tmp_path, USE)
    found = read_row_use(tmp_path, (3, 2))
    assert found is not None
    assert found.images == 4
    assert [counts.tolist() for counts in found.scales] == [[3, 0, 5], [0, 0]]
    assert [unused(counts) for counts in found.scales] == [1, 2]
    assert [path.name for path in tmp_path.iterdir()] == [ROW_USE]


def test_older_runs_have_none(tmp_path: Path) -> None:
    assert read_row_use(tmp_path, (3,)) is None


@pytest.mark.parametrize("rows", [(3,), (3, 3), (2, 3), (3, 2, 1)])
def test_counts_of_another_bank_are_refused(tmp_path: Path, rows: tuple[int, ...]) -> None:
    keep_row_use(tmp_path, USE)
    with pytest.raises(StoreError, match=rf"{ROW_USE}: .*counts other rows than the {rows[0]}"):
        read_row_use(tmp_path, rows)


def test_what_is_no_count_is_refused(tmp_path: Path) -> None:
    keep_row_use(tmp_path, RowUse((np.array([-1, 2]),), images=1))
    with pytest.raises(StoreError, match="it holds no counts"):
        read_row_use(tmp_path, (2,))
    (tmp_path / ROW_USE).write_bytes(b"PK\x03\x04")
    with pytest.raises(StoreError, match=f"{ROW_USE}: cannot be read"):
        read_row_use(tmp_path, (2,))
