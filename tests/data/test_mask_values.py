"""Masks of several values: what each means, alone, beside others, and where the user names one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from patchcore_core.data.files.orientation import Shape
from patchcore_core.data.mask_values import VOID, Values, interpret
from patchcore_core.data.masks import MaskRule, read_mask, read_truth

# several values

FIELD = np.zeros((48, 64), np.int64)
FIELD[6:20, 6:20], FIELD[6:20, 30:44], FIELD[28:40, 10:50] = 1, 2, 3  # three areas


def painted(first: object, second: object, third: object, good: object = 0) -> np.ndarray:
    """The areas of FIELD in these values or colours."""
    return np.array([good, first, second, third])[FIELD]


@pytest.mark.parametrize(("values", "dtype"), [
    ((1, 2, 3), np.uint8), ((60, 120, 180), np.uint8), ((100, 255, 255), np.uint8), ((10, 250, 255), np.uint8),
    ((64, 128, 192), np.uint8), ((255, 65535, 300), np.uint16), ((1, 2, 3), np.uint16), ((1, 500, 70_000), np.int32),
])
def test_several_exact_values_are_all_defect(tmp_path: Path, values: tuple[int, ...], dtype: type) -> None:
    path = tmp_path / "mask.tif"
    Image.fromarray(painted(*values).astype(dtype)).save(path)
    found = read_truth(path, Shape(48, 64))
    np.testing.assert_array_equal(found.defect, FIELD > 0)
    assert found.ignored is None
    assert found.meanings[0].kind == "classes"
    assert set(found.meanings[0].defect) == {str(value) for value in values}


@pytest.mark.parametrize(("values", "dtype"), [
    ((1, 2, 255), np.uint8), ((15, 20, 255), np.uint8), ((33, 7, 255), np.uint16), ((1, 1, 255), np.uint8),
    ((1, 2, 65535), np.uint16), ((1, 2, -1), np.int32), ((3, 4, 2**31 - 1), np.int32),
])
def test_a_reserved_value_beside_class_numbers_is_what_nobody_knows(
    tmp_path: Path, values: tuple[int, ...], dtype: type
) -> None:
    path = tmp_path / "mask.tif"
    Image.fromarray(painted(*values).astype(dtype)).save(path)
    found = read_truth(path, Shape(48, 64))
    np.testing.assert_array_equal(found.defect, (FIELD == 1) | (FIELD == 2))
    assert found.ignored is not None
    np.testing.assert_array_equal(found.ignored, FIELD == 3)
    assert found.meanings[0].ignored == (str(values[2]),)


def voc_palette(void: int) -> list[int]:
    """The colours of PASCAL VOC, each bit of a number being a high bit of a colour; the void colour at one index."""
    colours = []
    for number in range(256):
        channels = [sum((number >> (3 * bit + channel) & 1) << (7 - bit) for bit in range(3)) for channel in range(3)]
        colours += list(VOID) if number == void else channels
    return colours


@pytest.mark.parametrize(("indices", "void"), [((1, 8, 255), 255), ((15, 20, 21), 21), ((1, 1, 3), 3)])
@pytest.mark.parametrize("mode", ["P", "RGB", "RGBA"])
def test_colours_of_voc(tmp_path: Path, indices: tuple[int, ...], void: int, mode: str) -> None:
    image = Image.fromarray(painted(*indices).astype(np.uint8))
    image.putpalette(voc_palette(void))
    image.convert(mode).save(tmp_path / "mask.png")
    found = read_truth(tmp_path / "mask.png", Shape(48, 64))
    np.testing.assert_array_equal(found.defect, (FIELD == 1) | (FIELD == 2))
    np.testing.assert_array_equal(found.ignored, FIELD == 3)


def test_a_palette_of_black_only_counts_by_its_numbers(tmp_path: Path) -> None:
    image = Image.fromarray(painted(1, 2, 255).astype(np.uint8))
    image.putpalette([0] * 768)
    image.save(tmp_path / "mask.png")
    found = read_truth(tmp_path / "mask.png", Shape(48, 64))
    np.testing.assert_array_equal(found.defect, (FIELD == 1) | (FIELD == 2))
    np.testing.assert_array_equal(found.ignored, FIELD == 3)


def test_colours_on_white_are_defect(tmp_path: Path) -> None:
    colours = np.array([(255, 255, 255), (255, 0, 0), (0, 0, 255), (255, 0, 0)], np.uint8)
    Image.fromarray(colours[FIELD]).save(tmp_path / "mask.png")
    found = read_truth(tmp_path / "mask.png", Shape(48, 64))
    np.testing.assert_array_equal(found.defect, FIELD > 0)
    assert found.meanings[0].good == "#ffffff"


@pytest.mark.parametrize("quality", [60, 75, 90, 95, 100])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_noise_of_a_jpeg_is_no_class(tmp_path: Path, quality: int, mode: str) -> None:
    image = Image.fromarray(np.where(FIELD > 0, 255, 0).astype(np.uint8)).convert(mode)
    image.save(tmp_path / "mask.jpg", quality=quality)
    found = read_truth(tmp_path / "mask.jpg", Shape(48, 64))
    np.testing.assert_array_equal(found.defect, np.asarray(Image.open(tmp_path / "mask.jpg").convert("L")) > 127)
    assert (found.ignored, found.meanings[0].kind) in [(None, "soft"), (None, "binary")]


@pytest.mark.parametrize("quality", [75, 90, 95])
def test_levels_in_a_jpeg_are_kept(tmp_path: Path, quality: int) -> None:
    Image.fromarray(painted(100, 255, 180).astype(np.uint8)).save(tmp_path / "mask.jpg", quality=quality)
    found = read_truth(tmp_path / "mask.jpg", Shape(48, 64)).defect
    assert found[FIELD > 0].mean() > 0.99
    assert found[FIELD == 0].mean() < 0.08  # ringing beside the edges


@pytest.mark.parametrize("way", ["BOX", "BILINEAR", "BICUBIC", "LANCZOS"])
@pytest.mark.parametrize("side", [(24, 32), (29, 41), (70, 90)])
def test_a_soft_edge_is_cut_in_the_middle(tmp_path: Path, way: str, side: tuple[int, int]) -> None:
    """As it always was: above 127."""
    hard = Image.fromarray(np.where(FIELD > 0, 255, 0).astype(np.uint8))
    soft = hard.resize(side[::-1], Image.Resampling[way])
    soft.save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png", side), np.asarray(soft) > 127)


@pytest.mark.parametrize("high", [255, 200, 128, 100])
def test_a_blurred_mask_is_cut_in_the_middle(tmp_path: Path, high: int) -> None:
    soft = ndimage.gaussian_filter(np.where(FIELD > 0, float(high), 0), 2.5).round().astype(np.uint8)
    Image.fromarray(soft).save(tmp_path / "mask.png")
    cut = 127 if soft.max() >= 189 else soft.max() / 2
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png", (48, 64)), soft > cut)


@example([1, 255], 0)
@given(st.lists(st.integers(0, 255), min_size=1, max_size=2, unique=True), st.integers(0, 2**32 - 1))
def test_two_values_read_as_they_always_did(values: list[int], seed: int) -> None:
    """Above half of the range, else all that is not 0: but where both are above half, or neither and both not 0."""
    pixels = np.random.default_rng(seed).choice(values, (5, 7)).astype(np.uint8)
    strong = pixels > 127
    expected = strong if strong.any() else pixels > 0
    if expected.all() and len(np.unique(pixels)) == 2:
        expected = pixels == pixels.max()
    defect, ignored, _ = interpret(Values(pixels, pixels))
    np.testing.assert_array_equal(defect, expected)
    assert ignored is None


def test_what_one_file_knows_another_may_leave_open(tmp_path: Path) -> None:
    Image.fromarray(painted(1, 0, 255).astype(np.uint8)).save(tmp_path / "a.png")
    Image.fromarray(painted(255, 255, 1).astype(np.uint8)).save(tmp_path / "b.png")
    found = read_truth([tmp_path / "a.png", tmp_path / "b.png"], Shape(48, 64))
    np.testing.assert_array_equal(found.defect, (FIELD == 1) | (FIELD == 3))
    np.testing.assert_array_equal(found.ignored, FIELD == 2)


def test_a_set_can_say_what_a_value_means(tmp_path: Path) -> None:
    Image.fromarray(painted(255, 0, 255).astype(np.uint8)).save(tmp_path / "only.png")
    Image.fromarray(painted(1, 0, 255).astype(np.uint8)).save(tmp_path / "stray.png")
    known, unknown = MaskRule(frozenset()), MaskRule(frozenset({"255"}))
    assert not read_truth(tmp_path / "only.png", Shape(48, 64), unknown).defect.any()
    np.testing.assert_array_equal(read_truth(tmp_path / "stray.png", Shape(48, 64), known).defect, FIELD % 2 > 0)


# a value that the user named to be left out

def test_of_a_soft_mask_exactly_the_named_value_is_left_out(tmp_path: Path) -> None:
    soft = ndimage.gaussian_filter(np.where(FIELD > 0, 255.0, 0), 2.5).round().astype(np.uint8)
    soft[40:46, 50:60] = 128  # an area of it, too, beside a slope
    Image.fromarray(soft).save(tmp_path / "mask.png")
    found = read_truth(tmp_path / "mask.png", Shape(48, 64), MaskRule(frozenset(), named=128))
    assert found.ignored is not None
    np.testing.assert_array_equal(found.ignored, soft == 128)
    np.testing.assert_array_equal(found.defect, (soft > 127) & (soft != 128))
    assert (found.meanings[0].kind, found.meanings[0].named, found.meanings[0].ignored) == ("soft", "128", ())


@pytest.mark.parametrize(("values", "named", "left", "defect"), [
    ((1, 128, 255), 128, (2,), (1, 3)), ((1, 128, 255), 255, (3,), (1, 2)), ((1, 128, 255), 1, (1,), (2, 3)),
    ((1, 2, 255), 7, (3,), (1, 2)), ((1, 2, 255), 2, (2, 3), (1,)), ((1, 1, 255), 1, (1, 2), (3,)),
    ((255, 200, 128), 128, (3,), (1, 2)),
])  # fmt: skip
def test_a_named_value_is_no_class_and_no_defect_and_the_rest_is_as_before(
    tmp_path: Path, values: tuple[int, ...], named: int, left: tuple[int, ...], defect: tuple[int, ...]
) -> None:
    """255 beside class numbers is left out, too, where it was before; but not beside nothing else."""
    Image.fromarray(painted(*values).astype(np.uint8)).save(tmp_path / "mask.png")
    found = read_truth(tmp_path / "mask.png", Shape(48, 64), MaskRule(named=named))
    np.testing.assert_array_equal(found.defect, np.isin(FIELD, defect))
    np.testing.assert_array_equal(found.ignored, np.isin(FIELD, left))
    assert found.meanings[0].named == (str(named) if named in values else "")


@pytest.mark.parametrize(("named", "stored"), [
    (300, painted(1, 2, 300).astype(np.uint16)), (65535, painted(255, 255, 65535).astype(np.uint16)),
    (70_000, painted(1, 500, 70_000).astype(np.int32)), (2**32 - 5, painted(1, 2, -5).astype(np.int32)),
    (9, np.repeat(painted(200, 255, 9).astype(np.uint8)[..., None], 3, axis=2)),
    (77, np.array([(0, 0, 0), (255, 0, 0), (0, 255, 0), (77, 77, 77)], np.uint8)[FIELD]),
], ids=["16 bit", "16 bit 65535", "32 bit", "unsigned 32 bit", "grey in colours", "grey beside colours"])
def test_a_value_is_named_in_any_kind_of_mask(tmp_path: Path, named: int, stored: np.ndarray) -> None:
    Image.fromarray(stored).save(tmp_path / "mask.tif")
    found = read_truth(tmp_path / "mask.tif", Shape(48, 64), MaskRule(frozenset(), named=named))
    np.testing.assert_array_equal(found.defect, (FIELD == 1) | (FIELD == 2))
    np.testing.assert_array_equal(found.ignored, FIELD == 3)


def test_of_a_palette_the_index_is_named(tmp_path: Path) -> None:
    image = Image.fromarray(painted(1, 2, 5).astype(np.uint8))
    image.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9, 255, 255, 0])
    image.save(tmp_path / "mask.png")
    found = read_truth(tmp_path / "mask.png", Shape(48, 64), MaskRule(named=5))
    np.testing.assert_array_equal(found.defect, (FIELD == 1) | (FIELD == 2))
    np.testing.assert_array_equal(found.ignored, FIELD == 3)


def test_a_mask_of_nothing_else_has_no_defect(tmp_path: Path) -> None:
    Image.fromarray(np.full((48, 64), 128, np.uint8)).save(tmp_path / "mask.png")
    found = read_truth(tmp_path / "mask.png", Shape(48, 64), MaskRule(named=128))
    assert found.ignored is not None
    assert (found.defect.any(), found.ignored.all()) == (False, True)


def test_what_one_file_leaves_out_another_may_mark(tmp_path: Path) -> None:
    Image.fromarray(painted(255, 128, 128).astype(np.uint8)).save(tmp_path / "a.png")
    Image.fromarray(painted(128, 0, 255).astype(np.uint8)).save(tmp_path / "b.png")
    found = read_truth([tmp_path / "a.png", tmp_path / "b.png"], Shape(48, 64), MaskRule(named=128))
    np.testing.assert_array_equal(found.defect, (FIELD == 1) | (FIELD == 3))
    np.testing.assert_array_equal(found.ignored, FIELD == 2)


@given(st.lists(st.integers(0, 255), min_size=1, max_size=5, unique=True), st.integers(0, 2**32 - 1), st.data())
def test_the_rest_is_read_as_if_it_were_all(values: list[int], seed: int, data: st.DataObject) -> None:
    """Whatever lies at the pixels that are left out, in a second mask where they have another value of the first."""
    pixels = np.random.default_rng(seed).choice(values, (6, 8)).astype(np.uint8)
    named = data.draw(st.sampled_from(values))
    defect, ignored, _ = interpret(Values(pixels, pixels), frozenset(), named)
    left = pixels == named
    assert not (defect & left).any()
    assert ignored is None if not left.any() else (ignored is not None and (ignored == left).all())
    rest = pixels[~left]
    if len(np.unique(rest)) in (1, 2):  # two values lie nowhere: their place does not matter
        expected, _, _ = interpret(Values(rest[None], rest[None]), frozenset())
        np.testing.assert_array_equal(defect[~left], expected[0])
    elif len(rest) and 0 in rest and rest.max() <= 40:
        np.testing.assert_array_equal(defect[~left], rest > 0)


@pytest.mark.parametrize(("step", "dtype"), [(1, np.uint8), (4, np.uint8), (1, np.uint16), (1000, np.uint16)])
def test_numbers_of_objects_are_all_defect(tmp_path: Path, step: int, dtype: type) -> None:
    """However many there are, and also the lowest and the highest ones, which noise would look like."""
    objects = np.zeros((80, 120), np.int64)
    for number in range(48):
        row, column = 10 * (number // 8), 15 * (number % 8)
        objects[row + 2 : row + 7, column + 1 : column + 12] = step * (number + 1)
    Image.fromarray(objects.astype(dtype)).save(tmp_path / "objects.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "objects.png", objects.shape), objects > 0)
