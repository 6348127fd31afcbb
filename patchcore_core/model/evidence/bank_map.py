"""Rows of a memory bank as points of a plane: by principal components at once, by UMAP or PaCMAP in a process."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

FITTED = 8192  # rows that the components are computed from
BLOCK = 8192  # rows projected at a time
LEAST = 16  # rows, of a neighbour map
METHODS = {"pacmap": "PaCMAP", "umap": "UMAP"}  # package: name; the first that is installed is used


@dataclass(frozen=True)
class Plane:
    """`places` (M, 2) float32 of the rows, and which fraction of their variance the two directions explain (NaN where
    they are no directions)."""

    places: np.ndarray
    explained: float


def principal_plane(rows: np.ndarray) -> Plane:
    """The first two principal components of rows (M, D), computed from at most FITTED rows, evenly spread.

    The sign is such that the largest value of a direction is positive.
    """
    some = rows[np.linspace(0, len(rows) - 1, min(len(rows), FITTED)).round().astype(int)].astype(np.float32)
    middle = some.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((some - middle).T, bias=True).reshape(rows.shape[1], -1))
    directions = vectors[:, ::-1][:, :2].astype(np.float32)  # (D, 2)
    directions *= np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])])
    places = np.zeros((len(rows), 2), np.float32)
    for first in range(0, len(rows), BLOCK):
        part = slice(first, first + BLOCK)
        places[part, : directions.shape[1]] = (rows[part].astype(np.float32) - middle) @ directions
    total = float(values.sum())
    return Plane(places, float(values[-2:].sum()) / total if total > 0 else float("nan"))


def neighbour_method() -> str | None:
    """The package that maps neighbours to neighbours, of METHODS; None if none is installed."""
    return next((name for name in METHODS if find_spec(name) is not None), None)


def neighbour_plane(rows: np.ndarray, method: str, seed: int = 0) -> np.ndarray:
    """Places (M, 2) float32 of rows (M, D), at least LEAST, by one of METHODS; takes seconds to minutes."""
    values, near = rows.astype(np.float32), min(15, len(rows) - 1)
    if method == "pacmap":
        import pacmap

        made = pacmap.PaCMAP(n_components=2, n_neighbors=min(10, near), random_state=seed).fit_transform(values)
    else:
        import umap

        made = umap.UMAP(n_components=2, n_neighbors=near, random_state=seed, n_jobs=1).fit_transform(values)
    return np.asarray(made, dtype=np.float32)


def main(arguments: list[str]) -> None:
    """ROWS.npy PLACES.npy METHOD: read the rows, write their places."""
    rows, places, method = arguments
    found = neighbour_plane(np.load(Path(rows), allow_pickle=False), method)
    np.save(Path(places), found, allow_pickle=False)


if __name__ == "__main__":
    main(sys.argv[1:])
