"""Plans: what fits stays in memory, what does not goes to files, what cannot work is refused with what would do."""

import re
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.config import SAMPLERS, PatchCoreConfig
from patchcore_core.data import memory
from patchcore_core.errors import ConfigError
from patchcore_core.model import budget
from patchcore_core.model.budget import GIB, SLACK, batch_size, free_memory, plan, settled
from patchcore_core.model.network.probe import PatchShape

SHAPE = PatchShape((56, 56), 1024)
MILLION = 10**6


def planned(images: int, free: float = 64, shape: PatchShape = SHAPE, **fields: object) -> budget.Plan:
    fields = {"coreset_ratio": 0.01, "projection_dim": None, **fields}
    return plan(PatchCoreConfig(**fields), images, shape, GIB, int(free * GIB))


def test_what_fits_stays_in_memory() -> None:
    made = planned(100)
    assert not made.in_file
    assert made.parts == 1
    assert made.disk_bytes == 0
    patches, rows = 313_600, 3_136
    features, picks, bank = 1024 * 2 + 1024 + 32, 1024 + 1024 * 2 + 20, 1024 * 2 + 270  # bytes, codes and state too
    assert made.memory_bytes == GIB + patches * features + rows * (picks + bank)


def test_half_of_the_free_memory_is_taken_before_files_are() -> None:
    need = planned(500).memory_bytes - GIB
    assert not planned(500, free=2 * need / GIB + 0.01).in_file
    assert planned(500, free=2 * need / GIB - 0.01).in_file


def test_a_limit_moves_features_and_codes_to_files() -> None:
    made = planned(761, memory_limit=1.0)
    assert made.in_file
    assert made.parts == 1
    assert made.disk_bytes == 761 * 3136 * (1024 * 2 + 1024)
    assert made.memory_bytes <= 1.5 * GIB


def test_projected_features_lie_in_a_file_too() -> None:
    made = planned(761, memory_limit=1.0, projection_dim=128)
    assert made.disk_bytes == 761 * 3136 * (1024 * 2 + 128 * 4 + 128)


def test_the_coreset_is_selected_in_parts_where_its_state_is_too_large() -> None:
    made = planned(20_000, memory_limit=5.0)
    assert made.in_file
    assert made.parts == 10  # square root of patches per row
    assert made.memory_bytes <= 5.0 * GIB + SLACK
    assert planned(20_000, memory_limit=8.0).parts == 1


def test_streaming_asked_for_does_not_depend_on_memory() -> None:
    assert {planned(100, free, sampler="streaming_greedy").parts for free in (0.1, 64)} == {10}


@given(
    st.integers(1, 50_000), st.sampled_from(SAMPLERS), st.floats(0.5, 16), st.sampled_from([0.001, 0.01, 0.1, 0.5]),
    st.sampled_from([None, 128]),
)  # fmt: skip
def test_a_limit_is_kept_or_the_least_that_would_do_is_named(
    images: int, sampler: str, limit: float, ratio: float, projection: int | None
) -> None:
    fields = {"sampler": sampler, "coreset_ratio": ratio, "projection_dim": projection}
    try:
        made = planned(images, memory_limit=limit, **fields)
    except ConfigError as error:
        refusal = re.search(r"memory_limit must be at least ([0-9.]+) GiB for this fit", str(error))
        limit = float(refusal[1]) if refusal else 0
        made = planned(images, memory_limit=limit, **fields)
    assert made.memory_bytes <= limit * GIB + SLACK


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_without_a_limit_nothing_is_refused(sampler: str) -> None:
    assert planned(50_000, free=0, sampler=sampler).memory_bytes > 0


def test_the_sampler_that_will_be_used_is_settled_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    config = PatchCoreConfig(coreset_ratio=0.01, memory_limit=5.0, projection_dim=None)
    assert settled(config, 20_000, SHAPE).sampler == "streaming_greedy"
    assert settled(config, 100, SHAPE) == config
    monkeypatch.setattr(budget, "free_memory", lambda: 64 * GIB)
    assert settled(PatchCoreConfig(), 100, SHAPE).sampler == "greedy"


def test_large_images_go_through_the_network_one_at_a_time() -> None:
    sizes = (64, 320, 448, 640, 2048)
    assert [batch_size(PatchCoreConfig(image_size=side), "cpu") for side in sizes] == [4, 4, 2, 1, 1]
    assert batch_size(PatchCoreConfig(image_size=2048), "cuda:0") == 32
    assert batch_size(PatchCoreConfig(image_size=64, memory_limit=1.0), "cpu") == 1


def test_free_memory_is_part_of_what_there_is() -> None:
    assert 0 < free_memory() < psutil.virtual_memory().total


@pytest.mark.parametrize("version", [2, 1])
def test_the_limit_of_a_control_group_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    names = memory.CONTROL_GROUP_FILES[2 - version]
    (tmp_path / names[0]).parent.mkdir(exist_ok=True)
    texts = (str(300 * MILLION), str(200 * MILLION), f"anon 1\n{names[3]} {50 * MILLION}")
    for name, text in zip(names[:3], texts, strict=True):
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    assert free_memory() == 150 * MILLION  # what is only cache counts as free
    (tmp_path / names[0]).write_text("max")
    assert free_memory() > 150 * MILLION
