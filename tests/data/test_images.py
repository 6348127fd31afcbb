"""Each kind of file gives the pixels a person would see."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps, features

from patchcore_core.data.images import (
    image_size,
    plain_file,
    read_image,
    read_photo_bytes,
)
from patchcore_core.errors import DataError

Save = Callable[..., Path]
COLOURS = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[255, 255, 255], [0, 0, 0], [90, 120, 30]]], np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".PNG", ".ppm"])
def test_lossless_formats_give_their_pixels(tmp_path: Path, save: Save, suffix: str) -> None:
    path = save(tmp_path / f"photo{suffix}", COLOURS)
    np.testing.assert_array_equal(read_image(path), COLOURS)
    np.testing.assert_array_equal(read_photo_bytes(path.read_bytes(), path.name).pixels, COLOURS)
    assert image_size(path) == (2, 3)


def test_16_bit_grey_is_divided_by_257_whatever_its_own_range(tmp_path: Path) -> None:
    values = np.array([[0, 257, 514], [128 * 257, 65535, 1000]], np.uint16)
    for name in ("deep.png", "deep.tif"):
        Image.fromarray(values).save(tmp_path / name)
        expected = np.array([[0, 1, 2], [128, 255, 4]])  # 1000 / 257 = 3.89
        np.testing.assert_array_equal(read_image(tmp_path / name), np.stack([expected] * 3, axis=2))


def test_16_bit_colour_png_keeps_its_upper_bits(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + struct.pack(">6H", *row) for row in ([65535, 0, 0x8000, 0x1234, 0xFF00, 7],) * 2)
    path = tmp_path / "deep_colour.png"
    path.write_bytes(_png(2, 2, bit_depth=16, colour_type=2, data=rows))
    np.testing.assert_array_equal(read_image(path)[0], [[255, 0, 0x80], [0x12, 0xFF, 0]])


def test_palette(tmp_path: Path) -> None:
    image = Image.fromarray(COLOURS).quantize(8)
    image.save(tmp_path / "palette.png")
    assert image.mode == "P"
    np.testing.assert_array_equal(read_image(tmp_path / "palette.png"), COLOURS)


def test_palette_with_a_transparent_entry_shows_white_there(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1]], np.uint8)).convert("P")
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.save(tmp_path / "palette.png", transparency=0)
    np.testing.assert_array_equal(read_image(tmp_path / "palette.png"), [[[255, 255, 255], [200, 100, 50]]])


def test_cmyk_jpeg_has_the_colours_of_its_inks(tmp_path: Path) -> None:
    inks = np.zeros((16, 32, 4), np.uint8)
    inks[:, :16] = (0, 255, 255, 0)  # magenta and yellow make red
    inks[:, 16:] = (0, 0, 0, 255)  # black
    Image.fromarray(inks, "CMYK").save(tmp_path / "print.jpg", quality=95)
    pixels = read_image(tmp_path / "print.jpg").astype(int)
    assert np.abs(pixels[:, 2:14] - (255, 0, 0)).max() < 12
    assert pixels[:, 18:].max() < 12


def test_transparent_pixels_are_laid_over_white(tmp_path: Path) -> None:
    pixels = np.array([[[0, 0, 0, 0], [200, 100, 50, 255], [0, 0, 0, 128]]], np.uint8)
    Image.fromarray(pixels).save(tmp_path / "cutout.png")
    np.testing.assert_array_equal(read_image(tmp_path / "cutout.png")[0, :2], [[255, 255, 255], [200, 100, 50]])
    assert read_image(tmp_path / "cutout.png")[0, 2].tolist() == [127, 127, 127]


def test_grey_with_alpha(tmp_path: Path) -> None:
    Image.fromarray(np.array([[[40, 255], [40, 0]]], np.uint8), "LA").save(tmp_path / "la.png")
    assert read_image(tmp_path / "la.png")[0, :, 0].tolist() == [40, 255]


def test_bilevel_is_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "fax.png")
    assert read_image(tmp_path / "fax.png")[0].tolist() == [[255] * 3, [0] * 3]


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_applied_to_pixels_and_size(tmp_path: Path, suffix: str, orientation: int) -> None:
    pixels = np.kron(np.random.default_rng(orientation).integers(0, 255, (3, 5, 3), np.uint8), np.ones((16, 16, 1)))
    image = Image.fromarray(pixels.astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned{suffix}"
    image.save(path, exif=exif, **({} if suffix in (".png", ".tif") else {"quality": 98}))
    image.getexif()[0x0112] = orientation
    expected = np.array(ImageOps.exif_transpose(image)).astype(int)
    found = read_image(path).astype(int)
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() < 5
    assert image_size(path) == found.shape[:2]


@pytest.mark.parametrize(("name", "mode"), [
    ("photo.png", "RGB"), ("photo.png", "L"), ("photo.jpg", "RGB"), ("photo.jpg", "L"), ("photo.webp", "RGB"),
])
def test_a_file_that_every_browser_shows_as_it_is_read_is_given_as_it_is(tmp_path: Path, name: str, mode: str) -> None:
    path = tmp_path / name
    Image.fromarray(COLOURS.repeat(8, axis=0).repeat(8, axis=1)).convert(mode).save(path)
    assert plain_file(path) == path.read_bytes()


@pytest.mark.parametrize(("name", "image", "options"), [
    ("turned.jpg", Image.fromarray(COLOURS), {"exif": {0x0112: 6}}),
    ("profile.png", Image.fromarray(COLOURS), {"icc_profile": b"anything"}),
    ("clear.png", Image.new("RGBA", (4, 4)), {}),
    ("keyed.png", Image.fromarray(COLOURS), {"transparency": (255, 0, 0)}),
    ("palette.png", Image.fromarray(COLOURS).quantize(4), {}),
    ("deep.png", Image.fromarray(np.zeros((3, 3), np.uint16)), {}),
    ("inks.jpg", Image.new("CMYK", (4, 4)), {}),
    ("scan.tif", Image.fromarray(COLOURS), {}),
    ("drawing.bmp", Image.fromarray(COLOURS), {}),
    ("moving.webp", Image.fromarray(COLOURS), {"save_all": True, "append_images": [Image.new("RGB", (3, 2))]}),
])
def test_a_file_that_browsers_may_show_otherwise_is_not(tmp_path: Path, name: str, image: Image.Image,
                                                        options: dict) -> None:
    if "exif" in options:
        exif = Image.Exif()
        exif.update(options["exif"])
        options = {"exif": exif}
    image.save(tmp_path / name, **options)
    assert plain_file(tmp_path / name) is None


def test_kinds_are_told_by_content_whatever_the_ending(tmp_path: Path) -> None:
    photo = Image.fromarray(np.kron(COLOURS, np.ones((8, 8, 1), np.uint8)))
    for name, kind in (("a.jfif", "JPEG"), ("b.jpe", "JPEG"), ("c.png", "JPEG"), ("d", "PNG"), ("e.txt", "TIFF"),
                       ("f.pbm", "PPM"), ("g.jpg", "WEBP"), ("h.dib", "BMP"), ("i.j2k", "JPEG2000")):
        photo.save(tmp_path / name, kind)
        assert np.abs(read_image(tmp_path / name).astype(int) - np.asarray(photo)).mean() < 30
    for name, content in (("notes.txt", b"P5 is a road"), ("BM.txt", b"BM means nothing"), ("empty.png", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError):
            read_image(tmp_path / name)


@pytest.mark.skipif(not features.check("avif"), reason="Pillow has AVIF from version 11.3 on")
def test_avif_is_read(tmp_path: Path) -> None:
    photo = Image.fromarray(np.kron(COLOURS, np.ones((16, 16, 1), np.uint8)))
    photo.save(tmp_path / "photo.jpg", "AVIF", quality=95)
    assert np.abs(read_image(tmp_path / "photo.jpg").astype(int) - np.asarray(photo)).mean() < 12


# masks

def _png(width: int, height: int, bit_depth: int, colour_type: int, data: bytes) -> bytes:
    """A PNG file by hand."""
    header = struct.pack(">IIBBBBB", width, height, bit_depth, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(  # signature, then length, kind, body and checksum of each chunk
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks)
