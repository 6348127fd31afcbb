"""Review: the operating-point card with the thresholds, the data they were set on, and the zones OK, review, NG."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.components.choice import choice
from pages.ui.components.operating_point import Counts, Named, Scores, operating_point
from pages.ui.format import number
from pages.ui.markdown import plain
from pages.ui.review import address, data
from pages.ui.review.thresholds import costs as review_costs
from pages.ui.review.thresholds.controls import (
    NONE_KNOWN,
    chosen_name,
    label_of,
    labels_of,
    threshold_choice,
    threshold_value,
)
from patchcore_core.evaluation.badges.badge import THRESHOLDS
from patchcore_core.evaluation.explain import TRIMMED, explain_threshold
from patchcore_core.evaluation.thresholds.costs import Zones, zones
from patchcore_core.evaluation.thresholds.of_run import (
    ThresholdParameters,
    image_points,
    named_points,
    point_at,
    review_starts,
    stored_points,
)
from patchcore_core.evaluation.thresholds.operating_point import OperatingPoint
from patchcore_core.evaluation.thresholds.rules import of_level
from patchcore_core.evaluation.values import Source
from patchcore_core.runs.store import Run

COLOURS = {"ok": "green", "note": "gray", "warning": "orange"}
SOURCES: Mapping[Source, str] = {
    "held-out": "set on held-out good images", "test good": "set on good test images", "oracle": "oracle",
    "manual": "set manually",
}  # fmt: skip
ZONES = {  # name -> colour and what happens to its parts
    "OK": ("green", "accepted"),
    "review": ("orange", "manual check"),
    "NG": ("red", "rejected"),
}
ZONES_HELP = ("OK: scores below the review zone. Review: from there up to the NG threshold; checked manually. NG: at "
              "or above the NG threshold. Percentages are of the test images; expected percentages and costs are per "
              "part in production, at the defect rate you set.")
NO_COSTS = "Set costs and defect rate under *Methods and costs* to get the cost of each zone."
LEVEL = "level"  # parameter of the address
LEVELS = {"images": "Image", "pixels": "Pixel"}  # its values -> labels
IMAGES_LEVEL = next(iter(LEVELS))
LEVELS_HELP = ("An image is predicted defective if its score reaches the image threshold. The pixel threshold sets "
               "the predicted segmentation; it does not affect the prediction for the image.")
COUNTED_WHOLE = "The histogram counts all pixels; the predicted segmentation is trimmed to the peaks."
IMAGES, PIXELS = "review_point", "review_pixel_point"  # keys of the two components that others follow


@dataclass(frozen=True)
class Decision:
    """The operating points in use: `point` for images, `pixel` for pixels, and where the review zone starts.

    `review_from` equals the threshold where there is no review zone. `chosen`: whether a method or a person set the
    threshold, not the fallback. The alternatives are `points`, `named`, `starts` (of the zone) and `pixel_named`.
    """

    point: OperatingPoint
    review_from: float
    zones: Zones
    chosen: bool
    pixel: OperatingPoint
    points: Mapping[str, OperatingPoint]
    named: Mapping[str, float]
    starts: Mapping[str, OperatingPoint]
    pixel_named: Mapping[str, float]


def operating_points(run: Run, images: pd.DataFrame, first: bool) -> Decision:
    """Draw the image threshold with its zones, or the pixel threshold; return both.

    `first`: methods and costs, of which nothing is in the address, are left for the next run.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="review_level"):
        st.markdown("**Threshold**", width="content", help=LEVELS_HELP)
        level = _level()
        parameters = review_costs.unset() if first else review_costs.popover()
    decision = _decide(run, images, parameters)
    if level == IMAGES_LEVEL:
        _of_images(images, decision)
    else:
        _of_pixels(run, decision)
    return decision


def _level() -> str:
    """The level in the address, by default images; choosing writes the address."""
    wanted = st.query_params.get(LEVEL, "")
    level = wanted if wanted in LEVELS else IMAGES_LEVEL
    choice("Threshold", LEVELS, level, key="review_level_choice", buttons=True,
           on_choose=_choose_level)
    return level


def _choose_level(name: str) -> None:
    if name == IMAGES_LEVEL:
        address.forget(LEVEL)
    else:
        address.set_parameter(LEVEL, name)


def _decide(run: Run, images: pd.DataFrame, parameters: ThresholdParameters) -> Decision:
    """The thresholds of the address, else the run's defaults."""
    labels, scores = images["label"].to_numpy(), images["image_score"].to_numpy()
    curves, good = cache.load_curves(run), scores[labels == 0]
    points = image_points(run.thresholds, run.operating_points, curves, run.heldout, good, parameters)
    named = {name: point.value for name, point in points.items() if point.reason is None}
    threshold = threshold_value("threshold", named, scores)
    point = point_at(points, chosen_name("threshold", named, threshold), threshold, "image")
    starts = review_starts(threshold, curves, run.heldout, good, parameters.costs)
    zone = {"none": threshold, **{name: start.value for name, start in starts.items()}}
    start = min(threshold_value("review_from", zone, scores), threshold)
    return Decision(point, start, zones(labels, scores, start, threshold, parameters.costs),
                    bool(named) or "threshold" in st.query_params, _pixel_point(run), points, named, starts,
                    of_level(run.thresholds, "pixel"))


def _of_images(images: pd.DataFrame, decision: Decision) -> None:
    if decision.named:
        with st.grid(2, min_column_width=180, gap="small") as grid:
            with grid.cell():
                threshold_choice("threshold", "NG threshold", decision.named, decision.point.value,
                                 labels_of(decision.points))
            with grid.cell():
                zone = {"none": decision.point.value, **_values(decision.starts)}
                threshold_choice("review_from", "Review zone starts at", zone, decision.review_from,
                                 labels_of(decision.starts))
    snaps = [_named(name, point) for name, point in decision.points.items() if name in decision.named]
    operating_point(
        Scores(images["image_score"].to_numpy(), images["label"].to_numpy()), decision.review_from,
        decision.point.value, key=IMAGES, label="Image threshold",
        named=[*snaps, *(_named(name, point) for name, point in decision.starts.items())],
        on_release=lambda low, high: _released(decision, low, high),
    )  # fmt: skip
    if decision.chosen:
        _source(decision.point)
    else:
        st.caption(NONE_KNOWN)
    _zones(decision.zones)
    _not_offered(decision.points)


def _of_pixels(run: Run, decision: Decision) -> None:
    point, named = decision.pixel, decision.pixel_named
    if named:
        threshold_choice("pixel_threshold", "Pixel threshold", named, point.value)
    pixels = cache.load_curves(run).pixel
    if not len(pixels.thresholds) or math.isnan(point.value):
        st.caption("This run has no pixel scores to draw.")
    else:
        points = _pixel_points(run)
        operating_point(
            Counts.from_curve(pixels.thresholds, pixels.tp, pixels.fp), point.value,
            point.value, key=PIXELS, label="Pixel threshold", unit="pixels", zone=False, log_counts=True,
            named=[_named(name, points[name]) for name in named if name in points],
            on_release=lambda _, high: address.set_threshold("pixel_threshold", named, high),
        )  # fmt: skip
        if run.trim:
            st.caption(COUNTED_WHOLE, help=TRIMMED)
    if named or "pixel_threshold" in st.query_params:
        _source(point)
    else:
        st.caption(NONE_KNOWN)


def _released(decision: Decision, low: float, high: float) -> None:
    """Write the handles that were moved into the address."""
    if high != decision.point.value:
        address.set_threshold("threshold", decision.named, high)
    if low >= high:
        address.forget("review_from")
    elif low != decision.review_from:
        address.set_threshold("review_from", _values(decision.starts), low)


def _values(points: Mapping[str, OperatingPoint]) -> dict[str, float]:
    return {name: point.value for name, point in points.items()}


def _named(name: str, point: OperatingPoint) -> Named:
    return Named(name, point.value, label_of(name, point.rule), point.sentence or explain_threshold(name, point.rule))


def _zones(found: Zones) -> None:
    """The percentage of images in each zone; with costs, also the expected cost in production."""
    if found.reason == "no costs were given":
        parts = (found.ok, found.review, found.ng)
        shares = " · ".join(f"{zone.name} {_percent(zone.share)}" for zone in parts)
        st.caption(f"{shares} of the test images", help=f"{ZONES_HELP} {NO_COSTS}")
        return
    rows = []
    for zone in (found.ok, found.review, found.ng):
        colour, meaning = ZONES[zone.name]
        rows.append({"": f":{colour}[**{zone.name}**] :small[:gray[{meaning}]]", "share": _percent(zone.share),
                     "good": str(zone.good), "defective": str(zone.defective), "unknown": str(zone.unknown),
                     "expected": _percent(zone.expected), "cost per part": number(zone.cost, 4)})
    table = pd.DataFrame(rows)
    if not (found.ok.unknown or found.review.unknown or found.ng.unknown):
        table = table.drop(columns="unknown")
    st.markdown("**Zones**", help=ZONES_HELP)
    st.table(table, border="horizontal", hide_index=True, alt="Percentage and cost of each zone")
    why = f" {found.reason.capitalize()}." if found.reason else ""
    st.caption(f"Expected cost per part, all zones: **{number(found.cost, 4)}**.{why}",
               help="Missed defects, false rejects and manual checks, at the rates of the test set and your defect "
                    "rate.")


def _pixel_point(run: Run) -> OperatingPoint:
    named = of_level(run.thresholds, "pixel")
    spread = np.append(cache.load_curves(run).pixel.thresholds, data.colour_limits(run))
    value = threshold_value("pixel_threshold", named, spread)
    return point_at(_pixel_points(run), chosen_name("pixel_threshold", named, value), value, "pixel")


def _pixel_points(run: Run) -> dict[str, OperatingPoint]:
    return named_points(run.thresholds, "pixel") | stored_points(run.operating_points, "pixel")


def _source(point: OperatingPoint) -> None:
    """The data the threshold was set on, as a badge and a sentence."""
    level, label = THRESHOLDS[point.source]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(SOURCES[point.source], color=COLOURS[level], help=label)  # type: ignore[arg-type]
        st.caption(plain(point.sentence or explain_threshold(point.method, point.rule)), width="stretch")


def _not_offered(points: Mapping[str, OperatingPoint]) -> None:
    """Why some methods are not available, one line per reason."""
    missing: dict[str, list[str]] = {}
    for point in points.values():
        if point.reason is not None:
            missing.setdefault(point.reason, []).append(label_of(point.method, point.rule))
    if missing:
        st.caption(f"{sum(map(len, missing.values()))} methods are not available.", help="\n\n".join(
            f"{', '.join(names)}: {plain(reason)}." for reason, names in missing.items()))


def _percent(share: float) -> str:
    return f"{share:.1%}".replace("%", " %") if share == share else "—"
