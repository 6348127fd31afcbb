"""How much each layer contributes to a distance between two patches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from patchcore_core.model.embedding import bin_averages


def layer_weights(channels: Sequence[int], pretrain_dim: int | None, target_dim: int | None) -> np.ndarray:
    """(L, D): the part that each of L layers of these channels has in each value of the embedding; columns sum to 1.

    Layers are pooled together (Roth et al. 2022, section 3.1, as patchcore-inspection does it), so that a value may be
    the average over the end of one layer and the beginning of the next.
    """
    if pretrain_dim is None or target_dim is None:
        return np.repeat(np.eye(len(channels)), channels, axis=1)
    of_all = bin_averages(len(channels) * pretrain_dim, target_dim).toarray()  # (D, L * pretrain_dim)
    return of_all.reshape(target_dim, len(channels), pretrain_dim).sum(axis=2).T


def layer_shares(patches: np.ndarray, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(L, ...): the share of each layer in the squared Euclidean distance between patches (..., D) and rows (..., D).

    weights (L, D) are those of `layer_weights`. Shares sum to 1, and are 0 where the distance is.
    """
    squares = np.square(patches.astype(np.float64) - rows)  # (..., D)
    parts = np.moveaxis(squares @ weights.T, -1, 0)
    total = parts.sum(axis=0)
    return np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)
