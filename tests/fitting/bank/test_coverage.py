"""Coverage of a run's bank by its training photos against plain distances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from patchcore_core.data.images import read_image
from patchcore_core.errors import DataError
from patchcore_core.fitting.bank.coverage import farthest_first, measure
from patchcore_core.fitting.bank.photos import Photos, spread
from patchcore_core.model.bank_rows import read_banks
from patchcore_core.model.evidence.coverage import covering_radius
from patchcore_core.model.methods import load_detector
from tests.fitting.bank.fitted import only_run


def test_coverage_is_that_of_the_training_patches(fitted: Path) -> None:
    run, banks = only_run(fitted), read_banks(only_run(fitted).folder / "memory_bank")
    model = load_detector(run.folder / "memory_bank")
    found = measure(Photos(model, run), banks.scales)
    (curve,), patches = found.scales, [model.explain(read_image(path)).patches[0] for path in banks.training.paths]
    distances = cdist(np.concatenate([part.reshape(-1, part.shape[2]) for part in patches]), banks.scales[0].patches)
    assert (found.photos, found.missing) == (6, ())
    for place, size in enumerate(curve.sizes):
        nearest = distances[:, :size].min(axis=1)
        assert curve.mean[place] == pytest.approx(nearest.mean(), rel=1e-3, abs=1e-4)
    assert farthest_first(run)
    np.testing.assert_allclose(curve.radius[:-1], curve.farthest[:-1], rtol=5e-3)  # rows are rounded to float16
    np.testing.assert_array_equal(curve.radius, covering_radius(banks.scales[0].patches, curve.sizes))


def test_photos_that_changed_are_named_and_without_any_there_is_no_curve(fitted: Path) -> None:
    run, banks = only_run(fitted), read_banks(only_run(fitted).folder / "memory_bank")
    model = load_detector(run.folder / "memory_bank")
    photos = Photos(model, run, refusing("000.png"))
    assert [Path(path).name for path, _ in measure(photos, banks.scales).missing] == ["000.png"]
    with pytest.raises(DataError, match=r"none of 6 training photos is there .*000.png: not here"):
        measure(Photos(model, run, refusing("")), banks.scales)


def refusing(name: str):
    def read(path: str, bits: int) -> np.ndarray:
        if path.endswith(name):
            raise DataError("not here")
        return read_image(path, bits)

    return read


def test_numbers_are_spread_evenly() -> None:
    assert spread(0, 3) == []
    assert spread(3, 24) == [0, 1, 2]
    assert spread(101, 3) == [0, 50, 100]
