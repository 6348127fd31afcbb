"""From a false alarm to a taught bank, in a real browser with a real job."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from patchcore_core.runs.store import RunStore
from tests.browser.review.reading import expect_judged, opened, run_ids, stay

pytestmark = pytest.mark.browser
FIT_MS = 240_000  # a busy machine is no defect
GOOD = "test/good/002.png"


def test_from_a_false_alarm_to_a_taught_bank(address: str, open_browser: object, store: Path) -> None:
    parent, *_ = before = run_ids(store)
    page: Page = opened(open_browser(), f"{address}?threshold=0.01&image={GOOD}")  # at which all good photos are alarms
    stay(page)
    teach = page.get_by_role("button", name="Teach as good …")
    teach.click()
    panel = page.get_by_role("region", name="Teach")
    expect(panel.get_by_role("checkbox", name=GOOD)).to_be_disabled()
    page.keyboard.press("1")
    expect_judged(page, GOOD, "label correct")
    panel.get_by_role("button", name="Show what it would change").click()
    keep = panel.get_by_role("button", name="Keep as a new run")
    expect(panel.get_by_role("progressbar").or_(keep)).to_be_visible()  # it may be quick
    expect(keep).to_be_visible(timeout=FIT_MS)
    expect(panel.get_by_text(re.compile("of the 11 other test images change"))).to_be_visible()
    assert run_ids(store) == before  # nothing is kept yet

    again = opened(open_browser(), f"{address}?run={parent}")  # as after the first page was closed
    again.get_by_role("button", name="Teach · 1 on trial").click()
    again.get_by_role("button", name="Keep as a new run").click()
    again.get_by_role("link", name="Open it").click()
    expect(again.get_by_role("button", name=re.compile("^Run: .*1 photo taught"))).to_be_visible()
    (made,) = (run for run in RunStore(store).list() if run.parent)
    assert (made.parent, made.taught) == (parent, (GOOD,))
    again.keyboard.press("d")
    expect(again.get_by_text(f"goes on from the memory bank of run {parent}")).to_be_visible()
    expect(panel.get_by_text("On trial")).to_have_count(0)  # the first page hears of it
