"""The cache of a store: how large it is, and that fits, refits and teaching use it and stay the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.errors import ConfigError
from patchcore_core.fitting.feature_cache import DEFAULT, feature_cache
from patchcore_core.fitting.fit import fit_run
from patchcore_core.fitting.forecast import forecast
from patchcore_core.fitting.judge import judge
from patchcore_core.fitting.teach import teach
from patchcore_core.model.methods import load_detector
from patchcore_core.model.network.backbone import Backbone
from patchcore_core.model.network.engine import TorchEngine
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from tests.tiny import SIDE

CONFIG = PatchCoreConfig(image_size=SIDE, layers=("blocks.2", "blocks.4"), device="cpu")


@pytest.fixture
def images_run(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches that a network has run since."""
    seen, plain = list[int](), Backbone.__call__

    def counted(self: Backbone, images: object) -> object:
        seen.append(len(images))  # type: ignore[arg-type]
        return plain(self, images)  # type: ignore[arg-type]

    monkeypatch.setattr(Backbone, "__call__", counted)
    return seen


def same(one: Run, other: Run, stores: tuple[RunStore, RunStore]) -> None:
    """All stored arrays and figures of two runs."""
    mine, theirs = ((store.anomaly_maps(run), store.curves(run).arrays(), store.images(run).drop(columns="path"))
                    for store, run in zip(stores, (one, other), strict=True))  # fmt: skip
    np.testing.assert_array_equal(mine[0], theirs[0])
    assert mine[1].keys() == theirs[1].keys()
    for name, values in mine[1].items():
        np.testing.assert_array_equal(values, theirs[1][name], err_msg=name)
    assert mine[2].equals(theirs[2])
    for name in ("metrics", "intervals", "thresholds", "badges", "heldout", "trim", "per_defect", "warnings", "bank"):
        np.testing.assert_equal(getattr(one, name), getattr(other, name), err_msg=name)
    for file in (one.folder / "memory_bank").glob("*.safetensors"):
        assert file.read_bytes() == (other.folder / "memory_bank" / file.name).read_bytes()


@pytest.mark.parametrize(("asked", "limit"), [
    ("", DEFAULT), ("20GB", 20 * 10**9), ("512MiB", 2**29), ("1", 2**30), ("off", None), ("OFF", None), ("0", None),
])  # fmt: skip
def test_its_size_is_set_by_a_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: str, limit: int | None
) -> None:
    monkeypatch.setenv("PATCHCORE_FEATURE_CACHE", asked)
    cache = feature_cache(tmp_path)
    assert (None if cache is None else cache.limit) == limit


def test_a_size_that_is_none_is_refused_before_there_is_a_run(
    monkeypatch: pytest.MonkeyPatch, category: Path, store: RunStore
) -> None:
    monkeypatch.setenv("PATCHCORE_FEATURE_CACHE", "much")
    with pytest.raises(ConfigError, match=r"PATCHCORE_FEATURE_CACHE must be a number of GiB.*got 'much'"):
        fit_run(load_dataset(category), CONFIG, store)
    assert store.list() == ()


def test_later_fits_run_no_network_and_are_those_without_a_cache(
    category: Path, store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, images_run: list[int]
) -> None:
    dataset, plain = load_dataset(category), RunStore(tmp_path / "plain")
    fit_run(dataset, CONFIG, store)
    images_run.clear()
    other = dataclasses.replace(CONFIG, coreset_ratio=0.3, num_neighbors=2)
    fits: list[Callable[[RunStore], Run]] = [
        lambda where: fit_run(dataset, other, where).run,
        lambda where: fit_run(dataset.without("train/good/002.png"), CONFIG, where).run,
        lambda where: teach(fit_run(dataset, CONFIG, where).run, ["test/good/001.png"], where).run,
    ]
    made = [fit(store) for fit in fits]
    assert images_run == []
    monkeypatch.setenv("PATCHCORE_FEATURE_CACHE", "off")
    for run, fit in zip(made, fits, strict=True):
        same(run, fit(plain), (store, plain))
    assert not (plain.root / ".features").exists()
    assert images_run != []


def test_a_test_set_is_judged_again_without_the_network(
    category: Path, store: RunStore, tmp_path: Path, images_run: list[int]
) -> None:
    run = fit_run(load_dataset(category), CONFIG, store).run
    images_run.clear()
    model = load_detector(store.bank_folder(run), "cpu", feature_cache(store.root))
    judged = judge(model, load_dataset(category).test, tmp_path)
    assert images_run == []
    np.testing.assert_array_equal(judged.image_scores, store.images(run)["image_score"].to_numpy(np.float32))
    np.testing.assert_array_equal(judged.maps, store.anomaly_maps(run))


def test_the_bank_says_what_ran_the_network_though_it_did_not_run_now(
    category: Path, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TorchEngine, "name", "another engine")
    for ratio in (0.1, 0.2):
        run = fit_run(load_dataset(category), dataclasses.replace(CONFIG, coreset_ratio=ratio), store).run
        assert '"engine": "another engine"' in (run.folder / "memory_bank" / "bank.json").read_text()


def test_forecasts_do_not_rest_on_runs_that_the_cache_has_shortened(category: Path, store: RunStore) -> None:
    dataset = load_dataset(category)
    first, *others = (fit_run(dataset, dataclasses.replace(CONFIG, coreset_ratio=ratio), store).run
                      for ratio in (0.1, 0.2, 0.3))  # fmt: skip
    assert first.shortened == ()
    assert [run.shortened for run in others] == [("features", "predict")] * 2
    assert store.get(others[0].id).shortened == ("features", "predict")
    cost = forecast(dataclasses.replace(CONFIG, coreset_ratio=0.3), 6, 6, (8, 8), 152, store.list(), (SIDE, SIDE))
    assert cost.seconds_from == first.id


def test_nothing_is_kept_in_a_read_only_installation(tmp_path, monkeypatch):
    assert feature_cache(tmp_path) is not None
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    assert feature_cache(tmp_path) is None
