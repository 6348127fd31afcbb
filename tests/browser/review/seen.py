"""All that a visitor sees of what is chosen in Review, to be compared with what another one sees."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.review.reading import expect_painted, shown

# All that a visitor sees of his choices: words and values of fields, what is pressed, the selected card, the panes.
SEEN = """() => {
  const all = [document];
  for (const root of all) all.push(...[...root.querySelectorAll("*")].flatMap((one) => one.shadowRoot ?? []));
  const find = (selector) => all.flatMap((root) => [...root.querySelectorAll(selector)]);
  const overlap = / · IoU [^·▸]*?(?= · |▸|$)/;  // interpolated until Python has answered
  const text = (selector) => find(selector).map((one) => one.textContent.replace(overlap, ""));
  return {
    words: text(".title, .filter-bar .count, .threshold-strip .figures, .source, .first-line .figures"),
    fields: find("input, select").map((one) => [one.ariaLabel, one.type === "checkbox" ? one.checked : one.value]),
    pressed: find("button[aria-pressed]").map((one) => [one.textContent, one.ariaPressed]),
    handles: find("[role=slider]").map((one) => one.ariaValueNow),
    card: find("[role=option][aria-selected=true]").map((one) => [one.ariaLabel, one.ariaPosInSet, one.ariaSetSize]),
    panes: find("[role=application]").map((one) => one.ariaLabel),
  };
}"""


def seen(page: Page) -> dict[str, Any]:
    """What is seen once nothing changes any more."""
    before: dict[str, Any] = {}
    while True:
        if shown(page):
            expect(page.locator(".viewer[aria-busy=false]")).to_be_attached()
            expect_painted(page)
        if (now := page.evaluate(SEEN)) == before:
            return now
        before = now
        page.evaluate("new Promise(requestAnimationFrame)")
