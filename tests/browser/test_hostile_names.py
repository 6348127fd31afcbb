"""Review with names that mean harm, from the folder down to a saved view: as text, in their place, and in the CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from patchcore_core.data.images import shown
from patchcore_core.reviews.saved_views import SavedViews
from patchcore_core.runs.store import RunStore
from tests.browser.review.reading import cards, expect_count, expect_painted, expect_stored, opened, verdict
from tests.browser.serving import dashboard_in
from tests.browser.tiles import fit, make_tiles

pytestmark = pytest.mark.browser
IMAGE = "<img src=x onerror=window.hacked=1>"
MIXED = "\u202egnp.\u05d0\u05d1\u05d2 \u0e01\u0e33\u0e49 \ud55c\uae00 " + "u\u0301\u0302\u0303" * 8
BYTES = 245  # of a name: a mask adds "_mask.png", and 255 is the most that a file system takes


def fill(name: str, letter: str) -> str:
    """The name made as long as it may be, without a place where a line could break."""
    return name + letter * ((BYTES - len(name.encode())) // len(letter.encode()))


CATEGORY = f"{IMAGE} {MIXED}"
KIND = fill(f"{IMAGE} **b** ", "W")
LONG = fill(MIXED, "\u5bbd")  # the stem of a photo
NOTE = f"=HYPERLINK(1) {IMAGE}"
VIEW = f"{IMAGE} {'v' * 150}"

# What names have made (elements in shadow roots too, a script that ran), and what reaches out of the window sideways or
# is scrolled sideways.
HARM = """async () => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);  // a new size has been followed
  const SCROLLED = "[data-testid=stDataFrame], .regions, .figure-table, [data-panel=figures] > .place";  // in its place
  const roots = [document];
  for (const root of roots) roots.push(...[...root.querySelectorAll("*")].flatMap((one) => one.shadowRoot ?? []));
  const all = roots.flatMap((root) => [...root.querySelectorAll("*")])
    .filter((one) => one.checkVisibility({ opacityProperty: true }))
    .filter((one) => one.getBoundingClientRect().right > 1);  // not those of a folded sidebar
  const name = (one) => `${one.tagName} ${one.className} ${one.textContent.slice(0, 60)}`;
  const found = all.filter((one) => one.matches("img[src=x], [onerror]")).map((one) => `made: ${name(one)}`);
  if ("hacked" in window) found.push("a script ran");
  for (const one of [document.scrollingElement, ...all]) {
    const table = one.closest(SCROLLED);
    if (table && table !== one) continue;
    const { left, right, width } = one.getBoundingClientRect();
    const wide = one.scrollWidth > one.clientWidth + 1;
    if (width && (left < -1 || right > innerWidth + 1)) found.push(`outside: ${name(one)}`);
    const { overflowX } = getComputedStyle(one);
    if (wide && !table && ["auto", "scroll"].includes(overflowX)) found.push(`scrolled: ${name(one)}`);
  }
  const { scrollWidth, clientWidth } = document.scrollingElement;
  return scrollWidth > clientWidth ? [...found, "the page is scrolled"] : found;
}"""


def make_hostile(folder: Path) -> None:
    """A store with a run of which category, defect type and photos are named so, and with a view."""
    tiles = make_tiles(folder / "data" / CATEGORY)
    for room in ("test", "ground_truth"):
        (tiles / room / "hole").rename(tiles / room / KIND)
    for number, stem in (("000", LONG), ("001", IMAGE)):
        for room, ending in (("test", ".png"), ("ground_truth", "_mask.png")):
            path = tiles / room / KIND / f"{number}{ending}"
            path.rename(path.with_name(f"{stem}{ending}"))
    fit(tiles, folder / "runs")
    run = RunStore(folder / "runs").list()[0]
    SavedViews(folder / "runs").save(VIEW, f"run={run.id}", IMAGE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[str, Path]]:  # noqa: ARG001
    """The address of Review before such a store, and the folder of both."""
    folder = tmp_path_factory.mktemp("hostile")
    make_hostile(folder)
    with dashboard_in(folder) as dashboard:
        yield f"{dashboard}/review", folder


def test_names_are_text_in_their_place_and_reach_the_verdicts(
    server: tuple[str, Path], open_browser: Callable[[], Page]
) -> None:
    page = open_browser()
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    opened(page, f"{server[0]}?{urlencode({'order': 'by name', 'defect': KIND})}")
    expect_count(page, "6 of 12")
    card = cards(page).and_(page.locator(f'[data-id$="{shown(LONG)}.png"]'))
    card.click()
    expect(page.locator(".viewer[data-drawn]")).to_have_attribute("data-picture", re.compile(re.escape(shown(LONG))))
    expect(page.locator(".title")).to_contain_text(f"test/{KIND}/{shown(LONG)}.png")
    assert (harm := page.evaluate(HARM)) == [], "\n".join(harm)

    _look_into_panels(page)
    page.get_by_role("textbox", name="Note", exact=True).fill(NOTE)
    verdict(page, "label wrong").click()
    expect(card).to_have_attribute("aria-label", re.compile("verdict: label wrong"))
    expect_stored(page)
    card.click()
    page.get_by_role("button", name="History").click()
    expect(page.get_by_text(NOTE, exact=True).first).to_be_visible()
    assert (harm := page.evaluate(HARM)) == [], "\n".join(harm)
    page.keyboard.press("Escape")
    for size in ((900, 900), (700, 450)):  # the second is half of a laptop's screen: zoomed to 200 %
        page.set_viewport_size({"width": size[0], "height": size[1]})
        expect_painted(page)
        assert (harm := page.evaluate(HARM)) == [], "\n".join(harm)
    page.set_viewport_size({"width": 1400, "height": 900})
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="all verdicts as CSV").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    with download.value.path().open(newline="", encoding="utf-8-sig") as file:
        [row] = csv.DictReader(file)
    assert (Path(row["path"]).name, row["defect_type"]) == (shown(LONG) + ".png", KIND)
    assert row["note"] == f"'{NOTE}"  # no formula in a spreadsheet
    assert dialogs == []


def _look_into_panels(page: Page) -> None:
    """Open each, and the saved views; nothing there does harm."""
    for panel, words in (("Recall", IMAGE), ("Causes", ""), ("Regions", "")):
        page.get_by_role("group", name="Panels").get_by_role("button", name=panel).click()
        drawer = page.locator(f".drawer:has(h3:text-is('{panel}'))")
        expect(drawer).to_be_visible()
        expect(drawer).to_contain_text(words)
        assert (harm := page.evaluate(HARM)) == [], "\n".join(harm)
        page.get_by_role("group", name="Panels").get_by_role("button", name=panel).click()
    page.get_by_role("button", name=re.compile("^Image AUROC")).click()  # all figures
    expect(page.get_by_role("rowheader", name=f"Recall of {IMAGE}"[:24])).to_be_visible()
    assert (harm := page.evaluate(HARM)) == [], "\n".join(harm)
    page.get_by_role("button", name=re.compile("^Image AUROC")).click()
    page.get_by_role("button", name=re.compile("^Data checks")).click()
    assert (harm := page.evaluate(HARM)) == [], "\n".join(harm)
    page.get_by_role("button", name=re.compile("^Data checks")).click()
    page.get_by_role("button", name="Views").click()
    expect(page.get_by_role("link", name=VIEW)).to_have_text(VIEW)
    assert (harm := page.evaluate(HARM)) == [], "\n".join(harm)
    page.keyboard.press("Escape")
