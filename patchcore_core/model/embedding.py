"""From a network's feature maps to one vector per patch (Roth et al. 2022, section 3.1).

Everything here is linear. So each value that a layer contributes to the embedding is a weighted sum of a few of the
C * p * p values of a neighbourhood, channel by channel; coarse layers are interpolated afterwards, when few values are
left. The sums are taken over the shifted planes of a few channels at a time, since all C * p * p planes would need too
much memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from scipy import sparse
from torch import Tensor

from patchcore_core.errors import ConfigError

CPU_BLOCK, GPU_BLOCK = 2**18, 2**26  # values of shifted planes at a time: the L2 cache of a core; ample


def patch_embeddings(
    feature_maps: Mapping[str, Tensor] | Sequence[Tensor],
    patch_size: int,
    pretrain_dim: int | None,
    target_dim: int | None,
) -> Tensor:
    """Embed every patch of a batch: (B, h, w, D), contiguous, on the grid of the first layer.

    `feature_maps` are (B, C, h, w) each, finest first. With `pretrain_dim` and `target_dim` as numbers the p x p
    neighbourhood of every position (zero-padded) is pooled to `pretrain_dim` values per layer and the layers
    together to `target_dim`, as patchcore-inspection does. With both None each channel is averaged over the
    neighbourhood and the layers are concatenated: D is the sum of their channels. Coarser layers are
    interpolated bilinearly (align_corners=False). ConfigError if a map is smaller than the neighbourhood.
    """
    maps = list(feature_maps.values()) if isinstance(feature_maps, Mapping) else list(feature_maps)
    grids = [_grid(m, patch_size) for m in maps]
    if pretrain_dim is None or target_dim is None:
        means = [_resized(_local_mean(m, patch_size), grids[0]) for m in maps]
        return torch.cat(means, dim=-1)  # (B, h, w, sum of channels)
    channels, first = tuple(m.shape[1] for m in maps), maps[0]
    embedded = first.new_empty(len(first), *grids[0], target_dim)  # (B, h, w, D)
    written = 0  # values of the embedding that earlier layers contribute to
    for layer, (feature_map, grid) in enumerate(zip(maps, grids, strict=True)):
        share = _share(channels, layer, patch_size, pretrain_dim, target_dim)
        own = embedded[..., share.start : share.stop]
        if grid == grids[0] and share.start >= written:
            _weighted_sums(feature_map, share, patch_size, own)
        else:
            coarse = first.new_empty(len(first), *grid, share.stop - share.start)
            _weighted_sums(feature_map, share, patch_size, coarse)
            fine = _resized(coarse, grids[0])
            shared = max(0, min(written, share.stop) - share.start)  # a bin may average over two layers
            own[..., :shared] += fine[..., :shared]
            own[..., shared:] = fine[..., shared:]
        written = max(written, share.stop)
    return embedded


def _local_mean(feature_map: Tensor, patch_size: int) -> Tensor:
    """(B, h, w, C): the mean of each channel over the zero-padded p x p neighbourhood."""
    channels_last = feature_map.contiguous(memory_format=torch.channels_last)  # several times faster on a CPU
    return F.avg_pool2d(channels_last, patch_size, stride=1, padding=(patch_size - 1) // 2).permute(0, 2, 3, 1)


@dataclass(frozen=True, eq=False)
class _Share:
    """One layer's contribution to values start to stop of the embedding: `sums` (stop - start, C * p * p)."""

    start: int
    stop: int
    sums: sparse.csr_array


@dataclass(frozen=True, eq=False)
class _Block:
    """Values `outputs` of a share as sums over the shifted planes of `channels`: bag i adds weights[j] times plane
    indices[j] for every j from offsets[i] on."""

    outputs: slice
    channels: slice
    indices: Tensor
    offsets: Tensor
    weights: Tensor


def _weighted_sums(feature_map: Tensor, share: _Share, patch_size: int, into: Tensor) -> None:
    """Write a layer's share into `into` (B, h, w, stop - start).

    All images lie row after row in one long line per channel, so that a shifted plane is one stretch of it; the
    stretch also covers the padding between rows and images, which is left out when the sums are written.
    """
    batch, channels, height, width = feature_map.shape
    pad = (patch_size - 1) // 2
    padded = feature_map.new_zeros(channels, batch, height + 2 * pad + 1, width + 2 * pad)  # one row for the last shift
    padded[:, :, pad : pad + height, pad : pad + width] = feature_map.transpose(0, 1)
    line, image, row = padded.stride()[:3]
    length = (batch - 1) * image + into.shape[1] * row
    limit = CPU_BLOCK if feature_map.device.type == "cpu" else GPU_BLOCK
    together = max(1, limit // (patch_size**2 * length))
    for block in _blocks(share, patch_size, channels, together, feature_map.device, feature_map.dtype):
        count, first = block.channels.stop - block.channels.start, block.channels.start * line
        shifted = padded.as_strided((count, patch_size, patch_size, length), (line, row, 1, 1), first)
        planes = shifted.contiguous().view(-1, length)  # (channels * p * p, length)
        sums = F.embedding_bag(
            block.indices, planes, block.offsets, mode="sum", per_sample_weights=block.weights
        )  # (outputs, length)
        into[..., block.outputs] = sums.as_strided((*into.shape[:3], len(sums)), (image, row, 1, length))


@lru_cache(maxsize=32)
def _share(channels: tuple[int, ...], layer: int, patch_size: int, pretrain_dim: int, target_dim: int) -> _Share:
    of_layer = bin_averages(channels[layer] * patch_size**2, pretrain_dim)  # (pretrain_dim, C * p * p)
    own = slice(layer * pretrain_dim, (layer + 1) * pretrain_dim)
    of_all = bin_averages(len(channels) * pretrain_dim, target_dim)[:, own]
    sums = sparse.csr_array(of_all @ of_layer)  # (target_dim, C * p * p)
    sums.sort_indices()
    used = np.flatnonzero(np.diff(sums.indptr))
    start, stop = int(used[0]), int(used[-1]) + 1
    return _Share(start, stop, sums[start:stop])


@lru_cache(maxsize=64)
def _blocks(
    share: _Share, patch_size: int, channels: int, together: int, device: torch.device, dtype: torch.dtype
) -> tuple[_Block, ...]:
    """The share cut into stretches of values that need about `together` channels each."""
    size, parts = share.stop - share.start, -(-channels // together)
    edges = np.unique(np.linspace(0, size, parts + 1).astype(int)).tolist()
    return tuple(
        _block(share.sums, slice(low, high), patch_size**2, device, dtype)
        for low, high in pairwise(edges)
    )


def _block(sums: sparse.csr_array, outputs: slice, window: int, device: torch.device, dtype: torch.dtype) -> _Block:
    part = sums[outputs]
    low, high = int(part.indices.min()) // window, int(part.indices.max()) // window + 1
    with torch.inference_mode(False):  # kept for later calls, whatever mode they are in
        return _Block(
            outputs,
            slice(low, high),
            torch.tensor(part.indices - low * window, dtype=torch.int64, device=device),
            torch.tensor(part.indptr[:-1], dtype=torch.int64, device=device),
            torch.tensor(part.data, dtype=dtype, device=device),
        )


def bin_averages(length: int, count: int) -> sparse.csr_array:
    """(count, length): row i averages the i-th of `count` equal, possibly overlapping, bins, as adaptive pooling."""
    i = np.arange(count)
    low, high = i * length // count, -(-(i + 1) * length // count)
    sizes = high - low
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    columns = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - low, sizes)
    return sparse.csr_array((np.repeat(1 / sizes, sizes), columns, offsets), shape=(count, length))


def _grid(feature_map: Tensor, patch_size: int) -> tuple[int, int]:
    """Rows and columns of patches; an even patch size loses one of each."""
    cut = patch_size - 1 - 2 * ((patch_size - 1) // 2)
    height, width = feature_map.shape[-2:]
    if min(height, width) <= cut:
        raise ConfigError(f"patch_size must fit the {height} x {width} patches of an image, got {patch_size}")
    return height - cut, width - cut


def _resized(values: Tensor, grid: tuple[int, int]) -> Tensor:
    """(B, h, w, n) interpolated bilinearly to another grid."""
    if tuple(values.shape[1:3]) == grid:
        return values
    maps = values.permute(0, 3, 1, 2)
    return F.interpolate(maps, size=grid, mode="bilinear", align_corners=False).permute(0, 2, 3, 1)
