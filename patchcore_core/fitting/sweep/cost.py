"""What several fits cost together, where each stage's work that they share is done once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from patchcore_core.fitting.forecast import selection_growth
from patchcore_core.fitting.sweep.planned import Planned, groups, in_order
from patchcore_core.model.shared.fields import CORESET, EMBEDDING, NESTED, NETWORK

# Of the seconds of a stage, measured on 150 and 100 magnetic tiles with `quick`, coresets of 2 and 10 %:
FROM_CACHE = 0.95  # of the network's are saved where feature maps are read
HELD_OUT_KNOWN, PREDICT_KNOWN = 0.13, 0.02  # are left where another fit has searched in the same bank
PIXEL_BYTES = 2  # of an anomaly map


@dataclass(frozen=True)
class SweepCost:
    """Of the fits that are still to be computed: their number, seconds (NaN: unknown), the largest memory of the
    process, and the bytes of all results; `cached`: the share of their photos whose feature maps are kept already."""

    fits: int
    seconds: float
    memory_bytes: int
    disk_bytes: int
    cached: float


def sweep_cost(plans: Sequence[Planned], stages: Sequence[Mapping[str, float]], cached: Sequence[float]) -> SweepCost:
    """The cost of these fits; `stages` and `cached` as for seconds_of_each."""
    disk = sum(plan.cost.bank_bytes + PIXEL_BYTES * math.prod(plan.cost.size) * plan.draft.counts.tested
               for plan in plans)  # fmt: skip
    return SweepCost(len(plans), math.fsum(seconds_of_each(plans, stages, cached)),
                     max((plan.cost.memory_bytes for plan in plans), default=0), disk,
                     sum(cached) / len(cached) if cached else 0.0)  # fmt: skip


def seconds_of_each(
    plans: Sequence[Planned], stages: Sequence[Mapping[str, float]], cached: Sequence[float]
) -> list[float]:
    """The seconds of each of these fits, computed in the order of `in_order` (NaN: unknown), of whose seconds per stage
    alone are `stages`, and `cached` the share of the photos of each whose feature maps are kept already."""
    networks, embeddings, coresets = (groups(plans, fields) for fields in (NETWORK, EMBEDDING, CORESET))
    done, seconds = set[tuple[object, ...]](), [0.0] * len(plans)
    for number in in_order(plans):
        plan, coreset = plans[number], coresets[number]
        ratios = [each.config.coreset_ratio for each, other in zip(plans, coresets, strict=True) if other == coreset]
        grown = selection_growth(1.0, max(ratios) / plan.config.coreset_ratio)
        program, ran, features = ("program",), ("network", networks[number]), ("features", embeddings[number])
        nested = plan.config.sampler in NESTED
        selected = ("coreset", coreset, None if nested else plan.config.coreset_ratio)
        searched = ("searched", coreset, plan.config.coreset_ratio)
        saved = FROM_CACHE * (1.0 if ran in done else cached[number])
        left = {
            "network": float(program not in done),
            "features": 0.0 if features in done else 1 - saved,
            "coreset": 0.0 if selected in done else grown if nested else 1.0,
            "index": float(searched not in done),
            "held-out": HELD_OUT_KNOWN if searched in done else 1.0,
            "predict": PREDICT_KNOWN if searched in done else 1.0,
        }
        seconds[number] = math.fsum(value * left.get(stage, 1.0) for stage, value in stages[number].items())
        if searched not in done:  # scoring runs the network, too
            counts = plan.draft.counts
            seconds[number] -= saved * stages[number].get("features", 0.0) * counts.tested / max(1, counts.train)
        done |= {program, features, ran, selected, searched}
    return seconds
