"""COCO files: what another reader, written here after pycocotools, makes of them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from patchcore_core.exports.coco import Coco, regions
from patchcore_core.exports.pictures import Pictures

MASKS = arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9)))


def decoded(segmentation: dict[str, Any]) -> np.ndarray:
    """The mask (H, W) of run lengths, as pycocotools reads uncompressed ones: down the columns, zeros first."""
    height, width = segmentation["size"]
    flat, value = [], False
    for count in segmentation["counts"]:
        flat += [value] * count
        value = not value
    return np.array(flat, dtype=bool).reshape(width, height).T


def check(document: dict[str, Any]) -> None:
    """What the format asks for, field by field."""
    assert set(document) == {"info", "licenses", "images", "annotations", "categories"}
    assert [image["id"] for image in document["images"]] == [*range(1, len(document["images"]) + 1)]
    sizes = {image["id"]: (image["height"], image["width"]) for image in document["images"]}
    known = {category["id"] for category in document["categories"]}
    ids = [one["id"] for one in document["annotations"]]
    assert len(set(ids)) == len(ids)
    for one in document["annotations"]:
        mask = decoded(one["segmentation"])
        assert mask.shape == sizes[one["image_id"]]
        assert (one["category_id"] in known, one["iscrowd"]) == (True, 0)
        rows, columns = np.nonzero(mask)
        left, top, width, height = one["bbox"]
        assert (left, top, left + width - 1, top + height - 1) == (columns.min(), rows.min(), columns.max(), rows.max())
        assert one["area"] == mask.sum() > 0
        assert all(count > 0 for count in one["segmentation"]["counts"][1:])


@given(MASKS)
def test_regions_are_the_mask_again_and_each_hangs_together(mask: np.ndarray) -> None:
    scores = np.arange(mask.size, dtype=np.float32).reshape(mask.shape)
    found = list(regions(mask, scores))
    masks = [decoded(one["segmentation"]) for one in found]
    assert (np.sum(masks, axis=0) == mask).all() if masks else not mask.any()
    assert len(found) == ndimage.label(mask, np.ones((3, 3)))[1]
    for one, region in zip(found, masks, strict=True):
        assert one["score"] == scores[region].max()
        assert ndimage.label(region, np.ones((3, 3)))[1] == 1


def test_a_region_written_by_hand() -> None:
    mask = np.array([[0, 1, 1], [0, 1, 0]], bool)
    (one,) = regions(mask, np.array([[9.0, 1, 2], [9, 3, 9]]))
    assert one == {"segmentation": {"size": [2, 3], "counts": [2, 3, 1]}, "area": 3, "bbox": [1, 0, 2, 2], "score": 3.0}


def drawn(mask: np.ndarray | None, size: tuple[int, int] = (20, 30)) -> Pictures:
    scores = np.linspace(0, 1, size[0] * size[1], dtype=np.float32).reshape(size)
    return Pictures(np.zeros((*size, 3), np.uint8), scores, mask, (0.0, 1.0))


def test_a_file_of_several_images_is_valid() -> None:
    run: Any = SimpleNamespace(id="20261129-100000-tile-abcd", category="tile")
    coco, mask = Coco(run, 0.5, float("nan")), np.zeros((20, 30), bool)
    mask[2:5, 3:9] = mask[10:, 20:] = True
    coco.add("new/ü.png", drawn(mask), prediction="NG", image_score=float("nan"))
    coco.add("b.png", drawn(None, (5, 7)))
    coco.add("new/ü.png", drawn(np.ones((20, 30), bool)))
    document = json.loads(coco.content(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    check(document)
    assert [image["file_name"] for image in document["images"]] == ["new/ü.png", "b.png", "new/ü.png"]
    assert [one["image_id"] for one in document["annotations"]] == [1, 1, 3]
    assert [one["area"] for one in document["annotations"]] == [18, 100, 600]
    assert document["images"][0]["image_score"] is None
    assert document["info"] == {"description": f"Predicted defects of run {run.id}", "run": run.id, "threshold": 0.5,
                                "pixel_threshold": None}  # fmt: skip


def test_a_file_name_of_any_bytes_can_be_written() -> None:
    run: Any = SimpleNamespace(id="r", category="tile")
    coco = Coco(run, None, None)
    coco.add("caf\udce9.png", drawn(None))
    assert json.loads(coco.content())["images"][0]["file_name"] == "caf\udce9.png"
