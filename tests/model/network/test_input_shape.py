"""The height and width of the network's input: by configuration, by network, and through fit, save and load."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image

from patchcore_core.config import PRESETS, PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.data.images import read_image
from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.model.network.backbone import Backbone, build_network
from patchcore_core.model.network.input_shape import input_shape, rounding_note
from patchcore_core.model.network.layer_shapes import KNOWN, steps_by, steps_of, whole_of
from patchcore_core.model.network.probe import probe
from patchcore_core.model.patchcore import PatchCore
from patchcore_core.model.scoring import anomaly_map
from tests.model.conftest import TINY, tiny_network

KEEP = replace(TINY, proportions="keep")
VIT = PatchCoreConfig(backbone="vit_tiny_patch16_224", layers=("blocks.1", "blocks.2"), image_size=100)


def photos_of(folder: Path, sizes: list[tuple[int, int]]) -> tuple[Sample, ...]:
    """Textured photos of these heights and widths."""
    random = np.random.default_rng(5)
    samples = []
    for number, (height, width) in enumerate(sizes):
        path = folder / f"{number:02}.png"
        Image.fromarray(random.integers(0, 255, (height, width, 3), dtype=np.uint8)).save(path)
        samples.append(Sample(path, "train", 0, "good"))
    return tuple(samples)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_strides_that_are_known_are_those_of_the_network(name):
    layers = tuple(KNOWN[name])[1:4]
    with torch.device("meta"):
        network, _, _ = build_network(name, published=False)
        asked = Backbone(network, layers, weights_sha256="none", device="meta")
    assert steps_by(asked.maps_of, 1) == steps_of(name, layers)


@pytest.mark.parametrize("preset", sorted(set(PRESETS) - {"quick", "careful"}))
def test_presets_of_the_paper_stay_square_whatever_the_photos(preset):
    config = PatchCoreConfig.preset(preset)
    assert input_shape(config, 0.3) == input_shape(config) == (224, 224)


def test_quick_keeps_the_proportions_in_multiples_of_its_stride():
    config = PatchCoreConfig.preset("quick")
    assert input_shape(config, 0.4) == (512, 208)
    assert probe(config, (512, 208)).grid == (64, 26)
    assert input_shape(config, None) == input_shape(config, 1.04) == (320, 320)


@pytest.mark.parametrize("aspect", [1 / 8, 8.0, 1 / 300, 300.0])
@pytest.mark.parametrize("changes", [{}, {"patch_size": 4}, {"patch_size": 9}, {"layers": ("blocks.4", "blocks.6")}])
def test_extreme_strips_get_a_shape_that_the_network_takes(aspect, changes):
    config = PatchCoreConfig.preset("quick", **changes)
    height, width = shape = input_shape(config, aspect)
    assert min(probe(config, shape).grid) >= 2
    assert (height > width) == (aspect < 1)
    assert height * width <= 1.15 * 320**2


def test_a_crop_and_kept_proportions_are_refused_together():
    with pytest.raises(ConfigError, match="center_crop must be none where proportions is keep"):
        PatchCoreConfig.preset("quick", center_crop=224)
    assert PatchCoreConfig.preset("quick", center_crop=224, proportions="stretch").center_crop == 224


def test_a_fit_finds_its_shape_and_scores_photos_with_it(tmp_path):
    photos = photos_of(tmp_path, [(90, 30)] * 7 + [(30, 90)] * 2)
    network = Backbone(tiny_network(), TINY.layers, name="tiny")
    model = PatchCore(KEEP, network)
    with pytest.raises(StoreError, match="not known before the model is fitted"):
        _ = model.transform
    model.fit(photos)
    assert model.shape == (56, 16)  # 55 x 18 for 1024 pixels, in multiples of the stride 8
    assert model.training.aspects == pytest.approx([1 / 3] * 7 + [3] * 2)
    found = model.predict(photos)
    assert found.anomaly_maps.shape == (9, 56, 16)
    assert found.patch_scores.shape == (9, 14, 4)
    expected = anomaly_map(found.patch_scores, (56, 16), KEEP.blur_sigma).numpy()
    np.testing.assert_array_equal(found.anomaly_maps, expected)
    alone = model.score_image(read_image(photos[0].path))
    np.testing.assert_allclose(alone.anomaly_map, found.anomaly_maps[0], rtol=1e-4, atol=1e-6)


def test_a_saved_model_has_its_shape(tmp_path):
    photos = photos_of(tmp_path, [(30, 100)] * 6)
    network = Backbone(tiny_network(), TINY.layers, name="tiny")
    model = PatchCore(KEEP, network).fit(photos)
    model.save(tmp_path / "bank")
    about = json.loads((tmp_path / "bank" / "bank.json").read_text())
    assert about["shape"] == [16, 56]
    again = PatchCore.load(tmp_path / "bank", device="cpu", backbone=network)
    assert again.shape == (16, 56)
    np.testing.assert_allclose(again.training.aspects, model.training.aspects, rtol=1e-3)
    np.testing.assert_array_equal(again.predict(photos).anomaly_maps, model.predict(photos).anomaly_maps)


@pytest.mark.parametrize(("changes", "said"), [
    ({"shape": [0, 16]}, "shape must be a height and a width of 1 to 4096 pixels"),
    ({"shape": [16]}, "shape must be a list of 2"),
    ({"shape": None}, "shape must be a list of 2"),
    ({"aspects": ["wide"]}, r"aspects\[0\] must be a number"),
])  # fmt: skip
def test_a_damaged_description_is_said(tmp_path, changes, said):
    network = Backbone(tiny_network(), TINY.layers, name="tiny")
    PatchCore(KEEP, network).fit(photos_of(tmp_path, [(30, 100)] * 6)).save(tmp_path)
    about = json.loads((tmp_path / "bank.json").read_text())
    (tmp_path / "bank.json").write_text(json.dumps(about | changes))
    with pytest.raises(StoreError, match=said):
        PatchCore.load(tmp_path, device="cpu", backbone=network)


def test_a_bank_of_the_time_when_inputs_were_square_is_read(tmp_path):
    network = Backbone(tiny_network(), TINY.layers, name="tiny")
    model = PatchCore(TINY, network).fit(photos_of(tmp_path, [(30, 100)] * 6))
    model.save(tmp_path)
    about = json.loads((tmp_path / "bank.json").read_text())
    del about["shape"], about["aspects"], about["config"]["proportions"]
    (tmp_path / "bank.json").write_text(json.dumps(about))
    again = PatchCore.load(tmp_path, device="cpu", backbone=network)
    assert again.shape == model.shape == (32, 32)
    assert len(again.training.aspects) == 0


def test_a_vision_transformer_takes_whole_patches():
    assert whole_of(VIT.backbone) == 16
    assert input_shape(VIT) == (96, 96)
    assert rounding_note(VIT, (96, 96)) == ("vit_tiny_patch16_224 takes whole patches only: image_size 100 was asked "
                                            "for, 96 x 96 pixels are used")  # fmt: skip
    assert rounding_note(replace(VIT, image_size=96), (96, 96)) == ""
    assert input_shape(replace(VIT, center_crop=95)) == (80, 80)  # a crop never grows
    assert input_shape(replace(VIT, proportions="keep"), 4.0) == (48, 192)
    assert probe(replace(VIT, proportions="keep"), (48, 192)).grid == (3, 12)


def test_a_square_that_was_rounded_is_said_with_kept_proportions_too():
    keep = replace(VIT, proportions="keep")
    assert rounding_note(keep, input_shape(keep, 1.0)).startswith("vit_tiny_patch16_224 takes whole patches only")
    assert rounding_note(keep, input_shape(keep, 4.0)) == ""


def test_dinov2_takes_other_sizes_than_its_own():
    config = PatchCoreConfig(backbone="vit_small_patch14_dinov2.lvd142m", layers=("blocks.7",), image_size=320)
    assert input_shape(config) == (322, 322)
    assert input_shape(replace(config, image_size=518)) == (518, 518)
    assert probe(config).grid == (23, 23)
    keep = replace(config, proportions="keep")
    assert probe(keep, input_shape(keep, 2.5)).grid == (14, 36)


def test_at_another_size_its_tokens_are_those_of_a_network_made_for_it():
    """timm resizes the table of places once for a network of that size; ours does as the images come."""
    import timm
    from timm.models.vision_transformer import checkpoint_filter_fn

    torch.manual_seed(0)
    ours, _, _ = build_network(VIT.backbone, published=False)
    made = timm.create_model(VIT.backbone, pretrained=False, img_size=(48, 208))
    made.load_state_dict(checkpoint_filter_fn(dict(ours.state_dict()), made))
    images = torch.randn(2, 3, 48, 208, generator=torch.Generator().manual_seed(1))
    found, expected = (Backbone(network, ["blocks.2"])(images)["blocks.2"] for network in (ours, made))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_its_tokens_lie_where_the_patches_are():
    """A bright patch far right and low changes the token at its place most."""
    torch.manual_seed(0)
    network, mean, std = build_network(VIT.backbone, published=False)
    backbone = Backbone(network, ("blocks.0",), mean=mean, std=std)
    images = torch.zeros(2, 3, 48, 208)
    images[1, :, 32:48, 176:192] = 3.0
    grid = backbone(images)["blocks.0"]  # (2, C, 3, 13)
    moved = (grid[1] - grid[0]).square().sum(0)
    assert grid.shape[2:] == (3, 13)
    assert divmod(int(moved.argmax()), 13) == (2, 11)


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "swin_tiny_patch4_window7_224"])
def test_at_its_own_size_a_transformer_gives_the_same_bits(name):
    """Telling a network that it may get other sizes changes nothing where it gets its own."""
    import timm

    layer = "blocks.2" if name.startswith("vit") else "layers.1"
    torch.manual_seed(0)
    ours, _, _ = build_network(name, published=False)
    plain = timm.create_model(name, pretrained=False)
    plain.load_state_dict(ours.state_dict())
    images = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    found, expected = (Backbone(network, [layer])(images)[layer] for network in (ours, plain))
    assert torch.equal(found, expected)


def test_channels_last_maps_of_a_wide_image_become_grids():
    if "dynamic_img_size" not in inspect.signature(timm.models.swin_transformer.SwinTransformer).parameters:
        pytest.skip("Swin of this timm takes images of its own size only")
    network, _, _ = build_network("swin_tiny_patch4_window7_224", published=False)
    grid = Backbone(network, ["layers.1"])(torch.zeros(1, 3, 112, 320))["layers.1"]
    assert grid.shape == (1, 192, 14, 40)


def test_a_network_of_one_size_says_so_in_other_proportions():
    config = PatchCoreConfig(backbone="beit_base_patch16_224", layers=("blocks.2",), image_size=224, proportions="keep")
    assert probe(config, (224, 224)).grid == (14, 14)
    with pytest.raises(ConfigError, match=r"beit_base_patch16_224 cannot process images of .*square where proportions"):
        probe(config, input_shape(config, 0.4))
