"""PATCHCORE_READ_ONLY: every page opens, offers nothing that writes, and no event changes a file, forged ones included.

A forged event is that of a page that was drawn before: its buttons are pressed after the installation has become
read-only, as a browser may send them at any time.
"""

from __future__ import annotations

import threading

import pytest

from pages.ui.review.events.desk import ACTS, THREAD, Desk
from patchcore_core.reviews.saved_views import SavedViews
from patchcore_core.reviews.verdicts import Photo, Verdicts
from patchcore_core.reviews.words import LABEL_WRONG
from patchcore_core.runs.presence import READ_ONLY
from tests.pages.reading import read, workspace
from tests.places import files_in

PAGES = ("overview", "fit", "review", "compare", "inspect_image", "memory_bank", "training_photos", "present")
WRITING = ("Delete", "Star", "Archive", "Keep", "Remove maps for good", "Restore", "Cancel", "Fit", "Fit again",
           "Fit the built-in sample set")  # fmt: skip
ON_TICKED = ("Delete", "Star", "Keep", "Remove maps for good")
SAID = "this is a read-only installation (PATCHCORE_READ_ONLY)"
FORGED = [
    {"kind": "verdict", "image": "test/hole/000.png", "verdict": "agree"},
    {"kind": "note", "image": "test/hole/000.png", "note": "n", "tags": []},
    {"kind": "undo", "image": "test/hole/000.png"},
    {"kind": "use", "with": {"threshold": 0.5}, "key": "used"}, {"kind": "release", "key": "used"},
    {"kind": "view_save", "with": {"name": "mine", "query": "run=a"}, "key": "view"},
    {"kind": "view_delete", "with": {"name": "misses"}, "key": "view"},
    {"kind": "view_undo", "with": {"name": "misses", "id": 1}, "key": "view"},
    {"kind": "teach_keep", "with": {"trial": "a"}, "key": "keep"},
    {"kind": "teach_discard", "with": {"trial": "a"}, "key": "discard"},
    {"kind": "teach", "with": {"numbers": [0]}, "key": "teach"},  # in a thread
]  # fmt: skip
HARMLESS = [
    {"kind": "author", "author": "Eve"}, {"kind": "export", "with": {"form": "verdicts"}, "key": "export verdicts"},
    {"kind": "export", "with": {"form": "csv", "numbers": [0]}, "key": "export csv"},
    {"kind": "ask", "key": "views"}, {"kind": "ask", "key": "without 0", "with": {"numbers": [0]}},
]  # fmt: skip


@pytest.fixture
def folders(make_run, store, data_root, monkeypatch):
    """The store with runs in every state, a verdict and a saved view, and the data; read-only from now on."""
    run = make_run(trusted=True)
    make_run(seed=1)
    for status in ("running", "failed", "lost"):
        make_run(status, seed=2 + len(status))
    Verdicts(store.root).give(Photo(data_root / "tile/test/hole/000.png", 1, "hole"), LABEL_WRONG, "Bob")
    SavedViews(store.root).save("misses", f"run={run.id}", "Bob")
    monkeypatch.setenv(READ_ONLY, "1")
    monkeypatch.setenv("PATCHCORE_AUTHOR", "Ann")
    return store.root, data_root, data_root.parent / "sample"


@pytest.fixture
def finished(folders, store):  # noqa: ARG001  (makes the runs)
    """The finished run with all figures."""
    return [run for run in store.list() if run.status == "finished"][-1]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_a_button_that_writes_and_touches_no_file(page, folders, finished, open_page, store):
    before = files_in(*folders)
    app = open_page(page, run=finished.id, runs=",".join(run.id for run in store.list() if run.status == "finished"))
    assert not app.exception
    assert not app.error or page == "memory_bank"  # these runs have none
    assert not [button.label for button in app.button if button.label in WRITING and not button.disabled]
    assert files_in(*folders) == before


def test_fit_lists_no_folder_and_says_why(folders, open_page):
    app = open_page("fit", path=str(folders[1] / "tile"))
    assert f"No fit can be started, and no folder is listed: {SAID}." in read(app)
    assert not app.selectbox
    assert not app.text_input


def test_inspect_reads_no_folder_of_the_address(folders, finished, open_page):
    app = open_page("inspect_image", run=finished.id, folder=str(folders[1] / "tile"))
    assert f"No folder is read: {SAID}." in read(app)
    assert not app.text_input


def test_an_empty_store_stays_empty(store, data_root, open_page, monkeypatch):
    monkeypatch.setenv(READ_ONLY, "1")
    app = open_page("overview")
    assert f"There are no runs in this store, and none can be fitted: {SAID}." in read(app)
    assert not app.button
    assert not store.root.exists()
    assert not (data_root.parent / "sample").exists()


def test_review_is_told_why(finished, open_page):
    app = open_page("review", run=finished.id)
    assert workspace(app)["parts"]["read_only"] == f"Nothing can be stored: {SAID}"


def test_every_event_of_review_that_writes_is_refused_in_a_sentence(folders, finished):
    assert {one["kind"] for one in [*FORGED, *HARMLESS]} == {*ACTS, "author"}
    before = files_in(*folders)
    desk = Desk("Ann")
    desk.apply(finished, "box", [{"seq": seq, **one} for seq, one in enumerate(FORGED, 1)])
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join()
    told, _ = desk.told(finished)
    said = [told["refused"].get(seq) or told["answers"][one["key"]]["error"] for seq, one in enumerate(FORGED, 1)]
    assert [sentence.rsplit(": ", 1)[-1] for sentence in said] == [SAID] * len(FORGED)
    assert files_in(*folders) == before


def test_what_only_asks_is_answered(folders, finished):
    before = files_in(*folders)
    desk = Desk("Ann")
    desk.apply(finished, "box", [{"seq": seq, **one} for seq, one in enumerate(HARMLESS, 1)])
    assert desk.told(finished)[0]["refused"] == {}
    assert files_in(*folders) == before


@pytest.mark.parametrize(("page", "label"), [
    ("overview", "Delete"), ("overview", "Star"), ("overview", "Keep"), ("overview", "Remove maps for good"),
    ("overview", "Cancel"), ("fit", "Fit"), ("inspect_image", "hole"),
])  # fmt: skip
def test_a_button_of_a_page_that_was_drawn_before_changes_nothing(
    page, label, folders, finished, open_page, store, monkeypatch
):
    monkeypatch.delenv(READ_ONLY)
    app = open_page(page, run=finished.id)
    if label in ON_TICKED:
        app.session_state["overview_runs"] = {"selection": {"rows": [4], "columns": [], "cells": []}}
        app = app.run()
    button = next(button for button in app.button if button.label == label)
    monkeypatch.setenv(READ_ONLY, "1")
    before = files_in(*folders)
    app = button.click().run()
    assert not app.exception
    assert files_in(*folders) == before
    assert len(store.list()) == 5
    if label in ON_TICKED:
        assert f"No run can be changed: {SAID}" in read(app)
