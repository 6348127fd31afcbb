"""From distances to patch scores, image scores and anomaly maps (Roth et al. 2022, section 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from patchcore_core.config import PatchCoreConfig
from patchcore_core.model.leave_one_out import leave_one_out_search
from patchcore_core.model.memory_bank import MemoryBank

MAP_TRUNCATE = 4.0  # the Gaussian ends at this many sigmas
MAP_PIXELS = 2**22  # of anomaly maps made at a time


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


@dataclass(frozen=True)
class PatchMaps:
    """From patch scores (B, h, w) to anomaly maps (B, H, W) float32 of `size` (H, W), blurred with `sigma` pixels."""

    size: tuple[int, int]
    sigma: float

    def of(self, patch_scores: np.ndarray) -> np.ndarray:
        """The maps, (B, H, W)."""
        maps = np.empty((len(patch_scores), *self.size), np.float32)
        for part in self._parts(len(maps)):
            maps[part] = anomaly_map(patch_scores[part], self.size, self.sigma).numpy()
        return maps

    def highest(self, patch_scores: np.ndarray) -> np.ndarray:
        """The highest value of each map, (B,) float32: that of `of`, up to the rounding of float32, whose last bit may
        depend on how many maps are made at a time. NaN where a patch score is."""
        parts = (anomaly_map(patch_scores[part], self.size, self.sigma).amax(dim=(1, 2)).numpy()
                 for part in self._parts(len(patch_scores)))  # fmt: skip
        return np.concatenate([np.empty(0, np.float32), *parts])

    def reach(self, grid: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """On which rows and columns of a grid (h, w) of patches a pixel rests: (H, h) and (W, w) bool."""
        rows, columns = (resize_and_blur(cells, pixels, self.sigma).numpy() > 0
                         for cells, pixels in zip(grid, self.size, strict=True))  # fmt: skip
        return rows, columns

    def _parts(self, count: int) -> list[slice]:
        step = max(1, MAP_PIXELS // (self.size[0] * self.size[1]))
        return [slice(first, first + step) for first in range(0, count, step)]


@dataclass(frozen=True)
class BankScores:
    """Scores by a memory bank as its configuration wants them; `maps`: how patch scores become anomaly maps."""

    bank: MemoryBank
    config: PatchCoreConfig
    maps: PatchMaps

    def of(
        self, patches: np.ndarray, distances: np.ndarray, neighbours: np.ndarray, owners: np.ndarray | None = None,
        groups: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """image_scores (B,), patch_scores (B, h, w) of patches (B, h, w, D), from the distances to their nearest bank
        rows and these rows (B, h, w, k); owners (B,): the training images whose own rows count as absent, with
        those of their groups (N,) as in model.leave_one_out."""
        count, height, width, dim = patches.shape
        squared = self.config.distance == "squared_euclidean"
        scores = patch_scores(distances.reshape(-1, distances.shape[3]), squared).reshape(count, height, width)
        if self.config.image_score == "map":
            return self.maps.highest(scores), scores
        image_scores = scores.reshape(count, -1).max(axis=1)  # s*, eq. 6
        if self.config.reweight_neighbors is not None:
            queries = patches.reshape(count, -1, dim)
            image_scores = image_scores * self._reweighting(queries, scores, neighbours[..., 0], owners, groups)
        return image_scores.astype(np.float32), scores

    def _reweighting(
        self, queries: np.ndarray, scores: np.ndarray, rows: np.ndarray, owners: np.ndarray | None,
        groups: np.ndarray | None,
    ) -> np.ndarray:
        """w of eq. 7 for each image, (B,), from its highest patch and the b bank rows around that patch's nearest."""
        b = min(self.config.reweight_neighbors or 1, len(self.bank))
        weights = []
        for image in range(len(queries)):
            highest = int(scores[image].argmax())  # m_test,*
            nearest = int(rows[image].flat[highest])  # m*
            around = self._around(nearest, b, None if owners is None else owners[image : image + 1], groups)  # N_b(m*)
            ordered = [nearest, *(row for row in around if row != nearest)][:b]
            weights.append(reweighting(queries[image, highest], self.bank.patches[ordered]))
        return np.array(weights, dtype=np.float32)

    def _around(self, row: int, b: int, owner: np.ndarray | None, groups: np.ndarray | None) -> np.ndarray:
        """The b bank rows nearest to one of them, itself among them; without those of the training image `owner` and
        its group."""
        query = self.bank.patches[row][None]  # (1, D)
        if owner is None:
            return self.bank.search(query, b)[1][0]
        found = leave_one_out_search(self.bank, query[None, None], owner, b, groups=groups)[1].ravel()
        return found[found >= 0]


def anomaly_map(patch_scores: Tensor | np.ndarray, size: int | tuple[int, int], sigma: float = 4.0) -> Tensor:
    """Patch scores (B, h, w) as maps (B, H, W): bilinear (align_corners=False), then a Gaussian blur.

    `size` is the side or (H, W), pixels. The Gaussian of `sigma` pixels is truncated at 4 sigma and mirrors the
    border (d c b a | a b c d); 0 means no blur. Interpolation and blur along one axis are one small matrix, so a
    map costs two matrix products.
    """
    scores = torch.as_tensor(patch_scores, dtype=torch.float32)
    height, width = (size, size) if isinstance(size, int) else size
    rows = resize_and_blur(scores.shape[-2], height, sigma).to(scores.device)  # (H, h)
    columns = resize_and_blur(scores.shape[-1], width, sigma).to(scores.device)  # (W, w)
    return rows @ scores @ columns.T  # (B, H, W)


@lru_cache(maxsize=16)
def resize_and_blur(source: int, target: int, sigma: float) -> Tensor:
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
