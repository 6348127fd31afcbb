"""Every widget in a page of its own without Streamlit: the files as they stand, mounted, drawn, left and mounted again.

What Python gives a widget is taken from its Streamlit face, so both speak of the same data.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from pages.ui.components import choice, legend, viewer
from pages.ui.memory_bank import points
from pages.ui.present import face as present
from patchcore_core.views.curve import Curve
from patchcore_core.views.present.deck import Screen, as_data
from tests.browser.components import made_evidence
from tests.browser.components.faces import curves, gallery, operating_point, tally
from tests.browser.components.plain_page import Shown, mounted, told
from tests.browser.components.viewer import viewer_page
from tests.browser.components.workspace import made, made_workspace
from tests.views.web.test_flattened import WIDGETS

pytestmark = pytest.mark.browser
SCORES, LABELS, KINDS = np.array([1.0, 2.0, 3.0]), np.array([0, 1, 1]), ("good", "hole", "hole")
CURVE = Curve(np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 1.0]), np.array([np.inf, 2.0, 1.0]))


def nothing(*_: Any) -> None:
    """What no face calls here."""


def small() -> dict[str, Shown]:
    """Those that show little."""
    view = {"name": "v", "query": "a=1", "author": "me", "saved_at": "2026-01-01T10:00", "notes": []}
    regions = {"label": "Regions", "heads": [["region", ""], ["area", ""]], "rows": [["true defect", "12 px"]]}
    return {
        "choice/choice": Shown(data_of(choice, label="Run", options={"a": "A", "b": "B"}, chosen="a", key="c",
                                       on_choose=nothing, buttons=True),
                               ".row", "label:nth-child(2)", ("chosen", "b")),
        "legend/legend": Shown(data_of(legend, entries=[legend.Entry("hit", "#009E73")], key="e"), ".entry"),
        "evidence/evidence": Shown(made_evidence.evidence(), ".patch figure", "[aria-label='Next hottest patch']",
                                   ("wanted", {"row": 0, "column": 1, "k": 5})),
        "present/present": Shown(
            data_of(present, "present", at="",
                    screens=[Screen("limits", "one", "One", ("Hot.",)), Screen("limits", "two", "Two")],
                    prices=present.Prices(1, 1, 1), candidates=[], chosen=[], key="p", label="Show", on_at=nothing,
                    on_prices=nothing, on_chosen=nothing),
            ".screen li", "[aria-label='Next screen']", ("at", "two")),
        "report/report": Shown({"screens": as_data([Screen("limits", "one", "One", ("Hot.",))]), "explored": [],
                                "costs": {}, "parts": [], "styles": {}, "made": "today"}, ".screen li"),
        "region_table/region_table": Shown(regions, "tbody tr", "tbody button", ("chosen", 0)),
        "view_list/view_list": Shown({"groups": [{"title": "Mine", "views": [view]}]}, "li", ".remove",
                                     ("deleted", "v")),
    }  # fmt: skip


def figures() -> dict[str, Shown]:
    """Those about many images, which follow the handles of the point `p`."""
    panel = curves.Panel("roc", "ROC", "image", CURVE, "false", "true", "roc")
    named = [operating_point.Named("f", 2.5, "F1")]
    rows = points.Points(np.eye(3, 2), SCORES / 3, ["#000", "#fff"], "#f00", np.zeros((3, 3)), LABELS, ["a.png"])
    return {
        "bank_map/bank_map": Shown(data_of(points, "bank_map", points=rows, key="m", label="Map", album="album",
                                           patch=nothing), "canvas"),
        "bank_map/patches": Shown({"album": "album", "channel": "m", "row": "", "note": "", "picture": ""}),
        "curves/curves": Shown(data_of(curves, panels=[panel], key="k", label="Curves", thresholds={"image": 2.0},
                                       follows={"image": "p"}, on_choose=nothing),
                               "svg .ring", "svg", ("chosen", ["roc", 2])),
        "gallery/gallery": Shown(data_of(gallery, images=gallery.Thumbnails(("a", "b", "c"), SCORES, LABELS, KINDS,
                                                                            ("", "", "")),
                                         selected="a", key="g", label="Images", thresholds=(2.0, 2.0),
                                         on_choose=nothing, follows="p"),
                                 ".card", ".card[data-place='1']", ("chosen", "b")),
        "operating_point/operating_point": Shown(
            data_of(operating_point, shown=operating_point.Scores(SCORES, LABELS), low=2.0, high=2.0, key="p",
                    label="Point", named=named, on_release=nothing),
            ".flag.high", ".name", ("released", [2.5, 2.5])),
        "tally/tally": Shown(data_of(tally, scores=SCORES, labels=LABELS, kinds=KINDS, key="t", label="Found",
                                     thresholds=(2.0, 2.0), follows="p", regions="None.", pixel_threshold=1.0,
                                     follows_pixels="x", chosen=tally.Chosen(), on_choose=nothing),
                             ".cell", ".cell.hit", ("chosen", ["outcome", "TP"])),
    }  # fmt: skip


def viewers() -> dict[str, Shown]:
    """Those that show one image."""
    picture = viewer_page.picture("small")
    return {
        "viewer/viewer": Shown(data_of(viewer, picture=picture, view=viewer.View((16.0,)), key="v", label="Viewer",
                                       on_view=nothing, on_pixel=nothing),
                               ".pane canvas", ".stage", ("pixel", None)),
    }  # fmt: skip


def data_of(face: Any, draw: str = "", **given: Any) -> Any:
    """What the face of a widget hands it when it draws this."""
    taken: dict[str, Any] = {}

    def take(**handed: Any) -> SimpleNamespace:
        taken.update(handed)
        return SimpleNamespace(pressed=None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(face, "_mount", take)
        if hasattr(face, "_mount_patches"):
            patch.setattr(face, "_patches", nothing)
        getattr(face, draw or face.__name__.rpartition(".")[2])(**given)
    return taken["data"]


def served(content: bytes, kind: str, _: str) -> str:
    """An address that holds the content itself, in the place of one on Streamlit's server."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Shown]:
    """By the widget's module."""
    return widgets(monkeypatch)


def widgets(monkeypatch: pytest.MonkeyPatch) -> dict[str, Shown]:
    """All of them, by module."""
    monkeypatch.setattr(viewer, "_served", served)
    return small() | figures() | viewers() | made.parts() | made_workspace.parts()


@pytest.fixture
def shown(page: Page, given: dict[str, Shown]) -> Callable[[str], Locator]:
    """`shown("gallery/gallery")` mounts the widget, for the first time or again, and is its root."""

    return lambda widget: mounted(page, widget, given[widget].data)


def open_ends(page: Page) -> dict[str, int]:
    """Listeners on the window and observers that have not ended."""
    return page.evaluate("window.open_ends")


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


def test_widgets_follow_each_other_after_they_were_mounted_again(page, shown):
    names, left = ["operating_point/operating_point", "gallery/gallery", "tally/tally", "curves/curves"], []
    for _ in range(2):
        roots = {name: shown(name) for name in names}
        expect(roots["tally/tally"].locator(".cell.hit b")).to_have_text("2")
        roots["operating_point/operating_point"].locator(".name").click()
        expect(roots["tally/tally"].locator(".cell.hit b")).to_have_text("1")
        card = roots["gallery/gallery"].locator(".card[data-place='1']")
        expect(card).to_have_attribute("data-outcome", "missed defect")
        expect(roots["curves/curves"].locator("svg")).to_have_attribute("data-x", "0")
        for name in names:
            page.evaluate("place => window.unmount(place)", name.replace("/", "-"))
        left.append(open_ends(page))
    assert left[0] == left[1]


def test_a_row_that_was_pointed_at_before_anybody_could_bring_its_patch_has_it_brought(page, shown):
    page.evaluate("window.wanted = 0; addEventListener('patchcore:patch-wanted', () => (window.wanted += 1))")
    shown("bank_map/bank_map").locator("canvas").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("window.wanted > 0")
    shown("bank_map/patches")
    page.wait_for_function("window.told.length > 0")
    assert told(page) == [["bank_map-patches", "wanted", "0"]]


def test_every_widget_is_tried(given):
    assert sorted(given) == WIDGETS
