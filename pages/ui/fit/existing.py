"""Which of the chosen fits exist already, known before the click."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import cache
from pages.ui.format import METRIC_NAMES, number, run_label
from pages.ui.markdown import plain
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.samples import Dataset
from patchcore_core.fitting.draft import draft_run
from patchcore_core.runs.store import Run

Plan = Sequence[tuple[Dataset, PatchCoreConfig]]
MOST_NAMED = 5


def existing(plan: Plan) -> list[Run | None]:
    """For each fit of the plan the finished or running run of exactly this configuration and data, else None.

    Files are read for their fingerprint only where a run has the same settings and as many images.
    """
    runs = [run for run in cache.load_runs() if run.status == "finished" or run.alive]
    return [_existing(dataset, config, runs) for dataset, config in plan]


def say(found: Sequence[Run | None]) -> None:
    """Which runs exist already, by name."""
    known = [run for run in found if run is not None]
    if not known:
        return
    if len(found) == 1:
        st.info(f"{_state(known[0])}: {_named(known[0])}", icon=":material/history:")
        return
    lines = [f"- {_named(run)}" for run in known[:MOST_NAMED]]
    lines += [f"- {len(known) - MOST_NAMED} more"] if len(known) > MOST_NAMED else []
    st.info("\n".join([f"{len(known)} of these {len(found)} fits exist already and are not computed again:", *lines]),
            icon=":material/history:")


def label(found: Sequence[Run | None]) -> str:
    """What the button does: fit what is missing, or open what exists."""
    missing, count = sum(run is None for run in found), len(found)
    if missing == count:
        return "Fit" if count == 1 else f"Fit {count} runs"
    if missing:
        return f"Fit {missing} of {count} runs"
    if count > 1:
        return f"Show these {count} runs"
    return "Open the existing run" if found[0] is not None and found[0].status == "finished" else "Show the running fit"


def _existing(dataset: Dataset, config: PatchCoreConfig, runs: Sequence[Run]) -> Run | None:
    settings, counts = config.identity(), dataset.counts()
    alike = [run for run in runs if not run.broken and run.config.identity() == settings and run.counts == counts]
    if not alike:
        return None
    identity = draft_run(dataset, config).identity
    return next((run for run in sorted(alike, key=lambda run: run.alive) if run.identity == identity), None)


def _state(run: Run) -> str:
    return "These images are fitted with these settings already" if run.status == "finished" else \
        "These images are being fitted with these settings now"


def _named(run: Run) -> str:
    score = run.metrics.get("image_auroc")
    told = f" · {METRIC_NAMES['image_auroc']} {number(score)}" if run.status == "finished" and score is not None else ""
    return f"{plain(run_label(run))}{told}"
