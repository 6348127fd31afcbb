"""An image score step by step, and what other settings would make of it, as the rows of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from patchcore_core.config import PatchCoreConfig
from patchcore_core.views.text import score_text

NOT_RECORDED = "not recorded by this run"
DIFFERS = 1e-3  # of the score: what engines and processors may make of the same photo is smaller
SETTINGS = {  # field -> what it is called, and what it does
    "num_neighbors": ("k", "Nearest bank rows whose mean distance is a patch's score."),
    "reweight_neighbors": ("b of eq. 7", "Bank rows around the nearest one that weigh the highest patch."),
    "image_score": ("image score", "Whether the highest patch or the highest pixel of the map is the image's score."),
    "blur_sigma": ("blur, px", "Standard deviation of the Gaussian that smooths the map."),
}
Row = list[str]  # name, value, meaning


class Weight(Protocol):
    """Re-weighting; `model.evidence.receipt.Weight` is one."""

    @property
    def weight(self) -> float: ...

    @property
    def distances(self) -> tuple[float, ...]: ...


class Receipt(Protocol):
    """How an image score came about; `model.evidence.receipt.Receipt` is one."""

    @property
    def patch(self) -> tuple[int, int]: ...

    @property
    def patch_score(self) -> float: ...

    @property
    def pixel(self) -> tuple[int, int]: ...

    @property
    def map_score(self) -> float: ...

    @property
    def weight(self) -> Weight | None: ...

    @property
    def score(self) -> float: ...


class Variant(Protocol):
    """A score with one setting changed; `model.evidence.receipt.Variant` is one."""

    @property
    def field(self) -> str: ...

    @property
    def value(self) -> Any: ...

    @property
    def score(self) -> float: ...

    @property
    def used(self) -> bool: ...


def receipt_rows(
    paid: Receipt, config: PatchCoreConfig, layers: Sequence[tuple[str, float]], held_out: NDArray | None,
    recorded: float | None = None,
) -> list[Row]:  # fmt: skip
    """The steps to the score. layers: name and share of the squared distance at the highest patch; held_out: scores
    (n,) of good images, None where the run has none; recorded: the score that the run stored."""
    k, squared = config.num_neighbors, " squared" if config.distance == "squared_euclidean" else ""
    of = f"The{squared} distance to its nearest bank row"
    if k > 1:
        of = f"Mean{squared} distance to its {k} nearest rows"
    rows = [["Highest patch", _place(paid.patch), "Row and column in the grid of patches."],
            ["Its score s*", score_text(paid.patch_score), f"{of} (eq. 6)."]]
    if layers:
        rows.append(["Layers there", ", ".join(f"{name} {share:.0%}" for name, share in layers),
                     "Share of each layer in the squared distance to the nearest row."])
    if config.image_score == "map":
        rows.append(["Highest pixel", score_text(paid.map_score), f"Of the map, at {_place(paid.pixel)}: patch scores "
                     f"enlarged and blurred with {config.blur_sigma:g} px. It counts instead of s*."])
    rows.append(["Weight of eq. 7", *_weight(paid.weight)])
    rows.append(["Image score", score_text(paid.score), _as_recorded(paid.score, recorded)])
    rows.append(["Among good images", *_among(paid.score, held_out)])
    return rows


def variant_groups(variants: Sequence[Variant]) -> list[dict[str, Any]]:
    """For each setting its name, what it does, and the scores with its values: `label`, `score`, and whether it is the
    run's own."""
    groups: dict[str, dict[str, Any]] = {}
    for one in variants:
        name, words = SETTINGS[one.field]
        group = groups.setdefault(one.field, {"name": name, "help": words, "values": []})
        group["values"].append({"label": _value(one.value), "score": score_text(one.score), "used": one.used})
    return list(groups.values())


def _value(value: Any) -> str:
    if value is None:
        return "not used"
    return f"{value:g}" if isinstance(value, float) else str(value)


def zone_words(score: float, threshold: float | None, review_from: float | None) -> str:
    """What the image thresholds make of a score, as the browser says it (workspace/parts/evidence.js); "" without."""
    if threshold is None or math.isnan(threshold) or math.isnan(score):
        return ""
    start = threshold if review_from is None else min(review_from, threshold)
    if score >= threshold:
        return f"NG, from {score_text(threshold)} up"
    if score >= start:
        return f"review zone, from {score_text(start)} up to {score_text(threshold)}"
    return f"OK, below {score_text(start)}"


def _place(place: tuple[int, int]) -> str:
    return f"row {place[0]}, column {place[1]}"


def _weight(weight: Weight | None) -> tuple[str, str]:
    if weight is None:
        return "not used", "Re-weighting by the neighbours of the nearest row is off in this run."
    first, *others = (score_text(distance) for distance in weight.distances)
    around = f"; to the {len(others)} rows around it {', '.join(others)}" if others else ""
    return f"{weight.weight:.4f}", f"Distance to the nearest row {first}{around}. The score is s* times the weight."


def _as_recorded(score: float, recorded: float | None) -> str:
    if recorded is None or abs(score - recorded) <= DIFFERS * max(abs(recorded), 1e-9):
        return "What is compared with the threshold."
    return f"The run recorded {score_text(recorded)}: the photo, or what computes it here, is another one."


def _among(score: float, held_out: NDArray | None) -> tuple[str, str]:
    known = np.empty(0) if held_out is None else held_out[np.isfinite(held_out)]
    if not len(known):
        return NOT_RECORDED, "No held-out scores of good images."
    below, total = int((known < score).sum()), len(known)
    meaning = "Held-out good images: training photos scored as if the bank did not know them."
    return (f"higher than all {total:,}" if below == total else f"higher than {below:,} of {total:,}"), meaning
