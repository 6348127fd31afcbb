"""Overview with more than a few runs: filters and columns in the address, groups, labels, maps, files."""

from __future__ import annotations

import io

import pytest

from pages.ui.format import size
from pages.ui.media.about import about
from pages.ui.media.downloads import offered
from pages.ui.overview import listed as overview_listed
from patchcore_core.exports.run_file.pack import packed
from patchcore_core.reviews.run_labels import RunLabelsOf
from patchcore_core.runs.folder import MAPS
from patchcore_core.runs.keeping.disk import bytes_below
from patchcore_core.runs.keeping.dropped import drop_maps
from patchcore_core.runs.keeping.trash import delete_run, empty_trash
from patchcore_core.runs.writer import RunWriter
from tests.pages.reading import read


@pytest.fixture
def labels(store):
    return RunLabelsOf(store.root)


def tick(app, *rows):
    app.session_state["overview_runs"] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()


def press(app, label):
    app = next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def shown(app):
    assert not app.exception
    return [run for table in app.dataframe for run in table.value["run"]]


def test_the_address_says_what_is_listed(make_run, open_page, labels):
    runs = [make_run(seed=seed) for seed in range(3)]
    labels.change(runs[0].id, "Ann", name="Line 3", tags=["lamp"])
    labels.change(runs[2].id, "Ann", archived=True)
    assert shown(open_page("overview")) == [runs[1].id, runs[0].id]
    assert "2 of 3 runs · 1 archived" in read(open_page("overview"))
    assert shown(open_page("overview", archived="true", order="oldest first")) == [run.id for run in runs]
    assert shown(open_page("overview", text="line")) == [runs[0].id]
    app = open_page("overview", tag="lamp")
    assert shown(app) == [runs[0].id]
    assert app.dataframe[0].value["name"].tolist() == ["Line 3"]
    app = open_page("overview", columns="Disk")
    assert "disk" in app.dataframe[0].proto.column_order
    assert "note" not in app.dataframe[0].proto.column_order
    assert shown(open_page("overview", tag="gone")) == []


def test_where_no_run_fits_it_is_said_and_the_filters_can_be_taken_away(make_run, open_page, labels):
    runs = [make_run(seed=seed) for seed in range(2)]
    labels.change(runs[0].id, "Ann", archived=True, tags=["lamp"])
    app = open_page("overview", tag="lamp", text="tile")
    assert shown(app) == []
    assert "No run fits the search and the filters." in read(app)
    assert shown(press(app, "List 1 archived run that fits")) == [runs[0].id]
    app = press(open_page("overview", tag="lamp", text="tile"), "Take search and filters away")
    assert shown(app) == [runs[1].id]
    assert "No run fits" not in read(app)
    assert not {"tag", "text"} & set(app.query_params)


def test_what_all_runs_share_takes_no_column(make_run, open_page):
    make_run(seed=0)
    table = open_page("overview").dataframe[0].proto
    assert not {"status", "warnings"} & set(table.column_order)
    make_run("failed", seed=1)
    table = open_page("overview").dataframe[0].proto
    assert "status" in table.column_order


def test_what_a_filter_leaves_can_be_compared(make_run, open_page, labels):
    runs = [make_run(seed=seed) for seed in range(3)]
    for run in runs[:2]:
        labels.change(run.id, "Ann", tags=["lamp"])
    app = open_page("overview", tag="lamp")
    (link,) = [link.proto for link in app.get("page_link") if link.proto.label == "Compare these 2 runs"]
    assert link.query_string == f"runs={runs[1].id}%2C{runs[0].id}"


def test_groups_by_sweep_fold_where_there_are_many(make_run, open_page, store, monkeypatch):
    runs = [make_run(seed=seed) for seed in range(3)]
    RunWriter(store.root, runs[0]).update(sweep="layers x ratios")
    app = open_page("overview")
    assert [table.value["run"].tolist() for table in app.dataframe] == [[runs[2].id, runs[1].id], [runs[0].id]]
    titles = [fold.label for fold in app.expander if "run" in fold.label]
    assert titles[0].startswith("**tile** · fitted alone · 2 runs · highest Image AUROC")
    assert titles[1].startswith("**tile** · sweep layers x ratios · 1 run")
    monkeypatch.setattr("pages.ui.overview.table.ALL_OPEN", 2)
    assert shown(open_page("overview")) == [runs[2].id, runs[1].id]
    assert shown(open_page("overview", group="not grouped")) == [runs[2].id, runs[1].id, runs[0].id]


def test_labels_are_given_and_taken_back(make_run, open_page, labels):
    run = make_run()
    app = tick(open_page("overview"), 0)
    next(field for field in app.text_input if field.label == "Name").set_value("Line 3")
    app = press(app, "Keep")
    assert labels.current(run.id).name == "Line 3"
    app = press(tick(app, 0), "Star")
    assert app.dataframe[0].value["star"].tolist() == ["★"]
    app = press(app, "Undo: star Line 3")
    assert (labels.current(run.id).star, labels.current(run.id).name) == (0, "Line 3")
    app = press(tick(app, 0), "Archive")
    assert shown(app) == []
    assert "1 archived" in read(app)


def test_best_is_marked_only_where_it_is_significant(make_run, open_page, monkeypatch):
    runs = [make_run(seed=seed) for seed in range(2)]
    assert "best" not in open_page("overview").dataframe[0].value  # both rank the images alike
    monkeypatch.setattr(overview_listed, "significantly_best", lambda labels, scores: 0)  # noqa: ARG005
    overview_listed._best.clear()
    marked = open_page("overview").dataframe[0].value["best"]
    assert [value == "best" for value in marked] == [True, False]
    assert len(runs) == 2


def test_each_run_has_a_picture_of_its_photo(make_run, open_page):
    run = make_run()
    (address,) = open_page("overview").dataframe[0].value["picture"]
    assert address.startswith(f"/pictures/{run.id}/test/")
    assert address.endswith("/thumbnail")


def test_maps_are_dropped_and_pages_say_so(make_run, open_page, store):
    run = make_run(trusted=True)
    app = press(tick(open_page("overview"), 0), "Remove maps for good")
    assert not (run.folder / MAPS).exists()
    assert "Remove maps for good" not in [button.label for button in tick(app, 0).button]
    for page in ("review", "present", "inspect_image", "training_photos", "compare"):
        app = open_page(page, run=run.id, runs=run.id)
        assert not app.exception, page
    known = about(store.get(run.id), 0)
    assert (known["picture"]["layers"], [*known["panes"]]) == ([], ["photo", "truth"])
    assert "were removed to save disk" in known["notes"][0]


def test_a_run_comes_in_as_a_file(make_run, open_page, store):
    run = make_run()
    data = b"".join(packed(store, run))
    delete_run(store.root, run.id)
    other = make_run(seed=1)
    app = open_page("overview")
    app.session_state["overview_import"] = True
    app.run()
    app.file_uploader[0].set_value([("run.zip", data, "application/zip")])
    app.run()
    assert not app.exception
    assert {one.id for one in store.list()} == {run.id, other.id}
    app.file_uploader[0].set_value([("run.zip", io.BytesIO(data).read(), "application/zip")])
    app.run()
    assert "is in the store already, and nothing is overwritten" in read(app)


def test_ticked_runs_leave_as_one_file_that_is_imported_again(make_run, open_page, store):
    runs = [make_run(seed=seed) for seed in range(3)]
    make_run("failed", seed=3)
    app = tick(open_page("overview"), 0, 1, 2)  # newest first: the failed one and two finished ones
    app = press(app, "Export")
    taken = bytes_below(runs[1].folder) + bytes_below(runs[2].folder)
    assert f"The 2 runs, **{size(taken)}** on the disk" in read(app)
    (link,) = app.get("link_button")
    assert link.proto.label == "Download 2-runs.zip"
    data = b"".join(offered().get(link.proto.url.rsplit("/", 1)[1]).make())
    app = press(app, "Export")
    assert app.get("link_button")[0].proto.url == link.proto.url  # offered once
    for run in runs[1:]:
        delete_run(store.root, run.id)
    again = make_run(seed=1)  # one of them is in the store under another id
    app = open_page("overview")
    app.session_state["overview_import"] = True
    app.run()
    app.file_uploader[0].set_value([("2-runs.zip", data, "application/zip")])
    app.run()
    assert not app.exception
    assert f"run {again.id} is the same fit and is finished; nothing was imported" in read(app)
    assert {run.id for run in store.list() if run.status == "finished"} == {runs[0].id, runs[2].id, again.id}


def test_the_trash_gives_back_and_is_emptied(make_run, open_page, store):
    runs = [make_run(seed=seed) for seed in range(3)]
    for run in runs[:2]:
        delete_run(store.root, run.id)
    app = open_page("overview")
    app.session_state["overview_trash"] = True
    app = press(app.run(), "Restore")
    assert len(store.list()) == 2
    app.session_state["overview_trash"] = True
    app = press(app.run(), "Remove 1 run for good")
    assert len(store.list()) == 2
    assert not [fold.label for fold in app.expander if fold.label.startswith("Trash")]


def test_what_cannot_be_taken_back_is_said_and_the_rest_comes_back(make_run, open_page, store):
    runs = [make_run(seed=seed) for seed in range(3)]
    app = press(tick(open_page("overview"), 0, 1), "Delete")
    empty_trash(store.root, [runs[2].id])
    app = press(app, "Undo: delete 2 runs")
    assert shown(app) == [runs[1].id, runs[0].id]
    assert f"no run '{runs[2].id}' in the trash" in read(app)
    assert not app.run().error


def test_disk_is_told_by_part(make_run, open_page, store):
    run = make_run()
    drop_maps(store, run.id)
    app = open_page("overview")
    app.session_state["overview_disk"] = True
    app.run()
    assert "in all. The column Disk" in read(app)
