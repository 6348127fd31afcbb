"""Maps packed without a loss, against a decoder that adds up number by number; like parts are held once."""

from __future__ import annotations

import base64
import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.trim import Trim
from patchcore_core.exports.report.pictures import MapScale, PackedLayer, Parts, picture_data
from patchcore_core.views.overlay import jpeg_bytes
from patchcore_core.views.widgets.packing import small_map
from patchcore_core.views.widgets.placing import Placing

HALVES = st.floats(0, 1000, width=16)


def slowly_unpacked(content: bytes, shape: tuple[int, int]) -> np.ndarray:
    planes = zlib.decompress(content)
    count, bits = shape[0] * shape[1], np.zeros(shape, np.uint16)
    for place in range(count):
        row, column = divmod(place, shape[1])
        folded = planes[place] | planes[place + count] << 8
        value = (folded >> 1) ^ -(folded & 1)
        value += int(bits[row, column - 1]) if column else 0
        value += int(bits[row - 1, column]) if row else 0
        value -= int(bits[row - 1, column - 1]) if row and column else 0
        bits[row, column] = value % 65536
    return bits.view(np.float16)


@given(arrays(np.float16, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=HALVES))
def test_a_map_comes_back_to_the_bit(values):
    content, half = small_map(values)
    assert half
    assert slowly_unpacked(content, values.shape).tobytes() == values.tobytes()


def test_a_map_beyond_float16_stays_float32():
    values = np.array([[1e9, 1.0], [2.0, 0.1]], np.float32)
    content, half = small_map(values)
    assert not half
    assert zlib.decompress(content) == values.tobytes()


def test_a_smooth_map_takes_little():
    rows, columns = np.mgrid[:320, :320]
    values = (10 + 20 * np.exp(-((rows - 100) ** 2 + (columns - 200) ** 2) / 900)).astype(np.float16)
    assert len(small_map(values)[0]) < values.nbytes / 6


def test_a_picture_names_its_parts_and_like_parts_are_held_once():
    photo = jpeg_bytes(np.full((20, 30, 3), 90, np.uint8))
    values = np.arange(16, dtype=np.float16).reshape(4, 4)
    layer = PackedLayer.of(values, Trim.of(1.0, 2))
    parts, transform = Parts(), Transform(4, None, (0.0,) * 3, (1.0,) * 3)
    truth = np.zeros((20, 30), bool)
    first, other = (picture_data(name, photo, (20, 30), truth, layer, transform, MapScale((0, 9), (0, 16)), parts)
                    for name in ("a", "b"))
    assert {name: value for name, value in first.items() if name not in ("id", "name")} == \
        {name: value for name, value in other.items() if name not in ("id", "name")}
    assert len(parts.texts) == 4  # photo, truth, map, what is kept
    assert Image.open(io.BytesIO(base64.b64decode(parts.texts[first["photo"]]))).size == (30, 20)
    mask = zlib.decompress(base64.b64decode(parts.texts[first["truth"]]))
    assert mask == bytes(20 * 30 // 8)
    drawn = first["layers"][0]
    assert (drawn["shape"], drawn["half"], drawn["good"]) == ([4, 4], True, None)
    assert drawn["peak"] == pytest.approx([17.0, 25.75])  # the middle of the last cell of 5 x 7.5 pixels


def test_a_map_lies_where_the_crop_was():
    crop = Transform(40, 32, (0.0,) * 3, (1.0,) * 3)
    assert Placing.of(crop, 80, 160) == Placing(40, 80, 4, 24, (8, 48, 72, 112))
