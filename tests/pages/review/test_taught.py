"""A run that goes on from another one's memory bank says from which, and what was taught to it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from pages.ui.fit.exclude import odd_photos
from pages.ui.format import run_label
from pages.ui.review.workspace import figures
from patchcore_core.evaluation.values import HeldOut, OddPhoto
from patchcore_core.runs.store import Run, RunStore
from patchcore_core.runs.writer import RunWriter
from tests.pages.reading import checks, read, workspace

HOSTILE = "test/good/**b** <i>.png"


@pytest.fixture
def run(make_run: Callable[..., Run], store: RunStore) -> Run:
    """The newer one of two runs, taught a photo that its parent lacks."""
    parent, made = make_run(), make_run(seed=1)
    writer = RunWriter(store.root, made)
    writer.update(parent=parent.id, taught=("test/good/000.png", HOSTILE), taught_scores={HOSTILE: (24.5, 12.25)})
    return writer.run


def test_overview_counts_the_photos_and_names_the_parent_of_a_ticked_run(run: Run, open_page: Any) -> None:
    app = open_page("overview")
    assert app.dataframe[0].value.set_index("run")["taught"][run.id] == 2
    app.session_state["overview_runs"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert (f"Goes on from the memory bank of run {run.parent}, with test/good/000.png; {HOSTILE}: image score 24.500 "
            "before, 12.250 after.") in read(app)  # fmt: skip


def test_a_store_without_taught_runs_has_no_such_column(make_run: Callable[..., Run], open_page: Any) -> None:
    make_run()
    assert "taught" not in open_page("overview").dataframe[0].value


def test_review_says_so_in_the_run_list_and_among_the_data_checks(run: Run, open_page: Any) -> None:
    app = open_page("review", run=run.id)
    assert "· 2 photos taught ·" in workspace(app)["run"]["label"]
    assert "2 photos taught" in run_label(run)
    assert f"2 photos taught: This run goes on from the memory bank of run {run.parent}." in checks(app)
    assert f"test/good/000.png; {HOSTILE}: image score 24.500 before, 12.250 after" in checks(app)
    assert figures.tables(run)["tables"][0]["note"].startswith("2 photos taught: this run goes on from run "
                                                               f"{run.parent}, and")  # fmt: skip
    links = workspace(app)["parts"]["checks"]["findings"]["links"]
    assert {"words": "The run before teaching", "address": f"/review?run={run.parent}"} in links


def test_a_taught_photo_that_is_odd_is_not_offered_for_exclusion(run: Run) -> None:
    heldout = HeldOut("leave-one-out", 6, 6, 6, odd=(OddPhoto("a.png", 9.0), OddPhoto("test/good/000.png", 8.0)))
    assert odd_photos(dataclasses.replace(run, heldout=heldout)) == ["a.png"]


def test_a_trial_that_waits_is_offered_again(run: Run, store: RunStore, open_page: Any) -> None:
    folder = store.trials.root / run.id
    (store.trials.root / ".jobs").mkdir(parents=True)
    run.folder.rename(folder)
    (trial,) = workspace(open_page("review", run=run.parent))["parts"]["teaching"]["trials"]
    assert (trial["state"], trial["photos"]) == ("ready", ["test/good/000.png", HOSTILE])
    assert json.dumps(trial)
    (link,) = open_page("overview").get("page_link")
    assert link.proto.label.startswith("A trial of taught photos: ")
    assert link.proto.query_string == f"run={run.parent}"
