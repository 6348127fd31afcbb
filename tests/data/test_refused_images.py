"""Each broken or unknown file gives one sentence with path and cause, and starts nothing."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core.data.files import image_files
from patchcore_core.data.images import (
    FORMATS,
    image_size,
    read_image,
    read_photo,
    read_photo_bytes,
    shown,
)
from patchcore_core.errors import DataError
from tests.data.test_images import COLOURS, _png


def test_float_pixels_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.ones((4, 4), np.float32)).save(tmp_path / "float.tif")
    with pytest.raises(DataError, match=r"float\.tif: float pixels"):
        read_image(tmp_path / "float.tif")


def test_32_bit_integers_are_refused_beyond_16_bits(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 70000]], np.int32)).save(tmp_path / "wide.tif")
    with pytest.raises(DataError, match="70000"):
        read_image(tmp_path / "wide.tif")


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_files_name_path_and_cause(tmp_path: Path, save: Callable[..., Path]) -> None:
    whole = save(tmp_path / "whole.png", np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    jpeg = save(tmp_path / "whole.jpg", np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    cases = {
        "empty.png": (b"", "empty"),
        "text.png": (b"this is no picture\n", "not an image"),
        "one.png": (b"x", "not an image in a known format"),
        "cut.png": (whole.read_bytes()[:3000], "truncated"),
        "cut.jpg": (jpeg.read_bytes()[:2000], "truncated"),
        "header.png": (whole.read_bytes()[:20], "image"),
        "noise.tif": (b"II*\0" + bytes(range(64)), "image"),
    }
    for name, (content, cause) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=cause) as caught:
            read_image(tmp_path / name)
        assert str(caught.value).startswith(str(tmp_path / name) + ": ")
        with pytest.raises(DataError, match=cause):
            read_photo_bytes(content, name)


@pytest.mark.parametrize("reader", [read_image, image_size])
def test_missing_files_and_folders(tmp_path: Path, reader: Callable[[Path], object]) -> None:
    with pytest.raises(DataError, match="No such file"):
        reader(tmp_path / "nothing.png")
    with pytest.raises(DataError, match="directory"):
        reader(tmp_path)
    with pytest.raises(DataError, match="usable path"):
        reader(Path("a\0b.png"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may read everything")
def test_unreadable_file(tmp_path: Path, save: Callable[..., Path]) -> None:
    path = save(tmp_path / "secret.png")
    path.chmod(0)
    with pytest.raises(DataError, match="Permission denied"):
        read_image(path)


def test_what_memory_cannot_hold_is_refused_by_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(_png(9_100, 9_100, bit_depth=8, colour_type=2, data=bytes(1000)))
    monkeypatch.setattr(image_files, "free_memory", lambda: 3_000_000_000)
    with pytest.raises(DataError, match=r"bomb\.png: 9100 x 9100 pixels need 1\.7 GB .* more than the 1\.5 GB"):
        read_image(path)
    assert image_size(path) == (9_100, 9_100)
    monkeypatch.setattr(image_files, "free_memory", lambda: 4_000_000_000)
    with pytest.raises(DataError, match="truncated"):  # then only what is wrong with the file
        read_image(path)


@pytest.mark.parametrize("suffix", [".jpg", ".jp2"])
def test_where_there_is_no_memory_a_decoder_may_make_it_smaller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    """As near to the whole photo made smaller as 3 grey levels on average."""
    path, coarse = tmp_path / f"wide{suffix}", np.random.default_rng(0).integers(0, 255, (12, 20, 3), np.uint8)
    smooth = Image.fromarray(coarse).resize((640, 384), Image.Resampling.BICUBIC)
    smooth.save(path, **({"quality": 95} if suffix == ".jpg" else {}))
    monkeypatch.setattr(image_files, "ALWAYS", 1000)
    monkeypatch.setattr(image_files, "free_memory", lambda: 640 * 384 * 40 // 4)
    with pytest.raises(DataError, match="memory"):
        read_photo(path)
    with pytest.raises(DataError, match="memory"):
        read_photo(path, least=200)  # half of 384 would be too small
    found = read_photo(path, least=180).pixels
    assert found.shape == (192, 320, 3)
    expected = np.asarray(smooth.resize((320, 192), Image.Resampling.BOX)).astype(int)
    assert np.abs(found - expected).mean() < 3


def test_nothing_that_pillow_warns_of_or_logs_is_seen(tmp_path: Path) -> None:
    """Over the limits of Pillow too: of its warning, and of its error at twice that size."""
    Image.new("1", (60, 25)).save(tmp_path / "large.png")
    Image.new("1", (60, 50)).save(tmp_path / "larger.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(COLOURS).save(tmp_path / "exif.jpg", exif=exif.tobytes()[:-6])
    code = ("import sys, PIL.Image; from patchcore_core.data.images import read_image, image_size\n"
            "PIL.Image.MAX_IMAGE_PIXELS = 1000\n"
            "for name in sys.argv[1:]: print(*image_size(name), read_image(name).shape[0])")  # fmt: skip
    names = [str(tmp_path / name) for name in ("large.png", "larger.png", "exif.jpg")]
    done = subprocess.run([sys.executable, "-W", "always", "-c", code, *names], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[:2] == ["25 60 25", "50 60 50"]


def test_formats_that_start_other_programs_are_not_tried(tmp_path: Path) -> None:
    assert "EPS" not in FORMATS
    buffer = io.BytesIO()
    Image.fromarray(COLOURS).save(buffer, "EPS")
    (tmp_path / "photo.png").write_bytes(buffer.getvalue())
    with pytest.raises(DataError, match="not an image"):
        read_image(tmp_path / "photo.png")


def test_what_a_heic_photo_needs_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "phone.jpg"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    monkeypatch.setattr(image_files, "HEIF_PLUGINS", ("no_such_plugin",))
    with pytest.raises(DataError, match=r"phone\.jpg: a HEIC image, which needs the package pi-heif"):
        read_image(path)


def test_hostile_names_stay_on_one_printable_line() -> None:
    name = shown(Path("a\nb\x1b[31m\udcff‮.png"))
    assert name.isprintable()
    assert name.encode() == b"a\\nb\\x1b[31m\\udcff\\u202e.png"
    with pytest.raises(DataError) as caught:
        read_photo_bytes(b"text", "evil\n\x1b[2J.png")
    assert str(caught.value).isprintable()
