"""Every golden case, property by property: numbers an independent implementation computed (patchcore-inspection).

Cases are the folders with a case.json in PATCHCORE_GOLDEN (default: tests/golden, and shared/golden beside the
product where it exists); their image paths count from PATCHCORE_GOLDEN_DATA (default: `data` beside that folder).
"""

import importlib.util
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.model import coreset, scoring
from patchcore_core.model.batches import batches
from patchcore_core.model.memory_bank import MemoryBank, as_stored
from patchcore_core.model.network.backbone import Backbone
from patchcore_core.model.patchcore import PatchCore

HERE = Path(__file__).parent / "golden"
SHARED = Path(__file__).parents[2] / "shared" / "golden"


def _roots() -> list[Path]:
    named = os.environ.get("PATCHCORE_GOLDEN")
    return [Path(named)] if named else [HERE, SHARED]


def _cases() -> list[Path]:
    found = {path.parent.name: path.parent for root in reversed(_roots()) for path in sorted(root.glob("*/case.json"))}
    return sorted(found.values())


def _fill_weights(network: torch.nn.Module) -> torch.nn.Module:
    spec = importlib.util.spec_from_file_location("fill_weights", HERE / "fill_weights.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.fill_weights(network)


@dataclass(frozen=True)
class Case:
    golden: dict[str, np.ndarray]
    settings: dict
    model: PatchCore
    train: tuple[Sample, ...]
    test: tuple[Sample, ...]
    features: torch.Tensor  # (N * h * w, D) of the training images, by our code

    def scoring_model(self, **changes: object) -> PatchCore:
        """Our model with the golden memory bank, as float32 unless changed."""
        settings = self.model.config.to_dict() | {"bank_dtype": "float32"} | changes
        model = PatchCore(PatchCoreConfig.from_dict(settings), self.model.backbone)
        model.bank = MemoryBank(as_stored(self.golden["bank"], model.config.bank_dtype))
        return model


@pytest.fixture(scope="module", params=_cases(), ids=lambda folder: folder.name)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return _load(request.param, tmp_path_factory.getbasetemp())


@lru_cache(maxsize=1)
def _load(folder: Path, scratch: Path) -> Case:
    settings = json.loads((folder / "case.json").read_text())
    with np.load(folder / "golden.npz") as arrays:
        golden = dict(arrays)
    network = _fill_weights(torchvision.models.get_model(settings["arch"], weights=None))
    config = PatchCoreConfig(
        backbone=settings["arch"],
        layers=settings["layers"],
        image_size=settings["resize"],
        center_crop=settings["size"],
        patch_size=settings["patchsize"],
        pretrain_dim=settings["pretrain_embed_dimension"],
        target_dim=settings["target_embed_dimension"],
        num_neighbors=settings["num_nn"],
        coreset_ratio=settings["ratio"],
        distance="squared_euclidean",
        device="cpu",
    )
    model = PatchCore(config, Backbone(network, config.layers, name=config.backbone))
    train, test = (_samples(split, settings, golden, folder, scratch) for split in ("train", "test"))
    return Case(golden, settings, model, train, test, _features(model, train))


def _features(model: PatchCore, samples: tuple[Sample, ...]) -> torch.Tensor:
    """(rows, D) float32, before they are rounded for the bank."""
    return torch.cat([model._embed(batch.images) for batch in batches(samples, model.transform, 4)]).flatten(0, 2)


def _samples(split: str, settings: dict, golden: dict, folder: Path, scratch: Path) -> tuple[Sample, ...]:
    if split in settings:
        root = Path(os.environ.get("PATCHCORE_GOLDEN_DATA", folder.parent.parent / "data"))
        paths = [root / name for name in settings[split]]
        missing = [path for path in paths if not path.is_file()]
        if missing:
            pytest.skip(f"the image {missing[0].name} of this case is not here; set PATCHCORE_GOLDEN_DATA")
    else:
        paths = [scratch / f"{folder.name}_{split}_{i}.png" for i in range(len(golden[f"{split}_images"]))]
        for path, pixels in zip(paths, golden[f"{split}_images"], strict=True):
            Image.fromarray(pixels).save(path)
    return tuple(Sample(path, split, None, "") for path in paths)


def test_weights_are_filled_as_the_case_says(case: Case) -> None:
    state = case.model.backbone.network.state_dict()
    for name, total in case.settings.get("weight_sums", {}).items():
        assert float(state[name].double().sum()) == pytest.approx(total, rel=1e-5)


def test_preprocessing(case: Case) -> None:
    if "images" not in case.golden:
        pytest.skip("the case stores no preprocessed image")
    from patchcore_core.data.images import read_image

    ours = case.model.transform.image(read_image(case.train[0].path))
    np.testing.assert_allclose(ours, case.golden["images"][0], rtol=0, atol=1e-6)


def test_train_features(case: Case) -> None:
    rows = case.golden.get("train_rows", np.arange(len(case.features)))
    _assert_close(case.features.numpy()[rows], case.golden["train_features"], 1e-4)


def test_test_features(case: Case) -> None:
    features = _features(case.model, case.test)
    _assert_close(features.numpy(), case.golden["test_features"], 1e-4)


def test_patch_grid(case: Case) -> None:
    height, width = case.settings["patch_grid"]
    assert len(case.features) == len(case.train) * height * width


def test_greedy_picks(case: Case) -> None:
    expected = case.golden["greedy"]
    projected = case.features.double() @ torch.from_numpy(case.golden["projection"]).double()
    picks = coreset.greedy(projected, len(expected), start=int(expected[0]))
    _assert_same_up_to_ties(picks, expected, projected, np.full(len(projected), np.inf))


def test_approx_greedy_picks(case: Case) -> None:
    expected = case.golden["approx_greedy"]
    projected = case.features.double() @ torch.from_numpy(case.golden["projection"]).double()
    points = case.golden["start_points"]
    picks = coreset.approx_greedy(projected, len(expected), start_points=points)
    _assert_same_up_to_ties(picks, expected, projected, torch.cdist(projected, projected[points]).mean(1).numpy())


def test_coreset_size(case: Case) -> None:
    size = len(coreset.select(case.features, "random", case.settings["ratio"]))
    assert size == len(case.golden["approx_greedy"])


def test_bank_is_the_picked_rows(case: Case) -> None:
    _assert_close(case.features.numpy()[case.golden["approx_greedy"]], case.golden["bank"], 1e-4)


def test_nearest_neighbours(case: Case) -> None:
    expected, rows = case.golden["nn_squared_distance"], case.golden["nn_index"]
    distances, indices = MemoryBank(case.golden["bank"]).search(case.golden["test_features"], expected.shape[1])
    np.testing.assert_allclose(np.square(distances), expected, rtol=1e-3, atol=1e-3 * float(expected.max()))
    queries, bank = (case.golden[name].astype(np.float64) for name in ("test_features", "bank"))
    different = np.nonzero(indices != rows)  # only where both rows are equally near
    ours, theirs = (np.square(queries[different[0]] - bank[chosen[different]]).sum(1) for chosen in (indices, rows))
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6 * float(expected.max()))


def test_patch_scores(case: Case) -> None:
    predictions = case.scoring_model().predict(case.test)
    _assert_close(predictions.patch_scores, case.golden["patch_score"], 1e-3)


def test_image_scores(case: Case) -> None:
    predictions = case.scoring_model().predict(case.test)
    np.testing.assert_allclose(predictions.image_scores, case.golden["image_score"], rtol=1e-3)


def test_anomaly_maps(case: Case) -> None:
    predictions = case.scoring_model().predict(case.test)
    _assert_close(predictions.anomaly_maps, case.golden["anomaly_map"], 1e-3)


def test_anomaly_map_of_the_golden_patch_scores(case: Case) -> None:
    expected = case.golden["anomaly_map"]
    _assert_close(scoring.anomaly_map(case.golden["patch_score"], expected.shape[-1]).numpy(), expected, 1e-5)


def test_a_float16_bank_moves_patch_scores_by_no_more_than_its_rounding(case: Case) -> None:
    expected = case.golden["patch_score"].astype(np.float64)
    ours = case.scoring_model(bank_dtype="float16").predict(case.test).patch_scores
    moved = 2.0**-11 * float(np.linalg.norm(case.golden["bank"], axis=1).max())  # how far a row can move
    rounding = 2 * np.sqrt(expected) * moved + moved**2
    assert (np.abs(ours - expected) <= rounding + 1e-3 * expected.max()).all()


@pytest.mark.parametrize("b", [3, 9])
def test_reweighted_image_scores(case: Case, b: int) -> None:
    if f"image_score_reweighted_b{b}" not in case.golden:
        pytest.skip(f"the case stores no re-weighted scores for b = {b}")
    model = case.scoring_model(distance="euclidean", num_neighbors=1, reweight_neighbors=b)
    scores = model.predict(case.test).image_scores
    np.testing.assert_allclose(scores, case.golden[f"image_score_reweighted_b{b}"], rtol=1e-3)


def _assert_close(ours: np.ndarray, expected: np.ndarray, tolerance: float) -> None:
    """Equal shapes, and values within `tolerance` of the largest expected value."""
    assert ours.shape == expected.shape
    np.testing.assert_allclose(ours, expected, rtol=tolerance, atol=tolerance * float(np.abs(expected).max()))


def _assert_same_up_to_ties(picks: np.ndarray, expected: np.ndarray, rows: torch.Tensor, bound: np.ndarray) -> None:
    """Each of our picks is the expected one; where float32 could not tell two rows apart, either may come first."""
    assert len(set(picks.tolist())) == len(expected)
    if np.array_equal(picks, expected):
        return
    for chosen in (picks, expected):
        distance = bound.copy()
        for step, row in enumerate(chosen):
            if np.isfinite(distance[0]) or step:
                assert distance[row] >= distance.max() * (1 - 1e-4), f"pick {step} is not the farthest row"
            distance = np.minimum(distance, torch.cdist(rows[row][None], rows)[0].numpy())
