"""The two lists of images in the plain page: which is shown, what is counted of it, and what is not offered there."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from pages.ui.review.workspace.training import columns
from patchcore_core.views.web.packed import packed
from tests.browser.components.workspace.made_workspace import made
from tests.browser.components.workspace.test_workspace import answers, asked, opened

pytestmark = pytest.mark.browser
SCORES = [1.0, 2.5, float("nan"), 1.75, 3.0]
COPY = "near-copy: good/9.png"


def training(**other: Any) -> dict[str, Any]:
    """`Training` of data.js: five images, of which the last stands apart and the second has a near-copy."""
    names = [f"good/{number}.png" for number in range(len(SCORES))]
    images = pd.DataFrame({"name": names, "path": names, "image_score": SCORES, "odd": [False] * 4 + [True],
                           "copies": ["", COPY, "", "", ""]})
    return {"images": columns(images), "pictures": {"base": "/pictures/run-a/training", "keys": ["k"] * len(SCORES)},
            "whole": {"score": [1.0, 3.0], "size": None}, "said": "5 of 6 training images", "page": "/photos?run=run-a",
            "orders": [["highest score first", "image_score", False], ["by name", "path", True]],
            "point": {"scores": {"good": packed([1.0, 1.75, 2.5, 3.0]), "defective": packed([]),
                                 "unlabelled": packed([])}, "log": False, "zone": True, "label": "Image threshold",
                      "unit": "images", "notes": [], "colours": {}}} | other  # fmt: skip


def cards(top: Locator) -> list[str]:
    return top.locator("[role=option]").evaluate_all(
        "all => all.sort((a, b) => a.ariaPosInSet - b.ariaPosInSet).map(({ dataset }) => dataset.id)")


def test_the_lists_keep_what_was_chosen_in_each(page: Page) -> None:
    top = opened(page, "?run=run-a&outcome=missed+defect+%28FN%29&order=by+name", training=training())
    before = cards(top)
    page.keyboard.press("l")
    expect(top.locator(".count")).to_have_text("all 5")
    assert cards(top)[:4] == [f"good/{number}.png" for number in (4, 1, 3, 0)]  # in view, the highest score first
    page.wait_for_function("location.search === '?run=run-a&images=training'")
    group = top.get_by_role("group", name="Outcome")
    expect(group.get_by_role("button")).to_have_text(
        [re.compile(f"{words}.*{count}") for words, count in (("all", 5), ("stands apart", 1), ("has near-copies", 1),
                                                              ("NG", 2), ("review zone", 0), ("OK", 2))])
    group.get_by_role("button", name="OK").click()
    assert cards(top) == ["good/3.png", "good/0.png"]
    top.get_by_role("button", name="Test images: 12").click()
    assert cards(top) == before
    page.wait_for_function("location.search.includes('outcome=missed') && !location.search.includes('images')")
    top.get_by_role("button", name="Training images: 5").click()
    assert cards(top) == ["good/3.png", "good/0.png"]
    page.wait_for_function("location.search === '?run=run-a&images=training&outcome=OK'")


def test_a_link_opens_the_list_with_its_marks(page: Page) -> None:
    top = opened(page, "?run=run-a&images=training&outcome=has+near-copies&outcome=stands+apart", training=training())
    assert cards(top) == ["good/4.png", "good/1.png"]
    expect(top.locator(".title")).to_contain_text("stands apart, left out of the thresholds")
    page.keyboard.press("n")
    expect(top.locator(".title")).to_contain_text(f"held-out score 2.5000 ≥ 2.0000 · {COPY}")
    expect(top.locator(".title .outcome")).to_have_text("NG")
    expect(top.locator("[role=option]").nth(1)).to_have_attribute("aria-label", re.compile("NG, training image"))
    expect(top.get_by_role("link", name="Training photos")).to_have_attribute(
        "href", "/photos?run=run-a&photo=good%2F1.png")
    expect(top.locator(".threshold-strip .figures")).to_have_text("NG 2review zone 0OK 2training images 5")
    expect(top.locator(".source")).to_contain_text("5 of 6 training images")
    expect(top.get_by_label("Order").locator("option")).to_have_count(2)


def test_what_is_of_test_images_is_not_offered_there(page: Page) -> None:
    top = opened(page, "?run=run-a&images=training", training=training())
    for name, there in (("Curves", 1), ("Regions", 0), ("Causes", 0)):
        expect(top.get_by_role("button", name=name, exact=True)).to_have_count(there)
    for key in "12u":
        page.keyboard.press(key)
    expect(top.get_by_role("button", name="label correct")).to_be_disabled()
    expect(top.locator(".standing")).to_contain_text("Verdicts are for test images.")
    top.get_by_role("button", name="Export").click()
    expect(top.get_by_role("button", name="pictures of the listed images")).to_have_count(0)
    top.get_by_role("button", name="listed images as CSV (5)").click()
    entry = asked(page, "export")
    assert (entry["with"]["images"], entry["with"]["numbers"]) == ("training", [4, 1, 3, 0, 2])
    kinds = {one["kind"] for one in page.evaluate("window.sent.at(-1).entries")}
    assert not kinds & {"verdict", "undo"}
    judged = {"verdict": "label_wrong", "author": "Ada", "given_at": "2026-01-01", "note": "", "tags": []}
    answers(page, {4: judged})  # of the test image of this number
    expect(top.get_by_role("checkbox", name="1 wrong label excluded")).to_be_visible()
    expect(top.locator(".standing")).to_contain_text("Verdicts are for test images.")
    expect(top.locator("[role=option][aria-label*=verdict]")).to_have_count(0)


def test_without_test_images_the_training_images_are_shown(page: Page) -> None:
    none = made(0)
    top = opened(page, one=none, training=training())
    expect(top.locator(".count")).to_have_text("all 5")
    expect(top.get_by_role("button", name="Test images: none")).to_be_disabled()
    page.keyboard.press("l")
    expect(top.locator(".count")).to_have_text("all 5")
    for name in ("Curves", "Recall", "Costs", "Regions", "Causes"):
        expect(top.get_by_role("button", name=name, exact=True)).to_have_count(0)
    assert "images=" not in page.evaluate("location.search")


def test_a_run_that_recorded_none_has_one_list(page: Page) -> None:
    top = opened(page, "?run=run-a&images=training")
    expect(top.locator(".count")).to_have_text("all 12")
    button = top.get_by_role("button", name="Training images: none")
    expect(button).to_be_disabled()
    expect(button).to_have_attribute("title", re.compile("recorded no held-out scores"))
    page.keyboard.press("l")
    expect(top.locator(".count")).to_have_text("all 12")


def test_images_without_any_label_are_listed_by_what_is_predicted(page: Page) -> None:
    one = made(12)
    one.images["label"] = -1
    scores = one.images["image_score"]
    top = opened(page, "?run=run-a&review_from=1.5", one=one)
    buttons = top.get_by_role("group", name="Outcome").get_by_role("button")
    found = [("all", 12), ("NG", (scores >= 2).sum()), ("review zone", ((scores >= 1.5) & (scores < 2)).sum()),
             ("OK", (scores < 1.5).sum())]
    expect(buttons).to_have_text([re.compile(f"{words}.*{count}") for words, count in found])
    buttons.nth(1).click()
    expect(top.locator(".title .outcome")).to_have_text("NG")
    expect(top.locator(".title")).to_contain_text("no label")
    expect(top.locator(".threshold-strip .figures")).not_to_contain_text("recall")
