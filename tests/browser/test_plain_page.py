"""Every widget in a page of its own without Streamlit: the files as they stand, mounted, drawn, left and mounted again.

What Python gives a widget is taken from its Streamlit face, so both speak of the same data.
"""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from pages.ui.components import (
    choice,
    copy_link,
    curves,
    gallery,
    key_button,
    legend,
    operating_point,
    painted,
    region_table,
    steps,
    tally,
    view_list,
    viewer,
)
from patchcore_core.evaluation.image_regions import Region
from patchcore_core.views import web
from patchcore_core.views.curve import Curve
from tests.browser import viewer_page
from tests.views.web.test_flattened import WIDGETS

pytestmark = pytest.mark.browser
ORIGIN = "http://widgets.test"
PAGE = """<!doctype html><html lang="en"><title>Widgets</title><body><script type="module">
const open_ends = { listeners: 0, sizes: 0 };
const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
const count = (kind, by) => (open_ends[kind] += by);
window.addEventListener = (name, act, options) => {
  count("listeners", 1);
  options?.signal?.addEventListener("abort", () => count("listeners", -1));
  return add.call(window, name, act, options);
};
window.removeEventListener = (...given) => { count("listeners", -1); return remove.apply(window, given); };
const { observe, disconnect } = ResizeObserver.prototype;
ResizeObserver.prototype.observe = function (...given) { count("sizes", 1); return observe.apply(this, given); };
ResizeObserver.prototype.disconnect = function () { count("sizes", -1); return disconnect.call(this); };

const read = (data) => data?.bytes ? Uint8Array.from(atob(data.bytes), (letter) => letter.charCodeAt(0)) : data;
const known = new Map(); // place -> what was mounted there
Object.assign(window, { open_ends, told: [], async mount(place, module, css, data) {
  const { mount } = await import(`./${module}.js`);
  const host = known.get(place)?.host ?? document.body.appendChild(document.createElement("div"));
  host.id = place;
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const root = shadow.querySelector(".widget") ?? shadow.appendChild(document.createElement("div"));
  if (!root.classList.contains("widget")) {
    root.classList.add("widget");
    shadow.prepend(Object.assign(document.createElement("style"), { textContent: css }));
  }
  known.set(place, { host, root, ...mount(root, read(data), (name, value) => window.told.push([place, name, value])) });
}, update: (place, data) => known.get(place).update(read(data)), unmount: (place) => {
  known.get(place).unmount();
  return known.get(place).root.childNodes.length;
} });
window.ready = true;
</script></body></html>"""


@dataclass(frozen=True)
class Shown:
    """What a widget is given, what then stands in it, and what it tells when that is pressed; None: some value."""

    data: Any
    stands: str = ""
    press: str = ""
    tells: tuple[str, Any] | None = None


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Shown]:
    """By widget."""
    taken: list[Any] = []

    def data(module: Any, draw: Callable[..., Any], *args: Any, mount: str = "_mount", **kwargs: Any) -> Any:
        class Result:
            pressed = None

        def take(**given: Any) -> Result:
            taken.append(given.get("data"))
            return Result()

        monkeypatch.setattr(module, mount, take)
        draw(*args, **kwargs)
        return taken[-1]

    def served(content: bytes, kind: str, _: str) -> str:
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"

    monkeypatch.setattr(viewer, "_served", served)
    scores, labels, nothing = np.array([1.0, 2.0, 3.0]), np.array([0, 1, 1]), lambda *_: None
    picture = viewer_page.picture("small")
    pictures = {"bytes": base64.b64encode(gallery.bundle("album", "g", {"b": b""}, {})).decode()}
    curve = Curve(np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 1.0]), np.array([np.inf, 2.0, 1.0]))
    panel = curves.Panel("roc", "ROC", "image", curve, "false", "true", "roc")
    region = Region("true", 12, 0.1, 3.5, 1, 2, 0.5, True, (0, 0, 4, 3))
    thumbnails = gallery.Thumbnails(("a", "b", "c"), scores, labels, ("good", "hole", "hole"))
    return {
        "choice/choice": Shown(data(choice, choice.choice, "Run", {"a": "A", "b": "B"}, "a", key="c", on_choose=nothing,
                             buttons=True), ".row", "label:nth-child(2)", ("chosen", "b")),
        "copy_link/copy_link": Shown(data(copy_link, copy_link.copy_link, key="l"), "button"),
        "curves/curves": Shown(data(curves, curves.curves, [panel], key="k", label="Curves", thresholds={"image": 2.0},
                             follows={"image": "p"}, on_choose=nothing), "svg .ring", "svg", ("chosen", ["roc", 2])),
        "gallery/gallery": Shown(data(gallery, gallery.gallery, thumbnails, "a", key="g", label="Images", album="album",
                              picture=lambda _: b"", thresholds=(2.0, 2.0), on_choose=nothing, follows="p"),
                         ".card", ".card[data-place='1']", ("chosen", "b")),
        "gallery/pictures": Shown(pictures),
        "key_button/key_button": Shown(data(key_button, key_button.key_button, "Keys", "?", key="?"), "kbd", "button",
                            ("pressed", True)),
        "legend/legend": Shown(data(legend, legend.legend, [legend.Entry("hit", "#009E73")], key="e"), ".entry"),
        "operating_point/operating_point": Shown(data(operating_point, operating_point.operating_point,
                                      operating_point.Scores(scores, labels), 2.0, 2.0, key="p", label="Point",
                                      named=[operating_point.Named("f", 2.5, "F1")], on_release=nothing),
                                 ".flag.high", ".name", ("released", [2.5, 2.5])),
        "painted/painted": Shown(None),
        "region_table/region_table": Shown(data(region_table, region_table.region_table, [region], key="r", label="Regions",
                                   on_choose=nothing), "tbody tr", "tbody button", ("chosen", 0)),
        "steps/steps": Shown(data(steps, steps.steps, "g", "v", before=True, after=True, held={"1": "x"}, key="s"), "button"),
        "tally/tally": Shown(data(tally, tally.tally, scores, labels, ("", "hole", "hole"), key="t", label="Found",
                            thresholds=(2.0, 2.0), follows="p", regions="None.", pixel_threshold=1.0,
                            follows_pixels="x", chosen=tally.Chosen(), on_choose=nothing), ".cell", ".cell.hit",
                       ("chosen", ["outcome", "TP"])),
        "view_list/view_list": Shown(data(view_list, view_list.view_list,
                                {"Mine": [view_list.ViewLink("v", "a=1", "me", "2026-01-01T10:00")]}, key="w",
                                on_delete=nothing), "li", ".remove", ("deleted", "v")),
        "viewer/viewer": Shown(data(viewer, viewer.viewer, picture, viewer.View((16.0,)), key="v", label="Viewer",
                             on_view=nothing, on_pixel=nothing), ".pane canvas", ".stage", ("pixel", None)),
        "viewer/ahead": Shown(data(viewer, viewer.look_ahead, "small", [], key="v", mount="_mount_ahead")),
    }  # fmt: skip


@pytest.fixture
def page(open_browser: Callable[[], Page]) -> Page:
    """The page without Streamlit, which has the widgets' own files and nothing else."""

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(ORIGIN).lstrip("/")
        if not name:
            route.fulfill(body=PAGE, content_type="text/html")
        elif (file := web.FOLDER / name).is_file():
            route.fulfill(path=file, content_type=mimetypes.guess_type(name)[0])
        else:
            route.fulfill(status=404)

    opened = open_browser()
    opened.route("**/*", answer)
    opened.goto(ORIGIN)
    opened.wait_for_function("window.ready")
    return opened


@pytest.fixture
def shown(page: Page, given: dict[str, Shown]) -> Callable[[str], Locator]:
    """`shown("gallery/gallery")` mounts the widget, for the first time or again, and is its root."""

    def mount(widget: str) -> Locator:
        place = widget.replace("/", "-")
        page.evaluate("given => window.mount(...given)", [place, widget, web.css(widget), given[widget].data])
        return page.locator(f"#{place} .widget")

    return mount


def open_ends(page: Page) -> dict[str, int]:
    """Listeners on the window and observers that have not ended."""
    return page.evaluate("window.open_ends")


def told(page: Page) -> list[list[Any]]:
    return page.evaluate("window.told.splice(0)")


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_widget_draws_tells_goes_and_comes_again(page, given, shown, widget):
    one, place, left = given[widget], widget.replace("/", "-"), []
    for _ in range(2):
        root = shown(widget)
        if one.stands:
            expect(root.locator(one.stands).first).to_be_visible()
        page.evaluate("given => window.update(...given)", [place, one.data])
        if one.press:
            root.locator(one.press).first.click()
            page.wait_for_function("window.told.length > 0")
            heard = told(page)[0]
            assert heard[:2] == [place, one.tells[0]]
            assert one.tells[1] in (None, heard[2])
        assert page.evaluate("place => window.unmount(place)", place) == 0
        left.append(open_ends(page))
    assert left[0] == left[1]  # the first time the browser's driver has added listeners of its own
    assert left[1]["sizes"] == 0


def test_widgets_follow_each_other_after_they_were_mounted_again(page, given, shown):
    names, left = ["operating_point/operating_point", "gallery/gallery", "tally/tally", "curves/curves"], []
    for _ in range(2):
        roots = {name: shown(name) for name in names}
        expect(roots["tally/tally"].locator(".cell.hit b")).to_have_text("2")
        roots["operating_point/operating_point"].locator(".name").click()
        expect(roots["tally/tally"].locator(".cell.hit b")).to_have_text("1")
        expect(roots["gallery/gallery"].locator(".card[data-place='1']")).to_have_attribute("data-outcome", "miss")
        expect(roots["curves/curves"].locator("svg")).to_have_attribute("data-x", "0")
        for name in names:
            page.evaluate("place => window.unmount(place)", name.replace("/", "-"))
        left.append(open_ends(page))
    assert left[0] == left[1]


def test_every_widget_is_tried(given):
    assert sorted(given) == WIDGETS
