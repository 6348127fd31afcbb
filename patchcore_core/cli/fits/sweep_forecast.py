"""`sweep --dry-run`: what a grid costs, with what its fits share computed once."""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from patchcore_core.cli.output import print_answer
from patchcore_core.codec import plain
from patchcore_core.errors import DataError
from patchcore_core.fitting.calibrate import Pace, measure
from patchcore_core.fitting.feature_cache import feature_cache
from patchcore_core.fitting.sweep.cost import SweepCost, sweep_cost
from patchcore_core.fitting.sweep.planned import Planned, groups
from patchcore_core.jobs.sweep import said
from patchcore_core.model.cache.entries import Entries
from patchcore_core.model.shared.fields import EMBEDDING, NETWORK
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.time_left import rough

WORDS = {"existing": "there already", "impossible": "left out", "failed": "failed"}


def print_forecast(
    args: argparse.Namespace, plans: Mapping[int, Planned], records: Sequence[dict[str, Any]], store: RunStore
) -> None:
    """Print what the fits that can be computed and are not there yet cost together; with --json each with its bank,
    too, and how many are `impossible` or of a category that has `failed`."""
    new = [plan for plan in plans.values() if plan.existing is None]
    cost = sweep_cost(new, _stages(new), _cached(new, feature_cache(store.root)))
    fits = [{**record, **_of(plans.get(place))} for place, record in enumerate(records)]
    impossible = sum(record["impossible"] for record in records)
    others = {"existing": len(plans) - len(new), "impossible": impossible,
              "failed": len(records) - len(plans) - impossible}  # fmt: skip
    whole = {"runs": len(plans), **others, **dataclasses.asdict(cost), "grid": fits}
    print_answer(args, plain(whole), _lines(cost, others, fits))


def _stages(plans: Sequence[Planned]) -> list[Mapping[str, float]]:
    """Seconds per stage of each fit alone, measured on a few of its photos, else scaled from a run."""
    paces: dict[int, Pace | None] = {}
    found: list[Mapping[str, float]] = []
    for group, plan in zip(groups(plans, EMBEDDING), plans, strict=True):
        if group not in paces:
            try:
                paces[group] = measure(plan.dataset, plan.config)
            except DataError:  # some are unreadable: the fit reports them, and may still work
                paces[group] = None
        pace, counts = paces[group], plan.draft.counts
        stages = plan.cost.stages if pace is None else pace.stages(plan.cost, counts.train, counts.tested)
        found.append(stages or {"features": math.nan})
    return found


def _cached(plans: Sequence[Planned], cache: Entries | None) -> list[float]:
    """The share of each fit's photos whose feature maps are kept already."""
    if cache is None:
        return [0.0] * len(plans)
    from patchcore_core.model.cache.warm import known_share  # brings torch

    shares: dict[object, float] = {}
    for group, plan in zip(groups(plans, NETWORK), plans, strict=True):
        key = group, plan.config.layers, plan.inputs
        if key not in shares:
            shares[key] = known_share(plan.config, plan.inputs, plan.dataset, cache)
    return [shares[group, plan.config.layers, plan.inputs]
            for group, plan in zip(groups(plans, NETWORK), plans, strict=True)]  # fmt: skip


def _of(plan: Planned | None) -> dict[str, Any]:
    if plan is None:
        return {}
    cost = plan.cost
    return {"run": None if plan.existing is None else plan.existing.id,
            "bank": {"rows": cost.rows, "dim": cost.dim, "bytes": cost.bank_bytes}}  # fmt: skip


def _lines(cost: SweepCost, others: Mapping[str, int], fits: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [f"{fit['category']}  {said(fit['settings'])}  {fit['run'] or fit['error'] or ''}".rstrip() for fit in fits]
    beside = [f"{count} {WORDS[what]}" for what, count in others.items() if count]
    to_fit = cost.fits or "none"
    lines.append(f"  runs    {', '.join([f'{to_fit} to fit', *beside])}")
    if not cost.fits:
        return lines
    time = "unknown" if math.isnan(cost.seconds) else f"about {rough(cost.seconds)}"
    return [
        *lines,
        f"  cached  {cost.cached:.0%} of the photos need no network",
        f"  time    {time}",
        f"  memory  about {cost.memory_bytes / 1e9:.1f} GB at the peak",
        f"  disk    about {cost.disk_bytes / 1e6:.1f} MB for the runs, beside the feature cache",
    ]
