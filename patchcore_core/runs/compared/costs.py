"""What a run cost, as it recorded it."""

from __future__ import annotations

import math

from patchcore_core.runs.record import Run


def costs(run: Run) -> dict[str, float]:
    """`fit_seconds` until the memory bank was there; `image_ms`, milliseconds to score a test image; `bank_bytes` and
    `bank_rows` of the memory bank; `peak_bytes` of memory that the fit took. NaN where the run recorded none."""
    tested = run.counts.tested - len(run.unreadable)
    predict = run.seconds.get("predict", math.nan)
    return {
        "fit_seconds": run.fit_seconds,
        "image_ms": 1000 * predict / tested if tested > 0 else math.nan,
        "bank_bytes": float(run.bank.get("bytes", math.nan)),
        "bank_rows": float(run.bank.get("rows", math.nan)),
        "peak_bytes": float(run.peak_rss_bytes) if run.peak_rss_bytes else math.nan,
    }


def shortened_costs(run: Run) -> frozenset[str]:
    """The costs that are lower than those of a fit alone, since earlier fits had done a part of the work."""
    scoring, fitting = "predict" in run.shortened, set(run.shortened) - {"predict"}
    return frozenset((["image_ms"] if scoring else []) + (["fit_seconds"] if fitting else []))
