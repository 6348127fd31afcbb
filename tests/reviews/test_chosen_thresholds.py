"""Thresholds that are chosen for a run: kept for ever, undone, checked, written by several at once."""

from __future__ import annotations

import math
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.reviews.chosen_thresholds import ChosenThresholds, ChosenThresholdsOf

RUN = "20260101-000000-tile-aaaa"


@pytest.fixture
def choices(tmp_path):
    return ChosenThresholdsOf(tmp_path / "store")


def test_where_nobody_has_chosen_all_is_none_and_nothing_is_written(choices):
    assert choices.current(RUN) == ChosenThresholds(run=RUN)
    assert (choices.current(RUN).any, choices.current(RUN).by) == (False, "")
    assert not choices.root.exists()


def test_the_newest_choice_of_a_run_counts_and_can_be_undone(choices):
    first = choices.use(RUN, "Ann", image=21.4, pixel=12, review_from=18)
    assert first.chosen_at
    assert choices.current(RUN) == first
    assert first.by == f"chosen by Ann on {first.chosen_at[:10]}"
    back = choices.back_to_held_out(RUN, "Ben")
    assert (choices.current(RUN).any, choices.current(RUN).author) == (False, "Ben")
    again = choices.undo(back, "Ann")
    assert (again.image, again.pixel, again.review_from) == (21.4, 12.0, 18.0)
    with pytest.raises(StoreError, match="somebody has chosen other thresholds"):
        choices.undo(back, "Ben")
    assert [entry.image for entry in choices.history(RUN)] == [21.4, None, 21.4]
    assert not choices.current("20260101-000000-tile-bbbb").any


@pytest.mark.parametrize(("values", "said"), [
    ({"image": math.nan}, "finite"), ({"pixel": math.inf}, "finite"), ({"image": 2, "review_from": 2}, "start below"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(choices, values, said):
    with pytest.raises(ConfigError, match=said):
        choices.use(RUN, "Ann", **values)
    with pytest.raises(ConfigError, match="author must not be empty"):
        choices.use(RUN, " ", image=1.0)


def test_several_writers_lose_nothing(choices):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda value: choices.use(RUN, "Ann", image=value), range(20)))
    assert sorted(entry.image for entry in choices.history(RUN)) == list(range(20))


def test_entries_stay_and_damaged_ones_are_named(choices):
    choices.use(RUN, "Ann", image=1.0)
    with sqlite3.connect(choices.root / "verdicts.sqlite") as file:
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
            file.execute("DELETE FROM thresholds")
        file.execute("INSERT INTO thresholds VALUES (NULL, ?, 'much', NULL, NULL, 'Ann', '2026-01-01T00:00:00+00:00')",
                     (RUN,))
    with pytest.raises(StoreError, match="thresholds cannot be read: entry 2 is damaged: image is no number"):
        choices.current(RUN)
