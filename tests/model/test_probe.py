"""The promised patch shape against what the network really gives."""

import pytest
import torch
from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import ConfigError
from patchcore_core.model.backbone import load_backbone
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.probe import probe


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
