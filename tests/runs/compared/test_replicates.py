"""replicates.npz: kept, read, and refused where it is damaged."""

from pathlib import Path

import numpy as np
import pytest

from patchcore_core.errors import StoreError
from patchcore_core.evaluation.statistics.replicates import Replicates
from patchcore_core.runs.compared.replicates import keep_replicates, read_replicates

KEY = "ab" * 32


def test_what_is_kept_is_read(tmp_path: Path):
    given = {"image_auroc": np.linspace(0, 1, 50), "aupro": np.full(50, np.nan)}
    keep_replicates(tmp_path, Replicates(KEY, given))
    found = read_replicates(tmp_path)
    assert found.images == KEY
    assert set(found.figures) == set(given)
    np.testing.assert_array_equal(found.figures["image_auroc"], given["image_auroc"].astype(np.float32))
    assert [path.name for path in tmp_path.iterdir()] == ["replicates.npz"]


def test_older_runs_have_none(tmp_path: Path):
    assert read_replicates(tmp_path) is None


@pytest.mark.parametrize("arrays", [
    {"aupro": np.zeros(3, np.float32)},
    {"images": np.zeros(32, np.uint8), "aupro": np.zeros(3, np.float32), "pixel_auroc": np.zeros(4, np.float32)},
    {"images": np.zeros(32, np.uint8), "aupro": np.zeros((3, 2), np.float32)},
    {"images": np.zeros(32, np.uint8), "aupro": np.zeros(3, np.int64)},
    {"images": np.zeros(31, np.uint8)},
])
def test_other_arrays_are_refused(tmp_path: Path, arrays):
    np.savez(tmp_path / "replicates.npz", **arrays)
    with pytest.raises(StoreError, match=r"replicates\.npz"):
        read_replicates(tmp_path)


def test_a_truncated_file_is_refused(tmp_path: Path):
    keep_replicates(tmp_path, Replicates(KEY, {"aupro": np.zeros(50)}))
    path = tmp_path / "replicates.npz"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(StoreError, match=r"replicates\.npz"):
        read_replicates(tmp_path)
