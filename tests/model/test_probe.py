"""The promised patch shape against what the network really gives."""

import pytest
import torch

from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import ConfigError
from patchcore_core.model.backbone import Backbone, _build, layer_names, load_backbone
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.probe import KNOWN, layers_of, probe


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


def test_a_patch_larger_than_the_map_is_refused() -> None:
    with pytest.raises(ConfigError, match="patch_size"):
        probe(PatchCoreConfig(image_size=32, layers=("blocks.6",), patch_size=4))


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_known_by_heart_is_true(name: str) -> None:
    with torch.device("meta"):
        network, _, _ = _build(name, published=False)
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
