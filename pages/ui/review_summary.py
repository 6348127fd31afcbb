"""Review, upper part: what the operating point makes of the test set, and the curves."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.ui import cache
from pages.ui import review_data as data
from pages.ui import review_operating as operating
from pages.ui.format import interval, number
from pages.ui.review_operating import Decision
from patchcore_core.evaluation.explain import explain_figure
from patchcore_core.evaluation.region_recall import recall_from_table
from patchcore_core.evaluation.shares import share_interval
from patchcore_core.evaluation.thresholds import Confusion, confusion, recall_per_defect
from patchcore_core.runs.store import Run
from patchcore_core.views import plots
from patchcore_core.views.plots import Curve

CURVES = {  # name -> title, drawn by, metric whose reason says why there is none
    "image_roc": ("ROC of images", plots.roc, "image_auroc"),
    "image_precision_recall": ("Precision and recall of images", plots.precision_recall, "image_average_precision"),
    "pixel_roc": ("ROC of pixels", plots.roc, "pixel_auroc"),
    "pro": ("Per-region overlap", plots.pro, "aupro"),
}
NO_DEFECTS = "No test image is known to be defective, so nobody can say how many defects this threshold finds."
NO_REGIONS = "No mask with a defect is known, so nobody can say which sizes are found."
OLD_REGIONS = "This run was made before the sizes of its defects were recorded: deleted and fitted again it has them."
WHISKERS = "The thin line is the 95 % interval: with few images it is wide."


def operating_point(run: Run, images: pd.DataFrame) -> Decision:
    """The card: method, histogram and zones of the image threshold, and what it and the pixel threshold find."""
    labels, scores = images["label"].to_numpy(), images["image_score"].to_numpy()
    with st.container(border=True), st.grid(2, min_column_width=380, gap="medium") as grid:
        with grid.cell():
            decision = operating.controls(run, images)
        with grid.cell():
            threshold = decision.point.value
            _chart(plots.histogram(scores, labels, threshold, decision.review_from), "histogram", 220,
                   f"Histogram of the scores of {len(scores)} test images by class, threshold {threshold:.4g}")
            operating.zone_table(decision)
    with st.grid(3, min_column_width=280, gap="medium") as grid:
        with grid.cell():
            st.markdown("**Outcomes**", help="What the test images are, against what the threshold calls them.")
            _outcomes(confusion(labels, scores, threshold))
        with grid.cell():
            st.markdown("**Recall per defect type**", help=f"{explain_figure('recall')} {WHISKERS}")
            _recall(images, threshold)
        with grid.cell():
            st.markdown("**Recall per region size**", help=f"{explain_figure('region_recall')} {WHISKERS}")
            _size_recall(run)
    return decision


def _outcomes(counts: Confusion) -> None:
    _chart(plots.confusion(counts), "confusion", 230,
           f"{counts.tp} hits, {counts.fn} misses, {counts.fp} false alarms, {counts.tn} correctly good")
    shares = (("recall", counts.tp, counts.tp + counts.fn), ("precision", counts.tp, counts.tp + counts.fp),
              ("false_positive_rate", counts.fp, counts.fp + counts.tn))
    with st.container(horizontal=True, gap="small"):
        for name, part, whole in shares:
            value = number(getattr(counts, name))
            st.caption(f"{name.replace('_', ' ')} {value} {interval(share_interval(part, whole))}",
                       help=f"{explain_figure(name)} In brackets its 95 % interval.", width="content")


def _recall(images: pd.DataFrame, threshold: float) -> None:
    recall = recall_per_defect(images["defect_type"].tolist(), images["label"].to_numpy(),
                               images["image_score"].to_numpy(), threshold)
    if not recall:
        st.caption(NO_DEFECTS)
        return
    words = ", ".join(f"{name}: {found} of {total}" for name, (found, total) in recall.items())
    _chart(plots.recall_bars(recall), "recall", plots.bars_height(len(recall)), f"Recall per defect type: {words}")


def _size_recall(run: Run) -> None:
    """At the pixel threshold that the viewer shows."""
    point = operating.pixel_point(run)
    table = {name.removeprefix("regions_"): values for name, values in cache.load_curves(run).items()
             if name.startswith("regions_")}
    if not table:
        st.caption(OLD_REGIONS)
    elif not len(table["area"]):
        st.caption(NO_REGIONS)
    else:
        rows = recall_from_table(table, point.value)
        _chart(plots.size_recall_bars(rows), "size_recall", plots.bars_height(len(rows)),
               "Share of the defect regions found at the pixel threshold, by size")
    operating.pixel_line(point)


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
