"""Panels that open and close, by button and by key, and what stands in them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.components.plain_page import mounted, told, updated
from tests.browser.components.workspace.made import HOSTILE, PANELS, costs, findings, tables

pytestmark = pytest.mark.browser
DRAWERS, TOGGLES, COSTS = "drawers/drawers", "drawers/toggles", "cost_form/cost_form"
PLACE = """async root => {
  const { drawerPlace } = await import('./drawers/drawers.js');
  drawerPlace(root, 'costs').append(Object.assign(document.createElement('input'), { value: 'kept' }));
}"""


def heard(page: Page) -> list[list[Any]]:
    return [one[1:] for one in told(page)]


def panels(*opened: str, **stale: bool) -> dict[str, Any]:
    return {"panels": [one | {"stale": stale.get(one["name"], False)} for one in PANELS], "open": list(opened)}


def test_panels_open_by_button_and_by_key(page: Page) -> None:
    toggles = mounted(page, TOGGLES, panels("costs"))
    curves = toggles.get_by_role("button", name="Curves")
    expect(curves).to_have_attribute("aria-expanded", "false")
    curves.click()
    page.keyboard.press("k")
    page.keyboard.press("Control+g")
    updated(page, TOGGLES, panels("curves", "costs"))
    expect(curves).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("g")
    assert heard(page) == [["open", ["costs", "curves"]], ["open", []], ["open", ["costs"]]]


def test_what_stands_in_a_panel_stays_while_others_come_and_go(page: Page) -> None:
    drawers = mounted(page, DRAWERS, panels())
    expect(drawers).to_be_hidden()
    drawers.evaluate(PLACE)
    for opened in (["costs"], ["curves", "costs"], ["costs"]):
        updated(page, DRAWERS, panels(*opened))
        expect(drawers.get_by_role("region")).to_have_count(len(opened))
        expect(drawers.locator("input")).to_have_value("kept")
    drawers.locator("input").focus()
    updated(page, DRAWERS, panels("costs", "checks"))
    expect(drawers.locator("input")).to_be_focused()
    page.keyboard.press("Escape")
    drawers.get_by_role("button", name="Close Data checks").click()
    assert heard(page) == [["open", ["checks"]], ["open", ["costs"]]]


def test_an_answer_that_is_being_computed_says_so(page: Page) -> None:
    drawers = mounted(page, DRAWERS, panels("costs", costs=True))
    expect(drawers.get_by_role("status").first).to_have_count(1)
    expect(drawers.get_by_text("being computed …")).to_be_visible()
    updated(page, DRAWERS, panels("costs"))
    expect(drawers.get_by_text("being computed …")).to_have_count(0)


def test_findings_are_text_with_their_weight(page: Page) -> None:
    found = mounted(page, "findings/findings", findings())
    expect(found.get_by_role("img", name="warning")).to_be_visible()
    expect(found).to_contain_text(HOSTILE)
    expect(found).to_contain_text("a.png: unreadable")
    assert found.locator("img").count() == 0
    updated(page, "findings/findings", findings(links=[{"words": HOSTILE, "address": "/fit?path=%3Cb%3E"}]))
    expect(found.get_by_role("link")).to_have_attribute("href", "/fit?path=%3Cb%3E")
    expect(found.get_by_role("link")).to_have_text(HOSTILE)
    updated(page, "findings/findings", findings(groups=[], lines=[]))
    expect(found).to_have_text("Nothing.")


def test_figures_stand_in_a_table_with_heads(page: Page) -> None:
    found = mounted(page, "figure_table/figure_table", tables())
    expect(found.get_by_role("table", name="All figures")).to_be_visible()
    expect(found.get_by_role("rowheader", name="Image AUROC")).to_be_visible()
    expect(found.get_by_role("cell", name="[0.93, 1.00]")).to_be_visible()


def test_a_number_is_told_and_what_is_none_is_refused(page: Page) -> None:
    form = mounted(page, COSTS, costs())
    quantile, escape = form.get_by_label("Quantile of good images, %"), form.get_by_label("Cost per missed defect")
    quantile.fill("97,5")
    escape.fill("-1")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert").nth(1)).to_have_text("a number of at least 0")
    updated(page, COSTS, costs(97.5))
    expect(escape).to_have_value("-1")  # to be mended
    quantile.fill("12")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert").first).to_have_text("a number from 50 to 99.99")
    quantile.fill("")
    page.keyboard.press("Enter")
    typed = {"name": "quantile"}
    assert heard(page) == [["typed", typed | {"value": 97.5}], ["typed", typed | {"value": None}]]


def test_costs_of_the_zones(page: Page) -> None:
    zones = {"heads": [["zone", ""], ["cost per part", ""]], "rows": [["OK", "0.12"], ["NG", "0.40"]]}
    form = mounted(page, COSTS, costs())
    expect(form.get_by_role("table")).to_have_count(0)
    updated(page, COSTS, costs(zones=zones, sentence="0.52 per part."))
    expect(form.get_by_role("row", name="NG 0.40")).to_be_visible()
    expect(form.get_by_role("status")).to_have_text("0.52 per part.")
