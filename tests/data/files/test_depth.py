"""Photos of more than 8 bits keep all their values, and one scale holds for a whole set."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from patchcore_core.data.files.depth import depth_note, depth_of, scale_notes, to_eight_bits, training_depth
from patchcore_core.data.images import read_image, read_photo

RANDOM = np.random.default_rng(0)


def deep_png(path: Path, values: np.ndarray) -> Path:
    """A 16-bit PNG by hand: grey (H, W) or colour (H, W, 3 or 4), each line filtered in another way."""
    height, width = values.shape[:2]
    channels = 1 if values.ndim == 2 else values.shape[2]
    lines = values.astype(">u2").reshape(height, -1).view(np.uint8).astype(np.int64)
    step, above, rows = 2 * channels, np.zeros(lines.shape[1], np.int64), b""
    for number, line in enumerate(lines):
        left = np.concatenate([np.zeros(step, np.int64), line[:-step]])
        kind = number % 4
        shift = (0, left, above, (left + above) // 2)[kind]
        rows += bytes([kind]) + ((line - shift) % 256).astype(np.uint8).tobytes()
        above = line
    header = struct.pack(">IIBBBBB", width, height, 16, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts))
    return path


def deep_tiff(path: Path, values: np.ndarray, order: str = "<") -> Path:
    """A 16-bit colour TIFF by hand, not compressed."""
    height, width, channels = values.shape
    body = values.astype(f"{order}u2").tobytes()
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, channels, 8), (259, 3, 1, 1), (262, 3, 1, 2),
               (273, 4, 1, 32), (277, 3, 1, channels), (278, 4, 1, height), (279, 4, 1, len(body))]
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 32 + len(body))
    head += struct.pack(f"{order}{channels}H", *[16] * channels)
    directory = struct.pack(f"{order}H", len(entries))
    for tag, kind, count, value in entries:
        short = kind == 3 and count == 1
        directory += struct.pack(f"{order}HHI", tag, kind, count) + (
            struct.pack(f"{order}HH", value, 0) if short else struct.pack(f"{order}I", value))
    path.write_bytes(head.ljust(32, b"\0") + body + directory + bytes(4))
    return path


def grey_file(path: Path, values: np.ndarray) -> Path:
    Image.fromarray(values.astype(np.uint16)).save(path)
    return path


@pytest.mark.parametrize(("highest", "bits"), [(0, 8), (255, 8), (256, 10), (1023, 10), (1024, 12), (4095, 12),
                                               (4096, 14), (16383, 14), (16384, 16), (65535, 16)])
def test_the_depth_is_the_fewest_bits_that_a_camera_has(highest: int, bits: int) -> None:
    assert depth_of(highest) == bits


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_grey_is_rounded_to_the_nearest_step(bits: int) -> None:
    white = 2**bits - 1
    values = RANDOM.integers(0, white + 1, (7, 9)).astype(np.uint16)
    expected = np.array([[round(int(value) * 255 / white) for value in row] for row in values])
    np.testing.assert_array_equal(to_eight_bits(values, bits), expected)
    assert to_eight_bits(np.array([[white, 65535]], np.uint16), bits).tolist() == [[255, 255]]


@given(st.integers(0, 4095), st.integers(0, 4095))
def test_brighter_stays_brighter(one: int, other: int) -> None:
    first, second = to_eight_bits(np.array([[one, other]], np.uint16), 12)[0].tolist()
    assert (first <= second) if one <= other else (first >= second)


@pytest.mark.parametrize("kind", ["png", "tif", "big-endian tif", "compressed tif"])
def test_colour_keeps_all_of_its_values(tmp_path: Path, kind: str) -> None:
    values = RANDOM.integers(0, 4096, (12, 9, 3)).astype(np.uint16)
    path = tmp_path / "photo"
    if kind == "png":
        deep_png(path, values)
    elif kind == "compressed tif":
        libtiff(deep_tiff(tmp_path / "plain", values), path)
    else:
        deep_tiff(path, values, ">" if kind.startswith("big") else "<")
    np.testing.assert_array_equal(read_image(path, 12), values >> 4)
    np.testing.assert_array_equal(read_image(path), values >> 4)  # its own depth, where nobody says one
    np.testing.assert_array_equal(read_image(path, 16), values >> 8)
    np.testing.assert_array_equal(read_image(path, 10), np.minimum(values >> 2, 255))


def libtiff(plain: Path, path: Path) -> None:
    """The same TIFF with its strip compressed by hand (deflate)."""
    content = bytearray(plain.read_bytes())
    start = struct.unpack_from("<I", content, 4)[0]
    squeezed = zlib.compress(bytes(content[32:start]))
    directory = bytearray(content[start:])
    for place in range(2, 2 + 12 * struct.unpack_from("<H", directory)[0], 12):
        tag = struct.unpack_from("<H", directory, place)[0]
        if tag == 259:
            struct.pack_into("<H", directory, place + 8, 8)
        if tag == 279:
            struct.pack_into("<I", directory, place + 8, len(squeezed))
    struct.pack_into("<I", content, 4, 32 + len(squeezed))
    path.write_bytes(bytes(content[:32]) + squeezed + bytes(directory))


def test_opacity_is_laid_over_white_on_its_own_scale(tmp_path: Path) -> None:
    values = np.full((2, 2, 4), 1000, np.uint16)
    values[..., 3] = [[4095, 0], [4095, 4095]]
    found = read_image(deep_png(tmp_path / "cut.png", values), 12)
    assert found[0].tolist() == [[62] * 3, [255] * 3]


@pytest.mark.parametrize("turn", range(1, 9))
def test_deep_photos_are_turned_upright_too(tmp_path: Path, turn: int) -> None:
    values = RANDOM.integers(0, 65536, (6, 9)).astype(np.uint16)
    exif = Image.Exif()
    exif[0x0112] = turn
    Image.fromarray(values).save(tmp_path / "deep.png", exif=exif)
    Image.fromarray((np.round(values / 257)).astype(np.uint8)).save(tmp_path / "plain.png", exif=exif)
    np.testing.assert_array_equal(read_image(tmp_path / "deep.png", 16), read_image(tmp_path / "plain.png"))


def test_one_scale_is_found_over_all_training_photos(tmp_path: Path) -> None:
    dark = grey_file(tmp_path / "dark.png", np.full((4, 4), 200))
    bright = grey_file(tmp_path / "bright.tif", np.full((4, 4), 4000))
    colour = deep_png(tmp_path / "colour.png", np.full((4, 4, 3), 12_000))
    plain = tmp_path / "plain.png"
    Image.fromarray(np.full((4, 4), 255, np.uint8)).save(plain)
    broken = tmp_path / "broken.png"
    broken.write_bytes(dark.read_bytes()[:44])
    assert training_depth([plain, broken, tmp_path / "missing.png"]) is None
    assert training_depth([plain, dark, broken]) == 8
    assert training_depth([dark, bright, plain]) == 12
    assert training_depth([colour, bright]) == 14
    assert read_image(dark, 12).max() == round(200 * 255 / 4095)  # as dark beside the bright one as it is
    np.testing.assert_array_equal(read_image(plain, 12), read_image(plain))


def test_a_photo_brighter_than_the_scale_says_so(tmp_path: Path) -> None:
    path = grey_file(tmp_path / "photo.png", np.array([[100, 1023, 1024]]))
    assert [read_photo(path, bits).clipped for bits in (10, 12, None)] == [True, False, False]
    assert read_image(path, 10)[0, :, 0].tolist() == [25, 255, 255]


def test_sentences_name_scale_number_and_first_photo() -> None:
    assert depth_note(None) == depth_note(16) == ""
    assert "12 bits" in depth_note(12)
    assert "4095 is white" in depth_note(12)
    clipped, = scale_notes(12, ["a.png", "b.png"], [], 30)
    assert clipped.startswith("2 of 30 photos")
    assert "a.png" in clipped
    unscaled, = scale_notes(None, [], ["c.tif"], 5)
    assert unscaled.startswith("1 of 5 photos")
    assert scale_notes(10, [], [], 5) == []


def test_what_is_in_memory_reads_the_same(tmp_path: Path) -> None:
    from patchcore_core.data.images import read_photo_bytes

    values = RANDOM.integers(0, 1024, (5, 5, 3)).astype(np.uint16)
    content = deep_png(tmp_path / "photo.png", values).read_bytes()
    np.testing.assert_array_equal(read_photo_bytes(content, "photo.png", 10).pixels, values >> 2)
    assert np.array(Image.open(io.BytesIO(content))).max() <= 4  # what Pillow alone keeps of it
