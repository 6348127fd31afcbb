"""What a visitor does on Review, and how long until it is seen: from the browser's stamp on the input to the end of the
frame in which the page shows what follows from it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page

from benchmarks.review.visit import at_rest
from benchmarks.review.watch import PICTURES

Times = dict[str, float]  # milliseconds
TEXT = "seen.find({!r})?.textContent"
IMAGE = "seen.find('.workspace').dataset.image"
COUNT, FIGURES = TEXT.format(".filter-bar .count"), TEXT.format(".threshold-strip .figures")
VIEWER = "seen.find('.viewer[data-drawn]').dataset"
DRAWN, PAINTED = f"{VIEWER}.drawn", f"{VIEWER}.picture.endsWith(` ${{{IMAGE}}}`)"
LISTED = """seen.all("[role=option]").every((card) =>
  card.ariaSetSize === (seen.find(".filter-bar .count").textContent.match(/[\\d,]+/)[0].replaceAll(",", "")))"""


def next_image(page: Page, turn: int) -> Times:  # noqa: ARG001  (every turn is one image on)
    return {"next image": timed(page, lambda: page.keyboard.press("n"), IMAGE, PAINTED)}


def other_image(page: Page, turn: int) -> Times:
    """Click on a card two or more places from the one that is selected."""
    place = int(page.locator("[role=option][aria-selected=true]").get_attribute("aria-posinset") or 1) - 1
    return {"other image": timed(page, page.locator(f"[aria-posinset='{(place + 3 + turn % 4) % 10 + 1}']").click,
                                 IMAGE, PAINTED)}  # fmt: skip


def filter_by_outcome(page: Page, turn: int) -> Times:
    """List one outcome, or all again; and until the first of them is there with all thumbnails."""
    name = ("good", "all", "found", "all")[turn % 4]
    shown = timed(page, page.locator(".outcomes button", has_text=name).first.click, COUNT, LISTED)
    pictures = page.evaluate(f"seen.painted({PICTURES}).then((now) => now - seen.acted)")
    return {"filter": shown, "filter, its pictures": pictures}


def search(page: Page, turn: int) -> Times:
    """A digit of file names typed, or taken away."""
    field = page.get_by_role("searchbox")
    field.focus()
    shown = timed(page, lambda: field.press("Backspace" if turn % 2 else "7"), COUNT, LISTED)
    if turn % 2:
        field.blur()
    return {"search": shown}


def image_threshold(page: Page, turn: int) -> Times:
    return {"image threshold": _drag(page, "images", FIGURES, turn)}


def pixel_threshold(page: Page, turn: int) -> Times:
    return {"pixel threshold": _drag(page, "pixels", DRAWN, turn)}


def verdict(page: Page, turn: int) -> Times:
    """Until the next image is there and the card marked, and until Python has said that it is stored."""
    card = page.locator("[role=option][aria-selected=true]")
    name, before = card.get_attribute("data-id"), card.locator(".verdict").text_content()
    key = next(key for key in "1234"[turn % 4 :] + "1234" if MARKS[key] != before)
    mark = f"seen.find('[data-id={_quoted(str(name))}] .verdict')?.textContent"
    shown = timed(page, lambda: page.keyboard.press(key), mark, PAINTED)
    return {"verdict": shown, "verdict, stored":
            page.evaluate("seen.painted(seen.acked).then((now) => now - seen.acted)")}  # fmt: skip


MARKS = {"1": "✓", "2": "✗", "3": "▧", "4": "?"}
STEPS: tuple[Callable[[Page, int], Times], ...] = (
    next_image, other_image, filter_by_outcome, search, image_threshold, pixel_threshold, verdict,
)  # fmt: skip


def timed(page: Page, act: Callable[[], None], changes: str, until: str = "true") -> float:
    """Milliseconds from the input of `act` until what the expression `changes` gives is another one and `until` holds.
    """
    page.evaluate(f"""() => {{
      const before = {changes};
      seen.wait = seen.painted(() => {changes} !== before && ({until})).then((now) => now - seen.acted);
    }}""")
    act()
    return float(page.evaluate("seen.wait"))


def _drag(page: Page, level: str, changes: str, turn: int) -> float:
    """Drag the threshold of this level a little, to and fro: until the first move is seen."""
    button = page.locator(".levels button", has_text={"images": "Image", "pixels": "Pixel"}[level])
    if button.get_attribute("aria-pressed") != "true":
        button.click()
    handle = page.locator(".strip").get_by_role("slider", name="Threshold")
    x, y = _middle(handle)
    at_rest(page)
    page.mouse.move(x, y)
    page.mouse.down()
    moved = timed(page, lambda: page.mouse.move(x + (120 if turn % 2 == 0 else -120), y), changes)
    page.mouse.up()
    return moved


def _middle(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _quoted(name: str) -> str:
    return f'"{name}"'
