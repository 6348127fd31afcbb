"""The promised patch shape against what the network really gives."""

import warnings
from pathlib import Path
from threading import Barrier, Thread
from time import sleep
from typing import Any

import pytest
import torch

from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import ConfigError, WeightsError
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.network import layer_shapes
from patchcore_core.model.network.backbone import Backbone, build_network, layer_names, load_backbone
from patchcore_core.model.network.probe import KNOWN, check, layers_of, probe


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"image_size": 200, "center_crop": 160, "layers": ("blocks.1", "blocks.3")},
        {"patch_size": 4},
        {"patch_size": 5, "layers": ("blocks.4",)},
        {"pretrain_dim": 64, "target_dim": 32},
    ],
)
def test_shape_is_that_of_the_embedding(changes: dict[str, object]) -> None:
    config = PatchCoreConfig(**changes)
    maps = load_backbone(config.backbone, config.layers)(torch.zeros(1, 3, config.input_size, config.input_size))
    patches = patch_embeddings(maps, config.patch_size, config.pretrain_dim, config.target_dim)
    shape = probe(config)
    assert (1, *shape.grid, shape.dim) == tuple(patches.shape)


def test_unknown_names_are_answered_with_those_that_exist() -> None:
    with pytest.raises(ConfigError, match=r"blocks\.2"):
        probe(PatchCoreConfig(layers=("blocks.22",)))
    with pytest.raises(ConfigError, match="wide_resnet50_2"):
        probe(PatchCoreConfig(backbone="wide_resnet50_3"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"image_size": 32, "layers": ("blocks.6",)}, "image_size must give at least 2 x 2 patches, got 32"),
        ({"image_size": 8}, "image_size must give at least 2 x 2 patches, got 8 pixels, which give 1 x 1"),
        ({"image_size": 1, "patch_size": 1}, "image_size must give"),
        ({"center_crop": 8}, "center_crop must give"),
        ({"image_size": 64, "patch_size": 9}, "patch_size must be at most the 8 x 8 cells of the feature map"),
        ({"image_size": 64, "patch_size": 50}, "got 50"),
        ({"image_size": 16, "patch_size": 2}, "patch_size must be at most the 2 x 2 cells"),  # leaves one patch
        ({"image_size": 20, "backbone": "resnet18", "layers": ("layer4.1",)}, "image_size must give"),  # asks torch
    ],
)
def test_a_size_that_leaves_no_map_of_patches_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        probe(PatchCoreConfig(**changes))
    assert words in str(refusal.value)


def test_the_smallest_size_that_works_works() -> None:
    assert probe(PatchCoreConfig(image_size=16, patch_size=1)).grid == (2, 2)
    assert probe(PatchCoreConfig(image_size=64, patch_size=7)).patches == 64


def test_weights_are_checked_against_the_network_without_computing(tmp_path: Path) -> None:
    network, _, _ = build_network("resnet18", published=False)
    torch.save(network.state_dict(), tmp_path / "resnet18.pth")
    own = {"backbone": "resnet18", "layers": ("layer2",), "weights": str(tmp_path / "resnet18.pth")}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(PatchCoreConfig(**own))
    with pytest.raises(WeightsError, match=r"resnet18\.pth: these weights belong to another network"):
        check(PatchCoreConfig(**{**own, "backbone": "resnet50"}))


def test_a_device_that_is_not_here_is_refused() -> None:
    check(PatchCoreConfig(device="cpu"))
    with pytest.raises(ConfigError, match="device 'gpu' cannot be used here"):
        check(PatchCoreConfig(device="gpu"))


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_known_by_heart_is_true(name: str) -> None:
    with torch.device("meta"):
        network, _, _ = build_network(name, published=False)
        backbone = Backbone(network, list(KNOWN[name]), weights_sha256="none", device="meta")
        maps = {side: backbone(torch.empty(1, 3, side, side)) for side in (97, 224, 256)}
    for side, layers in maps.items():
        for layer, tensor in layers.items():
            shape = probe(PatchCoreConfig(backbone=name, layers=(layer,), image_size=side, patch_size=1))
            assert (shape.dim, *shape.grid) == tuple(tensor.shape[1:])


def test_layers_known_by_heart_are_layers_of_the_network() -> None:
    for backbone, layers in KNOWN.items():
        assert set(layers) <= set(layer_names(backbone))
        assert layers_of(backbone) == tuple(layers)
    assert "features.3" in layers_of("vgg11")


def test_networks_are_asked_for_their_shapes_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, inside, most = Barrier(2), list[str](), list[int]()

    def watched(name: str, published: bool) -> Any:
        inside.append(name)
        most.append(len(inside))
        sleep(0.05)  # long enough for the other thread to come in, were it let in
        inside.remove(name)
        return build_network(name, published)

    def ask(layer: str) -> None:
        begun.wait()
        layer_shapes.maps_of("resnet34", (layer,), (64, 64))

    monkeypatch.setattr("patchcore_core.model.network.backbone.build_network", watched)
    layer_shapes.maps_of.cache_clear()
    threads = [Thread(target=ask, args=(layer,)) for layer in ("layer1", "layer2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1]
