"""Fits that share what they can against fits that share nothing: the same bits, with less work."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.model import coreset, features, patchcore
from patchcore_core.model.budget import Plan
from patchcore_core.model.exact import search
from patchcore_core.model.network.backbone import Backbone
from patchcore_core.model.patchcore import PatchCore
from patchcore_core.model.shared import fit as shared_fit
from patchcore_core.model.shared.shared import Shared
from tests.model.cache.test_feature_maps import same_fit
from tests.model.conftest import TINY, tiny_network


def fitted(config: PatchCoreConfig, photos: Sequence[Sample], shared: Shared | None) -> PatchCore:
    model = PatchCore(config, Backbone(tiny_network(), config.layers, name="tiny"))
    model.shared = shared or Shared()
    return model.fit(photos)


GRIDS: tuple[dict[str, tuple[object, ...]], ...] = (
    {"coreset_ratio": (0.1, 0.3, 0.6), "num_neighbors": (5, 2, 1)},
    {"coreset_ratio": (0.6, 0.2), "num_neighbors": (1, 4)},  # in an unfavourable order
    {"image_score": ("map", "patch"), "coreset_ratio": (0.2, 0.5), "blur_sigma": (1.0, 3.0)},
    {"reweight_neighbors": (None, 3, 5), "num_neighbors": (2, 1), "distance": ("euclidean", "squared_euclidean")},
    {"sampler": ("approx_greedy", "random", "kmeans"), "coreset_ratio": (0.1, 0.3), "num_neighbors": (2, 1)},
    {"layers": (("0", "1"), ("0",)), "seed": (0, 3), "projection_dim": (None, 4), "coreset_ratio": (0.1, 0.4)},
    {"scales": ((32, 48),), "image_size": (48,), "coreset_ratio": (0.2, 0.5), "num_neighbors": (3, 1)},
    {"bank_dtype": ("float16",), "patch_size": (3, 1), "coreset_ratio": (0.2, 0.5), "num_neighbors": (3, 1)},
)


@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: " ".join(grid))
def test_each_fit_of_a_grid_is_the_one_alone(photos: tuple[Sample, ...], grid: dict[str, tuple[object, ...]]) -> None:
    configs = [replace(TINY, **dict(zip(grid, values, strict=True))) for values in product(*grid.values())]
    shared = Shared(configs)
    for config in configs:
        same_fit(fitted(config, photos[:9], shared), fitted(config, photos[:9], None), photos[9:])


def test_other_photos_share_nothing(photos: tuple[Sample, ...]) -> None:
    configs = [replace(TINY, coreset_ratio=ratio) for ratio in (0.2, 0.4)]
    shared = Shared(configs)
    for config, train in product(configs, (photos[:8], photos[1:9])):
        model = fitted(config, train, shared)
        assert "features" not in model.report.shortened
        same_fit(model, fitted(config, train, None), photos[9:])


def test_what_was_shared_is_named(photos: tuple[Sample, ...]) -> None:
    configs = [replace(TINY, coreset_ratio=ratio, num_neighbors=k) for ratio, k in ((0.2, 2), (0.2, 1), (0.5, 2))]
    shared, found = Shared(configs), []
    for config in configs:
        model = fitted(config, photos[:9], shared)
        found.append((model.report.shortened, model.score(photos[9:]).shortened))
    assert found == [
        ((), False), (("coreset", "features", "held-out", "index"), True), (("coreset", "features", "held-out"), True),
    ]  # fmt: skip


def test_features_in_files_are_not_kept(photos: tuple[Sample, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "plan", lambda *_: Plan(True, 1, 10**9, 10**6))
    configs = [replace(TINY, coreset_ratio=ratio, num_neighbors=k) for ratio, k in ((0.2, 2), (0.4, 2), (0.4, 1))]
    shared, embedded, plain = Shared(configs), [], patchcore.training_features
    monkeypatch.setattr(patchcore, "training_features", lambda *given: embedded.append(1) or plain(*given))
    for config in configs:
        same_fit(fitted(config, photos[:9], shared), fitted(config, photos[:9], None), photos[9:])
    assert len(embedded) == 6


def test_all_neighbours_and_coresets_come_from_one_search(
    photos: tuple[Sample, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pair of a test patch and a row of the largest bank is compared once, up to whole chunks of rows."""
    monkeypatch.setattr(search, "SCAN_WORK", 0)
    configs = [replace(TINY, coreset_ratio=ratio, num_neighbors=k) for ratio in (0.1, 0.2, 0.4) for k in (3, 2, 1)]
    shared, compared, plain = Shared(configs), [], search.visit

    def counted(dots: np.ndarray, *others: object) -> int:
        compared.append(dots.size)
        return int(plain(dots, *others))

    for config in configs:
        model = fitted(config, photos[:9], shared)
        with monkeypatch.context() as patch:
            patch.setattr(search, "visit", counted)
            model.score(photos[9:])
    pairs, patches = 3 * 64 * int(9 * 64 * 0.4), 3 * 64
    assert pairs <= sum(compared) < pairs + 2 * 3 * search.CHUNK * patches


@pytest.mark.parametrize(("room", "read"), [(10**9, 1), (12_000, 3), (0, 9)])
def test_photos_are_read_once_if_there_is_room(
    room: int, read: int, photos: tuple[Sample, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is none for their patches, once for each bank; where there is none at all, for each fit."""
    configs = [replace(TINY, coreset_ratio=ratio, num_neighbors=k) for ratio in (0.1, 0.2, 0.4) for k in (3, 2, 1)]
    shared, reads, plain = Shared(configs), [], patchcore.batches
    monkeypatch.setattr(shared_fit, "ROOM", 1)
    for config in configs:
        model = fitted(config, photos[:9], shared)
        with monkeypatch.context() as patch:
            patch.setattr(shared_fit, "free_memory", lambda: room)
            patch.setattr(patchcore, "batches", lambda *given: reads.append(1) or plain(*given))
            found = model.score(photos[9:])
        alone = fitted(config, photos[:9], None).score(photos[9:])
        np.testing.assert_array_equal(found.patch_scores, alone.patch_scores)
    assert len(reads) == read


def test_selections_by_other_kernels_are_not_taken_for_nested() -> None:
    rows = np.zeros((1000, 100), np.float32)
    assert coreset.nested(rows, None, 10, 100)
    assert not coreset.nested(rows, None, 100, coreset.PLAIN_WORK // rows.size + 1)
    assert coreset.nested(rows, 1, 100, coreset.PLAIN_WORK // rows.size + 1)
