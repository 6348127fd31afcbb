"""Entries against a dictionary: what is found is what was put, whoever wrote it and whatever happened to the files."""

import errno
import logging
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchcore_core.model.cache import entries as module
from patchcore_core.model.cache.entries import Entries
from tests.small_disk import small_disk

KEYS = tuple(f"{number:040x}" for number in range(7, 13))


def values_of(key: str) -> np.ndarray:
    """What is kept under a key: always the same, as what a key stands for never changes."""
    return np.random.default_rng(int(key, 16)).normal(size=(4, 5, 3)).astype(np.float32)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def unused_for(seconds: float, folder: Path) -> None:
    """As if nothing had been used for so long."""
    for path in files(folder):
        os.utime(path, (time.time() - seconds,) * 2)


@pytest.mark.parametrize("values", [
    np.arange(6, dtype=np.float16).reshape(2, 3), np.empty((0, 4), np.float32), np.array([True, False]),
    np.frombuffer(b'{"a": 1}', np.uint8), np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1),
])  # fmt: skip
def test_an_array_is_found_as_it_was_put(tmp_path: Path, values: np.ndarray) -> None:
    Entries(tmp_path, 10**6).put(KEYS[0], values)
    found = Entries(tmp_path, 10**6).get(KEYS[0])
    assert found is not None
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values)
    with pytest.raises(ValueError, match="read-only"):
        found[...] = 0


def test_what_was_never_put_is_not_there(tmp_path: Path) -> None:
    assert Entries(tmp_path / "none", 10**6).get(KEYS[0]) is None
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("damage", [
    "cut", "longer", "empty", "zeros", "zeros at its end", "four zeros", "another", "header",
])  # fmt: skip
def test_a_damaged_entry_is_not_there_and_is_made_again(tmp_path: Path, damage: str) -> None:
    kept = Entries(tmp_path, 10**6)
    kept.put(KEYS[0], values_of(KEYS[0]))
    (path,) = files(tmp_path)
    data = path.read_bytes()
    path.write_bytes({
        "cut": data[:-40], "longer": data + b"x", "empty": b"", "zeros": bytes(len(data)),
        "zeros at its end": data[:100] + bytes(len(data) - 100), "four zeros": bytes(4), "another": b"a text",
        "header": data.replace(b"[4,5,3]", b"[4,5,4]"),
    }[damage])  # fmt: skip
    assert kept.get(KEYS[0]) is None
    kept.put(KEYS[0], values_of(KEYS[0]))
    np.testing.assert_array_equal(kept.get(KEYS[0]), values_of(KEYS[0]))


@given(st.integers(min_value=0), st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_any_other_byte_is_damage(place: int, change: int) -> None:
    with TemporaryDirectory() as folder:
        kept = Entries(Path(folder), 10**6)
        kept.put(KEYS[0], values_of(KEYS[0]))
        (path,) = files(Path(folder))
        data = bytearray(path.read_bytes())
        data[place % len(data)] ^= change
        path.write_bytes(data)
        assert kept.get(KEYS[0]) is None


@given(st.lists(st.tuples(st.sampled_from(["put", "get", "damage", "remove", "restart"]), st.integers(0, 1),
                          st.sampled_from(KEYS)), max_size=40))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_two_writers_only_ever_find_what_was_put(steps: list[tuple[str, int, str]]) -> None:
    size = len(module._written(values_of(KEYS[0])))
    with TemporaryDirectory() as name:
        folder, limit = Path(name), 4 * size
        writers, put = [Entries(folder, limit), Entries(folder, limit)], set[str]()
        for step, writer, key in steps:
            path = writers[writer]._path(key)
            if step == "put":
                writers[writer].put(key, values_of(key))
                put.add(key)
            elif step == "get" and (found := writers[writer].get(key)) is not None:
                assert key in put
                np.testing.assert_array_equal(found, values_of(key))
            elif step == "damage" and path.exists():
                path.write_bytes(path.read_bytes()[:-1])
            elif step == "remove":
                path.unlink(missing_ok=True)
            elif step == "restart":
                unused_for(60, folder)
                writers[writer] = Entries(folder, limit)
            held = sum(path.stat().st_size for path in files(folder))
            assert held <= limit + size  # the other writer may have put one since the last count


def test_writers_at_the_same_moment_leave_whole_entries(tmp_path: Path) -> None:
    def work(number: int) -> int:
        kept, found = Entries(tmp_path, 10**7), 0
        for key in KEYS * 10:
            values = kept.get(key)
            if values is not None:
                np.testing.assert_array_equal(values, values_of(key))
                found += 1
            kept.put(key, values_of(key))
            if number == 0:
                kept._path(key).unlink(missing_ok=True)  # as another that makes room
        return found

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) > 0
    assert all(not path.name.startswith(".") for path in files(tmp_path))


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    size = len(module._written(values_of(KEYS[0])))
    first = Entries(tmp_path, 10 * size)
    for age, key in zip((50, 40, 30), KEYS, strict=False):
        first.put(key, values_of(key))
        os.utime(first._path(key), (time.time() - age,) * 2)
    kept = Entries(tmp_path, 3 * size + 10)
    assert kept.get(KEYS[0]) is not None  # used just now
    kept.put(KEYS[3], values_of(KEYS[3]))
    left = [key for key in KEYS if kept.get(key) is not None]
    assert left == [KEYS[0], KEYS[3]]  # the limit, less a little, holds two


def test_what_is_in_use_stays_and_the_rest_is_not_kept(tmp_path: Path) -> None:
    """Plain least-recently-used would remove each photo's maps just before the next fit wants them."""
    size = len(module._written(values_of(KEYS[0])))
    for _ in range(2):
        unused_for(60, tmp_path)
        kept, found = Entries(tmp_path, 4 * size), []
        for key in KEYS:
            found.append(kept.get(key) is not None)
            kept.put(key, values_of(key))
    assert found == [True] * 4 + [False] * 2


def test_files_of_a_killed_writer_are_removed_later(tmp_path: Path) -> None:
    kept = Entries(tmp_path, 10**6)
    left = kept._path(KEYS[0]).with_name(".half")
    left.parent.mkdir()
    left.write_bytes(b"half")
    kept.put(KEYS[0], values_of(KEYS[0]))
    assert left.exists()  # its writer may be alive
    unused_for(2 * module.ABANDONED, tmp_path)
    Entries(tmp_path, 10**6).put(KEYS[1], values_of(KEYS[1]))
    assert not left.exists()


def test_a_full_disk_is_said_once_and_nothing_more_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEFT_FREE", 0)
    with small_disk(tmp_path / "disk", 1) as folder:
        kept, large = Entries(folder / "entries", 10**9), np.zeros(300_000, np.uint8)
        for key in KEYS:
            kept.put(key, large)
        assert [key for key in KEYS if kept.get(key) is not None] == list(KEYS[:3])
        assert all(not path.name.startswith(".") for path in files(folder))
    (record,) = caplog.records
    assert record.getMessage().endswith("so a later fit runs the network again: No space left on device")


def test_some_of_the_disk_stays_free(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=module.LEFT_FREE - 1))
    kept = Entries(tmp_path / "entries", 10**9)
    for key in KEYS:
        kept.put(key, values_of(key))
    assert files(tmp_path) == []
    (record,) = caplog.records
    assert record.getMessage().endswith(": less than 1 GiB of the disk is free")


def test_a_store_that_may_only_be_read_is_read_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    Entries(tmp_path, 10**6).put(KEYS[0], values_of(KEYS[0]))
    unused_for(60, tmp_path)

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "utime", refuse)
    monkeypatch.setattr(os, "replace", refuse)
    caplog.set_level(logging.WARNING)
    kept = Entries(tmp_path, 10**6)
    np.testing.assert_array_equal(kept.get(KEYS[0]), values_of(KEYS[0]))
    kept.put(KEYS[1], values_of(KEYS[1]))
    assert kept.get(KEYS[1]) is None
    assert not caplog.records
