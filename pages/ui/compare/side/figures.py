"""Compare: the figures side by side, the settings that differ, and recall per defect type."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.charts import chart
from pages.ui.compare.take_away import take_away
from pages.ui.format import LOWER_IS_BETTER, METRIC_NAMES, duration, input_words, interval, number, size
from pages.ui.markdown import plain
from patchcore_core.evaluation.explain import explain_figure
from patchcore_core.evaluation.statistics.compare import Figure, compare_figure, config_differences
from patchcore_core.evaluation.statistics.many.means import UNKNOWN, Limits
from patchcore_core.evaluation.thresholds.decision import recall_per_defect
from patchcore_core.reviews.chosen_thresholds import CHOSEN
from patchcore_core.runs.store import Run
from patchcore_core.views.compare_plots import recall_side_by_side
from patchcore_core.views.comparison.names import value_words
from patchcore_core.views.comparison.side_tables import LETTERS, figure_rows, setting_rows

IN_USE = {"image_recall": "Recall at the threshold in use",
          "image_false_alarm_rate": "False alarms at the threshold in use"}
Format = Callable[[float], str]


def figures(runs: Sequence[Run], called: Sequence[str], same_photos: bool) -> None:
    """One row per metric and cost, one column per run with `found`, each `called`; the best in bold, with the
    difference to A.

    Without shared test photos, metrics are shown without best and difference.
    """
    cells = _cells if same_photos else _plain_cells
    names = METRIC_NAMES | (IN_USE if any(run.found and run.found.method == CHOSEN for run in runs) else {})
    rows = {names[figure.name]: _with_intervals(runs, figure.name, cells(figure, number))
            for figure in _metrics(runs)}
    rows |= {figure.name: _cells(figure, show) for figure, show, _ in _costs(runs)}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(LETTERS[:len(runs)]))
    st.table(table, border="horizontal", alt="Metrics and costs of the compared runs")
    take_away(lambda: figure_rows(_every(runs, names, same_photos), called, [run.id for run in runs]), "figures",
              "compare_figures")
    if not _metrics(runs):
        st.caption("No accuracy figures: none of these runs has labelled test images.")
        return
    st.caption("Bold: best of the row. Small: difference to A, in brackets the 95 % interval of each figure.",
               help="\n\n".join(f"{METRIC_NAMES[figure.name]}: {explain_figure(figure.name)}"
                                for figure in _metrics(runs)))
    for sentence in _reasons(runs):
        st.caption(sentence)


def settings_that_differ(runs: Sequence[Run], called: Sequence[str]) -> None:
    """The config fields that are not the same in all runs, and nothing else."""
    differing = config_differences([run.config.to_dict() for run in runs])
    rows = {name: [value_words(name, value) for value in values] for name, values in differing.items()}
    rows |= _data_rows(runs)
    if not rows:
        st.caption("All settings are equal.")
        return
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(LETTERS[:len(runs)]))
    st.table(table.map(plain), border="horizontal", alt="Settings that differ between the runs")
    take_away(lambda: setting_rows(rows, called, [run.id for run in runs]), "settings", "compare_settings")


def recall(runs: Sequence[Run], names: Sequence[str], thresholds: Sequence[float]) -> None:
    """Share of the defective images of each type that each run finds at its own threshold."""
    found = {name: _recall(run, threshold) for name, run, threshold in zip(names, runs, thresholds, strict=True)
             if not math.isnan(threshold)}
    if not any(found.values()):
        st.caption("No run has both a threshold and labelled defective test images.")
        return
    chart(recall_side_by_side(found), key="compare_recall",
          alt="Recall per defect type of each run")


def _recall(run: Run, threshold: float) -> dict[str, tuple[int, int]]:
    images = cache.load_images(run)
    return recall_per_defect(images["defect_type"].tolist(), images["label"], images["image_score"], threshold)


def _metrics(runs: Sequence[Run]) -> list[Figure]:
    """The figures that at least one of the runs has."""
    known = [name for name in METRIC_NAMES if any(math.isfinite(run.metrics.get(name, math.nan)) for run in runs)]
    return [compare_figure(name, [run.metrics.get(name, math.nan) for run in runs], name not in LOWER_IS_BETTER)
            for name in known]


def _every(runs: Sequence[Run], names: Mapping[str, str], same_photos: bool
           ) -> list[tuple[str, Figure, Sequence[Limits]]]:  # fmt: skip
    """All figures and costs by name, with their intervals; no differences where the photos are not the same."""
    unknown = (math.nan,) * len(runs)
    found: list[tuple[str, Figure, Sequence[Limits]]] = [
        (names[figure.name], figure if same_photos else replace(figure, differences=unknown),
         [run.intervals.get(figure.name, UNKNOWN) for run in runs]) for figure in _metrics(runs)]
    return [*found, *((f"{figure.name}{unit}", figure, ()) for figure, _, unit in _costs(runs))]


def _costs(runs: Sequence[Run]) -> list[tuple[Figure, Format, str]]:
    """Time and memory: less is better. With how each is shown, and its unit in files."""
    def rows(count: float) -> str:
        return "—" if math.isnan(count) else f"{count:,.0f}".replace(",", " ")

    fields: list[tuple[str, Callable[[Run], float | None], Format, str]] = [
        ("Total time", lambda run: run.seconds.get("total"), duration, ", s"),
        ("Coreset selection time", lambda run: run.seconds.get("coreset"), duration, ", s"),
        ("Test scoring time", lambda run: run.seconds.get("predict"), duration, ", s"),
        ("Memory bank rows", lambda run: run.bank.get("rows"), rows, ""),
        ("Memory bank size", lambda run: run.bank.get("bytes"), size, ", bytes"),
        ("Peak memory of the fit", lambda run: run.peak_rss_bytes or None, size, ", bytes"),
    ]
    return [(compare_figure(name, [_or_nan(read(run)) for run in runs], higher_is_better=False), show, unit)
            for name, read, show, unit in fields]


def _cells(figure: Figure, show: Format) -> list[str]:
    cells = []
    for place, (value, difference, best) in enumerate(zip(figure.values, figure.differences, figure.best, strict=True)):
        text = f"**{show(value)}**" if best else show(value)
        told = place > 0 and not math.isnan(difference)
        cells.append(f"{text} :small[:gray[{_signed(difference, show)}]]" if told else text)
    return cells


def _with_intervals(runs: Sequence[Run], name: str, cells: Sequence[str]) -> list[str]:
    limits = [interval(run.intervals.get(name)).strip("[]").replace(", ", " – ") for run in runs]
    return [f"{cell} :small[:gray[({ends})]]" if ends else cell for cell, ends in zip(cells, limits, strict=True)]


def _plain_cells(figure: Figure, show: Format) -> list[str]:
    return [show(value) for value in figure.values]


def _signed(difference: float, show: Format) -> str:
    text = show(abs(difference))
    return "=" if text == show(0.0) else f"{'+' if difference > 0 else '−'}{text}"


def _reasons(runs: Sequence[Run]) -> list[str]:
    """Why figures are undefined (—) or have no interval, one sentence per reason."""
    told: dict[str, list[str]] = {}
    shown = {figure.name for figure in _metrics(runs)}
    for letter, run in zip(LETTERS, runs, strict=False):
        for name, reason in run.reasons.items():
            figure, _, part = name.rpartition("/") if name.endswith("/interval") else (name, "", "")
            if figure in shown and (not part or figure not in run.reasons):
                what = f"interval of {METRIC_NAMES[figure]}" if part else METRIC_NAMES[figure]
                told.setdefault(reason, []).append(f"{what} of {letter}")
    return [f"— {', '.join(names)}: {plain(reason)}" for reason, names in told.items()]


def _data_rows(runs: Sequence[Run]) -> Mapping[str, list[str]]:
    """What differs outside the config: the shape of the input, the category, the data, the weights."""
    rows: dict[str, list[str]] = {}
    if len({run.input_shape for run in runs}) > 1:
        rows["network's input, px"] = [input_words(run) for run in runs]
    if len({run.category for run in runs}) > 1:
        rows["category"] = [run.category for run in runs]
    if len({run.fingerprint for run in runs}) > 1:
        rows["training photos"] = [str(run.counts.train or "—") for run in runs]
        rows["data"] = [run.fingerprint[:8] for run in runs]
    if len({run.weights_sha256 for run in runs}) > 1:
        rows["weights"] = [run.weights_sha256[:8] for run in runs]
    return rows


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else float(value)
