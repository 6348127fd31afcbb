"""Thresholds chosen for a run: kept with it, the newest counts, nothing is lost."""

from __future__ import annotations

import json
import math

import pytest

from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.reviews.chosen_thresholds import FILE, choose, chosen, history
from patchcore_core.runs.writer import RunWriter


@pytest.fixture
def run(store, draft, finish):
    writer = store.begin(draft())
    assert isinstance(writer, RunWriter)
    return finish(writer)


def test_nobody_has_chosen_at_first(run):
    assert chosen(run) is None
    assert not (run.folder / FILE).exists()


def test_the_newest_counts_and_all_are_kept(store, run):
    choose(store, run.id, " Ann ", image=2.0, review_from=1.5)
    second = choose(store, run.id, "Bo", pixel=0.25)
    assert chosen(run) == second
    assert math.isnan(second.image)
    assert [(one.author, one.image, one.review_from, one.pixel) for one in history(run)[:1]] == [
        ("Ann", 2.0, 1.5, pytest.approx(math.nan, nan_ok=True))]
    choose(store, run.id, "Cy")
    assert chosen(run) is None
    assert [one.author for one in history(run)] == ["Ann", "Bo", "Cy"]
    assert store.get(run.id).status == "finished"


@pytest.mark.parametrize(("values", "says"), [
    ({"image": math.inf}, "finite"), ({"image": 1.0, "review_from": 2.0}, "start below"),
    ({"pixel": 1.0, "review_from": 2.0}, "start below"),
])  # fmt: skip
def test_impossible_thresholds_are_refused(store, run, values, says):
    with pytest.raises(ConfigError, match=says):
        choose(store, run.id, "Ann", **values)
    assert not history(run)


def test_an_author_is_needed(store, run):
    with pytest.raises(ConfigError, match="author"):
        choose(store, run.id, " ", image=1.0)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"chosen": 1}', '{"chosen": [{"author": 1}]}',
                                     json.dumps({"chosen": [{"author": "a", "given_at": "b", "image": "x"}]})])
def test_a_damaged_file_is_said_and_not_written_over(store, run, content):
    (run.folder / FILE).write_text(content)
    with pytest.raises(StoreError, match=FILE):
        chosen(run)
    with pytest.raises(StoreError, match=FILE):
        choose(store, run.id, "Ann", image=1.0)
    assert (run.folder / FILE).read_text() == content


def test_an_unfinished_run_takes_none(store, draft):
    writer = store.begin(draft())
    with pytest.raises(StoreError, match="no thresholds can be chosen"):
        choose(store, writer.run.id, "Ann", image=1.0)
