"""The words of folders and files, and that the README shows the table that is used."""

from __future__ import annotations

import re

import pytest

from patchcore_core.data.files import words
from tests.places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_shows_the_table() -> None:
    section = README[README.index("## Words that are understood") : README.index("## In the terminal")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    assert rows[2:] == [[role, words.MEANINGS[role], ", ".join(found)] for role, found in words.ROLES.items()]
    fillers = re.search(r"filler words\s*\(([^)]*)\)", section)
    assert fillers
    assert tuple(fillers[1].split(", ")) == words.FILLERS


def test_no_word_has_two_roles() -> None:
    spelled = [words.key(word) for found in words.ROLES.values() for word in found]
    assert len(set(spelled)) == len(spelled)


@pytest.mark.parametrize(("role", "names"), {
    "train": ["train", "Train", "TRAINING", "training set", "train_images", "Train-Data"],
    "test": ["test", "Testing", "test_public", "TEST PUBLIC", "test-set", "testpublic"],
    "unlabelled": ["test_private", "test_private_mixed"],
    "validation": ["val", "valid", "Validation", "validation_set"],
    "good": ["good", "Good", "OK", "normal", "Normal Images", "defect-free", "DefectFree", "nominal", "no defect"],
    "bad": ["bad", "NG", "nok", "KO", "not ok", "NotGood", "anomalous", "Anomaly", "defective", "faulty", "no_good"],
    "mask": ["mask", "Masks", "ground_truth", "GroundTruth", "ground-truth", "GT", "label", "Labels", "annotations",
             "seg", "segmentation_masks"],
    None: ["crack", "broken_large", "images", "bottle", "good_shift2", "train_2024", "tested", "goods_wagon", "",
           "faulty_imprint", "logical_anomalies", "labelling"],
}.items())  # fmt: skip
def test_roles(role: str | None, names: list[str]) -> None:
    assert {name: words.role(name) for name in names} == dict.fromkeys(names, role)


@pytest.mark.parametrize(("name", "half"), [
    ("good_shift2", True), ("good_test", True), ("shift2_good", True), ("good2", True), ("GoodShift", True),
    ("ok 3", True), ("normal_light", True), ("defect_free_2", True), ("goodbatch", True),
    ("good", False), ("ok", False), ("not_good", False), ("not_ok_2", False), ("non_normal_b", False),
    ("broken", False), ("abnormal_b", False), ("poke", False), ("okra", False), ("bad", False),
])  # fmt: skip
def test_names_that_half_say_good(name: str, half: bool) -> None:
    assert words.half_good(name) is half


@pytest.mark.parametrize(("base", "stems"), {
    ("01",): ["01_mask", "01-GT", "01.mask", "01 label", "01_mask_1", "01_mask2", "01mask", "01_Mask_001", "mask_01",
              "01_ground_truth", "01_mask (1)", "01_seg", "01_MASK-7", "gt-01"],
    ("01_01_png",): ["01_01_png_mask"],
    ("01.png",): ["01.png_mask"],
    (): ["01", "img", "imgt", "mask", "label", "masked_man", "target", "01_1", "crack"],
}.items())  # fmt: skip
def test_whose_mask_a_name_says_it_is(base: tuple[str, ...], stems: list[str]) -> None:
    assert {stem: words.mask_bases(stem) for stem in stems} == dict.fromkeys(stems, base)
