"""Leave-one-out scores: a training image scored by the bank without that image's rows.

The rows of its near-duplicates (data.near_copies) are left out too, given as `groups` (N,): a group number per image.
None: each image is its own group.

Nothing is fitted again. The rows of the other images are those selected with the image present; without it, patches of
other images would have been selected instead of its own. So the distances tend to be larger than those of a fit without
the image.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from patchcore_core.errors import ConfigError
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.shared.growing import At

QUERIES = 8192  # patches looked up at a time, whole images
SPARE = 8  # for banks that cannot leave out rows: extra neighbours at first; few patches need more
SHARE = 8  # the thinned bank, for upper bounds, has every so-many-th row
FIRST = 16  # patches of an image measured in the first round, those with the highest bounds
ABOVE = np.float32(1 + 1e-5)  # covers rounding
MOST = 512  # most neighbours requested; patches with more from their own image use a bank without it


def leave_one_out_distances(
    bank: MemoryBank, features: np.ndarray, images: np.ndarray, k: int = 1,
    report: Callable[[int, int], None] | None = None, groups: np.ndarray | None = None,
) -> np.ndarray:
    """Euclidean distances (n, h, w, k) float32 of each patch to the k nearest bank rows of other groups.

    features (n, h, w, D): the patch embeddings of n training images, images (n,): their numbers in `bank.origin`. NaN
    if the bank has fewer than k rows of other groups. `report` is called with images done and in all.
    """
    return leave_one_out_search(bank, features, images, k, report, groups)[0]


def leave_one_out_search(
    bank: MemoryBank, features: np.ndarray, images: np.ndarray, k: int = 1,
    report: Callable[[int, int], None] | None = None, groups: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The same distances and the bank rows, (n, h, w, k) each; row -1 where the distance is NaN."""
    numbers = np.asarray(images)
    if bank.origin is None:
        raise ConfigError("leaving an image out needs a memory bank that knows the origin of its rows")
    if features.ndim != 4 or numbers.shape != features.shape[:1]:
        raise ConfigError(f"expected features (n, h, w, D) and images (n,), got {features.shape} and {numbers.shape}")
    if not 1 <= k <= len(bank):
        raise ConfigError(f"k must be between 1 and the bank's {len(bank)} rows, got {k}")
    count, height, width, dim = features.shape
    patches = height * width
    distances = np.full((count, patches, k), np.nan, dtype=np.float32)
    rows = np.full((count, patches, k), -1, dtype=np.int64)
    owns, owned = group_of_rows(bank, groups), numbers if groups is None else groups[numbers]
    step = max(1, QUERIES // patches)
    for first in range(0, count, step):
        part = slice(first, first + step)
        queries = np.asarray(features[part], dtype=np.float32).reshape(-1, dim)  # (Q, D)
        owners = np.repeat(owned[part], patches)  # (Q,)
        at = _at(bank, groups, *_grid(numbers[part], patches), patches)
        found = search_others(bank, owns, queries, owners, k, at)
        for kept, values in zip((distances, rows), found, strict=True):
            kept[part] = values.reshape(-1, patches, k)
        if report is not None:
            report(min(first + step, count), count)
    return distances.reshape(count, height, width, k), rows.reshape(count, height, width, k)


def leave_one_out_highest(
    bank: MemoryBank, thin: MemoryBank, features: np.ndarray, images: np.ndarray, k: int = 1, squared: bool = False,
    groups: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The patch of each image farthest from the rows of other groups, by the mean of its k distances or squares.

    The same as the maximum of `leave_one_out_search`, exactly, at a fraction of the cost: leaving out rows only makes
    distances larger, so those to the `thinned` bank are upper bounds, and a patch whose bound is below the distance of
    another patch need not be measured. features (n, h, w, D), images (n,). The patches (n,), counted along the rows of
    the grid, the first of equals; their distances and rows (n, k), all NaN and -1 where the bank holds fewer than k
    rows of other groups.
    """
    count, dim = len(features), features.shape[3]
    patches = np.asarray(features).reshape(count, -1, dim)
    owned = np.asarray(images) if groups is None else groups[np.asarray(images)]
    owns, cells = group_of_rows(bank, groups), patches.shape[1]
    bounds = _bounds(bank, thin, patches, owned, k, squared, groups, np.asarray(images))[0]
    bounds = np.where(np.isnan(bounds), np.inf, bounds)
    order = np.argsort(-bounds, axis=1, kind="stable")
    highest, rows = np.zeros(count, dtype=np.int64), np.full((count, k), -1, dtype=np.int64)
    distances, best = np.full((count, k), np.nan, dtype=np.float32), np.full(count, -np.inf)
    first, step, open_ = 0, FIRST, np.arange(count)
    while len(open_) and first < order.shape[1]:
        looked = order[open_, first : first + step]  # (o, step)
        image, cell = np.nonzero(bounds[open_[:, None], looked] >= best[open_, None])  # those that can be the highest
        queries = patches[open_[image], looked[image, cell]].astype(np.float32)
        kept = _at(bank, groups, np.asarray(images)[open_[image]], looked[image, cell], cells)
        found = search_others(bank, owns, queries, owned[open_[image]], k, kept)
        near = np.full((*looked.shape, k), np.nan, dtype=np.float32)
        row, reached = np.full(near.shape, -1, dtype=np.int64), np.full(looked.shape, -np.inf)  # (o, step)
        near[image, cell], row[image, cell] = found
        reached[image, cell] = measure(found[0], squared)
        for at, place in enumerate(open_):
            column = np.lexsort((looked[at], -reached[at]))[0]  # the highest, the first patch of equals; NaN last
            if (-reached[at, column], looked[at, column]) < (-best[place], highest[place]):
                best[place], highest[place] = reached[at, column], looked[at, column]
                distances[place], rows[place] = near[at, column], row[at, column]
        first, step = first + step, 2 * step
        known = ~np.isnan(reached).any(axis=1)  # else too few rows of others, for this patch as for all
        if first < order.shape[1]:
            open_ = open_[known & (bounds[open_, order[open_, first]] >= best[open_])]
    return highest, distances, rows


class LeftOut:
    """Patch scores (n, h, w) of training images without the rows of their groups: `scores`, exact where they are
    `known`, else upper bounds; NaN for all patches of an image where the bank holds fewer than k rows of others.

    features (n, h, w, D) of the images, `owned` (n,) their groups; thin: a thinned bank, for the bounds. `images` (n,):
    their numbers, where the bank keeps what is found.
    """

    def __init__(
        self, bank: MemoryBank, thin: MemoryBank, features: np.ndarray, owned: np.ndarray, k: int, squared: bool,
        groups: np.ndarray | None, images: np.ndarray | None = None,
    ) -> None:
        self._bank, self._k, self._squared, self._owned = bank, k, squared, owned
        self._owns, self._features = group_of_rows(bank, groups), features
        self._groups, self._images = groups, np.zeros(len(owned), np.int64) if images is None else images
        if images is None:
            self._groups = None  # whose patches they are is not known
        patches = features.reshape(len(features), -1, features.shape[3])
        bounds, exact = _bounds(bank, thin, patches, owned, k, squared, groups, images)
        self.scores: np.ndarray = bounds.reshape(features.shape[:3])
        self.known: np.ndarray = exact.reshape(features.shape[:3])
        self.look_up(np.isnan(self.scores))

    def look_up(self, wanted: np.ndarray) -> None:
        """Measure the patches `wanted` (n, h, w) that are not known yet in the whole bank."""
        wanted = wanted & ~self.known
        queries, (image, row, column) = self._features[wanted].astype(np.float32), np.nonzero(wanted)
        cells = wanted.shape[1] * wanted.shape[2]
        at = _at(self._bank, self._groups, self._images[image], row * wanted.shape[2] + column, cells)
        found = search_others(self._bank, self._owns, queries, self._owned[image], self._k, at)[0]
        self.scores[wanted] = measure(found, self._squared)
        self.known |= wanted


def _bounds(
    bank: MemoryBank, thin: MemoryBank, patches: np.ndarray, owned: np.ndarray, k: int, squared: bool,
    groups: np.ndarray | None, images: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Upper bounds (n, c) of the scores of patches (n, c, D) without the rows of their groups `owned` (n,), NaN where
    none is known; and whether they are the scores themselves, (n, c).

    From the thinned bank, and from what the bank keeps of searches among its first rows; `images` as in LeftOut.
    """
    count, cells, dim = patches.shape
    queries, owners = patches.reshape(-1, dim).astype(np.float32, copy=False), np.repeat(owned, cells)
    places = None if images is None else _grid(images, cells)
    at = None if places is None else _at(thin, groups, *places, cells)
    bounds = measure(search_others(thin, group_of_rows(thin, groups), queries, owners, k, at)[0], squared) * ABOVE
    exact, kept = np.zeros(len(bounds), bool), None if places is None else _at(bank, groups, *places, cells)
    if kept is not None:
        near, exact = kept.kept.so_far(kept.places, k, len(bank))
        known = measure(near, squared)
        bounds = np.where(exact, known, np.fmin(bounds, known * ABOVE))
    return bounds.reshape(count, cells), exact.reshape(count, cells)


def measure(distances: np.ndarray, squared: bool) -> np.ndarray:
    """Score of each patch, from its k distances (..., k): their mean, or that of their squares."""
    return (np.square(distances) if squared else distances).mean(axis=-1)


def thinned(bank: MemoryBank, k: int, share: int = SHARE) -> MemoryBank:
    """Every `share`-th row of a bank."""
    assert bank.origin is not None
    if len(bank) < k * share:
        return bank
    thin = MemoryBank(bank.patches[::share], bank.origin[::share])
    thin.left_out = None if bank.left_out is None else bank.left_out.thinned(share)
    return thin


def group_of_rows(bank: MemoryBank, groups: np.ndarray | None) -> np.ndarray:
    """The group of each row of the bank, (M,)."""
    assert bank.origin is not None
    images = bank.origin[:, 0]
    return images if groups is None else groups[images]


def search_others(
    bank: MemoryBank, owns: np.ndarray, queries: np.ndarray, owners: np.ndarray, k: int, at: At | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest rows of other groups, distances and rows (Q, k) as in `leave_one_out_search`, of queries (Q, D) of
    the groups `owners` (Q,); owns (M,): the group of each row of the bank; `at`: where what is found of them is kept.

    Where the bank cannot leave out rows, those queries that have not met k rows of other groups yet ask for more and
    more neighbours.
    """
    if bank.leaves_out:
        distances, rows = bank.search(queries, k, owners, owns, at)
        return np.where(rows < 0, np.float32(np.nan), distances), rows
    distances = np.full((len(queries), k), np.nan, dtype=np.float32)
    rows = np.full((len(queries), k), -1, dtype=np.int64)
    left, asked = np.arange(len(queries)), min(k + SPARE, len(bank))
    while len(left) and (asked <= MOST or asked == len(bank)):
        near, indices = bank.search(queries[left], asked)  # (q, asked)
        foreign = owns[indices] != owners[left, None]
        rank = foreign.cumsum(axis=1)  # 1 at the first row of another group
        done = (rank[:, -1] >= k) | (asked == len(bank))
        taken = foreign & (rank <= k) & done[:, None]
        query, column = np.nonzero(taken)
        place = left[query], rank[query, column] - 1
        distances[place], rows[place] = near[query, column], indices[query, column]
        left, asked = left[~done], min(2 * asked, len(bank))
    for owner in np.unique(owners[left]):
        same = left[owners[left] == owner]
        distances[same], rows[same] = _search_without(bank, owns != owner, queries[same], k)
    return distances, rows


def _search_without(
    bank: MemoryBank, others: np.ndarray, queries: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Search only the bank rows where `others` (M,) is true."""
    places = np.flatnonzero(others)
    distances = np.full((len(queries), k), np.nan, dtype=np.float32)
    rows = np.full((len(queries), k), -1, dtype=np.int64)
    if known := min(k, len(places)):
        near, indices = MemoryBank(bank.patches[places]).search(queries, known)
        distances[:, :known], rows[:, :known] = near, places[indices]
    return distances, rows


def _at(bank: MemoryBank, groups: np.ndarray | None, images: np.ndarray, cells: np.ndarray, count: int) -> At | None:
    """Where the bank keeps what is found of the patches `cells` (q,) of `images` (q,), each of `count` and without its
    group."""
    return None if bank.left_out is None else bank.left_out.at(groups, images, cells, count)


def _grid(images: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Image and cell of each patch (n * cells,) of images with this number of patches."""
    return np.repeat(np.asarray(images), cells), np.tile(np.arange(cells), len(images))
