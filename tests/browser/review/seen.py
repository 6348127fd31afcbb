"""All that a visitor sees of what is chosen in Review, to be compared with what another one sees."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from playwright.sync_api import Page, expect

from tests.browser.review.reading import expect_painted, shown

# All that a visitor sees of his choices: words and values of fields, what is pressed, the selected card, the panes.
SEEN = r"""() => {
  const all = [document];
  for (const root of all) all.push(...[...root.querySelectorAll("*")].flatMap((one) => one.shadowRoot ?? []));
  const find = (selector) => all.flatMap((root) => [...root.querySelectorAll(selector)]);
  const overlap = / · IoU (≈ )?[\d.]+( …)?/;  // interpolated until Python has answered
  const text = (selector) => find(selector).map((one) => one.textContent.replace(overlap, ""));
  return {
    words: text(".title, .filter-bar .count, .threshold-strip .figures, .source, .first-line .figures"),
    fields: find("input, select").filter((one) => !one.closest(".teaching"))  // which asks Python
      .map((one) => [one.ariaLabel, one.type === "checkbox" ? one.checked : one.value]),
    pressed: find("button[aria-pressed]").map((one) => [one.textContent, one.ariaPressed]),
    handles: find("[role=slider]").map((one) => one.ariaValueNow),
    card: find("[role=option][aria-selected=true]").map((one) => [one.ariaLabel, one.ariaPosInSet, one.ariaSetSize]),
    panes: find("[role=application]").map((one) => one.ariaLabel),
  };
}"""

# What the panes show: a digest of the pixels of both canvases of each, where the maximum is marked, and it in small.
DRAWN = """async () => {
  const roots = [document];
  for (const root of roots) roots.push(...[...root.querySelectorAll("*")].flatMap((one) => one.shadowRoot ?? []));
  const stages = roots.flatMap((root) => [...root.querySelectorAll(".stage")]);
  const digest = async (canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return [...new Uint8Array(await crypto.subtle.digest("SHA-256", data))].join("-");
  };
  return JSON.stringify(await Promise.all(stages.map(async (stage) => {
    const canvases = [...stage.querySelectorAll("canvas")];
    const small = Object.assign(document.createElement("canvas"), { width: 48, height: 48 }).getContext("2d");
    for (const canvas of canvases) small.drawImage(canvas, 0, 0, 48, 48);
    const { style: { transform }, hidden } = stage.querySelector(".peak");
    return { pane: stage.dataset.pane, pixels: await Promise.all(canvases.map(digest)), peak: hidden ? "" : transform,
      small: [...small.getImageData(0, 0, 48, 48).data] };
  })));
}"""
NEAR = 3.0  # of 255, on average, where the part that is seen stands in the address with six digits


def drawn(page: Page) -> list[dict[str, Any]]:
    """What the panes show, once nothing changes any more (`seen`)."""
    page.evaluate("new Promise(requestAnimationFrame)")
    return json.loads(page.evaluate(DRAWN))


def assert_drawn_alike(here: list[dict[str, Any]], there: list[dict[str, Any]], link: str) -> None:
    """Both visitors have the same pixels before them; zoomed in they may differ by a fraction of one."""
    assert [one["pane"] for one in here] == [one["pane"] for one in there], link
    for one, other in zip(here, there, strict=True):
        if "zoom=" in link:
            apart = np.abs(np.subtract(one["small"], other["small"], dtype=float)).mean()
            assert apart < NEAR, f"{link}: {one['pane']} differs by {apart:.1f}"
        else:
            assert (one["pixels"], one["peak"]) == (other["pixels"], other["peak"]), f"{link}: {one['pane']}"


def seen(page: Page) -> dict[str, Any]:
    """What is seen once nothing changes any more."""
    before: dict[str, Any] = {}
    while True:
        if shown(page):
            expect(page.locator(".viewer[aria-busy=false]")).to_be_attached()
            expect_painted(page)
            expect(page.get_by_text("The map is being computed")).to_have_count(0)
        if (now := page.evaluate(SEEN)) == before:
            return now
        before = now
        page.evaluate("new Promise(requestAnimationFrame)")
