import os
from pathlib import Path

from patchcore_core.data.content import content_keys


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
