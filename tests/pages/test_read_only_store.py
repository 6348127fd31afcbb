"""A store that can only be read, such as a mounted share: everything can be looked at, writing is refused in words."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading

import pytest
from filelock import FileLock

from pages.ui.review.events.desk import Desk
from patchcore_core.jobs import first_start
from patchcore_core.reviews import verdict_file
from patchcore_core.reviews.saved_views import SavedViews
from patchcore_core.reviews.verdicts import Photo, Verdicts
from patchcore_core.reviews.words import LABEL_WRONG
from tests.pages.reading import read, told


@pytest.fixture
def read_only(monkeypatch, store):
    """From when it is called the system refuses to write into the store; root may write anywhere, so it is made up."""

    def refuse(*_args, **_named):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    def unopened(_root):
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
        raise error

    access = os.access

    def accessible(path, mode, **named):
        return access(path, mode, **named) and not (mode & os.W_OK and str(path).startswith(str(store.root)))

    def begin():
        monkeypatch.setattr(FileLock, "acquire", refuse)
        monkeypatch.setattr(verdict_file, "_current", unopened)
        monkeypatch.setattr(os, "access", accessible)

    return begin


@pytest.fixture
def judged(make_run, store, data_root, read_only, monkeypatch):
    """A run with a verdict and a saved view in a store that has become read-only; the run and its judged photo."""
    monkeypatch.setenv("PATCHCORE_AUTHOR", "Ann")
    run, photo = make_run(trusted=True), data_root / "tile/test/hole/000.png"
    Verdicts(store.root).give(Photo(photo, 1, "hole"), LABEL_WRONG, "Bob")
    SavedViews(store.root).save("misses", f"run={run.id}", "Bob")
    read_only()
    return run, photo


def test_review_shows_all_and_says_what_it_cannot_write(judged, open_page, store):
    run, photo = judged
    app = open_page("review", run=run.id, image="test/hole/000.png", without="label_wrong")
    assert not app.exception
    assert not app.error
    row = store.images(run)["path"].tolist().index(str(photo))
    assert [told(app)["judged"][str(row)][name] for name in ("verdict", "author")] == [LABEL_WRONG, "Bob"]
    desk = Desk("Ann")
    desk.apply(run, "box", [{"seq": 1, "kind": "verdict", "image": "test/hole/000.png", "verdict": "agree"},
                            {"seq": 2, "kind": "view_save", "with": {"name": "mine", "query": f"run={run.id}"}},
                            {"seq": 3, "kind": "use", "with": {"threshold": 0.5}}])
    refused = desk.told(run)[0]["refused"]
    for seq, what in enumerate(("verdicts", "saved views", "chosen thresholds"), 1):
        assert f"the {what} cannot be written: the store can only be read here" in refused[seq]


@pytest.mark.parametrize("page", ["overview", "fit", "compare", "inspect_image", "present", "training_photos"])
def test_every_page_opens(judged, open_page, page):
    app = open_page(page, run=judged[0].id)
    assert not app.exception
    assert not app.error


@pytest.mark.usefixtures("judged")
def test_deleting_is_refused_in_a_sentence(open_page, store):
    app = open_page("overview")
    app.session_state["overview_runs"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app = app.run()
    next(button for button in app.button if button.label == "Delete").click().run()
    assert not app.exception
    assert "no runs can be kept there: Read-only file system" in read(app)
    assert len(store.list()) == 1


def test_an_empty_one_is_a_sentence(open_page, read_only, store, data_root, monkeypatch):
    store.root.mkdir()
    read_only()
    monkeypatch.setattr(first_start, "write_sample", lambda *_: (data_root / "tile",))
    app = open_page("overview")
    for thread in threading.enumerate():
        if thread.name == "first-start":
            thread.join()
    app = app.run()
    assert not app.exception
    assert "no runs can be kept there: Read-only file system" in read(app)
