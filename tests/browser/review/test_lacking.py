"""Review of runs that lack something: labels, defective images, test images altogether."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.review.store import run_on
from patchcore_core.reviews.verdicts import Verdicts
from patchcore_core.runs.store import RunStore
from tests.browser.review.reading import (
    await_address,
    card_names,
    expect_count,
    expect_figure,
    expect_painted,
    expect_stored,
    opened,
    outcome,
    shown,
)
from tests.browser.serving import served
from tests.browser.tiles import make_tiles
from tests.places import ROOT

pytestmark = pytest.mark.browser
SIDE = 64


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[str, Path]]:  # noqa: ARG001
    """The address of Review with a run each of `unlabelled`, `good` and `plain`, and their store."""
    folder = tmp_path_factory.mktemp("lacking")
    data, runs = folder / "data", folder / "runs"
    for name in ("unlabelled", "good", "plain"):
        make_tiles(data / name, learned=9)
    for photo in (data / "unlabelled/test/hole").iterdir():
        photo.rename(data / "unlabelled/test" / f"1{photo.name}")
    for gone in ("unlabelled/test/hole", "unlabelled/test/good", "unlabelled/ground_truth", "good/test/hole",
                 "good/ground_truth", "plain/test", "plain/ground_truth"):
        shutil.rmtree(data / gone)
    for name in ("unlabelled", "good", "plain"):
        run_on(data / name, runs, SIDE)
    places = {"PATCHCORE_RUNS": runs, "PATCHCORE_DATA": data, "PATCHCORE_SAMPLE": folder / "sample",
              "PATCHCORE_AUTHOR": "Ada"}  # fmt: skip
    with served(ROOT / "app.py", folder, **places) as address:
        yield f"{address}/review", runs


@pytest.fixture
def go(made: tuple[str, Path], open_browser: Callable[[], Page]) -> Callable[..., Page]:
    """`go("good", "order=by+name")`: Review of the run of this category."""
    def visit(category: str, query: str = "") -> Page:
        run = next(run for run in RunStore(made[1]).list() if run.category == category)
        return opened(open_browser(), f"{made[0]}?run={run.id}&{query}")

    return visit


def test_images_without_labels_are_ranked_and_judged_by_a_held_out_threshold(
    go: Callable[..., Page], made: tuple[str, Path]
) -> None:
    page, known = go("unlabelled"), RunStore(made[1])
    run = next(run for run in known.list() if run.category == "unlabelled")
    images = known.images(run).sort_values("image_score", ascending=False)
    names = [str(Path(path).relative_to(run.dataset)) for path in images["path"]]
    assert card_names(page) == names
    expect(page.locator(".source")).to_contain_text("held-out good images")
    expect(page.locator(".threshold-strip .figures")).not_to_contain_text(re.compile("recall|missed|false alarm"))
    expect(page.locator(".first-line .figures")).to_contain_text("Image AUROC—")
    threshold = float(np.mean(images["image_score"].iloc[1:3]))
    field = page.locator(".threshold-strip").get_by_role("textbox", name="Threshold")
    field.fill(str(threshold))
    field.press("Enter")
    field.blur()
    expect_figure(page, "NG 2")
    expect(page.locator(".title .outcome")).to_have_text("NG")
    outcome(page, "OK").click()
    expect_count(page, f"{len(names) - 2} of {len(names)}")
    expect_painted(page, names[2])
    expect(page.locator(".title")).to_contain_text("no label")
    page.keyboard.press("2")
    expect_stored(page)
    assert [entry.verdict for entry in Verdicts(made[1]).entries()] == ["label_wrong"]
    await_address(page, "outcome=OK")
    page.reload()
    expect_count(page, f"{len(names) - 2} of {len(names)}")


def test_good_test_images_alone_have_false_alarms_and_no_recall(go: Callable[..., Page]) -> None:
    page = go("good", "threshold=0&order=by+name")
    expect_figure(page, "false alarms 6")
    expect(page.locator(".threshold-strip .figures")).not_to_contain_text(re.compile("recall|missed|found"))
    expect(outcome(page, "missed")).to_have_count(0)
    expect(page.locator(".first-line .figures")).to_contain_text("Image AUROC—")
    outcome(page, "good").click()
    expect_count(page, "0 of 6")
    outcome(page, "good").click()
    outcome(page, "false alarm").click()
    expect_count(page, "all 6")
    page.keyboard.press("t")
    expect(page.locator("[data-panel=tally]")).to_contain_text("recall is unknown")
    page.keyboard.press("g")
    expect(page.locator("[data-panel=curves]")).to_contain_text("there is no defective image")


def test_a_run_without_test_images_opens_with_its_training_images(
    go: Callable[..., Page], made: tuple[str, Path]
) -> None:
    page, known = go("plain"), RunStore(made[1])
    run = next(run for run in known.list() if run.category == "plain")
    images = sorted(known.training_images(run) or (), key=lambda one: -one.score)
    expect_count(page, f"all {len(images)}")
    assert shown(page) == images[0].path
    expect(page.get_by_role("button", name="Test images: none")).to_be_disabled()
    expect(page.locator(".workspace")).not_to_contain_text(re.compile("AUROC|AUPRO|recall"))
    expect(page.locator(".first-line")).not_to_contain_text("✓")
    for panel in ("Curves", "Recall", "Costs", "Regions", "Causes"):
        expect(page.get_by_role("button", name=panel, exact=True)).to_have_count(0)
    expect(page.locator(".source")).to_contain_text("held-out good images")
    odd = next(one for one in images if one.odd)
    outcome(page, "stands apart").click()
    expect_count(page, f"1 of {len(images)}")
    expect_painted(page, odd.path)
    expect(page.locator(".title")).to_contain_text("stands apart, left out of the thresholds")
    await_address(page, "outcome=stands")
    outcome(page, "stands apart").click()
    outcome(page, "has near-copies").click()
    expect(page.locator(".title")).to_contain_text("near-copy: train/good/copy.png")
    page.get_by_role("link", name="Inspect", exact=True).last.click()
    expect(page.get_by_role("heading", name="Inspect", exact=True)).to_be_visible()
    assert f"run={run.id}" in page.url
