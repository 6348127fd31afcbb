"""PatchCore's steps the way patchcore-inspection takes them: unfold, interpolate and pool; approximate
greedy selection; flat search; blur."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import faiss
import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import Tensor


def embeddings(maps: Sequence[Tensor], patch_size: int, pretrain_dim: int, target_dim: int) -> Tensor:
    """(B * h * w, target_dim): every neighbourhood of every layer on the finest grid, then pooled, and pooled again."""
    layers = []
    height, width = maps[0].shape[-2:]
    for feature_map in maps:
        batch, channels = feature_map.shape[:2]
        unfolded = F.unfold(feature_map, patch_size, padding=(patch_size - 1) // 2)  # (B, C * p * p, h' * w')
        planes = unfolded.reshape(-1, 1, *feature_map.shape[-2:])
        if feature_map.shape[-2:] != (height, width):
            planes = F.interpolate(planes, size=(height, width), mode="bilinear", align_corners=False)
        values = planes.reshape(batch, channels * patch_size**2, height, width).permute(0, 2, 3, 1)
        rows = values.reshape(batch * height * width, 1, -1)
        layers.append(F.adaptive_avg_pool1d(rows, pretrain_dim).squeeze(1))
    stacked = torch.stack(layers, dim=1)  # (B * h * w, layers, pretrain_dim)
    return F.adaptive_avg_pool1d(stacked.reshape(len(stacked), 1, -1), target_dim).squeeze(1)


def distances(rows: Tensor, others: Tensor) -> Tensor:
    """(N, M) Euclidean distances of (N, D) and (M, D)."""
    norms = rows.unsqueeze(1).bmm(rows.unsqueeze(2)).reshape(-1, 1)
    of_others = others.unsqueeze(1).bmm(others.unsqueeze(2)).reshape(1, -1)
    return (-2 * rows.mm(others.T) + norms + of_others).clamp(0, None).sqrt()


def approximate_greedy(features: Tensor, start_points: int = 10) -> Iterator[int]:
    """Rows of (N, D) one after the other, each the farthest from those before; first from random starting points."""
    starts = torch.randperm(len(features))[:start_points]
    nearest = distances(features, features[starts]).mean(dim=1, keepdim=True)  # (N, 1)
    while True:
        pick = int(nearest.argmax())
        yield pick
        to_pick = distances(features, features[pick : pick + 1])
        nearest = torch.cat([nearest, to_pick], dim=-1).min(dim=1).values.reshape(-1, 1)


def flat_index(bank: np.ndarray) -> faiss.IndexFlatL2:
    """FAISS's exhaustive search over (M, D)."""
    index = faiss.IndexFlatL2(bank.shape[1])
    index.add(bank)
    return index


def anomaly_maps(scores: np.ndarray, size: int, sigma: float = 4.0) -> np.ndarray:
    """(B, h, w) -> (B, size, size): bilinear, then scipy's Gaussian on each map."""
    maps = F.interpolate(torch.from_numpy(scores)[:, None], size=size, mode="bilinear", align_corners=False)
    return np.stack([ndimage.gaussian_filter(each, sigma) for each in maps[:, 0].numpy()])
