"""A run's figures with their intervals: the headline ones, all of them, per defect type, and published ones beside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from pages.ui.format import LOWER_IS_BETTER, METRIC_NAMES, interval, number, taught, with_interval
from patchcore_core.data.images import shown
from patchcore_core.evaluation.causes.causes import CAUSES
from patchcore_core.evaluation.explain import explain_figure
from patchcore_core.evaluation.figures import AT_THE_THRESHOLD
from patchcore_core.evaluation.published.reference import Reference, beside_published
from patchcore_core.runs.store import Run
from patchcore_core.views.listing import statistics

HEADLINES = ("image_auroc", "pixel_auroc", "aupro")
PUBLISHED = ("image_auroc", "pixel_auroc", "aupro", "pixel_auroc_anomalous")
NO_INTERVALS = "This run predates intervals: fit it again after deleting it, or run the command `evaluate`."
TAUGHT = ("{taught}: this run goes on from run {parent}, and what was taught is no test image of it. Compare both on "
          "the images that both have.")
UNTESTED = {"label": "Test images", "value": "none", "interval": "",
            "help": "This run was not tested, so how many defects it finds is not known."}
ALL_HEADS = (("figure", ""), ("value", ""), ("95 % interval", explain_figure("interval")), ("meaning", ""))
PUBLISHED_HEADS = (
    ("source", "Who published the figure, and its protocol."), ("theirs", "The published figure."),
    ("ours − theirs", "Above 0: ours is higher. Not comparable where settings differ."),
    ("settings that differ", "With ours in brackets."), ("not stated", "Settings that the source does not state."),
    ("note", ""),
)  # fmt: skip


def headlines(run: Run, images: pd.DataFrame) -> list[dict[str, str]]:
    """`Figure` of views/web/first_line of the three headline figures, and the number of test images."""
    if images.empty:
        return [dict(UNTESTED)]
    good, defective = (int((images["label"] == label).sum()) for label in (0, 1))
    return [*({"label": METRIC_NAMES[name], "value": number(run.metrics.get(name)),
               "interval": interval(run.intervals.get(name)), "help": _explained(run, name)} for name in HEADLINES),
            {"label": "Good / defective", "value": f"{good} / {defective}", "interval": "",
             "help": "Test images with a label; few images give wide intervals."}]  # fmt: skip


def tables(run: Run) -> dict[str, Any]:
    """The data of views/web/figure_table."""
    found = [_all(run)]
    if run.per_defect:
        found.append(_per_defect(run))
    rows = beside_published(run.category, run.metrics, run.config, run.counts)
    return {"tables": [*found, *(_published(run, metric, [row for row in rows if row.metric == metric])
                                 for metric in PUBLISHED if any(row.metric == metric for row in rows))]}


def listed(table: pd.DataFrame, threshold: float, total: int) -> dict[str, Any]:
    """The table of the figures of some of the run's test images, `total` in all, at the image threshold; table: rows of
    `views.listing.listing`."""
    found = statistics(table, threshold, total)
    counts = found.confusion
    numbers = {"Image AUROC": found.image_auroc, "Recall": counts.recall, "Precision": counts.precision,
               "False positive rate": counts.false_positive_rate, "Mean pixel IoU": found.mean_iou}  # fmt: skip
    rows = [["Good / defective", f"{found.good:,} / {found.defective:,}"],
            *([name, number(value)] for name, value in numbers.items() if not math.isnan(value))]
    if not math.isnan(found.overlooked):
        rows.append(["Missed defect area (px)", f"{found.overlooked:,.0f}"])
    rows += [[f"Recall of {shown(kind) or 'unknown type'}", f"{hits} of {every}"]
             for kind, (hits, every) in found.recall.items()]
    rows += [[f"Cause: {words}", str(found.causes[key])] for key, words in CAUSES.items() if key in found.causes]
    return _table("Images listed", (("figure", ""), ("value", "")), rows, found.sentence)


def _all(run: Run) -> dict[str, Any]:
    rows = [[METRIC_NAMES[name], number(run.metrics[name]), interval(run.intervals.get(name)) or "—",
             _meaning(run, name)] for name in METRIC_NAMES if name in run.metrics]
    notes = [NO_INTERVALS] * _is_older(run) + [TAUGHT.format(taught=taught(run), parent=run.parent)] * bool(run.parent)
    return _table("All figures", ALL_HEADS, rows, " ".join(notes))


def _per_defect(run: Run) -> dict[str, Any]:
    names = (*HEADLINES, *AT_THE_THRESHOLD)
    heads = [("defect type", "As named by the folders of the dataset."), ("images", "Test images of this type."),
             *((METRIC_NAMES[name], explain_figure(name)) for name in names)]
    rows = []
    for kind, figures in run.per_defect.items():
        limits = run.per_defect_intervals.get(kind, {})
        count = number(figures.get("count"), 0)
        rows.append([shown(kind) or "unknown", count,
                     *(with_interval(figures.get(name), limits.get(name)) for name in names)])
    return _table("Per defect type", heads, rows, "The images of one defect type against all good images.")


def _published(run: Run, metric: str, rows: Sequence[Reference]) -> dict[str, Any]:
    ours = with_interval(run.metrics.get(metric), run.intervals.get(metric))
    note = (f"Ours: {ours}. Each row lists the settings that differ from ours; only without any is the difference due "
            "to the method.")
    title = f"{METRIC_NAMES[metric]}: published figures for {shown(run.category)} beside ours"
    return _table(title, PUBLISHED_HEADS, [_published_row(row) for row in rows], note)


def _published_row(row: Reference) -> list[str]:
    differs = "; ".join(f"{setting.name}: {setting.theirs} ({setting.ours})" for setting in row.differs)
    difference = "—" if math.isnan(row.difference) else f"{row.difference:+.3f}"
    return [f"{row.source}, {row.protocol}", number(row.value), difference, differs or "none",
            ", ".join(row.not_stated), row.note]


def _table(title: str, heads: Sequence[tuple[str, str]], rows: list[list[str]], note: str) -> dict[str, Any]:
    return {"title": title, "note": note, "heads": [list(head) for head in heads], "rows": rows}


def _explained(run: Run, name: str) -> str:
    limits = interval(run.intervals.get(name))
    sentences = [explain_figure(name)]
    if limits:
        sentences.append(f"{limits} is its 95 % interval. {explain_figure('interval')}")
    elif f"{name}/interval" in run.reasons:
        sentences.append(f"No interval: {shown(run.reasons[f'{name}/interval'])}.")
    elif _is_older(run) and not math.isnan(run.metrics.get(name, math.nan)):
        sentences.append(NO_INTERVALS)
    if name in run.reasons:
        sentences.append(f"Not defined for this run: {shown(run.reasons[name])}.")
    return " ".join(sentences)


def _meaning(run: Run, name: str) -> str:
    """What the figure is, and why it or its interval is undefined."""
    why = [f"Not defined: {run.reasons[name]}."] if name in run.reasons else []
    why += [f"No interval: {run.reasons[f'{name}/interval']}."] if f"{name}/interval" in run.reasons else []
    better = ["Lower is better."] if name in LOWER_IS_BETTER else []
    return shown(" ".join([explain_figure(name), *better, *why]))


def _is_older(run: Run) -> bool:
    """Whether the run was made before intervals were recorded."""
    return not any(name in run.intervals or f"{name}/interval" in run.reasons for name in HEADLINES)
