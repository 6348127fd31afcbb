"""Patch embeddings against the reference's opposite order: interpolate neighbourhoods first, pool afterwards."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.errors import ConfigError
from patchcore_core.model import embedding
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


@pytest.mark.parametrize("dims", [(1024, 1024), (64, 48), (7, 1024)])
@pytest.mark.parametrize("batch", [1, 3])
def test_cut_into_blocks_it_is_the_same(
    dims: tuple[int, int], batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = torch.Generator().manual_seed(2)
    maps = [torch.randn(batch, c, s, s, generator=generator) for c, s in ((40, 14), (112, 7))]
    whole = patch_embeddings(maps, 3, *dims)
    np.testing.assert_allclose(whole.numpy(), by_hand(maps, 3, *dims), rtol=1e-4, atol=1e-5)
    monkeypatch.setattr(embedding, "CPU_BLOCK", 5 * 9 * 14 * 16 * batch)
    torch.testing.assert_close(patch_embeddings(maps, 3, *dims), whole)


def test_channels_last_maps_give_the_same() -> None:
    maps = [torch.randn(2, 8, 6, 6), torch.randn(2, 12, 3, 3)]
    turned = [m.contiguous(memory_format=torch.channels_last) for m in maps]
    for dims in ((None, None), (16, 20)):
        torch.testing.assert_close(patch_embeddings(turned, 3, *dims), patch_embeddings(maps, 3, *dims))


def test_what_is_not_a_number_stays_in_its_channel_and_neighbourhood() -> None:
    maps = torch.ones(1, 4, 6, 6)
    maps[0, 2, 1, 1] = torch.nan
    broken = patch_embeddings([maps], 3, 4, 4).isnan()[0].nonzero()
    assert broken.tolist() == [[y, x, 2] for y in range(3) for x in range(3)]


def test_a_map_smaller_than_the_neighbourhood_is_refused() -> None:
    with pytest.raises(ConfigError, match="patch_size must fit the 1 x 1 patches of an image, got 4"):
        patch_embeddings([torch.ones(1, 2, 1, 1)], 4, None, None)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device; this machine has none")
def test_a_gpu_gives_the_cpus_embedding() -> None:
    maps = [torch.randn(2, 40, 14, 14), torch.randn(2, 112, 7, 7)]
    for dims in ((None, None), (1024, 1024)):
        gpu = patch_embeddings([m.cuda() for m in maps], 3, *dims)
        torch.testing.assert_close(gpu.cpu(), patch_embeddings(maps, 3, *dims), rtol=1e-4, atol=1e-5)


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
