"""From a network's feature maps to one vector per patch (Roth et al. 2022, section 3.1).

Everything here is linear, so pooling the channels of a coarse layer first and interpolating afterwards gives
the same numbers as the reference implementation's opposite order, with a fraction of the work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def patch_embeddings(
    feature_maps: Mapping[str, Tensor] | Sequence[Tensor],
    patch_size: int,
    pretrain_dim: int | None,
    target_dim: int | None,
) -> Tensor:
    """Embed every patch of a batch: (B, h, w, D), on the grid of the first layer.

    `feature_maps` are (B, C, h, w) each, finest first. With `pretrain_dim` and `target_dim` as numbers the p x p
    neighbourhood of every position (zero-padded) is pooled to `pretrain_dim` values per layer and the layers
    together to `target_dim`, as patchcore-inspection does. With both None each channel is averaged over the
    neighbourhood and the layers are concatenated: D is the sum of their channels. Coarser layers are
    interpolated bilinearly (align_corners=False).
    """
    maps = list(feature_maps.values()) if isinstance(feature_maps, Mapping) else list(feature_maps)
    if target_dim is None or pretrain_dim is None:
        return torch.cat(_on_first_grid([_local_mean(m, patch_size) for m in maps]), dim=1).permute(0, 2, 3, 1)
    pooled = _on_first_grid([_pooled_neighbourhoods(m, patch_size, pretrain_dim) for m in maps])
    stacked = torch.cat(pooled, dim=1).permute(0, 2, 3, 1)  # (B, h, w, layers * pretrain_dim)
    return _pool_last(stacked, target_dim)  # (B, h, w, target_dim)


def _local_mean(feature_map: Tensor, patch_size: int) -> Tensor:
    """(B, C, h, w): the mean of each channel over the zero-padded p x p neighbourhood."""
    return F.avg_pool2d(feature_map, patch_size, stride=1, padding=(patch_size - 1) // 2)


def _pooled_neighbourhoods(feature_map: Tensor, patch_size: int, dim: int) -> Tensor:
    """(B, dim, h, w): the C * p * p values of each neighbourhood, channel-major, averaged in `dim` equal bins."""
    padding = (patch_size - 1) // 2
    columns = F.unfold(feature_map, patch_size, padding=padding)  # (B, C * p * p, h * w)
    pooled = _pool_last(columns.transpose(1, 2), dim)  # (B, h * w, dim)
    height, width = (side + 2 * padding - patch_size + 1 for side in feature_map.shape[-2:])
    return pooled.transpose(1, 2).reshape(len(feature_map), dim, height, width)


def _pool_last(values: Tensor, dim: int) -> Tensor:
    """Average the last axis in `dim` equal, possibly overlapping, bins."""
    flat = values.reshape(-1, 1, values.shape[-1])
    return F.adaptive_avg_pool1d(flat, dim).reshape(*values.shape[:-1], dim)


def _on_first_grid(maps: list[Tensor]) -> list[Tensor]:
    grid = maps[0].shape[-2:]
    return [
        m if m.shape[-2:] == grid else F.interpolate(m, size=grid, mode="bilinear", align_corners=False) for m in maps
    ]
