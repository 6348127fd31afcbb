"""Review: the operating-point card. Which threshold decides, what it has seen, and the zones OK, review and NG."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.format import number
from pages.ui.markdown import plain
from pages.ui.review_thresholds import chosen_name, label_of, pixel_thresholds, threshold_control, value_in_address
from patchcore_core.evaluation.costs import Zones, zones
from patchcore_core.evaluation.explain import explain_threshold
from patchcore_core.evaluation.offers import (
    Wishes,
    image_points,
    named_points,
    point_at,
    review_starts,
    stored_points,
    wishes_of,
)
from patchcore_core.evaluation.operating_point import OperatingPoint, Source
from patchcore_core.evaluation.protocol import THRESHOLDS
from patchcore_core.runs.store import Run

COLOURS = {"ok": "green", "note": "gray", "warning": "orange"}
SOURCES: Mapping[Source, str] = {
    "held-out": "held out", "test good": "good test images", "oracle": "oracle", "manual": "by hand",
}  # fmt: skip
ZONES = {
    "OK": (":green[**OK**]", "passes"),
    "review": (":orange[**review**]", "a person looks"),
    "NG": (":red[**NG**]", "is rejected"),
}
ZONES_HELP = ("OK: scores below the review zone. Review: from there up to the threshold, a person decides. NG: from "
              "the threshold up. Shares are of the test images; expected shares and costs are per part in production, "
              "where defects are as frequent as you say.")
NO_COSTS = "Costs and how many parts are defective are set under *Methods and costs*; then each zone has its cost."


@dataclass(frozen=True)
class Decision:
    """How the images are judged: the point, and the score from which a person looks (the point's value: none does).

    `chosen`: whether a method or a person chose the threshold; else it only stands somewhere.
    """

    point: OperatingPoint
    review_from: float
    zones: Zones
    chosen: bool


def controls(run: Run, images: pd.DataFrame) -> Decision:
    """Draw method, threshold and review zone, and return what they decide."""
    labels, scores = images["label"].to_numpy(), images["image_score"].to_numpy()
    curves, good = cache.load_curves(run), scores[labels == 0]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown("**Operating point**", help="The image threshold: an image whose score reaches it is called "
                                                "defective. Pixels have a threshold of their own.")
        wishes = _wishes()
    points = image_points(run.thresholds, run.operating_points, curves, run.heldout, good, wishes)
    named = {name: point.value for name, point in points.items() if point.reason is None}
    threshold = threshold_control("threshold", "Image threshold", named, scores, {} if named else None)
    point = point_at(points, chosen_name("threshold", named, threshold), threshold, "image")
    chosen = bool(named) or "threshold" in st.query_params
    if chosen:
        _source(point)
    _not_offered(points)
    start = _review_zone(run, images, threshold, wishes)
    return Decision(point, start, zones(labels, scores, start, threshold, wishes.costs), chosen)


def zone_table(decision: Decision) -> None:
    """What lies in each zone of the test set, and what is expected of it in production."""
    found = decision.zones
    st.markdown("**Zones**", help=ZONES_HELP)
    rows = {}
    for zone in (found.ok, found.review, found.ng):
        name, meaning = ZONES[zone.name]
        cells = {"": f"{name} :small[:gray[{meaning}]]", "share": _percent(zone.share), "good": str(zone.good),
                 "defective": str(zone.defective)}
        if found.ok.unknown or found.review.unknown or found.ng.unknown:
            cells["unknown"] = str(zone.unknown)
        if found.reason != "no costs were given":
            cells |= {"expected": _percent(zone.expected), "cost per part": number(zone.cost, 4)}
        rows[zone.name] = cells
    st.table(pd.DataFrame(list(rows.values())), border="horizontal", hide_index=True,
             alt="Share of the test images in each zone")
    if found.reason == "no costs were given":
        st.caption(NO_COSTS)
    else:
        why = f" {found.reason.capitalize()}." if found.reason else ""
        st.caption(f"Expected cost per part, all zones: **{number(found.cost, 4)}**.{why}",
                   help="Escapes, overkills and looks at doubtful parts, as often as the test set and your defect rate "
                        "let expect them.")


def pixel_point(run: Run) -> OperatingPoint:
    """The pixel threshold that the viewer shows: that of the address, else the run's default."""
    points = named_points(run.thresholds, "pixel") | stored_points(run.operating_points, "pixel")
    named = pixel_thresholds(run.thresholds)
    value = value_in_address("pixel_threshold", named)
    return point_at(points, chosen_name("pixel_threshold", named, value), value, "pixel")


def pixel_line(point: OperatingPoint) -> None:
    """The pixel threshold in one line: it is set below the pictures, and has nothing to do with that of images."""
    st.markdown(f"**Pixel threshold** {number(point.value, 4)} · {label_of(point.method)}",
                help=f"{plain(point.sentence)} It decides which pixels are marked, never whether an image is "
                     "defective; it is set below the pictures.")
    _source(point)


def _wishes() -> Wishes:
    """The numbers behind the methods, kept in the address."""
    with st.popover("Methods and costs", icon=":material/tune:", type="tertiary"), st.container(width=330):
        st.markdown("**Numbers of the methods**")
        with st.grid(3, min_column_width=130, gap="small") as grid:
            with grid.cell():
                share = st.number_input("Quantile of good images, %", 50.0, 99.99, 99.0, 0.5, key="quantile",
                                        bind="query-params", help="So many good images lie below the threshold.")
            with grid.cell():
                k = st.number_input("Standard deviations", 0.0, 10.0, 3.0, 0.5, key="sds", bind="query-params",
                                    help="k of mean + k sd.")
            with grid.cell():
                fpr = st.number_input("Largest FPR, %", 0.0, 100.0, 1.0, 0.5, key="fpr", bind="query-params",
                                      help="At most so many of the good images are false alarms.")
        st.markdown("**Costs in production**, in any unit of money")
        with st.grid(2, min_column_width=130, gap="small") as grid:
            with grid.cell():
                escape = st.number_input("Cost of an escape", 0.0, value=None, key="escape", bind="query-params",
                                         help="A defective part that passes.")
            with grid.cell():
                overkill = st.number_input("Cost of an overkill", 0.0, value=None, key="overkill", bind="query-params",
                                           help="A good part that is rejected.")
            with grid.cell():
                rate = st.number_input("Defective parts, %", 0.0, 100.0, None, key="defect_rate", bind="query-params",
                                       help="How many of the parts in production are defective; the test set does not "
                                            "tell.")
            with grid.cell():
                look = st.number_input("Cost of a look", 0.0, value=None, key="look", bind="query-params",
                                       help="A person looks at a part of the review zone.")
    return wishes_of(share or 99.0, 3.0 if k is None else k, 1.0 if fpr is None else fpr, escape, overkill, rate, look)


def _source(point: OperatingPoint) -> None:
    """What the threshold has seen, as a badge and a sentence."""
    level, label = THRESHOLDS[point.source]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(SOURCES[point.source], color=COLOURS[level], help=label)  # type: ignore[arg-type]
        st.caption(plain(point.sentence or explain_threshold(point.method)), width="stretch")


def _not_offered(points: Mapping[str, OperatingPoint]) -> None:
    """Why some methods are not among the choices, one reason after the other."""
    missing: dict[str, list[str]] = {}
    for point in points.values():
        if point.reason is not None:
            missing.setdefault(point.reason, []).append(label_of(point.method))
    if missing:
        st.caption(f"{sum(map(len, missing.values()))} methods are not offered.", help="\n\n".join(
            f"{', '.join(names)}: {plain(reason)}." for reason, names in missing.items()))


def _review_zone(run: Run, images: pd.DataFrame, threshold: float, wishes: Wishes) -> float:
    """Where the review zone begins; the threshold itself means that there is none."""
    labels, scores = images["label"].to_numpy(), images["image_score"].to_numpy()
    starts = review_starts(threshold, cache.load_curves(run), run.heldout, scores[labels == 0], wishes.costs)
    words = {name: plain(point.sentence) for name, point in starts.items()}
    named = {"none": threshold, **{name: point.value for name, point in starts.items()}}
    start = threshold_control("review_from", "Review zone below it, from", named, scores, words)
    return min(start, threshold)


def _percent(share: float) -> str:
    return f"{share:.1%}".replace("%", " %") if share == share else "—"
