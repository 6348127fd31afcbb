"""From distances to patch scores, image scores and anomaly maps (Roth et al. 2022, section 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from patchcore_core.config import PatchCoreConfig
from patchcore_core.model.held_out.leave_one_out import leave_one_out_search
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.results import Found
from patchcore_core.model.scale import Good

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
    """From the patch scores of one or more scales to one grid (B, h, w), and to anomaly maps (B, H, W) float32 of
    `size` (H, W), blurred with `sigma` pixels.

    `good`: the patch scores of good images at each scale. With several scales the scores are divided by their spread,
    interpolated bilinearly to the finest grid, which comes last, and averaged with weights that sum to 1. Up to a
    constant this is a sum of standardised scores; without that constant no score is below 0, as for distances.
    """

    size: tuple[int, int]
    sigma: float
    good: tuple[Good, ...] = (Good(),)

    @property
    def weights(self) -> tuple[float, ...]:
        """Weight of each scale; they sum to 1."""
        inverse = [1 / each.spread for each in self.good]
        return tuple(value / sum(inverse) for value in inverse)

    def joined(self, patch_scores: Sequence[np.ndarray]) -> np.ndarray:
        """Patch scores (B, h_s, w_s) of each scale as one, (B, h, w) of the last, finest grid."""
        if len(patch_scores) == 1:
            return patch_scores[0]
        parts = [weight * part for weight, part in zip(self.weights, self.on_finest(patch_scores), strict=True)]
        joined: np.ndarray = sum(parts[1:], start=parts[0])
        return joined.astype(np.float32, copy=False)

    def on_finest(self, patch_scores: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Patch scores (B, h_s, w_s) of each scale on the finest grid, (B, h, w) float32."""
        grid = patch_scores[-1].shape[1:]
        return [anomaly_map(scores, (grid[0], grid[1]), 0.0).numpy() for scores in patch_scores]

    def leading(self, patch_scores: Sequence[np.ndarray]) -> np.ndarray:
        """The scale with the highest standardised score, (score - level) / spread, at each position, (B, h, w)."""
        above = [(scores - good.level) / good.spread
                 for scores, good in zip(self.on_finest(patch_scores), self.good, strict=True)]  # fmt: skip
        return np.argmax(above, axis=0)

    def of(self, patch_scores: np.ndarray) -> np.ndarray:
        """The maps (B, H, W) of joined patch scores (B, h, w)."""
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

    def patches(self, grid: tuple[int, int]) -> PatchMaps:
        """The same with one pixel for each patch (h, w) of the finest grid, and no blur."""
        return PatchMaps(grid, 0.0, self.good)

    def reach(self, grids: Sequence[tuple[int, int]]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Which rows and columns of the grid (h_s, w_s) of each scale affect a pixel: (H, h_s) and (W, w_s) bool."""
        (height, width), (fine_rows, fine_columns) = self.size, grids[-1]
        return [(_rests(height, fine_rows, rows, self.sigma), _rests(width, fine_columns, columns, self.sigma))
                for rows, columns in grids]  # fmt: skip

    def _parts(self, count: int) -> list[slice]:
        step = max(1, MAP_PIXELS // (self.size[0] * self.size[1]))
        return [slice(first, first + step) for first in range(0, count, step)]


def _rests(pixels: int, fine: int, cells: int, sigma: float) -> np.ndarray:
    """(pixels, cells) bool: which cells of a scale affect a row or column of pixels, through the finest grid."""
    blurred, fined = resize_and_blur(fine, pixels, sigma) > 0, resize_and_blur(cells, fine, 0.0) > 0
    return (blurred.float() @ fined.float() > 0).numpy()


@dataclass(frozen=True)
class BankScores:
    """Image and patch scores from the memory bank of each scale, under `config`; `maps` joins the patch scores of
    scales and makes anomaly maps."""

    banks: tuple[MemoryBank, ...]
    config: PatchCoreConfig
    maps: PatchMaps

    @property
    def squared(self) -> bool:
        """Whether distances are squared."""
        return self.config.squared

    def of(
        self, patches: Sequence[np.ndarray], distances: Sequence[np.ndarray], neighbours: Sequence[np.ndarray],
        owners: np.ndarray | None = None, groups: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """image_scores (B,), patch_scores (B, h, w) of the patches (B, h_s, w_s, D) of each scale, from the distances
        to their nearest bank rows and these rows (B, h_s, w_s, k); owners (B,): the training images whose own rows
        are left out, with those of their groups (N,), as in model.held_out.leave_one_out."""
        scores = self.maps.joined([self.of_patches(found) for found in distances])
        image_scores = self.highest(scores)
        if self.config.reweight_neighbors is not None:  # of one scale
            queries = patches[0].reshape(len(scores), -1, patches[0].shape[3])
            image_scores = image_scores * self._reweighting(queries, scores, neighbours[0][..., 0], owners, groups)
        return image_scores.astype(np.float32), scores

    def of_known(self, found: Sequence[tuple[np.ndarray, ...]]) -> Found:
        """The same of distances and rows (B, h_s, w_s, k) at each scale, without re-weighting, and these."""
        distances, neighbours = zip(*found, strict=True)
        return *self.of((), distances, neighbours), list(found)

    def highest(self, scores: np.ndarray) -> np.ndarray:
        """Image scores (B,) of joined patch scores (B, h, w), before re-weighting."""
        return self.maps.highest(scores) if self.config.image_score == "map" else scores.max(axis=(1, 2))  # s*, eq. 6

    def of_patches(self, distances: np.ndarray) -> np.ndarray:
        """Patch scores (B, h, w) of distances (B, h, w, k)."""
        return patch_scores(distances.reshape(-1, distances.shape[3]), self.squared).reshape(distances.shape[:3])

    def _reweighting(
        self, queries: np.ndarray, scores: np.ndarray, rows: np.ndarray, owners: np.ndarray | None,
        groups: np.ndarray | None,
    ) -> np.ndarray:
        """w of eq. 7 for each image, (B,), from its highest patch and the b bank rows around that patch's nearest."""
        weights = []
        for image in range(len(queries)):
            highest = int(scores[image].argmax())  # m_test,*
            nearest = int(rows[image].flat[highest])  # m*
            around = self.around(nearest, None if owners is None else owners[image : image + 1], groups)
            weights.append(reweighting(queries[image, highest], around))
        return np.array(weights, dtype=np.float32)

    def around(self, nearest: int, owner: np.ndarray | None = None, groups: np.ndarray | None = None) -> np.ndarray:
        """N_b(m*) of eq. 7, (b, D): the bank row `nearest`, m*, and the rows nearest to it; without those of the
        training image `owner` and its group."""
        (bank,) = self.banks
        b = min(self.config.reweight_neighbors or 1, len(bank))
        rows = _around(bank, nearest, b, owner, groups)
        return bank.patches[[nearest, *(row for row in rows if row != nearest)][:b]]


def _around(bank: MemoryBank, row: int, b: int, owner: np.ndarray | None, groups: np.ndarray | None) -> np.ndarray:
    """The b bank rows nearest to one of them, itself among them; without those of the training image `owner` and
    its group."""
    query = bank.patches[row][None]  # (1, D)
    if owner is None:
        return bank.search(query, b)[1][0]
    found = leave_one_out_search(bank, query[None, None], owner, b, groups=groups)[1].ravel()
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
