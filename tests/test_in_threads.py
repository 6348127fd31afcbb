"""Results in order, whoever is faster; errors where they belong; never far ahead of the caller."""

from __future__ import annotations

import threading

import pytest

from patchcore_core.in_threads import AHEAD, in_threads


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_results_come_in_the_order_of_the_items(workers):
    assert list(in_threads(lambda item: item * item, range(50), workers)) == [item * item for item in range(50)]
    assert list(in_threads(str, [], workers)) == []


def test_a_later_item_may_be_done_before_an_earlier_one():
    done = threading.Event()

    def work(item):
        if item == 0:
            assert done.wait(30)
        else:
            done.set()
        return item

    assert list(in_threads(work, [0, 1])) == [0, 1]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_is_raised_where_its_result_would_come(workers):
    def work(item):
        if item == 3:
            raise ValueError("three")
        return item

    results = in_threads(work, range(100), workers)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(results)


@pytest.mark.parametrize("workers", [1, 2])
def test_few_items_are_drawn_ahead_of_the_results(workers):
    drawn = []
    results = in_threads(str, (drawn.append(item) or item for item in range(100)), workers)
    next(results)
    assert len(drawn) <= AHEAD * workers + 1
    results.close()
    assert len(drawn) <= AHEAD * workers + 1
