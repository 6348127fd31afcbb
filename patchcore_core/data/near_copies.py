"""Which photos are nearly the same: bursts, photos saved again or made smaller or brighter, the next frame of a video.

Parts of one kind look alike, so their common appearance is removed first. Thumbnails (data.likeness) are high-pass
filtered (SMOOTH cells) and normalised to length 1, so that brightness and contrast do not matter. Then the mean of the
training photos is subtracted, and its changes under a little other light or position (`_modes`) are projected out. The
residuals of two different parts are uncorrelated, around 0; those of copies near 1. The correlation is the maximum over
shifts by up to a cell (a 64th of the photo), in steps of half a cell.

The cut between them is SPREADS robust standard deviations (median absolute deviation, Rousseeuw and Croux 1993) above
the median correlation of training photos, but at least LEAST and at most MOST. It is computed from all pairs, not from
nearest ones, so it does not move when most photos have a copy; where parts vary little and correlations scatter widely,
only certain copies exceed it.

Measured, highest correlation of different parts / lowest of copies (pixel noise of sigma 3, 6 and 10; JPEG quality 90
to 40; 0.5 to 1.3 of the size; brightness, contrast and gamma by up to 30 %; shifts of 1 and 2 pixels both ways) / cut:
four kinds of paper of 128 pixels 0.16 / 0.94 / 0.5; hazelnuts 0.56 / 0.95 / 0.9; woven fabric 0.20 / 0.69 / 0.5 and
brushed metal 0.34 / 0.90 / 0.8 (the built-in sample); magnetic tiles, each photographed under up to six exposures and
cropped separately: - / 0.90 / 0.9 (copies are only assumed there, from the file numbers; the pairs above the cut that
were inspected are copies, and about half of the assumed ones are above it). Where the texture is only noise (white
paper), copies with new noise correlate at 0.2 to 0.5 and are not recognised.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy.ndimage import gaussian_filter1d

from patchcore_core.data.likeness import SIDE

SMOOTH = 6.0  # cells, sigma of the high-pass filter: slower variation is light
SPREADS, LEAST, MOST = 8.0, 0.5, 0.9  # bounds of the cut
ROUNDS = 3  # rounds of computing the mean without copies
FLAT = 0.1  # grey levels, standard deviation of a uniform photo
SAME_GREY = 2.0  # most grey levels between two uniform photos that are copies
JUDGED = 100  # most photos whose pairs set the cut
ROWS = 256  # pictures at a time
ALIKE = 0.8  # median correlation above which parts and copies cannot be distinguished
STRUCTURE = 0.3  # correlation of neighbouring cells above which differences are more than noise
SHIFTS = tuple((down / 2, right / 2) for down in range(-2, 3) for right in range(-2, 3))  # cells
REACH = 0.4  # most that a shift adds to the correlation of copies
PAIRS = 1024  # at a time


@dataclass(frozen=True)
class NearCopies:
    """Training photos grouped by near-duplicates: the same part in the same place.

    groups (N,): for each photo the first photo of its group, itself without a copy. `cut`: the correlation from which
    two photos are copies. `likeness`: the median correlation of two training photos; above ALIKE all may be shots of
    one part, and `noise` says that they differ only by noise.
    """

    groups: np.ndarray
    cut: float = LEAST
    likeness: float = 0.0
    noise: bool = False
    pictures: np.ndarray = field(default_factory=lambda: np.empty((0, SIDE**2), np.float16), repr=False)
    mean: np.ndarray = field(default_factory=lambda: np.zeros(SIDE**2, np.float32), repr=False)
    shared: np.ndarray = field(default_factory=lambda: np.zeros((SIDE**2, 0), np.float32), repr=False)

    @classmethod
    def of(cls, pictures: np.ndarray) -> NearCopies:
        """From thumbnails (N, 4096), see data.likeness; O(N^2), minutes for 10,000 photos."""
        count = len(pictures)
        if count < 2:
            return cls(np.arange(count), MOST, pictures=pictures)
        mean, shared = _what_is_shared(pictures)
        some = pictures[np.linspace(0, count - 1, min(count, JUDGED)).astype(int)]
        left = _residuals(some, mean, shared)
        cut, likeness = _cut(_among(left)), float(np.median(_among(_sharp(some))))
        found = cls(np.arange(count), cut, likeness, _is_noise(left), pictures, mean, shared)
        return replace(found, groups=found._groups())

    @property
    def hardly_differ(self) -> bool:
        """Whether the training photos are so similar that all may be shots of one part."""
        return self.likeness > ALIKE

    @property
    def blank(self) -> np.ndarray:
        """Which training photos are uniform, (N,) bool."""
        return _is_flat(self.pictures)

    @property
    def copies(self) -> np.ndarray:
        """The training photos with a copy, (c,)."""
        return np.flatnonzero(np.bincount(self.groups, minlength=len(self.groups))[self.groups] > 1)

    def twins(self, pictures: np.ndarray) -> np.ndarray:
        """For each of other thumbnails (T, 4096) its near-duplicate among the training photos, (T,); -1 for none.

        Those of the last thumbnails are kept, since fits of a sweep ask for the same ones.
        """
        key = hashlib.sha256(pictures.tobytes()).digest()
        found = self._twins.get(key)
        if found is None:
            found = self._twins_of(pictures)
            self._twins.clear()
            self._twins[key] = found
        return found.copy()

    def _twins_of(self, pictures: np.ndarray) -> np.ndarray:
        places = np.full(len(pictures), -1)
        if not len(self.pictures):
            return places
        known = self._known
        for rows in _blocks(len(pictures)):
            alike = self._alike(pictures[rows], known)
            nearest = alike.argmax(axis=1)
            places[rows] = np.where(alike.max(axis=1) >= self.cut, nearest, -1)
        return places

    def _groups(self) -> np.ndarray:
        """The first photo of each group connected by pairs of copies, (N,)."""
        from scipy.sparse import coo_matrix  # here, since pages that only read runs load this module too
        from scipy.sparse.csgraph import connected_components

        count, known = len(self.pictures), self._known
        one, other = [], []
        for rows in _blocks(count):
            near = np.nonzero(self._alike(self.pictures[rows], known) >= self.cut)
            one.append(rows.start + near[0])
            other.append(near[1])
        ends = np.concatenate(one), np.concatenate(other)
        parts = connected_components(coo_matrix((np.ones(len(ends[0])), ends), (count, count)), directed=False)[1]
        return np.unique(parts, return_index=True)[1][parts]

    @cached_property
    def _twins(self) -> dict[bytes, np.ndarray]:
        return {}

    @cached_property
    def _known(self) -> Looks:
        """The training photos, for `_alike`."""
        return self._looks(self.pictures)

    def _looks(self, pictures: np.ndarray) -> Looks:
        own = [_pooled(_residuals(pictures[rows], self.mean, self.shared)) for rows in _blocks(len(pictures))]
        return Looks(np.concatenate(own), _is_flat(pictures), pictures.mean(axis=1, dtype=np.float32))

    def _alike(self, pictures: np.ndarray, known: Looks) -> np.ndarray:
        """Correlations (n, N) of thumbnails with known ones; for two uniform ones 1 if of equal grey, else 0."""
        left = _residuals(pictures, self.mean, self.shared)
        found = _pooled(left) @ known.own.T
        rows, columns = np.nonzero((found >= self.cut - REACH) & (found < self.cut))
        found[rows, columns] = _moved(left, known.own, (rows, columns))
        flat, grey = _is_flat(pictures)[:, None], pictures.mean(axis=1, dtype=np.float32)[:, None]
        same = flat & known.flat & (np.abs(grey - known.grey) <= SAME_GREY)
        return np.where(flat | known.flat, same.astype(np.float32), found)


@dataclass(frozen=True)
class Looks:
    """Of n photos: their own residual (n, 1024) of length 1, whether each is uniform, and its mean grey (n,)."""

    own: np.ndarray
    flat: np.ndarray
    grey: np.ndarray


def _cut(correlations: np.ndarray) -> float:
    """The cut, from the correlations of all pairs of training photos."""
    middle = float(np.median(correlations))
    spread = 1.4826 * float(np.median(np.abs(correlations - middle)))
    return min(max(middle + SPREADS * spread, LEAST), MOST)


def _what_is_shared(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean (4096,) of the thumbnails as from `_sharp`, and an orthonormal basis (4096, b) of its variations.

    Copies count as one: a photo is weighted by 1 / the number of photos like it.
    """
    weights = np.full(len(pictures), 1 / len(pictures), np.float32)
    mean, shared = np.zeros(SIDE**2, np.float32), np.zeros((SIDE**2, 0), np.float32)
    for _ in range(ROUNDS):
        grey, mean = np.zeros(SIDE**2, np.float32), np.zeros(SIDE**2, np.float32)
        for rows in _blocks(len(pictures)):
            part = pictures[rows].astype(np.float32)
            grey += weights[rows] @ (part / np.maximum(part.mean(axis=1, keepdims=True), 1))
            mean += weights[rows] @ _sharp(part)
        shared = _modes(grey.reshape(SIDE, SIDE))
        own = np.concatenate([_pooled(_residuals(pictures[rows], mean, shared)) for rows in _blocks(len(pictures))])
        alike = np.concatenate([((own[rows] @ own.T) > LEAST).sum(axis=1) for rows in _blocks(len(own))])
        weights = 1 / np.maximum(alike, 1).astype(np.float32)
        weights /= weights.sum()
    return mean, shared


def _modes(grey: np.ndarray) -> np.ndarray:
    """How a mean photo (64, 64) changes with light or a small movement of the camera.

    Itself, its powers (exposure, gamma), itself on a gradient of light, its derivatives (shift, rotation, scale, blur):
    an orthonormal basis (4096, b).
    """
    down, right = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j].astype(np.float32)
    by_row, by_column = np.gradient(grey)
    (rows_twice, mixed), columns_twice = np.gradient(by_row), np.gradient(by_column)[1]
    modes = np.stack([
        grey, grey**2, grey**3, down * grey, right * grey, by_row, by_column, down * by_row + right * by_column,
        down * by_column - right * by_row, rows_twice, columns_twice, mixed,
    ]).reshape(-1, SIDE**2)  # fmt: skip
    flat = np.full((1, SIDE**2), 1 / SIDE, np.float32)
    vectors = np.vstack([flat, _unit(_without_light(modes))]).astype(np.float64)
    sizes, directions = np.linalg.eigh(vectors @ vectors.T)
    kept = sizes > 1e-6 * sizes[-1]
    return (vectors.T @ (directions[:, kept] / np.sqrt(sizes[kept]))).astype(np.float32)


def _without_light(pictures: np.ndarray) -> np.ndarray:
    """Thumbnails (n, 4096) without slow variations."""
    square = pictures.astype(np.float32).reshape(-1, SIDE, SIDE)
    return (square - SMOOTHING @ square @ SMOOTHING.T).reshape(len(pictures), -1)


def _sharp(pictures: np.ndarray) -> np.ndarray:
    """Thumbnails (n, 4096) without light, brightness and contrast: length 1, zeros for uniform ones."""
    return np.where(_is_flat(pictures)[:, None], np.float32(0), _unit(_without_light(pictures)))


def _is_flat(pictures: np.ndarray) -> np.ndarray:
    return pictures.std(axis=1, dtype=np.float32) < FLAT


def _residuals(pictures: np.ndarray, mean: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """The part of the thumbnails (n, 4096) that is not shared."""
    own = _sharp(pictures) - mean
    return own - (own @ shared) @ shared.T


def _among(pictures: np.ndarray) -> np.ndarray:
    """The best correlations over shifts between thumbnails (n, 4096), one per pair, n (n - 1) / 2."""
    return _moved(pictures, _pooled(pictures), np.triu_indices(len(pictures), 1))


def _moved(pictures: np.ndarray, own: np.ndarray, pairs: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The best correlation over shifts for each pair (p,) of thumbnails (n, 4096) and `own` (m, 1024) of others."""
    best = np.full(len(pairs[0]), -np.inf, np.float32)
    for shift in SHIFTS if len(best) else ():
        moved = _pooled(pictures, shift)
        for part in _blocks(len(best), PAIRS):
            found = np.einsum("pd,pd->p", moved[pairs[0][part]], own[pairs[1][part]])
            np.maximum(best[part], found, out=best[part])
    return best


def _pooled(pictures: np.ndarray, shift: tuple[float, float] = (0, 0)) -> np.ndarray:
    """Thumbnails (n, 4096), shifted down and right by this many cells: (n, 1024) of length 1, pooled two by two."""
    square = pictures.reshape(-1, SIDE, SIDE)
    for axis, fields in zip((1, 2), shift, strict=True):
        whole = int(np.floor(fields))
        moved = np.roll(square, whole, axis) if whole else square
        square = moved if whole == fields else (moved + np.roll(square, whole + 1, axis)) / 2
    rows = square[:, ::2] + square[:, 1::2]
    return _unit((rows[:, :, ::2] + rows[:, :, 1::2]).reshape(len(pictures), -1))


def _is_noise(left: np.ndarray) -> bool:
    """Whether neighbouring cells of the residuals (n, 4096) are hardly correlated."""
    square = left.reshape(-1, SIDE, SIDE)
    related = (square[:, :, 1:] * square[:, :, :-1]).sum(axis=(1, 2)) / np.maximum((square**2).sum(axis=(1, 2)), 1e-12)
    return float(np.median(related)) < STRUCTURE


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _blocks(count: int, step: int = ROWS) -> list[slice]:
    return [slice(first, first + step) for first in range(0, count, step)]


SMOOTHING = gaussian_filter1d(np.eye(SIDE), SMOOTH, axis=0, mode="nearest").astype(np.float32)
