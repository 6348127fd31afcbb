"""The highest value of the anomaly map that a good training image would have, had it not been in the memory bank.

Exactly, and without measuring all its patches. A map is a mean of patch scores with weights that are not negative; so
with upper bounds in place of the patch scores, each of its pixels is an upper bound. Distances to the thinned bank are
such bounds, since rows that are left out only make distances larger. If the highest pixel of the map of bounds depends
only on patches that were measured in the whole bank, it is the maximum; otherwise the patches that it depends on are
measured.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from patchcore_core.model.held_out.leave_one_out import LeftOut
from patchcore_core.model.scoring import PatchMaps

SHARE = 4  # the thinned bank has every so-many-th row: with 4 a fifth of the patches is measured, with 8 a third
NEAR = 5  # cells: a cell is a peak if its middle is the maximum of a window of this side
PEAKS, MORE = 4, 4  # peaks of an image measured in the first round, and the growth from round to round


def leave_one_out_map_highest(scales: Sequence[LeftOut], maps: PatchMaps) -> NDArray[np.float32]:
    """The highest value (n,) of the anomaly map of each image, as `PatchMaps.highest` of all its exact scores, which
    are joined of the patches of one or more scales."""
    scores, known = [scale.scores for scale in scales], [scale.known for scale in scales]
    reach = maps.reach([(part.shape[1], part.shape[2]) for part in scores])
    middles = [(2 * np.arange(cells) + 1) * side // (2 * cells)
               for cells, side in zip(scores[-1].shape[1:], maps.size, strict=True)]  # fmt: skip
    highest, reached = (np.full(len(scores[0]), value, np.float32) for value in (np.nan, -np.inf))
    looked = [np.empty((0, 2), np.int64) for _ in highest]  # peaks whose patches were measured last
    open_, most = np.flatnonzero(~np.any([np.isnan(part).any(axis=(1, 2)) for part in scores], axis=0)), PEAKS
    while len(open_):
        wanted = [np.zeros_like(part) for part in known]
        # one at a time: the last bits of a map may depend on those that are drawn with it
        drawn = np.concatenate([maps.of(maps.joined([part[image][None] for part in scores])) for image in open_])
        cells = drawn[:, middles[0][:, None], middles[1]]  # (o, h, w)
        peaks = cells == maximum_filter(cells, (1, NEAR, NEAR))
        for place, (image, pixels) in enumerate(zip(open_, drawn, strict=True)):
            top = np.array(np.unravel_index(pixels.argmax(), pixels.shape))
            if all(part[image][_under(rests, top)].all() for part, rests in zip(known, reach, strict=True)):
                highest[image] = pixels[tuple(top)]
                continue
            reached[image] = max(reached[image], pixels[tuple(looked[image].T)].max(initial=-np.inf))
            more = _first(cells[place], peaks[place] & (cells[place] >= reached[image]), most)
            looked[image] = np.vstack([top, np.stack([side[at] for side, at in zip(middles, more, strict=True)], 1)])
            for peak in looked[image]:
                for part, rests in zip(wanted, reach, strict=True):
                    part[image][_under(rests, peak)] = True
        open_ = open_[np.isnan(highest[open_])]
        for scale, part in zip(scales, wanted, strict=True):
            scale.look_up(part)
        most *= MORE
    return highest


def _under(rests: tuple[np.ndarray, np.ndarray], pixel: np.ndarray) -> tuple[np.ndarray, ...]:
    """The cells of a scale that a pixel (row, column) depends on, as an index of its grid."""
    (rows, columns), (row, column) = rests, pixel.tolist()
    return np.ix_(rows[row], columns[column])


def _first(values: np.ndarray, chosen: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns (p,) of up to `most` of the chosen values (h, w), the highest first."""
    rows, columns = np.nonzero(chosen)
    order = np.argsort(-values[rows, columns], kind="stable")[:most]
    return rows[order], columns[order]
