"""Review by hand, in a real browser: the gallery by mouse and keys, thresholds that all views follow, names that mean
harm, and what a team does: find the misses, judge them, send the link."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.serving import dashboard_in
from tests.browser.tiles import fit, make_tiles

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=document.body.dataset.harmed=1> **b** ![x](http_x)"


LAST = f"test/hole/{HOSTILE}.png"  # of all images by name


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store's folder."""
    return tmp_path_factory.mktemp("review") / "runs"


@pytest.fixture(scope="module")
def address(store: Path, browser: Browser) -> Iterator[str]:  # noqa: ARG001  (skips first)
    """The address of Review with a finished run whose first test photo has a hostile name; each visitor changes only
    what the next one does not look at."""
    folder = store.parent
    tiles = make_tiles(folder / "data" / "tile")
    for path in (tiles / "test/hole/000.png", tiles / "ground_truth/hole/000_mask.png"):
        path.rename(path.with_name(path.name.replace("000", HOSTILE)))
    fit(tiles, folder / "runs")
    with dashboard_in(folder) as dashboard:
        yield f"{dashboard}/review"


@pytest.fixture
def review(address: str, open_browser: Callable[[], Page]) -> Page:
    """The Review page with all images by name."""
    page = open_browser()
    page.goto(f"{address}?order=by+name")
    expect(page.get_by_text("All 12 test images")).to_be_visible()
    _drawn(page)
    return page


PICTURE = "[...document.querySelectorAll('*')].map((each) => each.shadowRoot?.querySelector('.viewer')).find(Boolean)"
FIELDS = "document.querySelectorAll('input').length"


def test_the_rest_of_the_page_leaves_the_picture_where_it_is(address: str, open_browser: Callable[[], Page]) -> None:
    page = open_browser()
    page.add_init_script(f"""window.addEventListener('patchcore:painted', () => {{
      const picture = {PICTURE};
      window.seen = {{ picture, top: picture.getBoundingClientRect().top, fields: {FIELDS} }};
    }})""")
    page.goto(address)
    _whole(page)
    same, moved, more = page.evaluate(f"""() => [
      seen.picture === {PICTURE}, {PICTURE}.getBoundingClientRect().top - seen.top, {FIELDS} - seen.fields]""")
    assert more > 0  # the picture did come first
    assert same  # and was not made anew
    assert abs(moved) <= 2


def test_the_rest_of_the_page_comes_also_where_no_picture_does(address: str, open_browser: Callable[[], Page]) -> None:
    page = open_browser()
    page.route("**/media/**", lambda route: route.abort())
    page.goto(address)
    _whole(page)
    expect(page.get_by_text("All 12 test images")).to_be_visible()


HELD = """(() => {  // the gallery asks for pictures and the picture is painted in one tick, in this order
  const send = window.dispatchEvent.bind(window), held = {};
  window.dispatchEvent = (event) => {
    if (!['patchcore:pictures-wanted', 'patchcore:painted'].includes(event.type) || window.together) return send(event);
    held[event.type] ??= event;
    if (Object.keys(held).length < 2) return true;
    window.together = true;
    send(held['patchcore:pictures-wanted']);
    return send(held['patchcore:painted']);
  };
})()"""


def test_the_rest_of_the_page_comes_where_pictures_are_asked_for_at_the_same_time(
    address: str, open_browser: Callable[[], Page]
) -> None:
    page = open_browser()
    page.add_init_script(HELD)
    page.goto(address)
    page.wait_for_function("window.together")
    _whole(page)
    expect(_cards(page).locator("img").first).to_be_visible()


def test_a_photo_that_was_replaced_is_marked_on_its_card_and_said_above_the_picture(
    address: str, store: Path, open_browser: Callable[[], Page]
) -> None:
    name, words = "test/good/002.png", "file changed since the run"
    photo = store.parent / "data/tile" / name
    before = photo.read_bytes()
    shutil.copy(photo.with_name("003.png"), photo)
    try:
        page = open_browser()
        page.goto(f"{address}?order=by+name")
        card = _cards(page).and_(page.locator(f"[data-id='{name}']"))
        expect(card).to_have_class(re.compile("noted"))
        expect(card).to_have_attribute("aria-label", re.compile(words))
        expect(page.locator(".noted")).to_have_count(1)
        expect(page.get_by_role("alert")).to_have_count(0)
        card.click()
        expect(page.get_by_role("alert")).to_contain_text("score and map belong to the earlier photo")
        expect(page.get_by_role("button", name="Label correct")).to_be_disabled()
    finally:
        photo.write_bytes(before)


def test_a_run_that_is_deleted_while_it_is_viewed_is_said_to_be_with_the_way_back(
    address: str, store: Path, open_browser: Callable[[], Page]
) -> None:
    page, run = open_browser(), next(folder for folder in store.iterdir() if folder.is_dir() and folder.name[0] == "2")
    doomed = Path(shutil.copytree(run, store / "20200101-000000-tile-abcd"))
    page.goto(f"{address}?run={doomed.name}&order=by+name")
    _drawn(page)
    shutil.rmtree(doomed)
    page.keyboard.press("n")  # only the images are drawn
    expect(page.get_by_text(f"There is no run {doomed.name} in this store; it may have been deleted")).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    page.get_by_role("link", name="All runs").click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


def test_gallery_is_walked_by_mouse_and_keys(review: Page) -> None:
    cards = _cards(review)
    expect(cards.locator("img").nth(5)).to_be_visible()  # they come after the page
    cards.nth(3).click()
    expect(_selected(review)).to_have_attribute("data-id", str(cards.nth(3).get_attribute("data-id")))
    _shows(review, cards.nth(3))
    review.keyboard.press("ArrowRight")
    expect(cards.nth(4)).to_have_attribute("aria-selected", "true")
    _shows(review, cards.nth(4))
    review.keyboard.press("End")
    _drawn(review, LAST)
    review.get_by_role("button", name="Previous").click()
    expect(_selected(review)).not_to_have_attribute("data-id", LAST)
    _shows(review, _selected(review))
    review.keyboard.press("n")
    _drawn(review, LAST)
    assert "image=" in review.url


def test_a_handle_moves_outcomes_and_cards_at_once_and_the_page_when_it_is_let_go(review: Page) -> None:
    handle = review.get_by_role("slider", name=re.compile("NG")).first
    misses = review.locator(".st-key-review_tally").get_by_role("button", name=re.compile(r"\bmissed\b")).first
    handle.focus()
    review.keyboard.press("End")  # above all scores: all defects are missed
    expect(misses).to_contain_text("6")
    expect(_cards(review).filter(has_text="hole").first).to_have_attribute("aria-label", re.compile("missed"))
    review.wait_for_url(re.compile(r"[?&]threshold="))
    _cards(review).filter(has_text="hole").first.click()
    expect(review.get_by_text("Missed defect (FN).")).to_be_visible()


def test_the_pixel_threshold_of_the_viewer_is_that_of_the_page(review: Page) -> None:
    slider = review.locator(".st-key-review_viewer").get_by_role("slider", name="Pixel threshold")
    slider.focus()
    review.keyboard.press("Home")
    review.wait_for_url(re.compile(r"pixel_threshold=-?\d"))
    value = float(str(re.search(r"pixel_threshold=(-?[\d.e+-]+)", review.url)[1]))  # type: ignore[index]
    review.get_by_role("radio", name="Pixel", exact=True).click()
    handle = review.locator(".st-key-review_pixel_point").get_by_role("slider")
    expect(handle).to_have_count(1)
    assert float(str(handle.get_attribute("aria-valuenow"))) == pytest.approx(value, rel=1e-4)
    assert "level=pixels" in review.url
    review.get_by_role("radio", name="Image", exact=True).click()
    expect(review.locator(".st-key-review_point").get_by_role("slider").last).to_be_visible()
    assert "level=" not in review.url  # what is so anyway needs no place in a link


def test_a_threshold_chosen_by_its_name_judges_the_images_and_is_in_the_address(review: Page) -> None:
    handle = review.locator(".st-key-review_point").get_by_role("slider", name=re.compile("NG"))
    for name in ("good_max", "f1_max"):
        review.get_by_role("combobox", name="NG threshold").select_option(name)
        review.wait_for_url(re.compile(f"[?&]threshold={name}"))
    words = str(review.get_by_role("combobox", name="NG threshold").locator("option:checked").text_content())
    expect(handle).to_have_attribute("aria-valuetext", re.compile(re.escape(words)))
    handle.focus()
    review.keyboard.press("ArrowRight")
    review.wait_for_url(re.compile(r"[?&]threshold=\d"))
    expect(review.get_by_role("combobox", name="NG threshold")).to_have_value("")


def test_hostile_names_do_no_harm(review: Page) -> None:
    review.locator(".st-key-review_gallery").get_by_role("listbox").press("End")
    _drawn(review, LAST)
    expect(review.get_by_text(HOSTILE, exact=False).first).to_be_visible()
    assert review.evaluate("document.body.dataset.harmed") is None


def test_the_next_image_is_here_before_it_is_asked_for(review: Page) -> None:
    viewer, following = review.locator(".viewer"), review.get_by_role("button", name="Next")
    first = str(viewer.get_attribute("data-picture"))
    expect(viewer).to_have_attribute("data-ahead", re.compile("."))  # it is fetched while nothing else is done
    review.route("**/media/**", lambda route: route.abort())
    following.click()
    expect(viewer).not_to_have_attribute("data-picture", first)
    second = str(viewer.get_attribute("data-picture"))
    review.unroute("**/media/**")
    for _ in range(2):  # a photo that was left is closed, and is not taken for one that is here
        review.get_by_role("button", name="Previous").click()
        expect(viewer).to_have_attribute("data-picture", first)
        review.wait_for_timeout(1000)
        following.click()
        expect(viewer).to_have_attribute("data-picture", second)
    expect(viewer.locator(".readout")).not_to_contain_text("could not be loaded")


# Keeps, whenever the viewer has drawn another picture, its name and whether the text above it names it too.
NAMED = """() => {
  window.drawn = [];
  const roots = [...document.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot).filter(Boolean);
  const viewer = roots.map((root) => root.querySelector(".viewer")).find(Boolean);
  const named = (name) => [...document.querySelectorAll("[data-testid=stText]")].some(
    ({ textContent }) => textContent.startsWith(name));
  new MutationObserver(() => {
    const name = viewer.dataset.picture.split(" ").slice(1).join(" ");
    if (window.drawn.at(-1)?.name !== name) window.drawn.push({ name, told: named(name) });
  }).observe(viewer, { attributes: true, attributeFilter: ["data-picture"] });
}"""


def test_the_next_image_is_shown_before_python_answers(review: Page) -> None:
    names = _names(review)
    viewer = review.locator(".viewer")
    expect(viewer).to_have_attribute("data-ahead", names[1])
    review.evaluate(NAMED)
    for key, place in (("n", 1), ("N", 2), ("p", 1)):
        review.keyboard.press(key)
        expect(review.get_by_text(names[place]).first).to_be_visible()  # Python has followed
        _drawn(review, names[place])
        expect(viewer).to_have_attribute("data-ahead", f"{names[place + 1]} | {names[place - 1]}")
    assert review.evaluate("drawn") == [{"name": names[place], "told": False} for place in (1, 2, 1)]
    review.evaluate("WebSocket.prototype.send = () => {}")  # Python hears nothing any more
    review.keyboard.press("n")
    _drawn(review, names[2])
    _drawn(review, names[1])  # what the rest of the page still shows


def test_a_verdict_typed_while_the_page_turns_is_for_the_image_that_is_seen(
    address: str, open_browser: Callable[[], Page]
) -> None:
    page = open_browser()
    page.goto(f"{address}?order=by+name&defect=hole")
    expect(_cards(page)).to_have_count(6)
    _drawn(page)
    names = _names(page)
    expect(page.locator(".viewer")).to_have_attribute("data-ahead", names[1])
    page.locator(".viewer").click(position={"x": 3, "y": 3})
    for key in ("n", "4", "1"):  # the second verdict of the two was meant for no image
        page.keyboard.press(key)
    expect(_cards(page).nth(1)).to_have_attribute("aria-label", re.compile("verdict: unclear"))
    expect(_cards(page).nth(0)).not_to_have_attribute("aria-label", re.compile("verdict"))
    _drawn(page, names[1])


# Python hears nothing until `heard()` is called, then all that was said, in its order.
DEAF = """() => {
  const { send } = WebSocket.prototype, kept = [];
  WebSocket.prototype.send = function (message) { kept.push([this, message]); };
  window.heard = () => {
    WebSocket.prototype.send = send;
    for (const [socket, message] of kept) send.call(socket, message);
  };
}"""


@pytest.fixture
def turning(address: str, open_browser: Callable[[], Page]) -> tuple[Page, int]:
    """The Review page shows an image that was chosen, and Python, which shows the one before, has not heard of it;
    and which card that is: one without a verdict."""
    page = open_browser()
    page.goto(f"{address}?order=by+name&defect=hole")
    expect(_cards(page)).to_have_count(6)
    _drawn(page)
    labels = _cards(page).evaluate_all("cards => cards.map((card) => card.ariaLabel)")
    place = next(at for at in range(5) if not any("verdict" in label for label in labels[at : at + 2]))
    _cards(page).nth(place).click()
    _drawn(page, _names(page)[place])
    expect(page.locator(".viewer")).to_have_attribute("data-ahead", re.compile(re.escape(_names(page)[place + 1])))
    expect(page.get_by_role("button", name="Label correct")).to_be_enabled()
    page.evaluate(DEAF)
    _cards(page).nth(place + 1).click()
    _drawn(page, _names(page)[place + 1])
    return page, place + 1


def test_a_verdict_clicked_while_the_page_turns_is_for_the_image_that_is_seen(turning: tuple[Page, int]) -> None:
    page, place = turning
    page.get_by_role("button", name="Unclear").click()
    page.get_by_role("button", name="Label correct").click()  # meant for no image
    page.evaluate("heard()")
    expect(_cards(page).nth(place)).to_have_attribute("aria-label", re.compile("verdict: unclear"))
    expect(_cards(page).nth(place - 1)).not_to_have_attribute("aria-label", re.compile("verdict"))


def test_a_verdict_whose_button_is_made_anew_under_the_pressed_mouse_is_given(turning: tuple[Page, int]) -> None:
    page, place = turning
    page.get_by_role("button", name="Unclear").hover()
    page.mouse.down()
    page.get_by_role("button", name="Unclear").evaluate("button => { window.pressed = button; }")
    page.evaluate("heard()")
    page.wait_for_function("!pressed.isConnected")
    page.mouse.up()
    expect(_cards(page).nth(place)).to_have_attribute("aria-label", re.compile("verdict: unclear"))
    expect(_cards(page).nth(place - 1)).not_to_have_attribute("aria-label", re.compile("verdict"))


def test_a_region_of_the_table_is_zoomed_to(review: Page) -> None:
    holes = _cards(review).filter(has_text="hole")
    holes.nth(2).click()
    _shows(review, holes.nth(2))
    assert "zoom=" not in review.url
    review.get_by_role("button", name="true defect").click()
    review.wait_for_url(re.compile("zoom="))
    expect(review.locator(".viewer[data-whole=false]")).to_be_visible()
    review.get_by_role("button", name="Next").click()
    expect(review.locator(".viewer[data-whole=true]")).to_be_visible()


def test_the_misses_are_found_judged_and_sent_to_a_colleague(
    address: str, open_browser: Callable[[], Page]
) -> None:
    page = open_browser()
    page.goto(f"{address}?threshold=1e9&order=by+name")  # so high that every hole is missed
    expect(page.get_by_text("All 12 test images")).to_be_visible()
    page.locator(".st-key-review_tally").get_by_role("button", name=re.compile("hole")).first.click()
    expect(_cards(page)).to_have_count(6)
    page.locator(".st-key-review_tally").get_by_role("button", name=re.compile(r"\bmissed\b")).first.click()
    page.wait_for_url(re.compile("outcome=miss"))
    expect(_cards(page)).to_have_count(6)
    page.locator(".viewer").evaluate("viewer => { viewer.dataset.stayed = true; }")
    for place in (1, 2):
        _cards(page).nth(place).click()
        _shows(page, _cards(page).nth(place))
        page.get_by_role("button", name=re.compile("Label wrong")).click()
        expect(_cards(page).nth(place)).to_have_attribute("aria-label", re.compile("verdict: label wrong"))
    expect(page.locator(".viewer[data-stayed]")).to_be_visible()  # nothing on the page was made anew
    without = page.get_by_text("2 wrong labels excluded", exact=True)
    expect(without).to_be_visible()
    without.click()
    expect(page.get_by_text("test images: 2 wrong labels excluded.")).to_be_visible()
    page.wait_for_url(re.compile("without=label_wrong"))
    link, chosen = page.url, _selected(page).get_attribute("data-id")

    elsewhere = open_browser()
    elsewhere.goto(link)
    expect(_cards(elsewhere)).to_have_count(6)
    expect(_selected(elsewhere)).to_have_attribute("data-id", str(chosen))
    expect(elsewhere.locator("[role=option][aria-label*='verdict: label wrong']")).to_have_count(2)
    expect(elsewhere.get_by_text("test images: 2 wrong labels excluded.")).to_be_visible()
    expect(elsewhere.get_by_role("button", name=re.compile("Label wrong"))).to_be_visible()
    assert elsewhere.url == link


def _cards(page: Page) -> Locator:
    return page.locator(".st-key-review_gallery").get_by_role("option")


def _names(page: Page) -> list[str]:
    """Of the cards that are in view."""
    return _cards(page).evaluate_all("cards => cards.map(({ dataset }) => dataset.id)")


def _selected(page: Page) -> Locator:
    return page.locator("[role=option][aria-selected=true]")


def _whole(page: Page) -> None:
    """All that Review draws is there."""
    expect(page.get_by_role("textbox", name="Path contains")).to_be_visible()
    expect(page.locator(".st-key-review_curves svg").first).to_be_visible()


def _drawn(page: Page, name: str = "") -> None:
    """The viewer has drawn the image of this name."""
    shown = re.compile(re.escape(f" {name}") + "$" if name else ".")
    expect(page.locator(".viewer[data-drawn]")).to_have_attribute("data-picture", shown)


def _shows(page: Page, card: Locator) -> None:
    _drawn(page, str(card.get_attribute("data-id")))
