"""Work side by side against the same work one part after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import torch

from patchcore_core.model.network.threads import side_by_side


@pytest.fixture(params=[1, 2, 5])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def test_the_order_is_kept(threads: int) -> None:
    """The first part ends last, where there are threads for all."""
    later = threading.Event()

    def work(part: int) -> int:
        if part == 0 and threads > 1:
            assert later.wait(30)
        if part == 1:
            later.set()
        return part**2

    assert list(side_by_side(work, range(9))) == [part**2 for part in range(9)]


def test_each_part_has_one_thread_of_torchs(threads: int) -> None:
    found = list(side_by_side(lambda _: torch.get_num_threads(), range(6)))
    assert found == [1] * 6
    assert torch.get_num_threads() == threads


def test_an_error_comes_through_and_ends_the_work(threads: int) -> None:  # noqa: ARG001  (for each number of them)
    begun = []

    def work(part: int) -> int:
        begun.append(part)
        if part == 1:
            raise ValueError("part 1")
        time.sleep(0.01)  # all of them would take seconds
        return part

    with pytest.raises(ValueError, match="part 1"):
        list(side_by_side(work, range(1000)))
    assert len(begun) < 1000


def test_who_stops_looking_stops_the_work(threads: int) -> None:  # noqa: ARG001  (for each number of them)
    begun = []

    def work(part: int) -> int:
        begun.append(part)
        time.sleep(0.01)  # all of them would take seconds
        return part

    parts = side_by_side(work, range(1000))
    assert next(parts) == 0
    parts.close()
    assert len(begun) < 1000


def test_no_parts_no_work(threads: int) -> None:  # noqa: ARG001  (for each number of them)
    assert list(side_by_side(lambda part: part, [])) == []
