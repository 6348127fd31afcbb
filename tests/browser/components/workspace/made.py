"""Made-up data for the parts of the workspace, as its widget hands them on."""

from __future__ import annotations

from typing import Any

from patchcore_core.views.colours import COLOURS
from patchcore_core.views.web.packed import packed
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
            "scores": [11.204, 48.5], "sizes": [12, 3400], "lists": [], "list": "test", "orders": orders, "shown": 97,
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


SCORES = {"good": packed([1.0, 1.5, 2.0, 2.5, 3.5]), "defective": packed([3.0, 5.0, 6.0, 9.0]),
          "unlabelled": packed([])}  # fmt: skip
COLOURED = {name: COLOURS[name] for name in ("good", "defective", "unknown", "hit", "miss", "false alarm")}


def point(name: str, value: float | None, label: str = "", **other: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "label": label or name, "help": f"{name}, a sentence."} | other


def side(low: float = 4.0, high: float = 4.0, **other: Any) -> dict[str, Any]:
    """The images' side of the operating point."""
    points = [point("heldout_p99", 4.0, "99 % of held-out good images"), point("f1_max", 3.0, "F1-max (oracle)"),
              point("youden", None, "Youden (oracle)", reason="there are no defective images")]
    return {"channel": "images", "scores": SCORES, "low": low, "high": high, "zone": True, "log": False,
            "points": points, "starts": [point("heldout_p95", 2.5, "95 % of held-out good images")],
            "source": "set on held-out good images", "sentence": "99 % of them score lower."} | other  # fmt: skip


def strip(images: dict[str, Any] | None = None, **other: Any) -> dict[str, Any]:
    """The operating point of images, and of pixels."""
    edges = packed([0.0, 1.0, 2.0, 3.0, 4.0])
    counts = {"good": packed([9, 4, 2, 0]), "defective": packed([0, 1, 3, 5]), "unlabelled": packed([0, 0, 0, 0])}
    pixels = side(2.0, 2.0, channel="pixels", zone=False, log=True, points=[], starts=[], counts=counts, edges=edges,
                  source="pixels")  # fmt: skip
    del pixels["scores"]
    found = [("missed", "1", "miss"), ("false alarms", "0", "false alarm"), ("found", "3", "hit"),
             ("good", "5", "good"), ("recall", ".750", "")]  # fmt: skip
    return {"level": "images", "sides": {"images": images or side(), "pixels": pixels},
            "figures": [{"label": label, "value": value, "colour": mark, "room": 5} for label, value, mark in found],
            "line": "", "use": {"differs": False, "stored": "", "refused": "", "failed": ""}, "open": False,
            "colours": COLOURED} | other  # fmt: skip


def line(**other: Any) -> dict[str, Any]:
    """The first line of a run with everything."""
    runs = [{"id": f"r{number}", "label": f"lite0 · {size} px", "category": category}
            for number, (category, size) in enumerate([("metal_plate", 320), ("metal_plate", 224), ("bottle", 320)])]
    figures = [{"label": label, "value": value, "interval": ends, "help": "A sentence."} for label, value, ends in (
        ("Image AUROC", "0.986", "[0.93, 1.00]"), ("Pixel AUROC", "0.981", ""), ("AUPRO", "0.952", "[0.94, 0.96]"))]
    checks = [{"level": "ok", "label": "test images unseen", "sentence": "None is among the training images."}]
    keys = [{"where": "Anywhere", "how": "outside a field that takes text",
             "rows": [{"caps": ["N"], "what": "Next image of the list"}]}]  # fmt: skip
    return {"run": runs[0], "runs": runs, "figures": figures, "checks": checks, "without": None, "view_done": None,
            "read_only": "", "exported": {"listed": 4, "pictures": True, "said": "", "file": None},
            "inspect": "/inspect_image?run=r0", "keys": keys} | other  # fmt: skip


def change(name: str, before: float | None, after: float | None, was: str, then: str, **other: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "before": before, "after": after, "was": was, "is": then} | other


def changes(**other: Any) -> dict[str, Any]:
    """What a photo that is taught changes."""
    return {"rows": [1024, 1040], "threshold": [20.5, 20.25], "set_by": ["held-out rule", "held-out rule"],
            "figures": [["Image AUROC", "0.986", "0.991"]],
            "taught": [change("a", 24.5, 12.25, "false alarm (FP)", "true negative")],
            "flips": [change(HOSTILE, 21.0, 19.5, "true positive", "missed defect (FN)")], "others": 1200} | other


def trial(**other: Any) -> dict[str, Any]:
    """One that can be kept."""
    return {"id": "t1", "photos": ["a"], "state": "ready", "share": 0, "words": "", "changes": changes()} | other


def teaching(*trials: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Two photos, the first one ticked, and a third that nobody has called good."""
    photos = [{"id": name, "name": name, "said": "24.500 · false alarm", "why": why, "chosen": name == "a"}
              for name, why in (("a", ""), (HOSTILE, ""), ("c", "first give the verdict “label correct” (key 1)"))]
    return {"photos": photos, "trials": [*trials], "locked": "", "begins": False, "said": None} | other


PANELS = [{"name": name, "title": title, "key": key, "help": ""} for name, title, key in (
    ("curves", "Curves", "g"), ("costs", "Methods and costs", "k"), ("checks", "Data checks", ""))]  # fmt: skip


def findings(**other: Any) -> dict[str, Any]:
    items = [{"level": "warning", "label": HOSTILE, "sentence": "Ten photos are in both sets.", "detail": "photos 10"},
             {"level": "ok", "label": "all read", "sentence": "Every image was read.", "detail": ""}]
    return {"groups": [{"title": "Checks", "items": items}], "lines": ["a.png: unreadable"], "none": "Nothing."} | other


def tables() -> dict[str, Any]:
    heads = [["figure", ""], ["value", ""], ["95 % interval", "Of the images"], ["meaning", ""]]
    rows = [["Image AUROC", "0.986", "[0.93, 1.00]", "A defective image scores higher than a good one."]]
    return {"tables": [{"title": "All figures", "note": "of 97 images", "heads": heads, "rows": rows}]}


def field(name: str, label: str, group: str, **other: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "help": "", "group": group, "value": None, "usual": None, "low": 0,
            "high": None} | other  # fmt: skip


def costs(quantile: float | None = None, **other: Any) -> dict[str, Any]:
    fields = [field("quantile", "Quantile of good images, %", "Threshold parameters", value=quantile, usual=99, low=50,
                    high=99.99), field("escape", "Cost per missed defect", "Costs in production")]  # fmt: skip
    return {"fields": fields, "zones": None, "sentence": "Set costs to get the cost of each zone."} | other


def parts() -> dict[str, Shown]:
    """By the widget's module."""
    missed = UNFILTERED | {"order": "highest score first", "outcome": ["missed defect (FN)"]}
    return {
        "filter_bar/filter_bar": Shown(filters(), ".count", ".toggle:nth-child(2)", ("chosen", missed)),
        "verdict_panel/verdict_panel": Shown(
            verdicts(), ".verdict", ".verdict",
            ("judged", {"image": "a", "verdict": "agree", "note": "", "tags": []})),
        "threshold_strip/threshold_strip": Shown(strip(), ".flag.high", ".more", ("open", True)),
        "first_line/first_line": Shown(line(), ".run", ".checks", ("panel", "checks")),
        "drawers/drawers": Shown({"panels": PANELS, "open": ["curves"]}, ".drawer", ".head button", ("open", [])),
        "drawers/toggles": Shown({"panels": PANELS, "open": []}, "button", "button", ("open", ["curves"])),
        "findings/findings": Shown(findings(), "li.warning"),
        "figure_table/figure_table": Shown(tables(), "tbody th"),
        "cost_form/cost_form": Shown(costs(), ".field"),
        "teaching/teaching": Shown(teaching(trial()), ".trial", ".keep", ("kept", "t1")),
    }
