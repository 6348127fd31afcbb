"""Progress of a sweep, against numbers written out by hand."""

from __future__ import annotations

import math

import pytest

from patchcore_core.jobs import queue
from patchcore_core.jobs.how_far import how_far
from patchcore_core.runs.time_left import left_of_several


@pytest.mark.parametrize(("done", "waiting", "current", "at_once", "left"), [
    ([], [10, 20], [], 1, 30),
    ([(10, 20)], [10, 20], [], 1, 60),  # twice as slow as expected
    ([(10, 20)], [10], [7], 1, 27),
    ([(10, 20), (30, 20)], [10, 10], [4, 6], 2, 15),
    ([(math.nan, 6), (math.nan, 4)], [math.nan] * 3, [], 1, 15),
    ([(10, 20), (math.nan, 40)], [math.nan, 1], [], 1, 32),
    ([], [math.nan], [], 1, math.nan),
    ([], [], [3], 1, 3),
    ([(10, 20)], [], [], 0, 0),
])  # fmt: skip
def test_what_is_to_come_takes_as_long_as_what_is_done_says(done, waiting, current, at_once, left):
    assert left_of_several(done, waiting, current, at_once) == pytest.approx(left, nan_ok=True)


def test_how_far_a_sweep_is(store, queued):
    runs = queued(*"abcdef", sweep="s", seconds=10.0)
    queued("g", seconds=500.0)
    queue.end(store, runs[0], "finished", took=20.0)
    queue.end(store, runs[1], "failed", "why")
    queue.cancel(store, runs[2:3])
    queue.pause(store, runs[3:4])
    far = how_far(store, queue.jobs_of(store, "s"))
    assert far.words() == "1 of 6 finished, 2 waiting, 1 paused, 1 failed, 1 cancelled, about 40 s left"
    assert (far.open, far.seconds_left, len(far.of("failed", "cancelled"))) == (True, 40.0, 2)
    queue.cancel(store, runs)
    assert how_far(store, queue.jobs_of(store, "s")).words() == "1 of 6 finished, 1 failed, 4 cancelled"
