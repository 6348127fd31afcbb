"""What the viewer shows: its places, pixels and colours, and what a visitor does to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, expect

from patchcore_core.evaluation.thresholds.decision import predicted
from patchcore_core.evaluation.trim import kept_on_photo
from patchcore_core.views.colours import rgb
from tests.browser.components.viewer import viewer_page as cases

PAINT = {"hit": 3, "miss": 2, "false alarm": 1}
# ---- reading the page ----------------------------------------------------------------------------------------------

HIGHEST_ALPHA = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.reduce((most, value, at) => (at % 4 === 3 && value > most ? value : most), 0);
}"""
FOCUSED = """() => {
  let focused = document.activeElement;
  if (!focused?.shadowRoot?.activeElement && !focused?.closest?.(".viewer")) return null;
  while (focused.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused.getAttribute("aria-label") ?? focused.closest("label")?.textContent ?? focused.tagName;
}"""
RED_AND_GREEN = "(canvas) => [...canvas.getContext('2d').getImageData(2, 2, 1, 1).data].slice(0, 2)"
SAMPLES = """(canvas, [xs, ys]) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  return JSON.stringify(ys.map((y) => xs.map((x) => {
    const at = 4 * (y * width + x);
    return (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
  })));
}"""  # as text: many numbers one by one take the driver seconds


def viewer(page: Page) -> Locator:
    return page.locator(".viewer")


def stage(page: Page, pane: str) -> Locator:
    return page.locator(f".stage[data-pane={pane}]")


def stage_size(page: Page) -> tuple[float, float]:
    size = viewer(page).locator(".stage").first.evaluate("(stage) => [stage.clientWidth, stage.clientHeight]")
    return size[0], size[1]


def frame(page: Page) -> dict[str, float]:
    """Top and left of what is seen, in photo pixels, and canvas pixels to each of them, once all is painted."""
    data = viewer(page).evaluate("(viewer) => new Promise(requestAnimationFrame).then(() => ({ ...viewer.dataset }))")
    return {name: float(data[name]) for name in ("top", "left", "scale", "rows", "columns")}


def on_screen(page: Page, row: float, column: float) -> tuple[float, float]:
    seen = frame(page)
    return (column - seen["left"]) * seen["scale"], (row - seen["top"]) * seen["scale"]


def place_of(page: Page, x: float, y: float) -> tuple[float, float]:
    seen = frame(page)
    return seen["top"] + y / seen["scale"], seen["left"] + x / seen["scale"]


def slide(page: Page, label: str, share: float) -> None:
    """Move a slider to this share of its way and let it go; the next frame is painted then."""
    drawn = viewer(page).get_attribute("data-drawn")
    viewer(page).get_by_label(label, exact=True).and_(page.locator("[type=range]")).evaluate(
        """(slider, share) => {  // a frame that was due before is painted with it, or before the next one
          slider.value = share * slider.max;
          for (const name of ["input", "change"]) slider.dispatchEvent(new Event(name, { bubbles: true }));
          return new Promise(requestAnimationFrame);
        }""", share)
    expect(viewer(page)).not_to_have_attribute("data-drawn", str(drawn))


def move_threshold(page: Page, share: float) -> float:
    """The threshold that Python heard after the slider moved."""
    slide(page, "Pixel threshold", share)
    wanted = 8 + 24 * share
    return wait_for(page, lambda heard: abs(heard["view"]["thresholds"][0] - wanted) < 0.02)["view"]["thresholds"][0]


def wait_for(page: Page, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What Python heard, as soon as this holds."""
    for _ in range(300):
        heard = json.loads(page.get_by_test_id("stCode").inner_text())
        if holds(heard):
            return heard
        page.wait_for_timeout(100)
    raise AssertionError(f"Python heard only {heard}")


def again(page: Page) -> None:
    """A rerun for another reason."""
    runs = wait_for(page, lambda _: True)["runs"]
    page.get_by_role("button", name="Nothing new").click()
    wait_for(page, lambda heard: heard["runs"] > runs)


def samples(page: Page, pane: str, case_size: tuple[int, int], size: int = 1) -> np.ndarray:
    """(rows, columns) colours 0xRRGGBB of a pane's layer, read in the middle of each cell of `size` photo pixels."""
    seen, (height, width) = frame(page), case_size
    starts = [np.arange(0, length, size) for length in (height, width)]
    rows, columns = (start + np.minimum(size, length - start) / 2
                     for start, length in zip(starts, (height, width), strict=True))
    xs = np.floor((columns - seen["left"]) * seen["scale"]).astype(int).clip(0, int(seen["columns"]) - 1)
    ys = np.floor((rows - seen["top"]) * seen["scale"]).astype(int).clip(0, int(seen["rows"]) - 1)
    layer = stage(page, pane).locator("canvas.layer")
    return np.array(json.loads(layer.evaluate(SAMPLES, [xs.tolist(), ys.tolist()])))


def judged_pixels(page: Page, size: int = 1) -> np.ndarray:
    """(rows, columns) 2 * true + predicted, read from the colours of the predicted segmentation."""
    case = str(viewer(page).get_attribute("data-picture"))
    colours = samples(page, "prediction", cases.SIZES[case], size)
    judged = np.zeros(colours.shape, int)
    for name, code in (*PAINT.items(), ("prediction", 1)):
        channels = np.stack([colours >> 16, (colours >> 8) & 255, colours & 255], axis=-1)
        judged[np.abs(channels - np.array(rgb(name))).max(axis=-1) <= 3] = code
    return judged


def kept(case: str) -> np.ndarray:
    """The map on the photo, without the halo of its peaks where the case is trimmed."""
    height, width = cases.SIZES[case]
    return kept_on_photo(cases.transform(case), cases.scores(case), height, width, cases.TRIMS.get(case))


def expected_judgement(case: str, threshold: float) -> np.ndarray:
    whole = kept(case)
    truth = cases.truth(case)
    found = predicted(whole, threshold).astype(int)
    return found if truth is None else 2 * truth.astype(int) + found


def colour_at(page: Page, pane: str, row: int, column: int) -> tuple[int, int, int]:
    colour = int(samples(page, pane, cases.SIZES["small"])[row, column])
    return colour >> 16, (colour >> 8) & 255, colour & 255


def block_max(values: np.ndarray, size: int) -> np.ndarray:
    """The highest of each block of `size` x `size`, the last ones cut by the edge."""
    rows = np.maximum.reduceat(values, np.arange(0, values.shape[0], size), axis=0)
    return np.maximum.reduceat(rows, np.arange(0, values.shape[1], size), axis=1)
