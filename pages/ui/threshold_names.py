"""What thresholds are called, by the rules that set them."""

from __future__ import annotations

from patchcore_core.evaluation.thresholds.rules import RULES
from patchcore_core.evaluation.values import Rule

LABELS = {
    "good_max": "above all good images", "f1_max": "F1-max (oracle)", "youden": "Youden (oracle)",
    "cost_weighted": "lowest cost (oracle)", "pixel_f1_max": "F1-max of pixels (oracle)",
    "pixel_youden": "Youden of pixels (oracle)", "pixel_cost_weighted": "lowest cost of pixels (oracle)",
    "none": "no review zone", "cheapest": "lowest cost (oracle)",
}  # fmt: skip


def label_of(name: str, rule: Rule | None = None) -> str:
    """The label of a threshold by its rule, or the recorded one of this name: `99 % of held-out good images`."""
    found = rule or RULES.get(name)
    return (found and _of_good(found)) or LABELS.get(name, name)


def _of_good(rule: Rule) -> str:
    """"" for a rule that needs defective images, and for the maximum."""
    of = f"{'held-out ' if rule.source == 'held-out' else ''}good {rule.level}s"
    return {
        "mean_sd": f"mean + {rule.number:.6g} sd of {of}",
        "fpr": f"at most {rule.number:.6g} % of {of}",
        "quantile": f"{rule.number:.6g} % of {of}",
    }.get(rule.kind, "")
