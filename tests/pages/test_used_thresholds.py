"""Thresholds that reviewers chose, on Overview, Compare and Inspect."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.runs.store import Run, RunStore
from tests.pages.inspect.conftest import bank, drop
from tests.pages.inspect.uploading import photo
from tests.pages.reading import read

__all__ = ["bank", "drop"]
MakeRun = Callable[..., Run]
KIM = "<b>Kim</b>"
SAID = f"chosen by {KIM} on 20"


def choose(store: RunStore, run: Run, **values: float) -> None:
    ChosenThresholdsOf(store.root).use(run.id, KIM, **values)


def test_the_overview_counts_at_the_chosen_threshold_and_says_whose(
    make_run: MakeRun, store: RunStore, open_page: Any
) -> None:
    run, other = make_run(trusted=True), make_run(trusted=True, seed=1)
    images = store.images(run)
    scores, labels = images["image_score"], images["label"]
    middle = float(scores[labels == 1].median())
    choose(store, run, image=middle)
    table = open_page("overview").dataframe[0].value.set_index("run")
    assert table["image_recall"][run.id] == (scores[labels == 1] >= middle).mean() != other.metrics["image_recall"]
    assert table["image_recall"][other.id] == other.metrics["image_recall"]
    assert table["threshold"][run.id].endswith(f", chosen by {KIM}")
    assert table["threshold"][other.id].endswith(", held-out rule")
    ChosenThresholdsOf(store.root).back_to_held_out(run.id, "Ann")
    table = open_page("overview").dataframe[0].value.set_index("run")
    assert table["image_recall"][run.id] == run.metrics["image_recall"]


def test_runs_without_labels_say_what_they_were_tested_on(
    make_run: MakeRun, data_root: Path, open_page: Any
) -> None:
    shutil.rmtree(data_root / "tile" / "test")
    make_run(trusted=True)
    table = open_page("overview").dataframe[0].value
    assert table["tested"].tolist() == ["none"]
    assert table["threshold"][0].endswith(", held-out rule")


def test_like_runs_say_what_differs(make_run: MakeRun, open_page: Any) -> None:
    make_run(), make_run(num_neighbors=3)
    assert open_page("overview").dataframe[0].value["differs"].tolist() == ["num neighbors 3", "num neighbors 1"]


def test_compare_judges_each_run_by_the_threshold_it_is_used_with(
    make_run: MakeRun, store: RunStore, open_page: Any
) -> None:
    run, other = make_run(trusted=True), make_run(trusted=True, seed=1)
    choose(store, run, image=1e6)
    runs = f"{run.id},{other.id}"
    app = open_page("compare", runs=runs)
    assert app.table[0].value.loc["Recall at the threshold in use", "A"].startswith("0.000 ")
    assert f"A: Threshold 1.0000e+06, {SAID}" in read(app)
    assert "B: Threshold 0.6" in read(app)
    assert app.segmented_control("rule").value == "in_use"
    linked = open_page("compare", runs=runs, rule="99 % of held-out good images")
    assert linked.segmented_control("rule").value == "heldout_p99"


def test_compare_without_a_choice_offers_none(make_run: MakeRun, open_page: Any) -> None:
    app = open_page("compare", runs=f"{make_run().id},{make_run(seed=1).id}")
    assert "in_use" not in app.segmented_control("rule").options
    assert "Recall at the default threshold" in app.table[0].value.index


def test_inspect_uses_the_chosen_thresholds_and_says_so(
    make_run: MakeRun, store: RunStore, bank: Any, drop: Any  # noqa: ARG001
) -> None:
    run = make_run(trusted=True)
    choose(store, run, image=1.9, pixel=1.2, review_from=1.1)
    app = drop(run, *(photo(grey, name=f"{grey}.png") for grey in (60, 150, 200)))
    assert app.dataframe[0].value["prediction"].tolist() == ["NG", "review", "OK"]
    assert f"Threshold 1.9000, {SAID}" in read(app)
    assert f"Pixel threshold 1.2000, {SAID}" in read(app)
    assert not [element for element in app.caption if KIM in element.value]  # escaped in Markdown


@pytest.mark.parametrize(("wanted", "predicted"), [("1.0", "NG"), ("heldout_p99", "NG"), ("good_max", "NG"),
                                                   ("chosen", "OK"), ("nonsense", "OK")])
def test_a_threshold_of_a_link_wins(
    wanted: str, predicted: str, make_run: MakeRun, store: RunStore, bank: Any, drop: Any  # noqa: ARG001
) -> None:
    run = make_run(trusted=True)
    choose(store, run, image=9.0)
    app = drop(run, photo(200), photo(199, name="b.png"), threshold=wanted)
    assert app.dataframe[0].value["prediction"].tolist() == [predicted] * 2
    assert SAID in read(app)
    assert ("no threshold 'nonsense'" in read(app)) == (wanted == "nonsense")


def test_names_of_a_link_mean_what_they_mean_on_review(
    make_run: MakeRun, bank: Any, drop: Any  # noqa: ARG001
) -> None:
    run = make_run(trusted=True)  # held-out scores from 0.3 to 0.6
    app = drop(run, photo(50), photo(49, name="b.png"), threshold="heldout_p90", quantile="90")
    assert app.dataframe[0].value["prediction"].tolist() == ["OK", "OK"]  # 0.5 and 0.49, below 0.57
    assert "no threshold" not in read(app)


def test_a_file_of_choices_that_cannot_be_read_is_said_and_the_run_s_own_are_used(
    make_run: MakeRun, store: RunStore, open_page: Any
) -> None:
    run = make_run(trusted=True)
    choose(store, run, image=1e6)
    with sqlite3.connect(store.root / "verdicts.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    app = open_page("overview")
    assert not app.exception
    assert "own thresholds are used" in read(app)
    assert app.dataframe[0].value["image_recall"].tolist() == [run.metrics["image_recall"]]
