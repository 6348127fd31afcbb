"""What a network would give for a configuration, found without its weights and without computing anything."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import ConfigError
from patchcore_core.model.backbone import Backbone, _build


@dataclass(frozen=True)
class PatchShape:
    """`grid` = (rows, columns) of patches per image, `dim` = values per patch."""

    grid: tuple[int, int]
    dim: int


def probe(config: PatchCoreConfig) -> PatchShape:
    """Shape of the patches that this configuration works on.

    ConfigError for an unknown backbone or layer (naming those that exist) or a size the network cannot take.
    """
    side = config.input_size
    with torch.device("meta"):  # shapes only
        network, _, _ = _build(config.backbone, published=False)
        backbone = Backbone(network, config.layers, name=config.backbone, weights_sha256="none", device="meta")
        maps = list(backbone(torch.empty(1, 3, side, side)).values())
    cut = config.patch_size - 1 - 2 * ((config.patch_size - 1) // 2)  # an even patch size loses one row and column
    height, width = maps[0].shape[-2] - cut, maps[0].shape[-1] - cut
    if height < 1 or width < 1:
        raise ConfigError(f"patch_size must fit the {maps[0].shape[-2]} x {maps[0].shape[-1]} patches of an image, "
                          f"got {config.patch_size}")
    return PatchShape((height, width), config.target_dim or sum(layer.shape[1] for layer in maps))
