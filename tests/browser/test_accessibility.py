"""Every page judged by axe-core: nothing that keeps people out, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import dashboard_in
from tests.browser.tiles import fit, make_tiles

axe = pytest.importorskip("axe_playwright_python.base", reason="axe-playwright-python is not installed")
pytestmark = pytest.mark.browser

PAGES = {  # address -> what is there once everything is drawn
    "overview": "[data-testid=stDataFrame] canvas",
    "fit": "[data-testid=stButton]",
    "review": ".viewer[data-drawn]",
    "compare": ".js-plotly-plot .main-svg",
    "inspect_image?image=test/hole/000.png": ".viewer[data-drawn]",
    "present": ".present .screen",
    "memory_bank": ".bank_map canvas",
    "training_photos": "[data-testid=stImage] img",
}
DENSE = ("review", "present")  # their widgets have tests of their own for type and buttons
SMALLEST = 12  # pixels
SMALL_TEXT = """([smallest]) => {
  const found = [];
  const visit = (root) => root.querySelectorAll('*').forEach((element) => {
    if (element.shadowRoot) visit(element.shadowRoot);
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join('');
    const drawn = text && !['STYLE', 'SCRIPT'].includes(element.tagName) && element.getClientRects().length;
    if (drawn && parseFloat(getComputedStyle(element).fontSize) < smallest) found.push(text);
  });
  visit(document);
  return found;
}"""
FAINT_LABELS = """() => {
  const channels = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const linear = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const weights = [0.2126, 0.7152, 0.0722];
  const luminance = (rgb) => weights.reduce((sum, weight, i) => sum + weight * linear(rgb[i]), 0);
  const ground = channels(getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor);
  return [...document.querySelectorAll('svg text')].filter((label) => label.textContent.trim()).map((label) => {
    const style = getComputedStyle(label), ink = channels(style.fill);
    const alpha = (ink[3] ?? 1) * style.fillOpacity * style.opacity;
    const seen = ink.slice(0, 3).map((value, i) => value * alpha + ground[i] * (1 - alpha));
    const [light, dark] = [luminance(seen), luminance(ground)].sort((a, b) => b - a);
    return [label.textContent, (light + 0.05) / (dark + 0.05)];
  }).filter(([, contrast]) => contrast < 4.5);
}"""
# What fades in has its colours, and what follows the width has followed it: so many frames in a row nothing changed.
AT_REST = """async (frames = 20) => {
  const roots = () => {
    const all = [document];
    for (const root of all) all.push(...[...root.querySelectorAll("*")].flatMap((one) => one.shadowRoot ?? []));
    return all;
  };
  let still = 0;
  const changes = new MutationObserver(() => (still = 0));
  for (const root of roots()) {
    changes.observe(root, { attributes: true, characterData: true, childList: true, subtree: true });
  }
  const ends = ({ effect }) => effect.getComputedTiming().endTime < Infinity;
  while (still < frames) {
    await new Promise(requestAnimationFrame);
    still = document.getAnimations().some(ends) ? 0 : still + 1;
  }
  changes.disconnect();
}"""
WIDTHS = (1400, 900)
GRAVE = ("serious", "critical")
STREAMLITS: dict[str, tuple[str, ...]] = {
    # The chosen part of a segmented control, and the value of a slider, are written in the primary colour on the page,
    # while buttons and tags are white on the primary colour: on a dark page no colour has a contrast of 4.5 with both.
    "color-contrast": ("[data-testid=stButtonGroup]", "[data-testid=stSlider]"),
}


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:  # noqa: ARG001  (skips first)
    """The address of a dashboard with two finished runs of one category."""
    root = tmp_path_factory.mktemp("axe")
    tiles = make_tiles(root / "data" / "tile", 8, 4)
    for ratio in ("0.1", "0.2"):
        fit(tiles, root / "runs", "--coreset-ratio", ratio)
    with dashboard_in(root) as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES)
def test_no_page_has_a_serious_violation_small_text_faint_labels_or_two_primary_buttons(
    visited: str, open_browser: Callable[[], Page], address: str, scheme: Any
) -> None:
    page = open_browser()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": WIDTHS[0], "height": 1000})
    page.goto(f"{visited}/{address}")
    expect(page.locator(PAGES[address]).first).to_be_attached()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached()
    small, faint = page.evaluate(SMALL_TEXT, [SMALLEST]), page.evaluate(FAINT_LABELS)
    primary = page.locator("[data-testid=stBaseButton-primary]").count()
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1000})
        expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached()
        page.evaluate(AT_REST)
        found[width] = grave(page)
    assert found == {width: [] for width in WIDTHS}
    if address not in DENSE:
        assert (small, faint) == ([], [])
        assert primary <= 1


def test_small_text_is_found_and_faint_text_of_a_chart(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<div data-testid=stApp style='background: rgb(255, 255, 255)'><p style='font-size: 11px'>low</p>"
                     "<svg><text fill='rgb(150, 150, 150)' font-size=12>pale</text><text>dark</text></svg></div>")
    small, faint = page.evaluate(SMALL_TEXT, [SMALLEST]), page.evaluate(FAINT_LABELS)
    page.close()
    assert small == ["low"]
    assert [text for text, _ in faint] == ["pale"]


def test_a_picture_without_a_text_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang=en><title>t</title><main><img src='data:,'></main></html>")
    found = grave(page)
    page.close()
    assert [line.split(":")[0] for line in found] == ["image-alt"]


def grave(page: Page) -> list[str]:
    """Each serious or critical violation, as the rule, the element and what is wrong; without those of Streamlit."""
    lines = []
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(axe.AXE_SCRIPT)
    for violation in page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]:
        if violation["impact"] in GRAVE:
            nodes = [node for node in violation["nodes"] if not _streamlits(page, violation["id"], node["target"])]
            lines += [f"{violation['id']}: {node['target']} {node['failureSummary']}" for node in nodes]
    return lines


def _streamlits(page: Page, rule: str, target: list[Any]) -> bool:
    """Whether this element, outside of our components, is one of those that Streamlit builds against this rule."""
    if not isinstance(target[0], str):
        return False
    inside = "([target, selector]) => Boolean(document.querySelector(target)?.closest(selector))"
    return any(page.evaluate(inside, [target[0], selector]) for selector in STREAMLITS.get(rule, ()))
