import hashlib
import os
import time
from pathlib import Path

import pytest

from patchcore_core.data.files import content as contents
from patchcore_core.data.files.content import content_keys, one_key


def test_the_same_content_has_the_same_key_under_any_name(tmp_path: Path) -> None:
    for name, content in (("a.png", b"one"), ("b.jpg", b"one"), ("c.png", b"two")):
        (tmp_path / name).write_bytes(content)
    first, renamed, other = content_keys(tmp_path / name for name in ("a.png", "b.jpg", "c.png"))
    assert first == renamed != other


def test_key_is_the_sha256_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert content_keys([tmp_path / "abc"]) == ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",)


def test_an_unreadable_file_has_no_key(tmp_path: Path) -> None:
    assert content_keys([tmp_path / "missing.png", tmp_path, Path("bad\0name")]) == ("", "", "")


def test_a_file_changed_since_has_no_key(tmp_path: Path) -> None:
    photo = tmp_path / "a.png"
    photo.write_bytes(b"one")
    os.utime(photo, (1000.0, 1000.0))
    assert content_keys([photo], unchanged_since=1000.0) == content_keys([photo]) != ("",)
    assert content_keys([photo], unchanged_since=999.0) == ("",)


def settle(path, seconds=3600):
    """As a file that was written long ago."""
    written = time.time() - seconds
    os.utime(path, (written, written))


def plainly(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_was_read_once_is_not_read_again(tmp_path, monkeypatch):
    photo = tmp_path / "a"
    photo.write_bytes(b"abc")
    monkeypatch.setattr(contents, "SETTLED", -1)
    first = content_keys([photo])
    monkeypatch.setattr(contents.hashlib, "file_digest", lambda *_: pytest.fail("read again"))
    assert content_keys([photo]) == first


@pytest.mark.parametrize("how", ["in place", "renamed over it"])
def test_another_file_of_the_same_length_and_time_is_noticed(tmp_path, how):
    photo, other = tmp_path / "a", tmp_path / "b"
    for path, text in ((photo, b"abc"), (other, b"abd")):
        path.write_bytes(text)
        settle(path)
    os.utime(other, ns=(photo.stat().st_atime_ns, photo.stat().st_mtime_ns))
    before, stamp = content_keys([photo]), contents.stamp_of(photo)
    assert before == (plainly(photo),)
    if how == "in place":
        times = photo.stat().st_atime_ns, photo.stat().st_mtime_ns
        photo.write_bytes(b"abd")
        os.utime(photo, ns=times)
    else:
        os.replace(other, photo)
    assert content_keys([photo]) == (plainly(photo),) != before
    assert contents.stamp_of(photo) != stamp


def test_one_written_again_at_once_is_read_again(tmp_path):
    photo = tmp_path / "a"
    for text in (b"abc", b"abd", b"abe"):
        photo.write_bytes(text)
        assert content_keys([photo]) == (plainly(photo),)


def test_one_key_for_several():
    one, two = "1" * 64, "2" * 64
    assert one_key([]) == one_key([one, ""]) == ""
    assert one_key([one]) == one
    assert one_key([one, two]) == hashlib.sha256(f"{one}\n{two}".encode()).hexdigest() != one_key([two, one])


def test_a_file_that_is_not_there_has_no_stamp(tmp_path):
    assert contents.stamp_of(tmp_path / "missing") == contents.stamp_of("bad\0name") == 0


def test_what_was_found_in_a_file_is_remembered_once_its_times_are_settled(tmp_path, monkeypatch):
    path, looked, remembered = tmp_path / "a.png", [], contents.Remembered()

    def found() -> int:
        with open(path, "rb") as file:
            return remembered.of(file, str(path), lambda: looked.append(1) or len(file.read()))

    path.write_bytes(b"abc")
    assert [found(), found(), len(looked)] == [3, 3, 2]  # it may still be written
    now = time.time()
    monkeypatch.setattr(contents.time, "time", lambda: now + 10)
    assert [found(), found(), len(looked)] == [3, 3, 3]
    path.write_bytes(b"abcd")
    assert [found(), len(looked)] == [4, 4]
