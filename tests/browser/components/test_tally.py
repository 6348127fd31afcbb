"""The tally by hand, in a real browser: counts that follow the handles, choosing by mouse and key, and what is said."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from patchcore_core.evaluation.curve_points import RegionTable
from patchcore_core.evaluation.region_recall import recall_from_table
from patchcore_core.evaluation.statistics.proportions import wilson_interval
from patchcore_core.evaluation.thresholds.decision import confusion, recall_per_defect
from tests.browser.components.tally_page import HOSTILE, images, regions_of
from tests.browser.serving import served

pytestmark = pytest.mark.browser
OpenTally = Callable[..., Page]
SHARES = ("recall", "precision", "false positive rate")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:  # noqa: ARG001  (skips first)
    """The address of the page with the tally and two operating points."""
    with served(Path(__file__).with_name("tally_page.py"), tmp_path_factory.mktemp("tally")) as address:
        yield address


@pytest.fixture
def opened(server: str, open_browser: Callable[[], Page]) -> OpenTally:
    """`opened(n=…, types=…, labels=…, regions=…, zone=…)`: the page with so many made-up images."""

    def shown(**what: object) -> Page:
        page = open_browser()
        page.goto(f"{server}/?" + "&".join(f"{name}={value}" for name, value in what.items()))
        expect(page.locator(".outcomes .title")).to_be_visible()
        told(page)
        return page

    return shown


def told(page: Page) -> dict[str, Any]:
    """What the page's Python knows."""
    return json.loads(page.locator(".st-key-told").inner_text())


def expect_chosen(page: Page, choices: int, chosen: list) -> None:
    expect(page.locator(".st-key-told")).to_contain_text(f'"choices": {choices}')
    assert told(page)["chosen"] == chosen


def cell(page: Page, words: str) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"^[\d,]+ {re.escape(words)}:"))


def shown_outcomes(page: Page) -> dict[str, int]:
    return {words: int(str(cell(page, words).locator("b").text_content()).replace(",", ""))
            for words in ("true positive", "missed defect (FN)", "false alarm (FP)", "true negative")}


def figures(rows: Locator) -> list[tuple[float, ...]]:
    """Of each bar or share: found, total and the ends of its interval, as precise as the browser has them."""
    sets = rows.evaluate_all("all => all.map(({ dataset }) => ({ ...dataset }))")
    return [tuple(float(one[name]) for name in ("found", "total", "low", "high")) for one in sets]


def region_table() -> RegionTable:
    return regions_of.__wrapped__()


def handle(page: Page, where: str) -> Locator:
    return page.locator(f".st-key-{where}_point .flag.high")


def threshold(page: Page, where: str) -> float:
    return float(str(handle(page, where).get_attribute("aria-valuenow")))


def take_handle(page: Page, where: str, pixels: float) -> float:
    """Drag a handle and keep it in hand; the threshold there."""
    handle(page, where).scroll_into_view_if_needed()
    box = handle(page, where).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 20 + pixels, box["y"] + 10, steps=4)
    page.evaluate("new Promise(requestAnimationFrame)")
    return threshold(page, where)


def expect_counts(page: Page, number: int, types: int, at: float) -> None:
    """Outcomes, shares, defect bars and all their intervals are those of Python."""
    table = images.__wrapped__(number, types)
    counts = confusion(table["label"], table["score"], at)
    assert shown_outcomes(page) == {"true positive": counts.tp, "missed defect (FN)": counts.fn,
                                    "false alarm (FP)": counts.fp,
                                    "true negative": counts.tn}
    parts = [(counts.tp, counts.tp + counts.fn), (counts.tp, counts.tp + counts.fp), (counts.fp, counts.fp + counts.tn)]
    assert_figures(figures(page.locator(".tally .share")), parts)
    recall = recall_per_defect(table["kind"].tolist(), table["label"], table["score"], at)
    names = page.locator(".defects .name").all_text_contents()
    assert sorted(names) == sorted(recall)
    assert_figures(figures(page.locator(".defects .row")), [recall[name] for name in names])


def assert_figures(found: list[tuple[float, ...]], expected: list[tuple[int, int]]) -> None:
    assert [one[:2] for one in found] == expected
    ends = [wilson_interval(*one) for one in expected]
    assert np.allclose([one[2:] for one in found], ends, rtol=0, atol=1e-12, equal_nan=True)


def test_outcomes_and_recalls_follow_the_handle_while_it_moves(opened: OpenTally) -> None:
    page = opened(n=5000, types=20)
    expect_counts(page, 5000, 20, 1.7)
    for pixels in (170, -420):
        at = take_handle(page, "images", pixels)
        assert (at > 1.75) == (pixels > 0)
        expect_counts(page, 5000, 20, at)
        if pixels > 0:
            assert told(page)["point"] == [1.7, 1.7]  # Python does not know yet
        page.mouse.up()
        expect(page.locator(".st-key-told")).to_contain_text(f"{at}]")
        expect_counts(page, 5000, 20, at)
    shares = [found / total for found, total, *_ in figures(page.locator(".defects .row"))]
    assert shares == sorted(shares)  # the lowest recall on top


def test_it_counts_thousands_at_display_rate(opened: OpenTally) -> None:
    page = opened(n=5000, types=20)
    milliseconds = page.evaluate("""async () => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const times = [];
      for (let step = 0; step < 40; step++) {
        const high = 1 + step / 20;
        const detail = { source: "images", low: high, high };
        window.dispatchEvent(new CustomEvent("patchcore:thresholds", { detail }));
        const before = performance.now();
        await frame();
        await frame(); // counted, laid out and painted
        times.push((performance.now() - before) / 2);
      }
      return times.sort((one, two) => one - two)[20];
    }""")
    assert milliseconds < 100  # a loose limit for a busy machine
    expect_counts(page, 5000, 20, 1 + 39 / 20)


def test_region_bars_follow_the_pixel_handle(opened: OpenTally) -> None:
    page = opened()
    table = region_table()
    rows, whiskers = page.locator(".sizes .row"), page.locator(".sizes .whisker").filter(visible=True)
    expect(whiskers).to_have_count(4)
    at = take_handle(page, "pixels", 90)
    expect(whiskers).to_have_count(0)  # its interval needs Python
    for rest in (False, True):
        if rest:
            page.mouse.up()
            expect(whiskers).to_have_count(4)
        found = figures(rows)
        expected = recall_from_table(table, at)
        counts = [(round(row.found * row.regions), row.regions) for row in expected]
        assert [one[:2] for one in found] == counts
        words = [str(row.get_attribute("title")) for row in rows.all()]
        assert all(f"on average {round(100 * row.overlap)} %" in text
                   for text, row in zip(words, expected, strict=True))
        if rest:
            ends = [(row.found_low, row.found_high) for row in expected]
            assert np.allclose([one[2:] for one in found], ends, rtol=0, atol=1e-12)


def test_cells_and_bars_are_chosen_by_mouse_and_key_and_marked(opened: OpenTally) -> None:
    page = opened()
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)
    cell(page, "missed defect (FN)").click()
    expect_chosen(page, 1, [["outcome", "FN"]])
    expect(cell(page, "missed defect (FN)")).to_have_attribute("aria-pressed", "true")
    scratch = page.locator(".defects .row", has_text="scratch")
    scratch.focus()
    page.keyboard.press("Enter")
    expect_chosen(page, 2, [["outcome", "FN"], ["defect", "scratch"]])
    expect(scratch).to_have_attribute("aria-pressed", "true")
    expect(scratch).to_be_focused()
    size = page.locator(".sizes .row").nth(1)
    size.focus()
    page.keyboard.press("Space")
    expected = recall_from_table(region_table(), 2.0)
    ranges = [[row.area_from, row.area_to] for row in expected]
    expect_chosen(page, 3, [["outcome", "FN"], ["defect", "scratch"], ["size", ranges[1]]])
    expect(size).to_have_attribute("aria-pressed", "true")
    cell(page, "missed defect (FN)").click()
    expect_chosen(page, 4, [["defect", "scratch"], ["size", ranges[1]]])
    expect(cell(page, "missed defect (FN)")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[aria-pressed=true]")).to_have_count(2)


def test_hostile_names_are_text_and_can_be_chosen(opened: OpenTally) -> None:
    page = opened()
    row = page.locator(".defects .row", has_text="<img src=x onerror=")
    row.click()
    expect_chosen(page, 1, [["defect", HOSTILE]])
    expect(row).to_have_attribute("aria-pressed", "true")
    assert str(row.get_attribute("aria-label")).startswith("<img src=x onerror=")
    assert page.evaluate("document.body.dataset.harmed") is None


def test_many_types_scroll_and_none_is_out_of_reach(opened: OpenTally) -> None:
    page = opened(types=40, n=2000)
    rows, body = page.locator(".defects .row"), page.locator(".defects .body")
    expect(rows).to_have_count(40)
    assert body.evaluate("box => box.clientHeight") < 260
    rows.last.focus()
    assert body.evaluate("box => box.scrollTop") > 300
    page.keyboard.press("Enter")
    expect(page.locator(".defects [aria-pressed=true]")).to_have_count(1)
    assert body.evaluate("box => box.scrollTop") > 300


@pytest.mark.parametrize(("what", "words", "cells", "shares"), [
    ({"labels": "good"}, ["No labelled defective images, so recall is unknown", "missed defects are unknown"],
     ["false alarm (FP)", "true negative"], ["false positive rate"]),
    ({"labels": "none"}, ["No labelled defective images, so recall is unknown", "have no label",
                            "false alarms are unknown"],
     [], []),
    ({"regions": "old"}, ["This run predates recorded defect sizes"], None, SHARES),
    ({"regions": "none"}, ["No masks with a defect"], None, SHARES),
    ({"zone": 1}, ["to review: below the NG threshold, so counted as predicted good"], None, SHARES),
])
def test_what_cannot_be_known_is_said(opened: OpenTally, what: dict, words: list, cells: list | None,
                                      shares: list) -> None:
    page = opened(**what)
    for sentence in words:
        expect(page.locator(".tally").get_by_text(sentence)).to_be_visible()
    shown = page.locator(".tally .share").filter(visible=True)
    assert [text for text in SHARES if shown.filter(has_text=text).count()] == list(shares)
    all_cells = ["true positive", "missed defect (FN)", "false alarm (FP)", "true negative"]
    assert [one for one in all_cells if cell(page, one).count()] == (all_cells if cells is None else cells)


@pytest.mark.parametrize(("width", "columns"), [(1400, 3), (900, 2), (450, 1)])
def test_its_blocks_wrap_and_fit(opened: OpenTally, width: int, columns: int) -> None:
    page = opened(types=20)
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame))")
    lefts = page.locator(".block").evaluate_all("all => all.map(one => Math.round(one.getBoundingClientRect().left))")
    assert len(set(lefts)) == columns
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert {round(row.bounding_box()["height"]) for row in page.locator(".row").all()[:5]} == {22}  # type: ignore[index]
