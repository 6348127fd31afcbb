"""Arrays in nameless files: what is written is read back, memory is given back, a full disk is a sentence."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from patchcore_core.data.scratch import Scratch
from patchcore_core.errors import StoreError
from tests.small_disk import small_disk


def resident_file_bytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssFile:"))


def test_what_is_written_is_read_back_and_the_rest_is_zero(tmp_path):
    rows = np.random.default_rng(0).standard_normal((70, 5, 3)).astype(np.float16)
    with Scratch(tmp_path) as scratch:
        array = scratch.array((100, 5, 3), np.float16)
        array.write(0, rows[:30])
        array.write(30, rows[30:].astype(np.float32))  # converted to the array's own type
        assert array.values.shape == (100, 5, 3)
        assert array.values.dtype == np.float16
        np.testing.assert_array_equal(array.values[:70], rows)
        assert not array.values[70:].any()
        scratch.release()
        array.write(2, rows[:1])  # a later write is seen through the same view
        np.testing.assert_array_equal(array.values[2], rows[0])


def test_rows_are_taken_in_any_order(tmp_path):
    rows = np.random.default_rng(0).standard_normal((50, 3)).astype(np.float32)
    with Scratch(tmp_path) as scratch:
        scratch.array((7, 2), np.uint8)
        array = scratch.array((50, 3), np.float32)
        array.write(0, rows)
        for indices in ([], [0], [49], [3, 4, 5, 5, 4, 9, 10, 0, 49], range(50), range(49, -1, -1)):
            chosen = np.array(list(indices), dtype=np.int64)
            np.testing.assert_array_equal(scratch.take(array.values, chosen), rows[chosen])
            np.testing.assert_array_equal(scratch.take(rows, chosen), rows[chosen])  # not of this scratch
        wide = scratch.take(array.values.reshape(-1, 6), np.array([4, 0, 24]))
        np.testing.assert_array_equal(wide, rows.reshape(-1, 6)[[4, 0, 24]])
        np.testing.assert_array_equal(scratch.take(array.values[7:30], np.array([0, 22, 1])), rows[[7, 29, 8]])


def test_an_array_may_be_empty(tmp_path):
    with Scratch(tmp_path) as scratch:
        assert scratch.array((0, 4), np.float32).values.shape == (0, 4)


def test_values_cannot_be_changed_past_write(tmp_path):
    with Scratch(tmp_path) as scratch, pytest.raises(ValueError, match="read-only"):
        scratch.array((2, 2), np.float32).values[0] = 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="resident memory is read from /proc")
def test_release_gives_the_memory_back(tmp_path):
    with Scratch(tmp_path) as scratch:
        array = scratch.array((64, 2**20), np.uint8)
        for row in range(64):
            array.write(row, np.full((1, 2**20), row, np.uint8))
        assert array.values.sum(dtype=np.int64) == 2**20 * sum(range(64))
        full = resident_file_bytes()
        scratch.release()
        assert full - resident_file_bytes() > 50 * 2**20
        assert array.values[63, -1] == 63


def test_nothing_has_a_name_even_where_the_process_is_killed(tmp_path):
    if sys.platform == "win32":
        pytest.skip("Windows keeps a name until the file is closed")
    with Scratch(tmp_path) as scratch:
        scratch.array((1000, 1000), np.float32).write(0, np.ones((1000, 1000)))
        assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with Scratch(tmp_path) as scratch, pytest.raises(StoreError, match=r"1 GB of temporary data.*No space left"):
        scratch.array((10**9,), np.uint8)


def test_a_disk_that_fills_up_is_a_sentence_that_names_the_folder(tmp_path):
    """A limit on the size of a file stops the write where a full disk would."""
    resource = pytest.importorskip("resource", reason="no limits on file sizes on this system")
    assert resource
    code = f"""
import resource, numpy as np
from patchcore_core.data.scratch import Scratch
from patchcore_core.errors import StoreError
array = Scratch({str(tmp_path)!r}).array((100, 2**20), np.uint8)
resource.setrlimit(resource.RLIMIT_FSIZE, (10 * 2**20, 10 * 2**20))
try:
    array.write(0, np.ones((100, 2**20), np.uint8))
except StoreError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) in done.stdout
    assert "cannot be written" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def disk(tmp_path):
    """2 MiB of memory as a disk, where reading a hole of a file takes room; without any left it kills the process."""
    with small_disk(tmp_path / "small", mebibytes=2) as folder:
        yield folder


@pytest.mark.parametrize("reserves", [True, False])
def test_all_room_is_taken_before_anything_is_written(tmp_path, monkeypatch, reserves):
    def refuse(*_: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "not on this file system")

    if not reserves:
        monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)
    with Scratch(tmp_path) as scratch:
        array = scratch.array((2**22 + 2**24,), np.uint8)  # more than is written at a time
        found = os.fstat(array._file.fileno())
        assert found.st_size == len(array.values)
        assert found.st_blocks * 512 >= len(array.values)
        assert not array.values.any()
        array.write(5, np.ones(3, np.uint8))
        assert array.values.sum() == 3


@pytest.mark.parametrize("reserves", [True, False])
def test_a_disk_in_memory_that_is_full_is_a_sentence(disk, monkeypatch, reserves):
    """Its size is asked first; here another one has taken the room since."""
    usage = shutil.disk_usage(disk)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    if not reserves:
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    (disk / "other").write_bytes(bytes(2**20))
    with Scratch(disk) as scratch:
        with pytest.raises(StoreError, match=r"small: 1\.57 MB of temporary data cannot be written: No space"):
            scratch.array((3 * 2**19,), np.uint8)
        assert not scratch.array((2**19,), np.uint8).values.any()  # what fits is there


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(StoreError, match="nowhere"):
        Scratch(tmp_path / "nowhere").array((2,), np.uint8)
