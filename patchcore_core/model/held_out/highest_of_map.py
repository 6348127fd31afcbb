"""The highest value of the anomaly map that a good training image would have, had it not been in the memory bank.

Exactly, and without measuring all its patches. A map is a mean of patch scores with weights that are not negative; so
with upper bounds in place of the patch scores, each of its pixels is an upper bound. Distances to the thinned bank are
such bounds, since rows that are left out only make distances larger. Where the highest pixel of the map of bounds
rests on patches that were measured in the whole bank, no pixel is higher; else those that it rests on are measured.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from patchcore_core.model.held_out.leave_one_out import LeftOut
from patchcore_core.model.scoring import PatchMaps

SHARE = 4  # one of so many bank rows is in the thinned bank: a fifth of the patches are then measured, of 8 a third
NEAR = 5  # cells: a pixel that is the highest of so many cells around it is a peak
PEAKS, MORE = 4, 4  # of an image that are measured in the first round, and so many times as many in each of the next


def leave_one_out_map_highest(scales: Sequence[LeftOut], maps: PatchMaps) -> NDArray[np.float32]:
    """The highest value (n,) of the anomaly map of each image, as `PatchMaps.highest` of all its exact scores, which
    are joined of the patches of one or more scales."""
    scores, known = [scale.scores for scale in scales], [scale.known for scale in scales]
    grid = scores[-1].shape[1:]  # the finest
    reach = maps.reach([(part.shape[1], part.shape[2]) for part in scores])
    highest, reached = (np.full(len(scores[0]), value, np.float32) for value in (np.nan, -np.inf))
    looked = [np.empty((0, 2), np.int64) for _ in highest]  # peaks whose patches were measured last
    open_, most = np.flatnonzero(~np.any([np.isnan(part).any(axis=(1, 2)) for part in scores], axis=0)), PEAKS
    while len(open_):
        wanted = [np.zeros_like(part) for part in known]
        for image, pixels in zip(open_, maps.of(maps.joined([part[open_] for part in scores])), strict=True):
            top = np.array(np.unravel_index(pixels.argmax(), pixels.shape))
            if all(part[image][_under(rests, top)].all() for part, rests in zip(known, reach, strict=True)):
                highest[image] = pixels[tuple(top)]
                continue
            reached[image] = max(reached[image], pixels[tuple(looked[image].T)].max(initial=-np.inf))
            looked[image] = np.vstack([top, _peaks(pixels, grid, most, reached[image])])
            for peak in looked[image]:
                for part, rests in zip(wanted, reach, strict=True):
                    part[image][_under(rests, peak)] = True
        open_ = open_[np.isnan(highest[open_])]
        for scale, part in zip(scales, wanted, strict=True):
            scale.look_up(part)
        most *= MORE
    return highest


def _under(rests: tuple[np.ndarray, np.ndarray], pixel: np.ndarray) -> tuple[np.ndarray, ...]:
    """The cells of a scale that a pixel (row, column) rests on, as an index of its grid."""
    (rows, columns), (row, column) = rests, pixel.tolist()
    return np.ix_(rows[row], columns[column])


def _peaks(pixels: np.ndarray, grid: tuple[int, ...], most: int, least: float) -> np.ndarray:
    """Row and column (p, 2) of up to `most` peaks of a map (H, W) of at least this value, the highest first."""
    edges = [np.unique(np.arange(cells) * side // cells) for cells, side in zip(grid, pixels.shape, strict=True)]
    blocks = np.maximum.reduceat(np.maximum.reduceat(pixels, edges[0], axis=0), edges[1], axis=1)  # (h, w)
    peaks = np.argwhere((blocks == maximum_filter(blocks, NEAR)) & (blocks >= least))
    peaks = peaks[np.argsort(-blocks[tuple(peaks.T)], kind="stable")[:most]]
    return np.array([_in_block(pixels, edges, block) for block in peaks], np.int64).reshape(-1, 2)


def _in_block(pixels: np.ndarray, edges: list[np.ndarray], block: np.ndarray) -> tuple[int, int]:
    """Row and column of the highest pixel of a block of a map (H, W), which begins at one of the `edges`."""
    (top, left), (below, right) = ([int(edge[place + more]) if place + more < len(edge) else None
                                    for edge, place in zip(edges, block, strict=True)] for more in (0, 1))  # fmt: skip
    part = pixels[top:below, left:right]
    row, column = np.unravel_index(part.argmax(), part.shape)
    return int(top or 0) + int(row), int(left or 0) + int(column)
