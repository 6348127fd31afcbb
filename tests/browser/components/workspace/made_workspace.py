"""A run of made-up images, as the workspace is given it and as a `listing` of Python has it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from pages.ui.review.workspace.columns import coded
from pages.ui.review.workspace.face import CHILDREN
from patchcore_core.evaluation.causes.causes import CAUSES, OF
from patchcore_core.evaluation.thresholds.decision import outcomes
from patchcore_core.reviews.words import VERDICTS
from patchcore_core.views import web
from patchcore_core.views.colours import COLOURS, INFERNO
from patchcore_core.views.listing import ORDERS, listing
from patchcore_core.views.ranking import OUTCOMES
from patchcore_core.views.web.packed import packed
from tests.browser.components.plain_page import Shown
from tests.browser.components.workspace.made import VERDICTS as BUTTONS
from tests.browser.components.workspace.made import costs, findings, line, strip

RUNS = [{"id": f"run-{letter}", "label": f"tile {letter}", "category": "tile"} for letter in "ab"]
NAMES = ("hole/Straße {}.png", "hole/{}.png", "good/ＡＢＣ {}.png", "scratch/über {}.png", "good/ΣΊΣΥΦΟΣ {}.png")


@dataclass(frozen=True)
class Made:
    """`images` (N) as of a run, their `bits` of causes (N,), `areas`, `iou`, `overlooked`, and `verdicts` by row."""

    images: pd.DataFrame
    bits: np.ndarray
    areas: list[tuple[int, ...]]
    iou: np.ndarray
    overlooked: np.ndarray
    verdicts: dict[int, Any] = field(default_factory=dict)

    def table(self, threshold: float) -> pd.DataFrame:
        """The `listing` at this image threshold."""
        labels, scores = self.images["label"].to_numpy(), self.images["image_score"].to_numpy()
        found = outcomes(labels, scores, threshold)
        keys = [tuple(key for bit, key in enumerate(CAUSES) if bits >> bit & 1 and outcome in OF[key])
                for bits, outcome in zip(self.bits.tolist(), found.tolist(), strict=True)]
        causes: Any = SimpleNamespace(keys=lambda: keys)
        table = listing(self.images, threshold, np.nan, None, causes, self.verdicts, self.areas)
        return table.assign(iou=self.iou, overlooked=self.overlooked, region_area=self.largest())

    def largest(self) -> np.ndarray:
        return np.array([max(areas, default=np.nan) for areas in self.areas], dtype=float)

    def columns(self) -> dict[str, Any]:
        """`Images` of data.js."""
        images = self.images
        return {
            "names": images["name"].tolist(), "scores": packed(images["image_score"]),
            "labels": images["label"].tolist(), "kinds": coded(images["defect_type"].tolist()),
            "regions": coded([json.dumps(areas) for areas in self.areas]), "largest": packed(self.largest()),
            "causes": self.bits.tolist(), "ranks": images["path"].rank(method="first").sub(1).astype(int).tolist(),
            "problems": [""] * len(images),
        }  # fmt: skip

    def judged(self) -> dict[int, Any]:
        """`judged` of data.js."""
        return {row: {"verdict": one.verdict, "tags": list(one.tags), "note": "", "author": "Ada", "given_at": "2026"}
                for row, one in self.verdicts.items()}


def made(count: int = 120, seed: int = 5) -> Made:
    """Random images: ties among scores, unknown labels, missing numbers, names that fold in several ways."""
    rng = np.random.default_rng(seed)
    labels = rng.choice([0, 1, 1, -1], count)
    names = [NAMES[place % len(NAMES)].format(rng.integers(10**6)) for place in range(count)]
    images = pd.DataFrame({
        "path": [f"/data/{name}" for name in names], "name": names, "label": labels,
        "defect_type": rng.choice(["good", "hole", "", "scratch"], count),
        "image_score": rng.integers(0, 30, count) / 8,
    })  # fmt: skip
    areas = [tuple(rng.integers(1, 40, rng.integers(0, 4)).tolist()) for _ in range(count)]
    given = [name for name in VERDICTS if name]
    verdicts = {row: SimpleNamespace(verdict=str(rng.choice(given)), tags=tuple(rng.choice(["a", "b"], 1).tolist()))
                for row in range(0, count, 3)}  # fmt: skip
    gaps = np.where(rng.random(count) < 0.3, np.nan, rng.random(count))
    return Made(images, rng.integers(0, 1 << len(CAUSES), count), areas, gaps, np.round(gaps * 9), verdicts)


def workspace(one: Made | None = None, **other: Any) -> dict[str, Any]:
    """`Data` of data.js for these images."""
    one = one or made(12)
    points = [{"name": name, "value": value, "label": name, "help": "", "source": "oracle", "reason": ""}
              for name, value in (("heldout_p99", 2.0), ("f1_max", 2.5))]
    checks = line()["checks"]
    level = {"points": points, "default": "heldout_p99", "span": [0.0, 4.0], "unset": ""}
    return {
        "run": RUNS[0], "runs": RUNS, "besides": RUNS[1:],
        "images": one.columns(), "overlap": {"pixel": 2.0, "exact": True, "iou": packed(one.iou),
                                             "overlooked": packed(one.overlooked)},
        "words": {"outcomes": OUTCOMES, "causes": [[key, said, list(OF[key]), ""] for key, said in CAUSES.items()],
                  "missing": {}, "verdicts": {key: said for key, said in VERDICTS.items() if key},
                  "orders": [[order, *how] for order, how in ORDERS.items()]},
        "whole": {"score": [0.0, 4.0], "size": [1, 39]}, "image": level, "pixel": level,
        "starts": [{**points[0], "name": "heldout_p90", "value": 1.5}],
        "pictures": {"base": "/pictures/run-a/test", "keys": ["k"] * len(one.images)}, "colours": COLOURS,
        "inferno": INFERNO.tobytes().hex(), "styles": {child: web.css(child) for child in CHILDREN},
        "parts": {"viewer": {"trimmed": ""}, "verdicts": BUTTONS, "used": None, "beside": None, "read_only": "",
                  "teaching": {"locked": "", "trials": []},
                  "links": {"inspect": "/inspect_image?run=run-a"},
                  "first_line": {"figures": line()["figures"]}, "costs": {"fields": costs()["fields"]},
                  "checks": {"checks": checks, "findings": findings()},
                  "point": strip()["sides"]["images"] | {"label": "Image threshold", "unit": "images", "notes": [],
                                                         "colours": COLOURS}},
        "training": None, "channel": "w",
    } | other  # fmt: skip


def told(**other: Any) -> dict[str, Any]:
    """`Told` of data.js."""
    return {"channel": "w", "id": "", "acked": 0, "refused": {}, "answers": {}, "state": "s-1", "since": "",
            "judged": {}, "tags": [], "author": "Ada", "signed_in": False} | other


def parts() -> dict[str, Shown]:
    """By the widget's module."""
    return {"workspace/workspace": Shown(workspace(), ".run"), "workspace/post": Shown(told())}
