"""Every widget in both themes: no text below 12 pixels, none with less contrast than 4.5 : 1, nothing that axe refuses.

Texts of pictures are measured too, which axe passes over.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.components.plain_page import mounted, serve
from tests.browser.components.test_plain_page import widgets
from tests.places import ROOT

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
pytestmark = pytest.mark.browser
SMALLEST, LEAST = 12.0, 4.5
OUTSIDE = {"region", "landmark-one-main", "page-has-heading-one", "heading-order"}  # rules of a whole page
MEASURED = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number) // rgb(…), or color(srgb …) of a mixed one
    .map((one, at) => colour.startsWith("color(") && at < 3 ? 255 * one : one);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((one, at) => one * a + below[at] * (1 - a));
  const ground = (node) => {
    if (!node) return [255, 255, 255];
    if (node instanceof ShadowRoot) return ground(node.host);
    if (!(node instanceof Element)) return ground(null);
    return over(parts(getComputedStyle(node).backgroundColor), ground(node.parentNode));
  };
  const linear = (one) => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4;
  const light = (rgb) => rgb.map((one) => linear(one / 255))
    .reduce((sum, one, at) => sum + one * [.2126, .7152, .0722][at], 0);
  const seen = (node) => node instanceof ShadowRoot ? seen(node.host)
    : !(node instanceof Element) ? 1 : Number(getComputedStyle(node).opacity) * seen(node.parentNode);
  const found = [];
  const look = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) look(node.shadowRoot);
      const letters = [...node.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE);
      const text = letters.map((one) => one.data.trim()).join(" ").trim();
      if (!text || ["STYLE", "TITLE", "SCRIPT", "title"].includes(node.tagName)) continue;
      if (node.closest(":disabled, [hidden], option") || !node.checkVisibility({ visibilityProperty: true })) continue;
      const style = getComputedStyle(node), back = ground(node);
      const [r, g, b, a = 1] = parts(node instanceof SVGElement ? style.fill : style.color);
      const [one, two] = [light(over([r, g, b, a * seen(node)], back)), light(back)];
      const contrast = (Math.max(one, two) + .05) / (Math.min(one, two) + .05);
      found.push([text.slice(0, 40), parseFloat(style.fontSize), Math.round(contrast * 100) / 100]);
    }
  };
  look(document.body);
  return found;
}"""

OPEN_MENUS = """() => {
  for (const host of document.body.children) {
    for (const panel of host.shadowRoot?.querySelectorAll("[popover]") ?? []) {
      panel.popover = "manual"; // so that one does not close the others
      panel.showPopover();
    }
  }
}"""


def theme(name: str) -> str:
    """CSS that sets what Streamlit sets from our settings."""
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]
    colours = {
        "primary": "primaryColor", "background": "backgroundColor", "secondary-background": "secondaryBackgroundColor",
        "text": "textColor", "border": "borderColor", "link": "linkColor",
    }  # fmt: skip
    lines = [f"--st-{word}-color: {settings[name][key]};" for word, key in colours.items()]
    return (f":root {{ font-size: {settings['baseFontSize']}px; {' '.join(lines)} --st-font: sans-serif; "
            f"--st-base-radius: 4px; }} body {{ background: {settings[name]['backgroundColor']}; }}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_widget_can_be_read(
    open_browser: Callable[[], Page], scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = serve(open_browser())
    page.add_style_tag(content=theme(scheme))
    for name, shown in widgets(monkeypatch).items():
        mounted(page, name, shown.data)
    shut = len(page.evaluate(MEASURED))
    assert violations(page) == []
    page.evaluate(OPEN_MENUS)
    texts = page.evaluate(MEASURED)
    assert len(texts) > shut
    assert len(texts) > 100  # it has looked
    assert [one for one in texts if one[1] < SMALLEST] == []
    assert [one for one in texts if one[2] < LEAST] == []


def violations(page: Page) -> list[str]:
    """What axe finds serious or critical."""
    found = axe.Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found
            if one["impact"] in ("serious", "critical") and one["id"] not in OUTSIDE for node in one["nodes"]]


@pytest.mark.parametrize("style", ["font-size: 11px", "color: #999999", "color: #10151A; opacity: 0.5"])
def test_poor_text_is_found(open_browser: Callable[[], Page], style: str) -> None:
    page = serve(open_browser())
    page.evaluate("""style => {
      const poor = document.body.appendChild(document.createElement("p"));
      poor.textContent = "poor";
      poor.style.cssText = style;
    }""", style)
    [[_, size, contrast]] = page.evaluate(MEASURED)
    assert size < SMALLEST or contrast < LEAST
