"""Ground truth that fits share: read once, and again where anything has changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.ground_truth import GroundTruth, ground_truth
from patchcore_core.data.scratch import Scratch
from patchcore_core.data.transforms import Transform
from patchcore_core.fitting.sweep.truth import shared_truth
from patchcore_core.model.shared.shared import Shared
from tests.tiny import write_category

ZERO, ONE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
SEVERAL = [PatchCoreConfig(seed=seed) for seed in (1, 2)]


@pytest.mark.parametrize(("configs", "reads"), [(SEVERAL, 1), (SEVERAL[:1], 2)])
def test_several_fits_read_it_once(tmp_path: Path, configs: list[PatchCoreConfig], reads: int) -> None:
    samples, shared, read = load_dataset(write_category(tmp_path / "tile")).test, Shared(configs), []
    transform = Transform(32, None, ZERO, ONE)
    for _ in range(2):
        with Scratch(tmp_path) as scratch:
            def make(scratch: Scratch = scratch) -> GroundTruth:
                read.append(1)
                return ground_truth(samples, transform, scratch)

            found = shared_truth(shared, samples, transform, None, make)
            masks = np.array(found.masks)
    assert len(read) == reads
    if reads == 1:  # the files are gone
        assert found.masks.tobytes() == masks.tobytes()
    assert found.labels.tolist() == [sample.label for sample in samples]
    assert masks.any(axis=(1, 2)).tolist() == [sample.label == 1 for sample in samples]


def test_another_mask_another_size_and_another_ignored_value_are_read(tmp_path: Path) -> None:
    samples, shared = load_dataset(write_category(tmp_path / "tile")).test, Shared(SEVERAL)
    with Scratch(tmp_path) as scratch:
        def truth(side: int = 32, ignored: int | None = None) -> GroundTruth:
            transform = Transform(side, None, ZERO, ONE)
            return shared_truth(shared, samples, transform, ignored,
                                lambda: ground_truth(samples, transform, scratch, None, ignored))  # fmt: skip

        assert truth() is truth()
        assert truth(48).masks.shape[1:] == (48, 48)
        assert truth(48) is not truth(48, 7)
        before = truth().masks.sum()
        mask = next(sample.mask_paths[0] for sample in samples if sample.mask_paths)
        Image.fromarray(np.full_like(np.array(Image.open(mask)), 255)).save(mask)
        assert truth().masks.sum() > before
    assert shared_truth(shared, [replace(samples[0], path=tmp_path / "none.png")], Transform(32, None, ZERO, ONE), None,
                        lambda: "read") == "read"  # fmt: skip
