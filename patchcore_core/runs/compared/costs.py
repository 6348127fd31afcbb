"""What a run cost, as it recorded it."""

from __future__ import annotations

import math
from collections.abc import Collection

from patchcore_core.runs.record import Run


def costs(run: Run) -> dict[str, float]:
    """`fit_seconds` until the memory bank was there; `image_ms`, milliseconds to score a test image; `bank_bytes` and
    `bank_rows` of the memory bank; `peak_bytes` of memory that the fit took. NaN where the run recorded none.

    The times are those of a fit alone: of stages of which earlier fits had done a part, what they would have taken, as
    the run estimates it.
    """
    tested = run.counts.tested - len(run.unreadable)
    predict = run.alone.get("predict", run.seconds.get("predict", math.nan))
    more = [seconds - _took(run, stage) for stage, seconds in run.alone.items() if stage != "predict"]
    return {
        "fit_seconds": run.fit_seconds + math.fsum(more),
        "image_ms": 1000 * predict / tested if tested > 0 else math.nan,
        "bank_bytes": float(run.bank.get("bytes", math.nan)),
        "bank_rows": float(run.bank.get("rows", math.nan)),
        "peak_bytes": float(run.peak_rss_bytes) if run.peak_rss_bytes else math.nan,
    }


def shortened_costs(run: Run) -> frozenset[str]:
    """The costs that are lower than those of a fit alone, since earlier fits had done a part of the work, and what that
    would have taken is not known."""
    return _of_stages(set(run.shortened) - set(run.alone))


def estimated_costs(run: Run) -> frozenset[str]:
    """The costs that are estimated in part."""
    return _of_stages(run.alone)


def _of_stages(stages: Collection[str]) -> frozenset[str]:
    return frozenset("image_ms" if stage == "predict" else "fit_seconds" for stage in stages)


def _took(run: Run, stage: str) -> float:
    """Seconds; "network" is the start-up, which no stage has."""
    if stage != "network":
        return run.seconds.get(stage, 0.0)
    stages = math.fsum(seconds for name, seconds in run.seconds.items() if name != "total")
    return run.seconds.get("total", math.nan) - stages
