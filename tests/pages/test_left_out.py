"""Every page says of a run which photos were left out of it, and how to fit again without odd ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from patchcore_core.runs.store import Run
from tests.pages.reading import checks, read, workspace

BADGE = {"key": "odd_training", "level": "warning", "label": "1 odd training photo", "sentence": "x", "counts": {}}


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    """A run without two photos that has found another to be odd."""
    run = make_run()
    record = json.loads((run.folder / "run.json").read_text())
    record["excluded"] = ["train/good/000.png", "test/hole/<b>.png"]
    record["heldout"]["odd"] = [{"path": "train/good/003.png", "score": 7.5}]
    record["badges"] = [*record["badges"], BADGE]
    (run.folder / "run.json").write_text(json.dumps(record))
    return run


def links(app: AppTest, label: str) -> list[dict[str, list[str]]]:
    return [parse_qs(node.proto.query_string) for node in app.get("page_link") if node.proto.label == label]


def test_review_says_what_was_left_out_and_names_it(run: Run, open_page: Any) -> None:
    app = open_page("review", run=run.id)
    assert not app.exception
    assert "fitted without 2 photos: train/good/000.png, test/hole/<b>.png" in checks(app)


def test_a_run_with_odd_photos_leads_to_a_fit_without_them(run: Run, open_page: Any) -> None:
    left_out = ["train/good/000.png", "test/hole/<b>.png", "train/good/003.png"]
    app = open_page("inspect_image", run=run.id)
    assert not app.exception
    assert links(app, "Fit again without the odd photo") == [{"path": [run.dataset], "exclude": left_out}]
    *others, link = workspace(open_page("review", run=run.id))["parts"]["checks"]["findings"]["links"]
    assert link["words"] == "Fit again without the odd photo"
    pages = ("training_photos", "memory_bank")
    assert [one["address"] for one in others] == [f"/{page}?run={run.id}" for page in pages]
    page, query = link["address"].split("?")
    assert (page, parse_qs(query)) == ("/fit", {"path": [run.dataset], "exclude": left_out})


def test_overview_counts_what_was_left_out(run: Run, open_page: Any, make_run: Callable[..., Run]) -> None:
    whole = make_run(seed=3)
    table = open_page("overview").dataframe[0].value.set_index("run")
    assert table.loc[run.id, "left_out"] == 2
    assert table.loc[whole.id].isna()["left_out"]


def test_without_such_runs_overview_has_no_column_for_it(make_run: Callable[..., Run], open_page: Any) -> None:
    make_run()
    assert "left_out" not in open_page("overview").dataframe[0].value.columns


def test_jobs_and_lists_of_runs_tell_apart_what_was_left_out(run: Run, open_page: Any) -> None:
    assert "without 2 photos" in read(open_page("fit", jobs=run.id))
