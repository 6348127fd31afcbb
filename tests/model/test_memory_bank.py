"""The memory bank's search against float64 brute force, and its file."""

from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.model import memory_bank
from patchcore_core.model.memory_bank import MemoryBank


@settings(max_examples=30)
@given(rows=st.integers(1, 80), queries=st.integers(1, 50), dim=st.integers(1, 33), seed=st.integers(0, 99))
def test_search_equals_brute_force(rows: int, queries: int, dim: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    patches = random.standard_normal((rows, dim)).astype(np.float32)
    points = random.standard_normal((queries, dim)).astype(np.float32)
    k = min(rows, 4)
    distances, indices = MemoryBank(patches).search(points, k)
    exact = np.sqrt(((points[:, None].astype(np.float64) - patches[None]) ** 2).sum(-1))
    np.testing.assert_allclose(distances, np.sort(exact, axis=1)[:, :k], rtol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(exact, indices, axis=1), distances, rtol=1e-5)


def test_a_query_that_is_in_the_bank_is_at_distance_zero_even_far_from_the_origin() -> None:
    patches = np.random.default_rng(0).standard_normal((300, 64)).astype(np.float32) + 500
    distances, indices = MemoryBank(patches).search(patches)
    assert distances.max() == 0
    assert indices[:, 0].tolist() == list(range(300))


def test_a_cpu_index_of_faiss_in_the_gpu_s_place_finds_the_same_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    patches = np.random.default_rng(0).standard_normal((50, 8)).astype(np.float32)
    points = np.random.default_rng(1).standard_normal((103, 8)).astype(np.float32)
    ours = MemoryBank(patches).search(points, 3)
    monkeypatch.setattr(memory_bank, "SEARCH_ROWS", 10)
    monkeypatch.setattr(memory_bank, "_gpu_index", flat_index)
    parts = MemoryBank(patches, device="cuda").search(points, 3)
    np.testing.assert_array_equal(parts[1], ours[1])
    np.testing.assert_allclose(parts[0], ours[0], rtol=1e-6)


def flat_index(patches: np.ndarray) -> faiss.Index:
    index = faiss.IndexFlatL2(patches.shape[1])
    index.add(patches)
    return index


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_refuses_features_that_are_not_finite(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_bank, "_gpu_index", flat_index)
    broken = np.ones((4, 3), dtype=np.float32)
    bank = MemoryBank(broken, device=device)
    broken[2, 1] = np.nan
    with pytest.raises(ConfigError, match="features must be finite, got NaN or infinity"):
        bank.search(broken)
    with pytest.raises(ConfigError, match="needs finite patches, got NaN or infinity"):
        MemoryBank(broken, device=device)


@pytest.mark.parametrize(("scale", "asked", "kept"), [
    (1.0, "float16", np.float16), (1.0, "float32", np.float32), (1e5, "float16", np.float32),
    (1e-5, "float16", np.float32), (0.0, "float16", np.float16),
])  # fmt: skip
def test_features_out_of_the_range_of_float16_stay_float32(scale: float, asked: str, kept: type) -> None:
    patches = np.linspace(-scale, scale, 60, dtype=np.float32).reshape(20, 3)
    stored = memory_bank.as_stored(patches, asked)
    assert stored.dtype == kept
    np.testing.assert_allclose(stored, patches, rtol=2**-11)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_file_round_trip_is_exact(dtype: type, tmp_path: Path) -> None:
    patches = np.random.default_rng(0).standard_normal((20, 8)).astype(dtype)
    origin = np.arange(60).reshape(20, 3).astype(np.int32)
    MemoryBank(patches, origin).save(tmp_path)
    again = MemoryBank.load(tmp_path)
    assert again.patches.dtype == dtype
    assert (again.patches == patches).all()
    assert again.origin is not None
    assert (again.origin == origin).all()


def test_a_missing_file_and_a_truncated_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"patches\.safetensors: the memory bank's file is missing"):
        MemoryBank.load(tmp_path)
    MemoryBank(np.ones((20, 8))).save(tmp_path)
    file = tmp_path / memory_bank.FILE
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(StoreError, match=r"patches\.safetensors: the memory bank cannot be read"):
        MemoryBank.load(tmp_path)


@pytest.mark.parametrize(("patches", "origin", "message"), [
    (np.ones((0, 3)), None, r"shape \(M, D\), got \(0, 3\)"),
    (np.ones(3), None, r"shape \(M, D\), got \(3,\)"),
    (np.ones((4, 3)), np.ones((3, 3)), r"origin must have shape \(4, 3\), got \(3, 3\)"),
])  # fmt: skip
def test_refuses_what_is_no_bank(patches: np.ndarray, origin: np.ndarray | None, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        MemoryBank(patches, origin)


def test_refuses_wrong_queries_and_too_many_neighbours() -> None:
    bank = MemoryBank(np.ones((4, 3)))
    with pytest.raises(ConfigError, match=r"queries must have shape \(Q, 3\), got \(5, 2\)"):
        bank.search(np.ones((5, 2)))
    with pytest.raises(ConfigError, match="between 1 and the bank's 4 rows, got 5"):
        bank.search(np.ones((5, 3)), k=5)


def test_a_full_disk_is_a_sentence_that_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """safetensors has an error of its own for it, which is no OSError."""

    def fail(*_: object) -> None:
        raise memory_bank.SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(memory_bank, "save_file", fail)
    with pytest.raises(StoreError, match=r"patches.safetensors: the memory bank cannot be written .*No space left"):
        MemoryBank(np.ones((2, 3), np.float32)).save(tmp_path)
