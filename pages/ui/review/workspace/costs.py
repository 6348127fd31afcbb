"""Parameters of the threshold methods and costs in production: the fields of a form, and what follows from them."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from pages.ui.format import number
from pages.ui.review.events.entry import Entry, Refused
from pages.ui.review.workspace import levels
from patchcore_core.evaluation.thresholds.costs import Zone, Zones, zones
from patchcore_core.evaluation.thresholds.of_run import ThresholdParameters, parameters_of
from patchcore_core.reviews.chosen_thresholds import ChosenThresholds
from patchcore_core.runs.store import Run

METHODS, COSTS = "Threshold parameters", "Costs in production, in any currency"
USUAL = {"quantile": 99.0, "sds": 3.0, "fpr": 1.0}  # those of ThresholdParameters()
FIELDS: tuple[dict[str, Any], ...] = tuple(
    {"name": name, "label": label, "help": help, "group": group, "usual": USUAL.get(name), "low": low, "high": high}
    for name, label, help, group, low, high in (
        ("quantile", "Quantile of good images, %", "Percentage of good images below the threshold.", METHODS, 50,
         99.99),
        ("sds", "Standard deviations", "k of mean + k sd.", METHODS, 0, 10),
        ("fpr", "Largest FPR, %", "At most this percentage of good images are false alarms.", METHODS, 0, 100),
        ("escape", "Cost per missed defect", "A defective part that is accepted.", COSTS, 0, None),
        ("overkill", "Cost per false reject", "A good part that is rejected.", COSTS, 0, None),
        ("defect_rate", "Defect rate, %",
         "Percentage of defective parts in production; unknown from the test set.", COSTS, 0, 100),
        ("look", "Cost per manual check", "Manual inspection of a part in the review zone.", COSTS, 0, None),
    )
)  # fmt: skip
NO_COSTS = "no costs were given"  # reason of Zones
WANTED = "Set the costs of a missed defect and of a false reject, and the defect rate, to get the cost of each zone."
EXPECTED = "Missed defects, false rejects and manual checks, at the rates of the test set and your defect rate."
HEADS = (
    ("zone", "OK: scores below the review zone. Review: from there up to the NG threshold; checked manually. NG: at or "
             "above the NG threshold."),
    ("share", "Percentage of the test images."), ("good", "Test images."), ("defective", "Test images."),
    ("expected", "Percentage of the parts in production, at the defect rate you set."),
    ("cost per part", "Expected, in production."),
)  # fmt: skip
UNKNOWN = ("unknown", "Test images without a label.")


def parameters(entry: Entry) -> ThresholdParameters:
    """From the fields of an entry, null for the usual value; Refused outside the bounds of the form."""
    given = {field["name"]: entry.number(field["name"]) for field in FIELDS}
    for field in FIELDS:
        value, low, high = given[field["name"]], field["low"], field["high"]
        if not math.isnan(value) and not low <= value <= (math.inf if high is None else high):
            bounds = f"at least {low}" if high is None else f"from {low} to {high}"
            raise Refused(f"{field['name']} must be a number {bounds}, got {value:g}")
    methods = [USUAL[name] if math.isnan(given[name]) else given[name] for name in USUAL]
    costs = [None if math.isnan(given[name]) else given[name] for name in ("escape", "overkill", "defect_rate", "look")]
    return parameters_of(*methods, *costs)


def costs(run: Run, images: pd.DataFrame, entry: Entry, used: ChosenThresholds) -> dict[str, Any]:
    """`Costs` of data.js: the thresholds and starts that the parameters give, and what the zones of `with.review_from`
    and `with.threshold` cost."""
    chosen, high, low = parameters(entry), entry.number("threshold"), entry.number("review_from")
    if math.isnan(high):
        raise Refused("threshold must be a number")
    labels, scores = images["label"].to_numpy(), images["image_score"].to_numpy()
    found = zones(labels, scores, high if math.isnan(low) else min(low, high), high, chosen.costs)
    return {"image": levels.of_images(run, images, chosen, used).sent(),
            "starts": levels.sent(levels.starts(run, images, chosen, high)), **_told(found)}


def _told(found: Zones) -> dict[str, Any]:
    parts = (found.ok, found.review, found.ng)
    if found.reason == NO_COSTS:
        shares = " · ".join(f"{zone.name} {_percent(zone.share)}" for zone in parts)
        return {"zones": None, "sentence": f"{shares} of the test images. {WANTED}"}
    unknown = any(zone.unknown for zone in parts)
    heads = [*HEADS[:4], *([UNKNOWN] if unknown else []), *HEADS[4:]]
    why = f" {found.reason[:1].upper()}{found.reason[1:]}." if found.reason else ""
    return {"zones": {"heads": [list(head) for head in heads], "rows": [_row(zone, unknown) for zone in parts]},
            "sentence": f"Expected cost per part, all zones: {number(found.cost, 4)}.{why} {EXPECTED}"}


def _row(zone: Zone, unknown: bool) -> list[str]:
    return [zone.name, _percent(zone.share), str(zone.good), str(zone.defective),
            *([str(zone.unknown)] if unknown else []), _percent(zone.expected), number(zone.cost, 4)]


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %" if share == share else "—"
