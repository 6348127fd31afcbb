"""Filters, orders and groups of Overview, as functions of what is listed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pages.ui.overview.filters import ALONE, ORDERS, Chosen, in_order, matching
from pages.ui.overview.groups import grouped
from pages.ui.overview.listed import Listed
from patchcore_core.config import PatchCoreConfig
from patchcore_core.reviews.run_labels import RunLabels
from patchcore_core.runs.record import Run

NAN = float("nan")


def one(run_id, category="tile", status="finished", auroc=NAN, sweep="", seconds=NAN, labels=None, **config):
    run = Run(id=run_id, status=status, category=category, dataset="", config=PatchCoreConfig(**config),
              folder=Path(".jobs", run_id), sweep=sweep, metrics={"image_auroc": auroc},
              seconds={"total": seconds})  # fmt: skip
    return Listed(run, replace(RunLabels(run=run_id), **(labels or {})))


RUNS = [
    one("e", "nut", auroc=0.7, seconds=5.0, sweep="s1", labels={"tags": "good, lamp", "star": 1}),
    one("d", auroc=0.9, seconds=2.0, sweep="s1", labels={"name": "Line 3"}),
    one("c", status="failed", labels={"note": "disk was full"}),
    one("b", auroc=0.8, seconds=9.0, backbone="resnet18", layers=("layer2",), labels={"archived": 1}),
    one("a", "nut", auroc=0.95, seconds=1.0, labels={"tags": "lamp"}),
]  # fmt: skip


@pytest.mark.parametrize(("chosen", "ids"), [
    ({}, "edca"), ({"archived": True}, "edcba"), ({"starred": True}, "e"), ({"category": ("nut",)}, "ea"),
    ({"category": ("nut", "tile"), "status": ("failed",)}, "c"), ({"tag": ("lamp",)}, "ea"),
    ({"tag": ("good", "other")}, "e"), ({"sweep": ("s1",)}, "ed"), ({"sweep": (ALONE,)}, "ca"),
    ({"backbone": ("resnet18",), "archived": True}, "b"), ({"backbone": ("resnet18",)}, ""),
    ({"text": "line"}, "d"), ({"text": "LAMP nut"}, "ea"), ({"text": "full disk"}, "c"), ({"text": "nothing"}, ""),
])  # fmt: skip
def test_only_what_fits_everything_is_listed(chosen, ids):
    assert "".join(each.run.id for each in matching(RUNS, Chosen(**chosen))) == ids


@pytest.mark.parametrize(("order", "ids"), [
    ("newest", "edcba"), ("oldest", "abcde"), ("image_auroc", "adbec"), ("fit_seconds", "adebc"), ("aupro", "edcba"),
    ("bank_bytes", "edcba"),
])  # fmt: skip
def test_orders_put_what_has_no_figure_last(order, ids):
    assert "".join(each.run.id for each in in_order(RUNS, order)) == ids
    assert order in ORDERS


def test_groups_are_categories_and_within_them_sweeps_in_the_order_of_their_first_runs():
    found = grouped(RUNS, "sweep")
    assert [(group.category, group.sweep, "".join(each.run.id for each in group.runs)) for group in found] == [
        ("nut", "s1", "e"), ("nut", "", "a"), ("tile", "s1", "d"), ("tile", "", "cb")]
    assert found[1].title.startswith("**nut** · fitted alone · 1 run")
    assert [len(group.runs) for group in grouped(RUNS, "category")] == [2, 3]
    assert [len(group.runs) for group in grouped(RUNS, "none")] == [5]


def test_a_title_names_the_best_only_where_there_is_one():
    group = grouped([RUNS[1], RUNS[2]], "category")[0]
    assert group.title == "**tile** · 2 runs · highest Image AUROC 0.900"
    marked = grouped([replace(RUNS[1], best=True), RUNS[3]], "category")[0]
    assert marked.title == "**tile** · 2 runs · best: Line 3, Image AUROC 0.900 (significantly)"
    assert grouped([RUNS[2]], "category")[0].title == "**tile** · 1 run"
