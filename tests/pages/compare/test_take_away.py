"""Every table of Compare as a file."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from patchcore_core.runs.store import Run
from tests.pages.compare.test_answers import brick
from tests.pages.compare.test_compare import both

MakeRun = Callable[..., Run]
Taken = dict[str, Callable[[], Any]]
HOLE = "test/hole/000.png"


def table(taken: Taken, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(taken[f"{name}.csv"]().decode())))


def test_side_by_side_gives_each_of_its_tables(scored_run: MakeRun, open_page: Any, taken: Taken) -> None:
    worse, good = scored_run({HOLE: 0.1}), scored_run(coreset_ratio=0.5)
    scored_run(seed=1)
    app = open_page("compare", runs=both(worse, good), rule="above all good images")
    assert not app.exception
    figures = {row["figure"]: row for row in table(taken, "figures")}
    assert (figures["Image AUROC"]["A · 10 %"], figures["Image AUROC"]["B · 50 %"]) == ("0.8", "1.0")
    assert float(figures["Image AUROC"]["B · 50 %, difference"]) == pytest.approx(0.2)
    assert figures["Memory bank size, bytes"]["A · 10 %"] == "1280.0"
    assert figures["run"]["B · 50 %"] == good.id
    assert {row["setting"]: row["B · 50 %"] for row in table(taken, "settings")} == {"coreset_ratio": "50 %",
                                                                                     "run": good.id}
    assert [(row["first"], row["second"]) for row in table(taken, "tests")] == [(worse.id, good.id)]
    assert [(row["runs"], row["Image AUROC, seeds"]) for row in table(taken, "seeds")] == [("A", "2")]
    assert [(row["image"], row["A"], row["B, run"]) for row in table(taken, "images")] == [
        (HOLE, "missed defect (FN)", good.id)]
    assert taken["figures.md"]().startswith("| figure | A · 10 % |")


def test_ranks_over_the_categories_are_given(
    scored_run: MakeRun, data_root: Path, open_page: Any, taken: Taken
) -> None:
    brick(data_root)
    runs = [scored_run({}, category, coreset_ratio=ratio) for category in ("tile", "brick")
            for ratio in (0.1, 0.2, 0.3)]
    assert not open_page("compare", runs=both(*runs[:2])).exception
    assert {row["category brick"] for row in table(taken, "ranks")} == {"1.0"}


def test_two_sets_of_photos_of_one_name_are_two_categories(
    scored_run: MakeRun, data_root: Path, open_page: Any, taken: Taken
) -> None:
    brick(data_root)
    (data_root / "later").mkdir()
    (data_root / "brick").rename(data_root / "later" / "tile")
    runs = [scored_run(dict.fromkeys([HOLE] * misses, 0.1), category, coreset_ratio=ratio)
            for category, misses in (("tile", 0), ("later/tile", 1)) for ratio in (0.1, 0.2, 0.3)]
    assert not open_page("compare", runs=both(*runs[:2])).exception
    (first, *_) = table(taken, "ranks")
    assert sorted(value for name, value in first.items() if name.startswith("category ")) == ["0.8", "1.0"]


def test_the_gallery_gives_the_images_that_it_lists(scored_run: MakeRun, open_page: Any, taken: Taken) -> None:
    runs = both(scored_run({HOLE: 0.1, "test/hole/001.png": 0.12}), scored_run(seed=1))
    open_page("compare", runs=runs, view="images", rule="above all good images", box="0,0.11,0,1")
    assert [row["image"] for row in table(taken, "images")] == [HOLE]


@pytest.mark.parametrize(("view", "names"), [("best", {"runs", "published"}), ("field", {"coreset_ratio"}),
                                             ("price", {"prices"}), ("images", {"images"}),
                                             ("side", {"figures", "settings", "tests", "images"})])
def test_no_question_lacks_files_for_its_tables(
    view: str, names: set[str], scored_run: MakeRun, open_page: Any, taken: Taken
) -> None:
    runs = both(scored_run({HOLE: 0.1}), scored_run(coreset_ratio=0.5))
    assert not open_page("compare", runs=runs, view=view, rule="above all good images").exception
    assert set(taken) == {f"{name}.{ending}" for name in names for ending in ("csv", "md")}
    for make in taken.values():
        assert make()


def test_a_category_that_looks_like_a_formula_is_none_in_a_file(
    scored_run: MakeRun, data_root: Path, open_page: Any, taken: Taken
) -> None:
    shutil.copytree(data_root / "tile", data_root / "=1+1")
    open_page("compare", runs=both(scored_run(), scored_run(category="=1+1", seed=1)))
    (row,) = [row for row in table(taken, "settings") if row["setting"] == "category"]
    assert list(row.values()) == ["category", "tile", "'=1+1"]
