"""Review, upper part: the run's figures, and what the image threshold makes of the test set."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.ui import review_data as data
from pages.ui.format import METRIC_NAMES, number
from pages.ui.review_thresholds import image_thresholds, threshold_control
from patchcore_core.evaluation.thresholds import Confusion, confusion, recall_per_defect
from patchcore_core.runs.store import Run
from patchcore_core.views import plots
from patchcore_core.views.plots import Curve

EXPLAINED = {
    "image_auroc": "The chance that a defective test image scores higher than a good one: 0.5 is guessing, 1 perfect.",
    "pixel_auroc": "The chance that a defect pixel scores higher than any other pixel, all test pixels pooled: large "
                   "defects weigh most.",
    "aupro": "How much of each defect region is covered, on average over the regions, for pixel false positive rates "
             "up to 0.3: small and large defects weigh the same.",
}
CURVES = {  # name -> title, drawn by, metric whose reason says why there is none
    "image_roc": ("ROC of images", plots.roc, "image_auroc"),
    "image_precision_recall": ("Precision and recall of images", plots.precision_recall, "image_average_precision"),
    "pixel_roc": ("ROC of pixels", plots.roc, "pixel_auroc"),
    "pro": ("Per-region overlap", plots.pro, "aupro"),
}
NO_DEFECTS = "No test image is known to be defective, so nobody can say how many defects this threshold finds."


def figures(run: Run, images: pd.DataFrame) -> None:
    """The three figures of the run, each explained, the test images they were scored on, and what was not used."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        for name, words in EXPLAINED.items():
            value = run.metrics.get(name, float("nan"))
            why = run.reasons.get(name)
            st.metric(METRIC_NAMES[name], number(value), width="content",
                      help=words if why is None else f"{words} Not defined for this run: {why}.")
        good, defective = ((images["label"] == label).sum() for label in (0, 1))
        st.metric("Good / defective test images", f"{good} / {defective}", width="content")
    _notes(run)


def _notes(run: Run) -> None:
    """What a reader of the figures should know; all of it may hold file names, so it is shown as plain text."""
    lost = [f"{name}: of {row['total']} defects the centre crop cut away {row['wholly_lost']} wholly and "
            f"{row['partly_lost']} partly" for name, row in run.crop_loss.items()
            if row["wholly_lost"] or row["partly_lost"]]
    notes = [*lost, *run.warnings, *(f"{path}: {cause}" for path, cause in run.unreadable)]
    if notes:
        with st.expander(f"{len(notes)} things to know about these figures", icon=":material/info:"):
            st.text("\n".join(notes[:200]))


def operating_point(run: Run, images: pd.DataFrame) -> float:
    """The threshold control with the score histogram, the confusion counts and the recall per defect type."""
    labels, scores = images["label"].to_numpy(), images["image_score"].to_numpy()
    named = image_thresholds(run.thresholds)
    with st.grid(4, min_column_width=220, gap="small") as grid:
        with grid.cell(column_span=2):
            threshold = threshold_control("threshold", "Image threshold", named, scores)
            _chart(plots.histogram(scores, labels, threshold), "histogram", 220,
                   f"Histogram of the scores of {len(scores)} test images by class, threshold {threshold:.4g}")
        with grid.cell():
            counts = confusion(labels, scores, threshold)
            st.markdown("**Outcomes**")
            _outcomes(counts)
        with grid.cell():
            st.markdown("**Recall per defect type**")
            _recall(images, threshold)
    return threshold


def _outcomes(counts: Confusion) -> None:
    _chart(plots.confusion(counts), "confusion", 230,
           f"{counts.tp} hits, {counts.fn} misses, {counts.fp} false alarms, {counts.tn} correctly good")
    st.caption(f"recall {number(counts.recall)} · precision {number(counts.precision)} · "
               f"false positive rate {number(counts.false_positive_rate)}")


def _recall(images: pd.DataFrame, threshold: float) -> None:
    recall = recall_per_defect(images["defect_type"].tolist(), images["label"].to_numpy(),
                               images["image_score"].to_numpy(), threshold)
    if not recall:
        st.caption(NO_DEFECTS)
        return
    words = ", ".join(f"{name}: {found} of {total}" for name, (found, total) in recall.items())
    _chart(plots.recall_bars(recall), "recall", plots.bars_height(len(recall)), f"Recall per defect type: {words}")


def curves(run: Run, threshold: float, pixel_threshold: float) -> None:
    """The four curves, each with a ring at its own operating point."""
    drawn = data.curves(run)
    with st.grid(4, min_column_width=220, gap="small") as grid:
        for name, (title, draw, metric) in CURVES.items():
            with grid.cell():
                st.markdown(f"**{title}**")
                at = threshold if name.startswith("image") else pixel_threshold
                _curve(drawn[name], draw({"": drawn[name]}, {"": at}), name, title, run.reasons.get(metric))


def _curve(curve: Curve, figure: go.Figure, name: str, title: str, reason: str | None) -> None:
    if len(curve.x):
        _chart(figure, name, 240, f"{title} with the operating point")
    else:
        st.caption(f"Not defined for this run: {reason or 'there is nothing to draw'}.")


def _chart(figure: go.Figure, name: str, height: int, words: str) -> None:
    st.plotly_chart(figure, key=f"review_{name}", height=height, alt=words,
                    config={"displayModeBar": False, "responsive": True})
