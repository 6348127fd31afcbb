"""Labels of runs: kept for ever, undone, checked, changed one beside the other."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from patchcore_core.errors import ConfigError, ReadOnlyError, StoreError
from patchcore_core.reviews.run_labels import RunLabels, RunLabelsOf
from patchcore_core.reviews.verdict_file import FILE

RUN = "20260101-000000-tile-aaaa"


@pytest.fixture
def labels(tmp_path):
    return RunLabelsOf(tmp_path / "store")


def test_a_run_without_labels_has_empty_ones_and_nothing_is_written(labels):
    assert labels.current(RUN) == RunLabels(run=RUN)
    assert labels.current(RUN).tagged == ()
    assert not labels.root.exists()


def test_each_label_is_changed_alone_and_undone(labels):
    labels.change(RUN, "Ann", name=" Line 3 ", tags=["good", "good", "new lamp"])
    starred = labels.change(RUN, "Ben", star=True, archived=True)
    assert (starred.name, starred.tagged, starred.star, starred.archived) == ("Line 3", ("good", "new lamp"), 1, 1)
    assert labels.all() == {RUN: starred}
    back = labels.undo(starred, "Ann")
    assert (back.name, back.star, back.archived, back.author) == ("Line 3", 0, 0, "Ann")
    with pytest.raises(StoreError, match="somebody has changed the labels"):
        labels.undo(starred, "Ben")
    assert labels.change(RUN, "Ann", name="", tags=()).tagged == ()
    assert len(labels.history(RUN)) == 4


@pytest.mark.parametrize(("change", "said"), [
    ({"tags": ["a,b"]}, "comma"), ({"tags": [" "]}, "tag must not be empty"), ({"name": "x" * 201}, "at most 200"),
    ({"tags": [str(number) for number in range(21)]}, "at most 20 tags"), ({"colour": "red"}, "got colour"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(labels, change, said):
    with pytest.raises(ConfigError, match=said):
        labels.change(RUN, "Ann", **change)
    with pytest.raises(ConfigError, match="author must not be empty"):
        labels.change(RUN, "", star=True)


def test_several_at_once_lose_no_label(labels):
    labels.change(RUN, "Ann", note="first")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda change: labels.change(RUN, "Ann", **change), [{"star": True}, {"name": "both"}]))
    now = labels.current(RUN)
    assert (now.star, now.name, now.note) == (1, "both", "first")


def test_a_read_only_store_keeps_them(labels, monkeypatch):
    labels.change(RUN, "Ann", name="kept")
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    with pytest.raises(ReadOnlyError, match="labels of runs cannot be changed"):
        labels.change(RUN, "Ann", name="other")
    assert labels.current(RUN).name == "kept"


def test_an_entry_damaged_by_hand_is_named(labels):
    labels.change(RUN, "Ann", star=True)
    with sqlite3.connect(labels.root / FILE) as file:
        file.execute("DROP TRIGGER run_labels_stay")
        file.execute("UPDATE run_labels SET star = 7")
    with pytest.raises(StoreError, match="star and archived must be 0 or 1"):
        labels.all()


def test_the_first_labels_of_a_run_are_given_one_beside_the_other(labels, monkeypatch):
    other, seen = RunLabelsOf(labels.root), labels.current

    def while_another_writes(run):
        before = seen(run)
        if not other.history(run):
            other.change(run, "Ben", star=True)
        return before

    monkeypatch.setattr(labels, "current", while_another_writes)
    now = labels.change(RUN, "Ann", name="Line 3")
    assert (now.name, now.star) == ("Line 3", 1)
