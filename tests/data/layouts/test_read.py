"""Trees of folders, what is read of them, and what is said: each tree is a line of files, its answer beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from patchcore_core.data.dataset import load_dataset
from patchcore_core.errors import DataError
from tests.data.layouts.trees import LEARNED, short

Save = Callable[..., Path]
Grow = Callable[..., Path]


@pytest.mark.parametrize(("files", "layout", "learned", "tested"), [
    ("Train/GOOD/1.png Test/Ok/2.png Test/crack/3.png GroundTruth/Crack/3_mask.png", "mvtec", ["Train/GOOD/1.png"],
     {"good:Test/Ok/2.png": [], "crack:Test/crack/3.png": ["GroundTruth/Crack/3_mask.png"]}),
    ("training/normal/1.png testing/defect-free/2.png testing/NG/3.png labels/NG/3.png", "mvtec",
     ["training/normal/1.png"],
     {"good:testing/defect-free/2.png": [], "NG:testing/NG/3.png": ["labels/NG/3.png"]}),
    ("train/good/1.png test_public/good/2.png test_public/bad/3.png test_public/ground_truth/bad/3_mask.png "
     "test_private/4.png test_private_mixed/4.png", "mvtec_ad2", ["train/good/1.png"],
     {"good:test_public/good/2.png": [], "bad:test_public/bad/3.png": ["test_public/ground_truth/bad/3_mask.png"],
      ":test_private/4.png": [], ":test_private_mixed/4.png": []}),
    ("train/good/1.png test/logical/2.png ground_truth/logical/2/000.png ground_truth/logical/2/001.png", "mvtec_loco",
     ["train/good/1.png"],
     {"logical:test/logical/2.png": ["ground_truth/logical/2/000.png", "ground_truth/logical/2/001.png"]}),
    ("OK/1.png NG/2.png Masks/2.png", "folder", ["OK/1.png"], {"NG:NG/2.png": ["Masks/2.png"]}),
    ("good/1.png dent/1.png mask/1.png", "folder", ["good/1.png"], {"dent:dent/1.png": ["mask/1.png"]}),
    ("1.png bad/2.png bad/2_mask.png", "folder", ["1.png"], {"bad:bad/2.png": ["bad/2_mask.png"]}),
    ("good/1.png NG/2.png mask/defective/2.png", "folder", ["good/1.png"], {"NG:NG/2.png": ["mask/defective/2.png"]}),
    ("normal/1.png", "folder", ["normal/1.png"], {}),
    ("train/1.png validation/good/2.png validation/dent/3.png", "folder", ["train/1.png"],
     {"good:validation/good/2.png": [], "dent:validation/dent/3.png": []}),
])  # fmt: skip
def test_layouts(
    grow: Grow, files: str, layout: str, learned: list[str], tested: dict[str, list[str]]
) -> None:
    dataset = load_dataset(grow(files))
    assert dataset.layout == layout
    assert short(dataset) == (learned, tested)


@pytest.mark.parametrize(("photos", "masks", "owner"), [
    ("01.png", "ground_truth/c/01_mask.png ground_truth/c/01_mask_1.png", ["01.png", "01.png"]),
    ("01.png", "ground_truth/c/01_mask_0.png ground_truth/c/01_mask_1.png ground_truth/c/01_mask2.png", ["01.png"] * 3),
    ("01.png", "Labels/C/01_mask.png", ["01.png"]),
    ("01.png 02.png", "masks/c/02.png mask/01-GT.tif", ["02.png", "01.png"]),
    ("01.png 02.png", "test/c/mask/02.png test/c_mask/01.png", ["02.png", "01.png"]),
    ("01.png 02.png", "test/c/01_label.bmp test/c/mask_02.png", ["01.png", "02.png"]),
    ("01.png 02.png", "ground_truth/c/01/a.png ground_truth/02/000.png", ["01.png", "02.png"]),
    ("01.png 01.jpg", "ground_truth/c/01_mask.png", ["01.png"]),
    ("01.png 01.jpg", "ground_truth/c/01.jpg_mask.png ground_truth/c/01_png_mask.png", ["01.jpg", "01.png"]),
    ("01.png 01.jpg", "ground_truth/c/01_jpg.png", ["01.jpg"]),
    ("01.tif 01.jpg", "ground_truth/c/01_mask.png", [""]),
    ("01.tif 01.jpg", "ground_truth/c/01/0.png", [""]),
    ("1.png 11.png", "ground_truth/c/1_mask.png ground_truth/c/11_1_mask.png", ["1.png", ""]),
    ("01.png", "ground_truth/c/01.png ground_truth/c/01_mask.png", ["", "01.png"]),
    ("01.png", "ground_truth/c/99_mask.png ground_truth/good/01.png", ["", ""]),
    ("IMG_1.JPG", "ground_truth/c/img_1_mask.png", ["IMG_1.JPG"]),
    ("a.png A.png", "ground_truth/c/A_mask.png", ["A.png"]),
    ("u\u0308.png", "ground_truth/c/\u00fc_mask.png", ["u\u0308.png"]),
])  # fmt: skip
def test_whose_mask_a_file_is(grow: Grow, photos: str, masks: str, owner: list[str]) -> None:
    """`owner` names the photo for each mask, "" where it is of none and must be named in a warning."""
    root = grow(LEARNED + "test/good/05.png " + masks + " " + " ".join(f"test/c/{name}" for name in photos.split()))
    dataset = load_dataset(root)
    found = {mask: sample.path.name for sample in dataset.test for mask in sample.mask_paths}
    assert [found.get(root / mask, "") for mask in masks.split()] == owner
    for mask in (root / name for name in masks.split()):
        assert mask in found or any(str(mask.parent) in sentence for sentence in dataset.warnings)
    assert sorted(sample.path.name for sample in dataset.test) == sorted(["05.png", *photos.split()])


def test_a_mask_of_photos_of_two_types_is_named_and_used_for_neither(grow: Grow) -> None:
    dataset = load_dataset(grow(LEARNED + "test/a/1.png test/b/1.png test/b/2.png mask/1.png mask/2.png"))
    assert [len(sample.mask_paths) for sample in dataset.test] == [0, 0, 1]
    assert any("may be the mask of a/1.png and b/1.png" in sentence for sentence in dataset.warnings)


def test_types_that_differ_in_case_do_not_share_masks(grow: Grow) -> None:
    dataset = load_dataset(grow(LEARNED + "test/Crack/1.png test/crack/1.png ground_truth/crack/1.png"))
    assert {sample.defect_type: len(sample.mask_paths) for sample in dataset.test} == {"Crack": 0, "crack": 1}


def test_one_mask_of_another_size_leaves_the_defect_unknown(grow: Grow, save: Save) -> None:
    root = grow(LEARNED + "test/c/1.png ground_truth/c/1_mask.png")
    save(root / "ground_truth" / "c" / "1_mask_1.png", np.zeros((9, 9), np.uint8))
    dataset = load_dataset(root)
    assert dataset.test[0].mask_paths == ()
    assert any("1_mask_1.png: the mask is 9 x 9 pixels" in sentence for sentence in dataset.warnings)


@pytest.mark.parametrize(("files", "photos", "said"), [
    ("train/good/1.png train/good/1_label.bmp train/good/2.png", 2, "1 mask file lies beside"),
    ("train/good/1.png train/good/2.png train/good/3.png train/good/9_label.png", 3, "named like a mask"),
    ("train/good/1_label.png train/good/2_label.png", 2, "so they are read as photos"),
    ("train/good/label.png train/good/label_mask.png", 1, "1 mask file lies beside"),
    ("1.png 1_gt.png 2.png 2_gt.png", 2, "2 mask files lie beside"),
])
def test_masks_beside_good_photos_are_no_photos(grow: Grow, files: str, photos: int, said: str) -> None:
    dataset = load_dataset(grow(files))
    assert len(dataset.train) == photos
    (warning,) = dataset.warnings
    assert said in warning


@pytest.mark.parametrize(("files", "said"), [
    (LEARNED + "train/good/day2/1.png train/good/day2/2.png", ["train/good/day2: 2 images are not used"]),
    (LEARNED + "train/3.png", ["train: 1 image is not used"]),
    (LEARNED + "train/bad/1.png", ["train/bad: 1 image is not used"]),
    (LEARNED + "test/good/3.png test/good/old/4.png", ["test/good/old: 1 image is not used"]),
    (LEARNED + "test/good/3.png validation/good/4.png", ["validation/good: 1 image is neither used for training nor"]),
    (LEARNED + "3.png backup/x/4.png", [": 1 image is not used", "backup/x: 1 image is not used"]),
    (LEARNED + "good/1.png", ["good: 1 image is not used"]),
    ("1.png 2.png broken/3.png", ["broken: 1 image is not used; test photos are expected in test/<defect>/"]),
    (LEARNED + "ground_truth/crack/1.png", ["ground_truth/crack: 1 mask is not used, being of no defective photo"]),
    (LEARNED + "test/good/1.png masks/good/1.png", ["masks/good: 1 mask is not used, being of good photos"]),
    (LEARNED + "test/1.png test/1_mask.png", ["test: 1 mask file lies beside unlabelled photos"]),
    (LEARNED + "val/good/1.png", ["val: no test folder, so these photos are used for testing"]),
])
def test_what_is_not_used_is_named_with_its_number(grow: Grow, files: str, said: list[str]) -> None:
    root = grow(files)
    warnings = load_dataset(root).warnings
    assert len(warnings) == len(said)
    for sentence, words in zip(warnings, said, strict=True):
        assert sentence.startswith(f"{root}{words if words[0] == ':' else '/' + words}")


def test_files_of_other_kinds_are_named(grow: Grow) -> None:
    root = grow(LEARNED)
    for name in ("a.dng", "b.CR2", "c.dng"):
        (root / "train" / "good" / name).write_bytes(b"any")
    (root / "train" / "good" / "noending").write_bytes((root / "train" / "good" / "01.png").read_bytes())
    (warning,) = load_dataset(root).warnings
    assert "train/good: 4 image files are not read" in warning
    assert "2 .dng, 1 .cr2, 1 no extension" in warning


def test_the_same_photo_under_two_labels_is_named(grow: Grow) -> None:
    root = grow(LEARNED + "test/good/1.png test/crack/1.png")
    for name in ("test/good/1.png", "train/good/01.png"):
        (root / "test" / "crack" / f"copy_{name.split('/')[0]}.png").write_bytes((root / name).read_bytes())
    assert any("2 photos are there both as good and as defective" in sentence
               for sentence in load_dataset(root).warnings)


# links

def test_links_are_followed_unless_they_lead_out(grow: Grow, tmp_path: Path) -> None:
    secret, root = grow("1.png", "secret"), grow(LEARNED)
    (root / "train" / "good" / "x.png").symlink_to(secret / "1.png")
    (root / "test").mkdir()
    (root / "test" / "bad").symlink_to(secret)
    free, bound = load_dataset(root), load_dataset(root, within=[root])
    assert (len(free.train), len(free.test)) == (3, 1)
    assert (len(bound.train), len(bound.test)) == (2, 0)
    assert sum("1 link is not followed" in sentence for sentence in bound.warnings) == 2
    with pytest.raises(DataError, match="leads out of the allowed folders"):
        load_dataset(root, within=[tmp_path / "elsewhere"])


def test_a_folder_that_is_linked_to_twice_is_not_called_unused(grow: Grow) -> None:
    root = grow("pool/1.png pool/2.png")
    (root / "train").mkdir()
    (root / "train" / "good").symlink_to("../pool")
    (root / "loop").symlink_to(".")
    dataset = load_dataset(root)
    assert (len(dataset.train), dataset.warnings) == (2, ())


@pytest.mark.parametrize(("photos", "masks"), [
    ("train/{}.png", "train/{}_GT.png"), ("train/good/{}.png", "train/good/{}_label.png"),
    ("train/{}.png", "train/Label/{}_label.png"),
    ("train/good/{}.png test/good/{}.png", "ground_truth/good/{}_mask.png"),
])
@pytest.mark.parametrize("marked", [0, 1, 2])
def test_masks_of_good_photos_that_mark_a_defect_are_counted(
    grow: Grow, save: Save, photos: str, masks: str, marked: int
) -> None:
    """As in sets whose training folder holds defective photos too, told only by their masks."""
    root = grow(" ".join(photos.format(*[number] * 2) for number in (1, 2, 3)))
    for number in (1, 2, 3):
        mask = np.zeros((4, 6), np.uint8)
        mask[1:3, 2:4] = 255 * (number > 3 - marked)
        save(root / masks.format(number), mask)
    (warning,) = load_dataset(root).warnings
    name = Path(masks.format(4 - marked)).name
    said = f"; {marked} of them not empty (first: {name}): photos labelled good may be defective"
    assert said in warning if marked else "empty" not in warning
