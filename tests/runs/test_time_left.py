"""Time left, on clocks made by hand: what is known when, and how a pace that changes is followed."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.runs.time_left import FIRST, STAGES, TimeLeft, rough


def told(time_left: TimeLeft, pace: Callable[[float], int], total: int, until: float, every: float = 0.25) -> float:
    """The answer after reports each `every` seconds of a stage that has done `pace(seconds)` steps."""
    left, clock = math.nan, 0.0
    while clock <= until:
        left = time_left.note("coreset", pace(clock), total, clock)
        clock += every
    return left


def test_nothing_is_claimed_at_the_start():
    time_left = TimeLeft()
    assert math.isnan(time_left.note("features", 0, 100, 50.0))
    assert math.isnan(time_left.note("features", 4, 100, 50.0 + FIRST / 2))
    assert math.isnan(time_left.note("features", 4, 100, 60.0))  # one batch, maybe slow from loading, is no pace
    assert math.isnan(time_left.of_run())


@given(st.floats(0.5, 500), st.integers(5000, 10**6), st.floats(0.1, 0.95))
def test_an_even_pace_is_told_right(seconds: float, total: int, share: float):
    until = FIRST + seconds * share
    whole = until / share
    left = told(TimeLeft(), lambda clock: int(total * clock / whole), total, until, whole / 400)
    assert left == pytest.approx(whole - until, rel=0.1, abs=0.03 * whole)


def test_a_slow_beginning_is_forgotten():
    left = told(TimeLeft(), lambda clock: max(0, int(100 * (clock - 6))), 2000, 16.0)  # six seconds of loading
    assert left == pytest.approx(10, rel=0.1)


@pytest.mark.parametrize("power", [0.8, 1.15])
def test_a_pace_that_changes_slowly_stays_within_a_factor_of_one_and_a_half(power: float):
    total, whole = 10_000, 100.0
    for until in range(10, 95, 5):
        left = told(TimeLeft(), lambda clock: int(total * (clock / whole) ** power), total, float(until))
        assert 1 / 1.5 < left / (whole - until) < 1.5


def test_the_first_steps_of_many_are_no_pace_yet():
    time_left = TimeLeft({"coreset": 20.0})
    for tenth in range(70):  # three hundred of 16,000 in seven seconds, most of them for loading
        time_left.note("coreset", 4 * tenth, 16_000, tenth / 10)
    assert time_left.left == pytest.approx(20 - 6.9)


def test_a_long_stage_is_told_before_much_of_it_is_done():
    assert told(TimeLeft(), lambda clock: int(10 * clock), 100_000, 20.0) == pytest.approx(9980, rel=0.05)


def test_a_stage_that_has_ended_has_nothing_left_and_the_next_begins_anew():
    time_left = TimeLeft()
    told(time_left, lambda clock: int(10 * clock), 100, 9.9)
    assert time_left.note("coreset", 100, 100, 10.0) == 0
    assert math.isnan(time_left.note("predict", 5, 10, 10.5))


def test_a_stage_that_starts_over_is_judged_anew():
    time_left = TimeLeft()
    told(time_left, lambda clock: int(50 * clock), 1000, 10.0)
    assert math.isnan(time_left.note("coreset", 0, 1000, 10.5))


def test_without_a_total_there_is_no_time():
    time_left = TimeLeft()
    assert all(math.isnan(time_left.note("coreset", 0, 0, clock)) for clock in (0.0, 5.0, 10.0))


def test_waiting_has_no_time():
    time_left = TimeLeft({"features": 20.0})
    assert all(math.isnan(time_left.note("waiting", 0, 2, clock)) for clock in (0.0, 5.0, 10.0))
    assert math.isnan(time_left.of_run())


def test_a_forecast_stands_in_until_the_pace_is_known_and_gives_the_time_of_the_run():
    time_left = TimeLeft({"network": 3.0, "features": 20.0, "coreset": 8.0, "predict": 30.0, "evaluate": 2.0})
    assert time_left.note("features", 0, 100, 100.0) == 20
    assert time_left.of_run() == 20 + 8 + 30 + 2
    assert time_left.note("features", 1, 100, 105.0) == 15
    for second in range(6, 51):
        time_left.note("features", second, 100, 100.0 + second)
    assert time_left.left == pytest.approx(50)  # one a second, whatever was expected
    assert time_left.of_run() == pytest.approx(50 + 8 + 30 + 2)


def test_a_forecast_that_was_too_short_is_not_believed():
    time_left = TimeLeft({"features": 2.0})
    time_left.note("features", 0, 100, 0.0)
    assert math.isnan(time_left.note("features", 0, 100, 3.0))


def test_many_reports_cost_little_memory():
    time_left = TimeLeft()
    for step in range(100_000):
        time_left.note("coreset", step, 10**6, step * 0.001)
    assert len(time_left._marks) < 1100


def test_the_stages_are_told_apart():
    assert len(set(STAGES)) == len(STAGES)


@pytest.mark.parametrize(
    ("seconds", "text"), [(1, "5 s"), (52, "50 s"), (1600, "27 min"), (9000, "2.5 h"), (math.nan, "—")]
)
def test_an_estimate_claims_no_more_than_it_knows(seconds: float, text: str) -> None:
    assert rough(seconds) == text
