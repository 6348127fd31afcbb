"""Patch embeddings against the reference's opposite order: interpolate neighbourhoods first, pool afterwards."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.model.embedding import patch_embeddings


def by_hand(maps: list[torch.Tensor], p: int, pretrain_dim: int | None, target_dim: int | None) -> np.ndarray:
    """One patch at a time: neighbourhood, interpolation of each of its values, averages over explicit bins."""
    pad = (p - 1) // 2
    layers = []
    for feature_map in maps:
        padded = F.pad(feature_map, (pad, pad, pad, pad))
        height, width = (side + 2 * pad - p + 1 for side in feature_map.shape[-2:])
        windows = torch.stack(
            [padded[..., y : y + height, x : x + width] for y in range(p) for x in range(p)], dim=2
        )  # (B, C, p * p, h, w)
        grid = layers[0].shape[-2:] if layers else (height, width)
        layers.append(F.interpolate(windows.flatten(1, 2), size=grid, mode="bilinear", align_corners=False))
    if target_dim is None:
        means = [layer.unflatten(1, (-1, p * p)).mean(2) for layer in layers]
        return torch.cat(means, dim=1).permute(0, 2, 3, 1).numpy()
    pooled = [bins(layer.permute(0, 2, 3, 1).numpy(), pretrain_dim) for layer in layers]
    return bins(np.concatenate(pooled, axis=-1), target_dim)


def bins(values: np.ndarray, count: int) -> np.ndarray:
    length = values.shape[-1]
    edges = [(i * length // count, -(-(i + 1) * length // count)) for i in range(count)]
    return np.stack([values[..., low:high].mean(-1) for low, high in edges], axis=-1)


@given(
    p=st.sampled_from([1, 2, 3, 5]),
    channels=st.lists(st.integers(1, 7), min_size=1, max_size=3),
    dims=st.one_of(st.none(), st.tuples(st.integers(1, 40), st.integers(1, 40))),
    batch=st.integers(1, 3),
)
def test_equals_the_definition(p: int, channels: list[int], dims: tuple[int, int] | None, batch: int) -> None:
    generator = torch.Generator().manual_seed(1)
    sides = [12, 6, 5]
    maps = [torch.randn(batch, c, sides[i], sides[i] + 1, generator=generator) for i, c in enumerate(channels)]
    pretrain_dim, target_dim = dims or (None, None)
    ours = patch_embeddings({str(i): m for i, m in enumerate(maps)}, p, pretrain_dim, target_dim)
    np.testing.assert_allclose(ours.numpy(), by_hand(maps, p, pretrain_dim, target_dim), rtol=1e-4, atol=1e-5)


def test_zero_padding_counts_as_zeros() -> None:
    ones = torch.ones(1, 1, 4, 4)
    embedded = patch_embeddings([ones], 3, None, None)[0, :, :, 0]
    assert embedded[0, 0] == pytest.approx(4 / 9)
    assert embedded[0, 1] == pytest.approx(6 / 9)
    assert embedded[1, 1] == pytest.approx(1)


def test_rows_and_columns_are_not_exchanged() -> None:
    ramp = torch.arange(4.0)[:, None].expand(4, 6)[None, None]  # grows downwards
    embedded = patch_embeddings([ramp], 1, None, None)
    assert embedded.shape == (1, 4, 6, 1)
    assert embedded[0, :, 2, 0].tolist() == [0, 1, 2, 3]
