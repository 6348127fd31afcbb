"""From distances to patch scores, image scores and anomaly maps (Roth et al. 2022, section 3.3)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

MAP_TRUNCATE = 4.0  # the Gaussian ends at this many sigmas


def patch_scores(distances: np.ndarray, squared: bool = False) -> np.ndarray:
    """Score of each patch, (Q,): the mean over its k nearest distances (Q, k), squared first where asked."""
    return (np.square(distances) if squared else distances).mean(axis=1)


def reweighting(patch: np.ndarray, neighbours: np.ndarray) -> float:
    """The weight w of eq. 7 for the highest patch m_test of an image, in [0, 1].

    `patch` is (D,), `neighbours` (b, D): the b bank rows nearest to m*, the nearest bank row of `patch`, with m*
    itself first. The image score is w times the patch score: a patch whose nearest bank row is rare counts more.
    """
    distances = np.linalg.norm(neighbours.astype(np.float64) - patch, axis=1)
    exponentials = np.exp(distances - distances.max())
    return float(1.0 - exponentials[0] / exponentials.sum())


def anomaly_map(patch_scores: Tensor | np.ndarray, size: int | tuple[int, int], sigma: float = 4.0) -> Tensor:
    """Patch scores (B, h, w) as maps (B, H, W): bilinear (align_corners=False), then a Gaussian blur.

    `size` is the side or (H, W), pixels. The Gaussian of `sigma` pixels is truncated at 4 sigma and mirrors the
    border (d c b a | a b c d); 0 means no blur. Interpolation and blur along one axis are one small matrix, so a
    map costs two matrix products.
    """
    scores = torch.as_tensor(patch_scores, dtype=torch.float32)
    height, width = (size, size) if isinstance(size, int) else size
    rows = _resize_and_blur(scores.shape[-2], height, sigma).to(scores.device)  # (H, h)
    columns = _resize_and_blur(scores.shape[-1], width, sigma).to(scores.device)  # (W, w)
    return rows @ scores @ columns.T  # (B, H, W)


@lru_cache(maxsize=16)
def _resize_and_blur(source: int, target: int, sigma: float) -> Tensor:
    """(target, source) matrix of bilinear interpolation followed by the Gaussian."""
    identity = torch.eye(source, dtype=torch.float64)[None, None]
    resize = F.interpolate(identity, size=(target, source), mode="bilinear", align_corners=False)[0, 0]
    return (_blur(target, sigma) @ resize).float()


def _blur(size: int, sigma: float) -> Tensor:
    """(size, size) matrix of the truncated Gaussian with mirrored borders."""
    radius = int(MAP_TRUNCATE * sigma + 0.5)
    offsets = torch.arange(-radius, radius + 1)
    weights = torch.exp(-0.5 * (offsets.double() / sigma) ** 2) if sigma > 0 else torch.ones(1, dtype=torch.float64)
    weights = weights / weights.sum()
    positions = (torch.arange(size)[:, None] + offsets) % (2 * size)
    positions = torch.where(positions < size, positions, 2 * size - 1 - positions)
    return torch.zeros(size, size, dtype=torch.float64).scatter_add_(1, positions, weights.expand(size, -1))
