"""Review, below the title: a badge for each data check, and their details in an expander."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import run_warnings
from pages.ui.format import below, fit_warnings, without
from pages.ui.markdown import plain
from patchcore_core.data.images import shown
from patchcore_core.evaluation.badges.badge import Badge
from patchcore_core.evaluation.badges.of_run import badges_at, crop_recall_at
from patchcore_core.evaluation.explain import explain_badge
from patchcore_core.evaluation.thresholds.operating_point import OperatingPoint
from patchcore_core.runs.store import Run

LOOKS = {  # level -> colour and icon
    "ok": ("green", ":material/check_circle:"),
    "note": ("gray", ":material/info:"),
    "warning": ("orange", ":material/warning:"),
}
LONGEST = 200  # lines of file names
MOST_NAMED = 20  # files in the help of a badge


def badges(run: Run, images: pd.DataFrame, point: OperatingPoint) -> Sequence[Badge]:
    """The data checks of the run at the threshold in use."""
    labels, scores, kept = (images[name].to_numpy() for name in ("label", "image_score", "mask_kept"))
    recall = crop_recall_at(run.crop_loss, labels, scores, kept, point.value)
    cropped = run.config.center_crop is not None
    return badges_at(run.badges, point, cropped, run.crop_loss, recall, run.unreadable, run.counts)


def line(row: DeltaGenerator, run: Run, found: Sequence[Badge]) -> None:
    """The number of warnings as a popover, and the badges in a row, each explained on hover."""
    with row:
        run_warnings.opened_by_count(run, "review_warnings", found)
        for badge in found:
            colour, icon = LOOKS[badge.level]
            st.badge(plain(badge.label), icon=icon, color=colour, help=plain(badge.sentence))  # type: ignore[arg-type]
        if run.excluded:
            st.badge(f"fitted {without(run)}", icon=":material/hide_image:", color="gray",
                     help=plain(", ".join(shown(path) for path in run.excluded[:MOST_NAMED])))


def in_words(run: Run, found: Sequence[Badge]) -> None:
    """An expander with each badge's sentence and counts, the warnings of the fit and the images left out."""
    notes = [*fit_warnings(run), *(below(run.dataset, f"{path}: {cause}") for path, cause in run.unreadable),
             *(f"{shown(path)}: excluded from the fit on request" for path in run.excluded)]  # fmt: skip
    title = "Data checks" + (f", {len(notes)} notes" if notes else "")
    fold = st.expander(title, icon=":material/fact_check:", key="review_badges", on_change="rerun")
    if not fold.open:
        return
    with fold:
        for badge in found:
            colour, icon = LOOKS[badge.level]
            st.markdown(f":{colour}[{icon}] **{plain(badge.label)}** · {plain(badge.sentence)} "
                        f":gray[{plain(_counts(badge))}]", help=explain_badge(badge.key) or None)
        if notes:
            st.text("\n".join(notes[:LONGEST]))


def _counts(badge: Badge) -> str:
    return " · ".join(f"{name.replace('_', ' ')} {count}" for name, count in badge.counts.items())
