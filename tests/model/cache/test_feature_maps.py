"""A model with a cache against one without: the same bits, and the network runs for new photos only."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.model.cache import rounding
from patchcore_core.model.cache.entries import Entries
from patchcore_core.model.network.backbone import Backbone, load_backbone
from patchcore_core.model.patchcore import PatchCore

LAYERS = ("0", "1", "2")
CONFIG = PatchCoreConfig(backbone="tiny", layers=("0", "1"), image_size=32, coreset_ratio=0.25, device="cpu")


class Counting(nn.Module):
    """Three blocks; counts the images that go through the first."""

    def __init__(self) -> None:
        super().__init__()
        generator, sides = torch.Generator().manual_seed(0), ((3, 4, 4), (4, 6, 2), (6, 5, 1))
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(given, made, 3, step, padding=1), nn.BatchNorm2d(made), nn.ReLU(inplace=True))
            for given, made, step in sides
        )
        for parameter in self.parameters():
            parameter.data = torch.randn(parameter.shape, generator=generator)
        self.ran = 0

    def forward(self, images: Tensor) -> Tensor:
        self.ran += len(images)
        for block in self.blocks:
            images = block(images)
        return images


def network(layers: Sequence[str] = CONFIG.layers) -> Backbone:
    return Backbone(Counting(), [f"blocks.{layer}" for layer in layers], name="tiny")


def ran(backbone: Backbone) -> int:
    """Images that went through the network, whichever copy of it ran; what `rounding_of` tries is not among them."""
    networks = [backbone.network, *(engine._network.network for engine in backbone._engines)]
    return sum(each.ran for each in networks)


@pytest.fixture
def entries(tmp_path: Path) -> Entries:
    return Entries(tmp_path / "features", 10**8)


@pytest.fixture
def model(entries: Entries, monkeypatch: pytest.MonkeyPatch) -> Callable[..., PatchCore]:
    """`model(cached, layers, **fields)`: not fitted; of it `ran` counts photos only."""
    monkeypatch.setattr(rounding, "_same_alone", lambda *_: True)

    def make(cached: bool = True, layers: Sequence[str] = ("0", "1"), **fields: object) -> PatchCore:
        backbone = network(layers)
        made = PatchCore(replace(CONFIG, layers=backbone.layers, **fields), backbone)
        made.cache = Entries(entries.folder, entries.limit) if cached else None
        return made

    return make


def photos_run(made: PatchCore) -> int:
    """Photos that went through the model's network: beside them one image did twice, to choose the engine."""
    return max(0, ran(made.backbone) - 2)


def same_fit(one: PatchCore, other: PatchCore, tested: Sequence[Sample]) -> None:
    for mine, theirs in zip(one.banks, other.banks, strict=True):
        np.testing.assert_array_equal(mine.patches, theirs.patches)
        np.testing.assert_array_equal(mine.origin, theirs.origin)
    assert one.training.paths == other.training.paths
    assert one.training.contents == other.training.contents
    for name in ("image_scores", "patch_scores", "images", "groups", "odd"):
        np.testing.assert_array_equal(getattr(one.report.held_out, name), getattr(other.report.held_out, name))
    assert one.report.warnings == other.report.warnings
    assert one.report.unreadable == other.report.unreadable
    mine, theirs = one.predict(tested), other.predict(tested)
    for name in ("image_scores", "patch_scores", "anomaly_maps", "pictures"):
        np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))
    assert (mine.samples, mine.contents, mine.notes) == (theirs.samples, theirs.contents, theirs.notes)


@pytest.mark.parametrize("fields", [
    {}, {"coreset_ratio": 0.5, "num_neighbors": 3, "seed": 4}, {"pretrain_dim": 6, "target_dim": 7}, {"patch_size": 2},
    {"bank_dtype": "float32", "sampler": "random", "image_score": "map", "blur_sigma": 1.0},
    {"scales": (32, 48), "image_size": 48}, {"memory_limit": 4.0}, {"center_crop": 24},
])  # fmt: skip
def test_a_fit_from_the_cache_has_the_bits_of_one_without(
    model: Callable[..., PatchCore], photos: tuple[Sample, ...], fields: dict[str, object]
) -> None:
    train, tested = photos[:8], photos[8:]
    plain, first, again = (model(cached, **fields).fit(train) for cached in (False, True, True))
    assert photos_run(first) > 0
    same_fit(first, plain, tested)
    same_fit(again, plain, tested)
    assert ran(again.backbone) == 0


def test_other_settings_and_fewer_layers_run_nothing(
    model: Callable[..., PatchCore], photos: tuple[Sample, ...]
) -> None:
    model(layers=LAYERS).fit(photos[:8]).predict(photos[8:])
    others = ((("0", "1"), {"coreset_ratio": 0.4}), (("2",), {"patch_size": 1}), (("1", "2"), {"seed": 3}))
    for layers, fields in others:
        fitted, plain = (model(cached, layers, **fields).fit(photos[:8]) for cached in (True, False))
        same_fit(fitted, plain, photos[8:])
        assert photos_run(fitted) == 0


def test_photos_that_leave_or_come_run_alone(model: Callable[..., PatchCore], photos: tuple[Sample, ...]) -> None:
    model().fit(photos[:8]).predict(photos[8:10])
    without = (*photos[:3], *photos[4:8], photos[9])  # batches of others; one was a test photo
    fitted = model().fit(without)
    same_fit(fitted, model(False).fit(without), photos[8:9])
    assert photos_run(fitted) == 0
    fitted = model().fit(photos)
    same_fit(fitted, model(False).fit(photos), photos[8:9])
    assert photos_run(fitted) == 2


def test_teaching_runs_the_new_photos_only(model: Callable[..., PatchCore], photos: tuple[Sample, ...]) -> None:
    parents = [model(cached).fit(photos[:8]) for cached in (True, False)]
    before = ran(parents[0].backbone)
    taught, plain = (parent.continuing().fit(photos[:9]) for parent in parents)
    assert ran(parents[0].backbone) == before + 1
    same_fit(taught, plain, photos[9:])


def test_a_photo_that_changed_is_read_anew(model: Callable[..., PatchCore], photos: tuple[Sample, ...]) -> None:
    model().fit(photos[:8])
    Image.new("RGB", (50, 40), (200, 10, 10)).save(photos[2].path)
    fitted = model().fit(photos[:8])
    same_fit(fitted, model(False).fit(photos[:8]), photos[8:])
    assert photos_run(fitted) > 0


def test_damaged_entries_are_made_again(
    model: Callable[..., PatchCore], photos: tuple[Sample, ...], entries: Entries
) -> None:
    plain = model(False).fit(photos[:8])
    model().fit(photos[:8])
    for number, path in enumerate(sorted(entries.folder.glob("*/*.safetensors"))):
        if number % 3 == 0:
            path.write_bytes(path.read_bytes()[:-7])
    for _ in range(2):
        again = model().fit(photos[:8])
        same_fit(again, plain, photos[8:])
    assert ran(again.backbone) == 0


def test_an_unreadable_photo_is_said_each_time(model: Callable[..., PatchCore], photos: tuple[Sample, ...]) -> None:
    photos[3].path.write_bytes(b"no photo")
    plain, first, again = (model(cached).fit(photos) for cached in (False, True, True))
    assert len(plain.report.unreadable) == 1
    same_fit(first, plain, photos[:2])
    same_fit(again, plain, photos[:2])


@pytest.mark.parametrize("readable", [True, False])
def test_where_bits_depend_on_the_batch_whole_batches_are_kept(
    model: Callable[..., PatchCore], photos: tuple[Sample, ...], monkeypatch: pytest.MonkeyPatch, entries: Entries,
    readable: bool,
) -> None:
    """A network that adds the mean of its batch stands for kernels that are chosen by its size."""
    monkeypatch.setattr(rounding, "_same_alone", lambda *_: False)
    plain = Backbone.__call__

    def beside(self: Backbone, images: Tensor) -> dict[str, Tensor]:
        return plain(self, images + images.mean())

    monkeypatch.setattr(Backbone, "__call__", beside)
    if not readable:
        photos[1].path.write_bytes(b"no photo")
    usual, first, again = (model(cached).fit(photos[:11]) for cached in (False, True, True))
    same_fit(first, usual, photos[9:])
    same_fit(again, usual, photos[9:])
    assert (ran(again.backbone) == 0) == readable
    next(entries.folder.glob("*/*.safetensors")).unlink()
    same_fit(model().fit(photos[:11]), usual, photos[9:])
    fewer, expected = (model(cached).fit(photos[2:11]) for cached in (True, False))
    same_fit(fewer, expected, photos[9:])


def test_whether_bits_depend_on_the_batch_is_found_out_and_kept(entries: Entries) -> None:
    backbone = network()
    found = rounding.rounding_of(backbone, (32, 40), 4, entries)
    assert (found.engine, found.bits) == ("torch", "folded")
    tried = ran(backbone)
    assert rounding.rounding_of(backbone, (32, 40), 4, entries) == found
    assert ran(backbone) == tried


def test_a_network_that_looks_at_its_batch_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    backbone = network()
    plain = Backbone.__call__
    monkeypatch.setattr(Backbone, "__call__", lambda self, images: plain(self, images * (1 + 1e-7 * len(images))))
    assert not rounding._same_alone(backbone, torch.randn(4, 3, 32, 32))


def test_a_layers_maps_are_the_same_whichever_others_are_asked_for() -> None:
    """The bundled network on an image, cut behind different blocks; this is what one entry per layer rests on."""
    image = torch.randn(1, 3, 96, 128, generator=torch.Generator().manual_seed(1))
    expected: dict[str, Tensor] = {}
    for layers in (("blocks.1", "blocks.2", "blocks.4"), ("blocks.2",), ("blocks.2", "blocks.4"), ("blocks.1",)):
        backbone = load_backbone("efficientnet_lite0", layers)
        for layer, maps in backbone(image).items():
            assert torch.equal(maps, expected.setdefault(layer, maps))
        assert backbone.engine_for(image).bits == "folded"


def test_a_convolution_that_is_asked_for_is_kept_apart() -> None:
    image = torch.randn(1, 3, 32, 32)
    asked = (["blocks.0"], "folded"), (["blocks.0.0", "blocks.1"], "folded blocks.0.0")
    for layers, bits in asked:
        assert Backbone(Counting(), layers).engine_for(image).bits == bits
