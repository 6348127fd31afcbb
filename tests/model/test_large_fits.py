"""Features that go to files, and limits of memory and disk."""

import shutil
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from patchcore_core.data.dataset import Sample
from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.model import coreset, features
from patchcore_core.model.budget import Plan
from patchcore_core.model.network.backbone import Backbone
from patchcore_core.model.patchcore import PatchCore
from tests.model.test_patchcore import TINY


def in_files(parts: int) -> Callable[..., Plan]:
    return lambda *_: Plan(True, parts, 0, 0)


@pytest.mark.parametrize("sampler", ["greedy", "approx_greedy", "streaming_greedy", "random", "identity"])
@pytest.mark.parametrize("projection", [None, 4])
def test_features_in_a_file_make_the_same_bank(
    backbone: Backbone, photos: tuple[Sample, ...], monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory, sampler: str, projection: int | None,
) -> None:
    config, folder = replace(TINY, sampler=sampler, projection_dim=projection), tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr(coreset, "PLAIN_WORK", 0)
    monkeypatch.setattr(features, "plan", lambda *_: Plan(False, 2, 0, 0))
    usual = PatchCore(config, backbone).fit(photos[:8])
    monkeypatch.setattr(features, "plan", in_files(parts=2))
    limited = PatchCore(config, backbone).fit(photos[:8], scratch=folder)
    assert limited.report.plan is not None
    assert limited.report.plan.in_file
    assert usual.bank is not None
    assert limited.bank is not None
    np.testing.assert_array_equal(limited.bank.patches, usual.bank.patches)
    np.testing.assert_array_equal(limited.bank.origin, usual.bank.origin)
    assert list(folder.iterdir()) == []


def test_a_disk_without_room_ends_the_fit_with_a_sentence_and_leaves_nothing(
    backbone: Backbone, photos: tuple[Sample, ...], monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("scratch")
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(features, "plan", in_files(parts=1))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10))
    with pytest.raises(StoreError, match="temporary data cannot be written: No space left"):
        PatchCore(TINY, backbone).fit(photos[:8], scratch=folder)
    assert list(folder.iterdir()) == []


def test_features_beyond_float16_are_kept_as_float32(
    backbone: Backbone, photos: tuple[Sample, ...], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    model = PatchCore(replace(TINY, bank_dtype="float16", sampler="identity"), backbone)
    embed, seen = model._embed, iter(range(100))

    def growing(images: np.ndarray) -> torch.Tensor:
        """From the second batch on too large for float16; the fit starts again from the first."""
        return embed(images) * (1.0 if next(seen) == 0 else 1e6)

    monkeypatch.setattr(model, "_embed", growing)
    model.fit(photos[:8])
    assert model.bank is not None
    assert model.bank.patches.dtype == np.float32
    assert len(model.bank) == 8 * 64
    assert "range of float16" in caplog.text


def test_a_memory_limit_that_is_too_small_names_the_least(backbone: Backbone, photos: tuple[Sample, ...]) -> None:
    with pytest.raises(ConfigError, match=r"memory_limit must be at least [0-9.]+ GiB for this fit, got 0.001"):
        PatchCore(replace(TINY, memory_limit=0.001), backbone).fit(photos)
