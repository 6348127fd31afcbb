"""A run that somebody deletes while others look at it: a sentence and the way back, on every page."""

from __future__ import annotations

import shutil

import pytest
from PIL import Image

from pages.ui import cache, states
from pages.ui.compare import runs as compare_runs
from pages.ui.overview import undo
from pages.ui.review import data as review_data
from pages.ui.review.events.desk import Desk
from pages.ui.review.events.entry import Refused
from pages.ui.review.workspace import beside
from patchcore_core.errors import StoreError
from patchcore_core.runs.store import RunStore
from tests.pages.reading import read, workspace


def said(app, run):
    assert not app.exception
    text = read(app)
    assert f"There is no run {run.id} in this store; it may have been deleted" in text
    assert any(link.proto.label == "All runs" for link in app.get("page_link"))
    return text


def deleting_after(monkeypatch, module, name, run):
    """Delete the run as soon as this has been read."""
    reads = getattr(module, name)

    def reading(*given, **named):
        found = reads(*given, **named)
        shutil.rmtree(run.folder, ignore_errors=True)
        return found

    monkeypatch.setattr(module, name, reading)


@pytest.mark.parametrize("name", ["test_images", "colour_limits"])
def test_while_review_is_drawn(make_run, open_page, monkeypatch, name):
    run = make_run(trusted=True)
    deleting_after(monkeypatch, review_data, name, run)
    said(open_page("review", run=run.id), run)


def test_while_review_is_open(make_run, open_page, store):
    run = make_run()
    app = open_page("review", run=run.id)
    desk = Desk("Ann")
    assert desk.told(run)[1] == ""
    store.delete(run.id)
    assert f"There is no run {run.id} in this store; it may have been deleted" in desk.told(run)[1]
    said(app.run(), run)


def test_while_compare_is_drawn(make_run, open_page, monkeypatch):
    one, two = make_run(), make_run(image_size=48)
    deleting_after(monkeypatch, compare_runs, "comparability", two)
    said(open_page("compare", runs=f"{one.id},{two.id}"), two)
    assert "A comparison needs two finished runs" in said(open_page("compare", runs=f"{one.id},{two.id}"), two)


def test_while_inspect_loads_it(make_run, open_page, monkeypatch, tmp_path):
    run = make_run()

    def load(_run):
        shutil.rmtree(run.folder)
        raise StoreError("bank.json: the memory bank's description cannot be read")

    monkeypatch.setattr(cache, "loaded_model", load)
    app = open_page("inspect_image", run=run.id)
    Image.new("RGB", (32, 32)).save(tmp_path / "part.png")
    app.file_uploader[0].set_value([("part.png", (tmp_path / "part.png").read_bytes(), "image/png")])
    text = said(app.run(), run)
    assert "cannot be read" not in text


def test_the_job_list_of_fit(make_run, open_page, store):
    run = make_run("failed")
    app = open_page("fit", jobs=run.id)
    store.delete(run.id)
    said(app.run(), run)


def test_a_job_that_is_gone_before_its_progress_is_read(make_run, store):
    run = make_run("running")
    shutil.rmtree(run.folder)
    assert states.progress_text(run) == (0.0, "deleted")
    assert store.list() == ()


def test_a_run_shown_beside_another_one(make_run, open_page, store):
    run, other = make_run(), make_run(image_size=48)
    app = open_page("review", run=run.id, beside=other.id)
    assert workspace(app)["parts"]["beside"]["run"] == other.id
    store.delete(other.id)
    app = app.run()
    assert not app.exception
    assert workspace(app)["parts"]["beside"] is None
    with pytest.raises(Refused, match="The second run is not in this store"):
        beside.level_of(run, other.id)


def test_deleting_what_is_gone_deletes_the_others(make_run, open_page, store, monkeypatch):
    runs = [make_run(), make_run(image_size=48)]
    app = open_page("overview")
    app.session_state["overview_runs"] = {"selection": {"rows": [0, 1], "columns": [], "cells": []}}
    app, delete = app.run(), undo.delete_run

    def twice(root, run_id):  # as if another visitor were quicker each time
        delete(root, run_id)
        delete(root, run_id)

    monkeypatch.setattr(undo, "delete_run", twice)
    next(button for button in app.button if button.label == "Delete").click().run()
    assert not app.exception
    assert {run.id for run in runs}.isdisjoint(run.id for run in store.list())


def test_ticks_are_gone_where_the_table_shows_other_runs(make_run, open_page, store):
    runs = [make_run(), make_run(image_size=48)]
    app = open_page("overview")
    app.session_state["overview_runs"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    app = app.run()
    assert "Review tile" in [link.proto.label for link in app.get("page_link")]
    store.delete(runs[1].id)
    app = app.run()
    assert not [link for link in app.get("page_link") if link.proto.label == "Review tile"]


def test_a_store_that_cannot_be_listed_is_a_sentence_on_every_page(make_run, open_page, monkeypatch):
    run = make_run()

    def broken(self):
        raise StoreError(f"{self.root}: the runs there cannot be read: Stale file handle")

    for page, query in (("review", {"run": run.id}), ("compare", {"runs": run.id}), ("compare", {}),
                        ("inspect_image", {"run": run.id}), ("overview", {}), ("fit", {"jobs": run.id})):
        with monkeypatch.context() as patched:
            patched.setattr(RunStore, "list", broken)
            app = open_page(page, **query)
            assert not app.exception, page
            assert "the runs there cannot be read: Stale file handle" in read(app)
