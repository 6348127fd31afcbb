"""What a visitor sees of Review."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from patchcore_core.runs.store import RunStore

HOSTILE = "<img src=x onerror=document.body.dataset.harmed=1> **b** ![x](http_x)"
PAINTED = """(name) => {
  const roots = [document];
  for (const root of roots) roots.push(...[...root.querySelectorAll("*")].flatMap((one) => one.shadowRoot ?? []));
  const [workspace, viewer] = [".workspace", ".viewer[data-drawn]"]
    .map((selector) => roots.map((root) => root.querySelector(selector)).find(Boolean));
  const image = name || workspace?.dataset.image;
  return Boolean(image) && (viewer?.dataset.picture ?? "").endsWith(` ${image}`);
}"""
VERDICTS = {"1": "label correct", "2": "label wrong", "3": "mask wrong", "4": "unclear"}  # by their keys


def opened(page: Page, address: str) -> Page:
    """The page at this address, once it is whole."""
    page.goto(address)
    expect_whole(page)
    return page


def expect_whole(page: Page) -> None:
    """All is there: the picture of the image, filters, and verdicts, which need Python's first answer."""
    expect(page.locator(".filter-bar .count")).to_be_visible()
    expect(page.locator(".verdict-panel").get_by_label("Your name")).to_be_visible()
    expect_painted(page)


def shown(page: Page) -> str:
    """The name of the image that is shown."""
    return page.locator(".workspace").get_attribute("data-image") or ""


def expect_painted(page: Page, name: str = "") -> None:
    """The panes show the image of this name, or the one that is chosen, which may become another one meanwhile."""
    if name:
        expect(page.locator(".workspace")).to_have_attribute("data-image", name)
    page.wait_for_function(PAINTED, arg=name, polling=50)


def cards(page: Page) -> Locator:
    """Those in view."""
    return page.get_by_role("listbox", name="Test images").get_by_role("option")


def card(page: Page, name: str) -> Locator:
    return page.locator(f"[role=option][data-id='{name}']")


def card_names(page: Page) -> list[str]:
    return cards(page).evaluate_all("cards => cards.map(({ dataset }) => dataset.id)")


def selected(page: Page) -> Locator:
    return page.locator("[role=option][aria-selected=true]")


def expect_count(page: Page, words: str) -> None:
    """So many images are listed: "all 12", "4 of 12"."""
    expect(page.locator(".filter-bar .count")).to_have_text(words)


def figures(page: Page) -> str:
    """What the thresholds find and miss, in one line."""
    return " ".join(page.locator(".threshold-strip .figures").inner_text().split())


def expect_figure(page: Page, words: str) -> None:
    expect(page.locator(".threshold-strip .figures")).to_contain_text(words)


def outcome(page: Page, words: str) -> Locator:
    """The button that lists this outcome."""
    return page.get_by_role("group", name="Outcome").get_by_role("button", name=words)


def verdict(page: Page, words: str) -> Locator:
    """The button that gives this verdict."""
    return page.get_by_role("group", name="Verdict", exact=True).get_by_role("button", name=words)


def expect_judged(page: Page, name: str, words: str) -> None:
    """The card of this image says the verdict."""
    expect(card(page, name)).to_have_attribute("aria-label", re.compile(f"verdict: {words}"))


def expect_stored(page: Page) -> None:
    """Python has stored all that was given."""
    expect(page.locator(".standing")).not_to_contain_text("saving")
    expect(page.locator(".standing")).not_to_contain_text("Not saved")


def stay(page: Page) -> None:
    """A verdict shall not lead to the next image."""
    page.get_by_label("then next image").uncheck()


def await_address(page: Page, pattern: str) -> str:
    page.wait_for_url(re.compile(pattern))
    return page.url


def run_ids(runs: Any) -> list[str]:
    """Those of a store, the newest first."""
    return [run.id for run in RunStore(runs).list()]
