"""The choice among named thresholds of Review and Inspect, which writes the address, and their labels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pages.ui.components.choice import choice
from pages.ui.review import address
from patchcore_core.evaluation.thresholds.decision import default_rule
from patchcore_core.evaluation.thresholds.rules import RULES
from patchcore_core.evaluation.values import Level, OperatingPoint, Rule
from patchcore_core.views.ranking import Scale, threshold_scale

LABELS = {
    "good_max": "above all good images", "f1_max": "F1-max (oracle)", "youden": "Youden (oracle)",
    "cost_weighted": "lowest cost (oracle)", "pixel_f1_max": "F1-max of pixels (oracle)",
    "pixel_youden": "Youden of pixels (oracle)", "pixel_cost_weighted": "lowest cost of pixels (oracle)",
    "none": "no review zone", "cheapest": "lowest cost (oracle)",
}  # fmt: skip
LEVELS: Mapping[str, Level] = {"pixel_threshold": "pixel"}  # of parameters in the address; others are of images
NONE_KNOWN = "This run has no good test images to set a threshold on: the slider starts at the middle of the scores."
BY_HAND = "set manually"


def label_of(name: str, rule: Rule | None = None) -> str:
    """The label of a threshold by its rule, or the recorded one of this name: `99 % of held-out good images`."""
    found = rule or RULES.get(name)
    return (found and _of_good(found)) or LABELS.get(name, name)


def labels_of(points: Mapping[str, OperatingPoint]) -> dict[str, str]:
    """The labels of these points."""
    return {name: label_of(name, point.rule) for name, point in points.items()}


def threshold_value(parameter: str, named: Mapping[str, float], scores: np.ndarray) -> float:
    """The threshold of the address, within the range of `scores` and the named values.

    The default is that of `default_rule`, else the first name, else the middle of the scores.
    """
    return _within(_scale(named, scores), parameter, named)


def threshold_choice(
    parameter: str, title: str, named: Mapping[str, float], value: float, labels: Mapping[str, str] | None = None
) -> None:
    """Draw the choice among the named thresholds, of which `value` may be one; choosing writes the address.

    labels: of those that are no recorded thresholds of a run.
    """
    offered = {name: (labels or {}).get(name) or label_of(name) for name in named}
    choice(title, offered, address.name_of(parameter, named, value),
           key=f"review_{parameter}_named", on_choose=lambda name: _choose(parameter, name), unchosen=BY_HAND)


def chosen_name(parameter: str, named: Mapping[str, float], value: float) -> str | None:
    """The name of the chosen threshold, None where it was set manually."""
    return address.name_of(parameter, named, value)


def _scale(named: Mapping[str, float], scores: np.ndarray) -> Scale:
    return threshold_scale(np.append(scores, list(named.values())))


def _within(scale: Scale, parameter: str, named: Mapping[str, float]) -> float:
    rule = default_rule(named, _level(parameter))
    default = named[rule] if rule else next(iter(named.values()), (scale.low + scale.high) / 2)
    return min(max(address.threshold(parameter, named, default), scale.low), scale.high)


def _level(parameter: str) -> Level:
    return LEVELS.get(parameter, "image")


def _of_good(rule: Rule) -> str:
    """"" for a rule that needs defective images, and for the maximum."""
    of = f"{'held-out ' if rule.source == 'held-out' else ''}good {rule.level}s"
    return {
        "mean_sd": f"mean + {rule.number:.6g} sd of {of}",
        "fpr": f"at most {rule.number:.6g} % of {of}",
        "quantile": f"{rule.number:.6g} % of {of}",
    }.get(rule.kind, "")


def _choose(parameter: str, name: str) -> None:
    address.set_parameter(parameter, name)
    address.ask_redraw()
