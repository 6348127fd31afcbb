"""Images of other kinds are known by extension or first bytes."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core.data.files.unread import HEAD, looks_like_an_image, unread_images, unread_sentence

Save = Callable[..., Path]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "GIF", "PPM", "WEBP", "JPEG2000", "DDS", "SGI"])
def test_what_pillow_writes_looks_like_an_image(kind: str) -> None:
    file = io.BytesIO()
    Image.fromarray(np.zeros((5, 4, 3), np.uint8)).save(file, kind)
    assert looks_like_an_image(file.getvalue()[:HEAD])


@pytest.mark.parametrize("head", [
    b"\0\0\0\x20ftypheic\0\0\0\0", b"\0\0\0\x1cftypavif\0\0\0\0", b"II*\0\x10\0\0\0CR\2\0", b"8BPS\0\1",
    b"\x76\x2f\x31\1",
    bytes(128) + b"DICM",
])
def test_other_kinds_by_their_first_bytes(head: bytes) -> None:
    assert looks_like_an_image(head)


@pytest.mark.parametrize("head", [
    b"", b"x", b"BMW builds cars", b"P5 is a name", b"RIFF\0\0\0\0WAVEfmt ", b"\0\0\0\x20ftypisom\0\0\0\0", b"GIF",
    b"{}",     b"PK\3\4", b"%PDF-1.7", b"\x7fELF", bytes(132), b"\x93NUMPY\1\0",
])
def test_other_files_are_no_images(head: bytes) -> None:
    assert not looks_like_an_image(head)


def test_unread_images_are_found_and_counted_by_extension(tmp_path: Path, save: Save) -> None:
    image = save(tmp_path / "0.png")
    (tmp_path / "copy.bak").write_bytes(image.read_bytes())
    (tmp_path / "raw.DNG").write_bytes(b"any")
    (tmp_path / "notes.txt").write_text("P5 is a name")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")  # opening it would never end
    assert [path.name for path in unread_images(tmp_path)] == ["copy.bak", "raw.DNG"]
    said = unread_sentence(tmp_path, unread_images(tmp_path))
    assert said == (f"{tmp_path}: 2 image files are not read because of the extension (1 .bak, 1 .dng; "
                    "first: copy.bak)")
    assert unread_images(tmp_path / "nowhere") == []
