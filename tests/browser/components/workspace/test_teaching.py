"""Teaching: what can be taught and why not, a trial from its first step to its end, and what is told."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.components.plain_page import mounted, told, updated
from tests.browser.components.workspace.made import HOSTILE, change, changes, teaching, trial
from tests.browser.components.workspace.made_workspace import made
from tests.browser.components.workspace.made_workspace import told as unknown
from tests.browser.components.workspace.test_workspace import answers, asked, opened

pytestmark = pytest.mark.browser
PANEL = "teaching/teaching"


def heard(page: Page) -> list[list[Any]]:
    return [one[1:] for one in told(page)]


def shown(page: Page, *trials: dict[str, Any], **other: Any) -> Locator:
    return mounted(page, PANEL, teaching(*trials, **other))


def test_photos_are_ticked_and_tried_and_one_without_a_verdict_says_what_it_needs(page: Page) -> None:
    root = shown(page)
    boxes = root.get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    expect(boxes.nth(0)).to_be_checked()
    expect(boxes.nth(2)).to_be_disabled()
    expect(root.locator("li").nth(2)).to_contain_text("first give the verdict “label correct” (key 1)")
    boxes.nth(1).check()
    root.get_by_role("button", name="c", exact=True).click()
    root.get_by_role("button", name="Show what it would change").click()
    assert heard(page) == [["chosen", ["a", HOSTILE]], ["shown", "c"], ["begun", ["a"]]]


def test_several_photos_are_tried_together(page: Page) -> None:
    photos = [one | {"chosen": True} for one in teaching()["photos"]]
    root = shown(page, photos=photos)
    root.get_by_role("button", name="Show what 2 photos would change").click()  # the third has no verdict
    assert heard(page) == [["begun", ["a", HOSTILE]]]


def test_one_thing_is_asked_for_at_a_time(page: Page) -> None:
    root = shown(page, trial(), begins=True)  # an answer that comes late must not take the place of a newer one
    for name in ("Keep as a new run", "Discard"):
        expect(root.get_by_role("button", name=name)).to_be_disabled()
    updated(page, PANEL, teaching(trial()))
    root.get_by_role("button", name="Discard").click()
    assert heard(page) == [["discarded", "t1"]]


@pytest.mark.parametrize(("other", "words"), [
    ({"locked": "This server is read-only."}, "This server is read-only."),
    ({"begins": True}, "reading the photos …"),
    ({"photos": []}, "No false alarm is shown or marked as good."),
])
def test_it_says_why_nothing_can_be_tried(page: Page, other: dict[str, Any], words: str) -> None:
    root = shown(page, **other)
    expect(root.get_by_role("status").get_by_text(words)).to_be_visible()
    expect(root.locator(".try:visible:enabled")).to_have_count(0)


def test_a_trial_from_its_first_step_to_its_end(page: Page) -> None:
    root = shown(page, trial(state="working", share=0.25, words="scoring the test images · 3 of 12", changes=None))
    expect(root.get_by_role("progressbar")).to_have_attribute("value", "0.25")
    expect(root.get_by_text("scoring the test images · 3 of 12")).to_be_visible()
    expect(root.get_by_role("button", name="Keep")).to_be_hidden()
    cancel = root.get_by_role("button", name="Cancel")
    cancel.focus()
    updated(page, PANEL, teaching(trial(state="working", share=0.5, words="writing the run", changes=None)))
    expect(cancel).to_be_focused()  # the news leave it in its place
    cancel.click()
    updated(page, PANEL, teaching(trial()))
    expect(root.get_by_role("progressbar")).to_be_hidden()
    root.get_by_role("button", name="Keep as a new run").click()
    root.get_by_role("button", name="Discard").click()
    assert heard(page) == [["discarded", "t1"], ["kept", "t1"], ["discarded", "t1"]]


def test_what_a_trial_changes_is_seen_before_it_is_kept(page: Page) -> None:
    root = shown(page, trial())
    rows = [" ".join(row.split()) for row in root.locator("tbody tr").all_inner_texts()]
    assert rows == ["memory bank rows 1,024 1,040", "image threshold (held-out rule) 20.500 20.250",
                    "Image AUROC 0.986 0.991", "a 24.500 → 12.250 false alarm (FP) → true negative",
                    f"{HOSTILE} 21.000 → 19.500 true positive → missed defect (FN)"]
    expect(root.get_by_text("1 of the 1,200 other test images changes its outcome:")).to_be_visible()
    root.locator("tbody").get_by_role("button", name=HOSTILE).click()
    assert heard(page) == [["shown", HOSTILE]]


def test_photos_from_elsewhere_unknown_numbers_and_many_flips(page: Page) -> None:
    flips = [change(f"i{number}", 1.0, 2.0, "good", "good") for number in range(25)]
    taught = [change("new.png", 9.0, None, "false alarm (FP)", "unknown", id="")]
    found = changes(threshold=[None, 2.0], set_by=["", "held-out rule"], taught=taught, flips=flips)
    root = shown(page, trial(changes=found))
    expect(root.get_by_text("image threshold ( → held-out rule)")).to_have_count(0)
    expect(root.get_by_text("image threshold (none → held-out rule)")).to_be_visible()
    expect(root.locator("tr", has_text="new.png").get_by_role("button")).to_have_count(0)
    expect(root.locator("tr", has_text="new.png")).to_contain_text("9.0000 → —")
    expect(root.get_by_text("and 5 more")).to_be_visible()


def test_a_trial_that_failed_can_only_be_removed(page: Page) -> None:
    root = shown(page, trial(state="ended", words="Nothing could be taught: a.png: has changed", changes=None))
    expect(root.get_by_text("Nothing could be taught: a.png: has changed")).to_be_visible()
    expect(root.get_by_role("button", name="Keep")).to_be_hidden()
    root.get_by_role("button", name="Remove").click()
    assert heard(page) == [["discarded", "t1"]]


def test_the_run_that_was_kept_is_offered(page: Page) -> None:
    link = {"words": "Open it", "address": "/review?run=b"}
    root = shown(page, said={"words": "Kept as run b, which goes on from this one.", "link": link})
    expect(root.get_by_role("status").get_by_role("link", name="Open it")).to_have_attribute("href", "/review?run=b")


def test_a_false_alarm_that_is_called_good_is_taught(page: Page) -> None:
    images = made(12).images
    number = int(images["image_score"].where(images["label"] == 0).idxmax())
    name = images["name"][number]
    top = opened(page, f"?{urlencode({'run': 'run-a', 'image': name})}")
    top.get_by_role("button", name="Teach as good …").click()
    panel = top.get_by_role("region", name="Teach")
    expect(panel.get_by_role("checkbox", name=name)).to_be_disabled()
    expect(panel.get_by_text("first give the verdict “label correct” (key 1)")).to_be_visible()
    asked(page, "trials")
    given = {"verdict": "agree", "tags": [], "note": "", "author": "Ada", "given_at": "2026"}
    answers(page, judged={number: given}, trials={"locked": "", "trials": []})
    expect(panel.get_by_role("checkbox", name=name)).to_be_checked()
    panel.get_by_role("button", name="Show what it would change").click()
    entry = asked(page, "teach")
    assert entry["with"] == {"numbers": [number]}
    reading = panel.get_by_text("reading the photos …")
    expect(reading).to_be_visible()
    answers(page)  # Python has taken it over …
    page.evaluate("told => window.answer(told)", unknown(judged={number: given}))  # … and is started anew
    expect(panel.get_by_text("The server was started anew before this was done.")).to_be_visible()
    expect(reading).to_be_hidden()
    panel.get_by_role("button", name="Show what it would change").click()
    entry = asked(page, "teach", entry["seq"])
    expect(reading).to_be_visible()
    working = trial(photos=[name], state="working", share=0.5, words="loading the network", changes=None)
    before = asked(page, "trials", entry["seq"])["seq"]
    answers(page, teach={"words": "", "address": ""})  # which trials there are was told before this was done
    asked(page, "trials", before)
    answered = answers(page, trials={"locked": "", "trials": [working]})
    expect(panel.get_by_role("progressbar")).to_be_visible()
    expect(top.get_by_role("button", name="Teach · 1 on trial")).to_be_visible()
    last = asked(page, "trials", answered["trials"])["seq"]  # asks again while the job works
    answers(page, trials={"locked": "", "trials": [trial(photos=[name])]})
    panel.get_by_role("button", name="Keep as a new run").click()
    assert asked(page, "teach_keep", last)["with"] == {"trial": "t1"}
    answers(page, teach={"words": "Kept as run b.", "address": "/review?run=b"}, trials={"locked": "", "trials": []})
    expect(panel.get_by_role("link", name="Open it")).to_have_attribute("href", "/review?run=b")
    expect(top.get_by_role("button", name="Teach", exact=True)).to_be_visible()
