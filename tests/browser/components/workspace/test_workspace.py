"""The workspace as a whole, in the plain page: what a person does there and what Python is asked for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from patchcore_core.views.web.packed import packed
from tests.browser.components.plain_page import mounted, serve, updated
from tests.browser.components.workspace.made_workspace import told, workspace

pytestmark = pytest.mark.browser
WORKSPACE = "workspace/workspace"
CURVE = {"name": "image_roc", "title": "ROC of images", "level": "image", "kind": "roc", "x_title": "x", "y_title": "y",
         "x": packed([0.0, 0.25, 0.5, 1.0]), "y": packed([0.0, 0.5, 1.0, 1.0]),
         "thresholds": packed([9.0, 3.5, 2.0, 0.0]), "undefined": ""}  # fmt: skip
TALLY = {"good": packed([1.0, 2.5]), "kinds": [{"name": "hole", "scores": packed([1.5, 3.0])}], "no_kinds": "",
         "sizes": "Not known.", "notes": [], "label": "Recall",
         "helps": dict.fromkeys(("outcomes", "defects", "sizes", "recall", "precision", "false_positive_rate"), "")}
LISTENING = """() => {
  window.sent = [];
  addEventListener("patchcore:outbox", ({ detail }) => window.sent.push(detail.outbox));
  window.answer = (told) => dispatchEvent(new CustomEvent("patchcore:told", { detail: told }));
}"""


def opened(page: Page, search: str = "?run=run-a", **other: Any) -> Locator:
    """The workspace at this address."""
    page.evaluate(LISTENING)
    page.evaluate("search => history.replaceState({}, '', search)", search)
    return mounted(page, WORKSPACE, workspace(**other)).first


def asked(page: Page, name: str, before: int = 0) -> dict[str, Any]:
    """The entry of the outbox whose key begins so, or that is of this kind, once it is there; after number `before`."""
    find = "(entry) => entry.seq > before && (entry.kind === name || (entry.key ?? '').split(' ')[0] === name)"
    handle = page.wait_for_function(f"([name, before]) => window.sent.at(-1)?.entries.findLast({find})",
                                    arg=[name, before])
    return handle.json_value()


def answers(page: Page, judged: dict[int, Any] | None = None, **given: Any) -> dict[str, int]:
    """Python answers the outbox: key -> value. The numbers of the entries that it has answered, by their keys."""
    box = page.evaluate("window.sent.at(-1)")
    seq = {entry.get("key"): entry["seq"] for entry in box["entries"]}
    found = {key: {"seq": seq.get(key, 0), "value": value, "error": ""} for key, value in given.items()}
    page.evaluate("told => window.answer(told)", told(
        id=box["id"], acked=max(seq.values()), answers=found, judged=judged or {}))
    return seq


def test_in_a_read_only_installation_nothing_is_offered_that_stores(page: Page) -> None:
    given = workspace()
    view = {"name": "mine", "query": "run=run-a", "author": "Ada", "saved_at": "2026-05-04T10:00:00", "own": True,
            "gone": False}  # fmt: skip
    top = opened(page, parts=given["parts"] | {"read_only": "Nothing can be stored: it is read-only"})
    verdicts = top.get_by_role("group", name="Verdict", exact=True)
    expect(verdicts.get_by_role("button").first).to_be_disabled()
    expect(top.get_by_text("Nothing can be stored: it is read-only").first).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("u")
    for name in ("Use", "Back to held-out"):
        expect(top.get_by_role("button", name=name, exact=True)).to_have_count(0)
    top.get_by_role("button", name="Views").click()
    asked(page, "views")
    answers(page, views=[view])
    expect(top.get_by_role("link", name="mine")).to_be_visible()
    expect(top.get_by_label("Name of this view")).to_be_hidden()
    expect(top.get_by_role("button", name="Delete the view mine")).to_have_count(0)
    kinds = page.evaluate("window.sent.flatMap(({ entries }) => entries.map(({ kind }) => kind))")
    assert set(kinds) == {"ask"}


def test_a_view_is_saved_listed_and_taken_back(page: Page) -> None:
    top = opened(page, "?run=run-a&order=by+name")
    top.get_by_role("button", name="Views").click()
    view = {"name": "v", "query": "run=run-a&q=x", "author": "Ada", "saved_at": "2026-01-01T10:00", "own": True,
            "gone": False}  # fmt: skip
    assert asked(page, "views")["kind"] == "ask"
    answers(page, views=[view | {"own": False, "gone": True}])
    expect(top.get_by_text("its run is gone")).to_be_visible()
    top.get_by_label("Name of this view").fill("v")
    page.keyboard.press("Enter")
    assert asked(page, "view_save")["with"] == {"name": "v", "query": "run=run-a&order=by+name"}
    answers(page, view={"views": [view], "done": {"id": 7, "name": "v", "saved": True}})
    expect(top.get_by_text("Views of this run")).to_be_visible()
    top.get_by_role("group", name="Saved views").get_by_role("button", name="Undo").click()
    assert asked(page, "view_undo")["with"] == {"name": "v", "id": 7}
    top.get_by_role("link", name="v").click()
    assert page.evaluate("location.search") == "?run=run-a&q=x"
    expect(top.get_by_label("Search path")).to_have_value("x")


def test_the_listed_images_are_exported_as_a_file(page: Page) -> None:
    top = opened(page, "?run=run-a&q=hole")
    top.get_by_role("button", name="Export").click()
    top.get_by_role("button", name="listed images as CSV").click()
    entry = asked(page, "export")
    assert (entry["with"]["form"], entry["with"]["threshold"]) == ("csv", 2.0)
    assert f"{len(entry['with']['numbers'])} of 12" == top.locator(".count").inner_text()
    expect(top.get_by_text("The file is being made …")).to_be_visible()
    answers(page, **{"export csv": {"address": "/made", "name": "run-a.csv"}})
    expect(top.get_by_role("link", name="Download run-a.csv")).to_have_attribute("href", "/made")


def test_a_point_of_a_curve_sets_the_threshold_of_its_level(page: Page) -> None:
    top = opened(page)
    page.keyboard.press("g")
    expect(top.get_by_role("region", name="Curves").get_by_text("being computed …")).to_have_count(1)
    assert asked(page, "curves")["with"] == {}
    answers(page, curves={"panels": [CURVE], "limit": 0.3})
    ring = top.get_by_role("slider", name="ROC of images")
    expect(ring).to_have_attribute("data-x", "0.5")
    ring.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function("location.search.includes('threshold=3.5')")
    expect(ring).to_have_attribute("data-x", "0.25")


def test_cells_and_bars_of_recall_filter(page: Page) -> None:
    top = opened(page)
    top.get_by_role("button", name="Recall").click()
    assert asked(page, "tally")["with"] == {"pixel": 2.0}
    answers(page, **{"tally 2": TALLY})
    top.get_by_role("button", name="missed defect (FN)").click()
    assert page.evaluate("new URLSearchParams(location.search).getAll('outcome').length") == 0  # not written yet
    page.wait_for_function("new URLSearchParams(location.search).get('outcome') === 'missed defect (FN)'")
    top.get_by_role("button", name="hole: 1 of 2 found").click()
    page.wait_for_function("new URLSearchParams(location.search).get('defect') === 'hole'")
    top.get_by_role("button", name="hole: 1 of 2 found").click()
    page.wait_for_function("!location.search.includes('defect=')")


def test_regions_belong_to_the_image_and_are_zoomed_to(page: Page) -> None:
    top = opened(page, "?run=run-a&order=by+name")
    page.keyboard.press("r")
    entry = asked(page, "regions")
    table = {"label": "Regions", "heads": [["region", ""], ["area", ""]], "rows": [["true defect", "12 px"]]}
    answers(page, **{entry["key"]: {"table": table, "boxes": [[1, 2, 30, 40]]}})
    top.get_by_role("button", name="true defect").click()
    page.wait_for_function("new URLSearchParams(location.search).get('zoom') === '1,2,30,40'")
    page.keyboard.press("n")
    expect(top.get_by_role("button", name="true defect")).to_have_count(0)  # of the other image
    assert asked(page, "regions", entry["seq"])["with"]["number"] != entry["with"]["number"]


def test_costs_give_thresholds_in_place_of_the_runs(page: Page) -> None:
    top = opened(page, "?run=run-a&quantile=97")
    entry = asked(page, "costs")
    assert (entry["with"]["quantile"], entry["with"]["escape"], entry["with"]["threshold"]) == (97, None, 2.0)
    level = workspace()["image"]
    level["points"][0]["value"] = 1.25
    zones = {"heads": [["zone", ""], ["cost per part", ""]], "rows": [["OK", "0.12"]]}
    answers(page, **{entry["key"]: {"image": level, "starts": [], "zones": zones, "sentence": "0.12 per part."}})
    expect(top.get_by_role("slider", name="Threshold", exact=True)).to_have_attribute("aria-valuenow", "1.25")
    page.keyboard.press("k")
    form = top.get_by_role("region", name="Costs")
    expect(form.get_by_label("Quantile of good images, %")).to_have_value("97")
    expect(form.get_by_role("row", name="OK 0.12")).to_be_visible()
    form.get_by_label("Cost per missed defect").fill("100")
    page.keyboard.press("Enter")
    page.wait_for_function("new URLSearchParams(location.search).get('escape') === '100'")
    assert asked(page, "costs")["with"]["escape"] == 100


def test_thresholds_are_used_and_released(page: Page) -> None:
    top = opened(page, "?run=run-a&threshold=2.25")
    top.get_by_role("button", name="Use", exact=True).click()
    assert asked(page, "use")["with"] == {"threshold": 2.25, "review_from": None, "pixel_threshold": None}
    used = {"threshold": 2.25, "review_from": None, "pixel_threshold": None, "author": "Ada",
            "at": "2026-05-04T10:00:00", "sentence": "Chosen by Ada."}  # fmt: skip
    answers(page, used=used)
    expect(top.get_by_role("button", name="Use", exact=True)).to_be_disabled()
    back = top.get_by_role("button", name="Back to held-out")
    expect(back).to_have_attribute("title", re.compile("by Ada"))
    back.click()
    assert asked(page, "release")["key"] == "used"
    answers(page, used=None)
    expect(back).to_be_hidden()
    expect(top.get_by_role("button", name="Use", exact=True)).to_be_enabled()


def test_the_review_zone_is_filtered_like_an_outcome(page: Page) -> None:
    top = opened(page, "?run=run-a&review_from=0.5")
    expect(top.get_by_role("group", name="Outcome").get_by_role("button")).to_have_text(
        [re.compile(words) for words in ("all", "missed", "false alarm", "review zone", "found", "good", "no label")])
    zone = top.get_by_role("button", name="review zone").first
    count = int(re.sub(r"\D", "", zone.inner_text()))
    assert 0 < count < 12
    zone.click()
    expect(top.locator(".count")).to_have_text(f"{count} of 12")
    page.wait_for_function("new URLSearchParams(location.search).get('outcome') === 'review zone'")
    expect(top.locator(".title")).to_contain_text("review zone")


def test_figures_without_wrong_labels(page: Page) -> None:
    top = opened(page)
    judged = {"verdict": "label_wrong", "author": "Ada", "given_at": "2026-01-01", "note": "", "tags": []}
    page.evaluate("told => window.answer(told)", told(judged={3: judged}))
    top.get_by_role("checkbox", name="1 wrong label excluded").check()
    entry = asked(page, "without")
    assert (entry["key"], entry["with"]) == ("without 3", {"numbers": [3]})
    figure = {"label": "Image AUROC", "value": "0.123", "interval": "", "help": ""}
    answers(page, {3: judged}, **{"without 3": {"sentence": "Figures on 11 of 12.", "figures": [figure], "tables": []}})
    expect(top.get_by_role("button", name="Image AUROC 0.123")).to_be_visible()
    page.wait_for_function("location.search.includes('without=label_wrong')")


def test_marks_and_panes_by_key_stand_in_the_address(page: Page) -> None:
    opened(page)
    for key in "omjf":
        page.keyboard.press(key)
    page.wait_for_function("location.search.includes('panes=photo%2Cmap&hidden=truth_outline%2Cjudged%2Cpeak')")
    page.keyboard.press("o")
    page.wait_for_function("location.search.endsWith('hidden=judged%2Cpeak')")


def test_what_is_not_measured_or_set_by_nobody_is_said(page: Page) -> None:
    given = workspace()
    overlap = {**given["overlap"], "iou": packed([0.25] * 12), "exact": False}
    level = {"points": [], "default": "2.0", "span": [0.0, 4.0], "unset": "It starts at the middle."}
    room = opened(page, overlap=overlap, image=level)
    expect(room.locator(".title")).to_contain_text("IoU ≈ 0.250")
    expect(room.locator(".source")).to_contain_text("It starts at the middle.")
    updated(page, WORKSPACE, {**given, "overlap": {**overlap, "exact": True}, "image": level})
    expect(room.locator(".title")).to_contain_text("IoU 0.250")


def test_nothing_of_another_image_is_seen_where_none_is_listed(page: Page) -> None:
    top = opened(page, "?run=run-a&q=nothing+is+called+so")
    expect(top.locator(".title")).to_contain_text("These filters leave no image.")
    expect(top.locator(".picture")).to_be_hidden()


def test_which_panels_are_open_is_remembered(page: Page) -> None:
    top = opened(page)
    page.keyboard.press("k")
    expect(top.get_by_role("region", name="Costs")).to_be_visible()
    top = opened(serve(page), "?run=run-a")
    expect(top.get_by_role("region", name="Costs")).to_be_visible()
    page.set_viewport_size({"width": 1920, "height": 1080})
    expect(top.get_by_role("region", name="Curves")).to_be_visible()  # there by default
    expect(top.get_by_role("region", name="Costs")).to_be_hidden()


def test_of_verdicts_only_the_changes_are_told(page: Page) -> None:
    top = opened(page, "?run=run-a&order=by+name")
    say = "told => window.answer(told)"
    one = {"verdict": "label_wrong", "author": "Ada", "given_at": "2026-01-01", "note": "", "tags": []}
    page.evaluate(say, told(judged=dict.fromkeys(range(4), one)))
    changes = {0: None, 5: one | {"verdict": "agree"}}
    page.evaluate(say, told(state="s-2", since="s-1", judged=changes))
    expect(top.get_by_role("checkbox", name="3 wrong labels excluded")).to_be_visible()
    page.keyboard.press("4")
    assert asked(page, "verdict")["verdict"] == "unclear"
    assert page.evaluate("window.sent.at(-1).known") == "s-2"
    page.evaluate(say, told(state="t-1", judged={1: one}))  # another session knows nothing of that
    expect(top.get_by_role("checkbox", name="1 wrong label excluded")).to_be_visible()


def test_why_thresholds_were_not_stored_is_said_and_may_be_tried_again(page: Page) -> None:
    top = opened(page, "?run=run-a&threshold=2.25")
    use = top.get_by_role("button", name="Use", exact=True)
    use.click()
    expect(use).to_be_disabled()
    entry = asked(page, "use")
    refused = {"used": {"seq": entry["seq"], "value": None, "error": "The store cannot be written to."}}
    box = page.evaluate("window.sent.at(-1).id")
    page.evaluate("told => window.answer(told)", told(id=box, acked=entry["seq"], answers=refused))
    expect(top.locator(".source")).to_have_text("The store cannot be written to.")
    expect(use).to_be_enabled()


def test_an_order_by_overlap_waits_for_the_overlap_of_the_threshold(page: Page) -> None:
    top = opened(page, "?run=run-a&pixel_threshold=2.5&order=lowest+IoU+first")
    expect(top.get_by_label("Order").locator("option:checked")).to_have_text("lowest IoU first …")
    assert asked(page, "overlap")["with"] == {"pixel": 2.5}
    answers(page, **{"overlap 2.5": {**workspace()["overlap"], "pixel": 2.5}})
    expect(top.get_by_label("Order").locator("option:checked")).to_have_text("lowest IoU first")
