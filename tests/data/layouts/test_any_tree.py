"""Whatever lies in a folder: every image is a photo, a mask, or named in a warning, and never two of these."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from patchcore_core.data.dataset import Dataset
from patchcore_core.data.images import shown
from patchcore_core.data.layouts import read_category
from patchcore_core.errors import DataError

FOLDERS = ("train", "Test", "good", "OK", "crack", "crack_mask", "bad", "ground_truth", "masks", "val", "day2", "01",
           "good_2", "images", "test_private")  # fmt: skip
STEMS = ("01", "01_mask", "01_mask_1", "mask_01", "1", "01.png_mask", "01_png", "01_gt", "label", "02-GT")
IMAGES = st.tuples(st.lists(st.sampled_from(FOLDERS), max_size=3), st.sampled_from(STEMS),
                   st.sampled_from((".png", ".jpg", ".PNG")))  # fmt: skip


@settings(max_examples=80)
@given(st.lists(IMAGES, max_size=14, unique_by=lambda image: ("/".join(image[0]), *image[1:])), st.booleans())
def test_every_image_has_one_role_or_is_named(images: list[tuple[list[str], str, str]], learned: bool) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder, "part")
        files = {Path(root, *folders, stem + ending) for folders, stem, ending in images}
        if learned:
            files.add(root / "train" / "good" / "always.png")
        root.mkdir()
        for number, file in enumerate(sorted(files)):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(bytes([number]) * (number + 1))  # what is in it is of no matter here
        try:
            dataset = read_category(root, needs_train=False)
        except DataError:
            return
        check(dataset, files)


def check(dataset: Dataset, files: set[Path]) -> None:
    photos = [sample.path for sample in (*dataset.train, *dataset.test)]
    masks = [mask for sample in dataset.test for mask in sample.mask_paths]
    assert len(set(photos)) == len(photos)
    assert len(set(masks)) == len(masks)
    assert not set(photos) & set(masks)
    for file in files - set(photos) - set(masks):
        named = (f"{shown(file)}:", f"{shown(file.parent)}:")
        assert any(sentence.startswith(named) for sentence in dataset.warnings), file
    for sample in dataset.test:
        for mask in sample.mask_paths:
            said = unicodedata.normalize("NFC", f"{mask.parent.name}/{mask.name}").casefold()
            assert sample.path.stem.casefold() in said
