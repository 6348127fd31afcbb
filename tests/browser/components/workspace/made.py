"""Made-up data for the parts of the workspace, as its widget hands them on."""

from __future__ import annotations

from typing import Any

from tests.browser.components.plain_page import Shown

HOSTILE = "<img src=x onerror=alert(1)>"
UNFILTERED = {"outcome": [], "defect": [], "cause": [], "verdict": [], "tag": [], "q": "", "score": None, "size": None}


def option(value: str, count: int, label: str = "", hint: str = "") -> dict[str, Any]:
    return {"value": value, "label": label or value, "count": count, "help": hint}


def filters(chosen: dict[str, Any] | None = None, **other: Any) -> dict[str, Any]:
    """97 images with all filters there are; `chosen`: what is set."""
    options = {
        "outcome": [option("missed defect (FN)", 2, "missed"), option("false alarm (FP)", 1, "false alarm"),
                    option("review zone", 3), option("true positive", 14, "found"),
                    option("true negative", 80, "good")],
        "defect": [option("good", 81), option("contamination", 6), option("scratch", 9), option(HOSTILE, 1)],
        "cause": [option("localised", 1, "localised; score below the NG threshold"), option("", 1, "no cause found")],
        "verdict": [option("agree", 12, "label correct"), option("", 85, "no verdict")],
        "tag": [option("line 3", 4, "#line 3")],
    }  # fmt: skip
    orders = [option("highest score first", 0), option("by name", 0)]
    return {"chosen": UNFILTERED | {"order": "highest score first"} | (chosen or {}), "options": options,
            "scores": [11.204, 48.5], "sizes": [12, 3400], "orders": orders, "shown": 97,
            "total": 97} | other  # fmt: skip


VERDICTS = [{"value": value, "label": label, "key": key, "help": ""} for value, label, key in (
    ("agree", "label correct", "1"), ("label_wrong", "label wrong", "2"), ("mask_wrong", "mask wrong", "3"),
    ("unclear", "unclear", "4"))]  # fmt: skip


def entry(verdict: str = "label_wrong", **other: Any) -> dict[str, Any]:
    return {"verdict": verdict, "author": "Ada", "given_at": "2026-05-04T10:00:00", "note": "", "tags": []} | other


def verdicts(image: str = "a", **other: Any) -> dict[str, Any]:
    """The panel on an image without a verdict."""
    return {"image": image, "verdicts": VERDICTS, "history": [], "author": "Ada", "known_tags": ["line 3", "dust"],
            "goes_on": True, "locked": "", "unsaved": 0, "undoable": True} | other  # fmt: skip


def parts() -> dict[str, Shown]:
    """By the widget's module."""
    missed = UNFILTERED | {"order": "highest score first", "outcome": ["missed defect (FN)"]}
    return {
        "filter_bar/filter_bar": Shown(filters(), ".count", ".toggle:nth-child(2)", ("chosen", missed)),
        "verdict_panel/verdict_panel": Shown(
            verdicts(), ".verdict", ".verdict",
            ("judged", {"image": "a", "verdict": "agree", "note": "", "tags": []})),
    }
