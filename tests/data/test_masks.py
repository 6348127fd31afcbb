"""Every way to store a ground truth reads the same; what cannot be one gives a sentence with path and cause."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from patchcore_core.data import images
from patchcore_core.data.files.orientation import Shape
from patchcore_core.data.images import image_shape, read_image
from patchcore_core.data.mask_values import VOID, Values, interpret
from patchcore_core.data.masks import MaskRule, mask_trouble, read_mask, read_truth
from patchcore_core.errors import DataError
from tests.data.files.test_depth import deep_png

Save = Callable[..., Path]
MASK = np.array([[0, 0, 1, 1], [0, 1, 1, 0], [0, 0, 0, 0]], bool)


@pytest.mark.parametrize("pixels", [
    MASK.astype(np.uint8) * 255, MASK.astype(np.uint8), MASK, MASK.astype(np.uint8) * 3,
    MASK.astype(np.uint16) * 65535, MASK.astype(np.uint16), MASK.astype(np.uint16) * 255,
    np.where(MASK, 200, 100).astype(np.uint8),  # soft edges stay outside
    np.where(MASK, 128, 127).astype(np.uint8),
    np.stack([MASK * 255, MASK * 0, MASK * 0], axis=2).astype(np.uint8),
    np.stack([MASK * 255, MASK * 0, MASK * 0, MASK * 255], axis=2).astype(np.uint8),
], ids=["0/255", "0/1", "bilevel", "labels", "16 bit", "16 bit 0/1", "16 bit 0/255", "soft", "edge", "red", "rgba"])
def test_every_way_to_store_a_mask_reads_the_same(tmp_path: Path, pixels: np.ndarray) -> None:
    Image.fromarray(pixels).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask([tmp_path / "mask.png"], (3, 4)), MASK)


@pytest.mark.parametrize("colour", [(1, 1, 1), (300, 300, 300), (65535, 65535, 65535), (7, 0, 0), (65535, 0, 0)])
def test_colours_of_16_bits_keep_their_lower_byte(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    path = deep_png(tmp_path / "mask.png", MASK[:, :, None] * np.array(colour))
    np.testing.assert_array_equal(read_mask(path, (3, 4)), MASK)
    turned_photo = Shape(4, 3, 6)  # upright 4 x 3: what was stored as 3 x 4 is turned to the right
    np.testing.assert_array_equal(read_truth(path, turned_photo).defect, np.rot90(MASK, -1))


def test_transparent_mask_pixels_are_background(tmp_path: Path) -> None:
    pixels = np.full((3, 4, 4), 255, np.uint8)
    pixels[..., 3] = MASK * 255
    Image.fromarray(pixels).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask([tmp_path / "mask.png"], (3, 4)), MASK)


def test_palette_mask_counts_by_its_colours(tmp_path: Path) -> None:
    image = Image.fromarray(MASK.astype(np.uint8)).convert("P")
    image.putpalette([0, 0, 0, 128, 0, 0])
    image.save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask([tmp_path / "mask.png"], (3, 4)), MASK)


def test_an_empty_mask_is_empty(tmp_path: Path, save: Save) -> None:
    assert not read_mask([save(tmp_path / "mask.png", np.zeros((3, 4), np.uint8))], (3, 4)).any()


def test_scripts_read_a_mask_from_the_module_of_photos(tmp_path: Path) -> None:
    Image.fromarray(MASK.astype(np.uint8) * 255).save(tmp_path / "mask.png")
    for path in (str(tmp_path / "mask.png"), tmp_path / "mask.png"):
        found = images.read_mask(path, (3, 4))
        assert (found.dtype, found.shape, found.sum()) == (np.dtype(bool), (3, 4), 4)
    assert "read_mask" in images.__all__


def test_a_mask_of_another_size_is_refused(tmp_path: Path, save: Save) -> None:
    path = save(tmp_path / "mask.png", np.zeros((4, 3), np.uint8))
    with pytest.raises(DataError, match=r"mask\.png: the mask is 3 x 4 pixels, its image 4 x 3"):
        read_mask([path], (3, 4))


def test_a_broken_mask_is_refused(tmp_path: Path, save: Save) -> None:
    path = save(tmp_path / "mask.png", np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match="truncated"):
        read_mask([path], (64, 64))


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


# orientation

@pytest.mark.parametrize("turn", range(2, 9))
@pytest.mark.parametrize("shape", [(48, 64), (48, 48)])
@pytest.mark.parametrize("drawn", ["stored", "upright"])
def test_a_mask_lies_on_its_photo_as_it_was_drawn(
    tmp_path: Path, turn: int, shape: tuple[int, int], drawn: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    stored = FIELD[: shape[0], : shape[1]].astype(np.uint8) * 60
    Image.fromarray(np.stack([stored] * 3, axis=2)).save(tmp_path / "photo.png", exif=exif)
    upright = read_image(tmp_path / "photo.png")[..., 0] > 0
    photo = image_shape(tmp_path / "photo.png")
    Image.fromarray((stored > 0) if drawn == "stored" else upright).save(tmp_path / "mask.png")
    rule = MaskRule(drawn="stored" if drawn == "stored" else "upright")
    np.testing.assert_array_equal(read_truth(tmp_path / "mask.png", photo, rule).defect, upright)
    assert mask_trouble(tmp_path / "photo.png", tmp_path / "mask.png") is None
    if turn >= 5 and shape[0] != shape[1]:  # then its size tells, whatever is assumed
        other = MaskRule(drawn="upright" if drawn == "stored" else "stored")
        np.testing.assert_array_equal(read_truth(tmp_path / "mask.png", photo, other).defect, upright)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("turn", [1, 3, 6, 8])
def test_a_mask_with_an_orientation_of_its_own_is_turned_by_it(tmp_path: Path, turn: int, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    stored = (FIELD[:, :48] > 0).astype(np.uint8) * 255
    Image.fromarray(np.stack([stored] * 3, axis=2)).save(tmp_path / f"photo{suffix}", exif=exif)
    Image.fromarray(stored).save(tmp_path / f"mask{suffix}", exif=exif)
    found = read_truth(tmp_path / f"mask{suffix}", image_shape(tmp_path / f"photo{suffix}"), MaskRule(drawn="upright"))
    np.testing.assert_array_equal(found.defect, read_image(tmp_path / f"photo{suffix}")[..., 0] > 0)


def test_a_mask_that_fits_neither_way_is_refused(tmp_path: Path, save: Save) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 6)).save(tmp_path / "photo.jpg", exif=exif)
    path = save(tmp_path / "mask.png", np.zeros((7, 6), np.uint8))
    assert mask_trouble(tmp_path / "photo.jpg", path) == f"{path}: the mask is 6 x 7 pixels, its image 6 x 8"


@pytest.mark.parametrize(("step", "dtype"), [(1, np.uint8), (4, np.uint8), (1, np.uint16), (1000, np.uint16)])
def test_numbers_of_objects_are_all_defect(tmp_path: Path, step: int, dtype: type) -> None:
    """However many there are, and also the lowest and the highest ones, which noise would look like."""
    objects = np.zeros((80, 120), np.int64)
    for number in range(48):
        row, column = 10 * (number // 8), 15 * (number % 8)
        objects[row + 2 : row + 7, column + 1 : column + 12] = step * (number + 1)
    Image.fromarray(objects.astype(dtype)).save(tmp_path / "objects.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "objects.png", objects.shape), objects > 0)
