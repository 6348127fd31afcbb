"""Fit: choose images and settings, see the forecast, start jobs and follow them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import pandas as pd
import streamlit as st

from pages.ui import cache, states
from pages.ui.access import allowed_roots
from pages.ui.fit import existing
from pages.ui.fit.dataset_picker import pick_datasets
from pages.ui.fit.exclude import leave_out
from pages.ui.fit.form import differing, pick_configurations
from pages.ui.format import below, rough_size, size
from pages.ui.frame import go_to, link_to, page_header, say_on_the_next_page
from pages.ui.markdown import plain
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.proportions import aspects_of, common_aspect
from patchcore_core.data.samples import Dataset
from patchcore_core.errors import PatchCoreError
from patchcore_core.fitting.forecast import Forecast, forecast, memory_warning, together
from patchcore_core.jobs import jobs
from patchcore_core.model.budget import free_memory
from patchcore_core.model.network.input_shape import input_shape, scale_shapes
from patchcore_core.model.network.probe import PatchShape, probe
from patchcore_core.runs.presence import refuse_if_gone
from patchcore_core.runs.store import Run
from patchcore_core.runs.time_left import rough
from patchcore_core.views.run_names import percent, settings

MOST_RUNS = 50
MOST_SAID = 3  # notes in a toast
FIELD_NAMES = {"image_size": "Image size", "coreset_ratio": "Coreset", "sampler": "Sampler", "num_neighbors": "k"}


def main() -> None:
    """The whole page."""
    page_header("Fit", "Fit a memory bank of good parts, one per category and configuration.")
    with states.errors_in_place():
        refuse_if_gone(cache.store().root)
    left, right = st.columns([5, 6], gap="medium")
    with left, states.errors_in_place():
        datasets = leave_out(pick_datasets())
    with right:
        configs = pick_configurations()
    plan = list(product(datasets, configs))
    if plan:
        draw_plan(plan)
    draw_started()


def draw_plan(plan: Sequence[tuple[Dataset, PatchCoreConfig]]) -> None:
    """The forecast of the chosen runs, which of them exist, and the bar with the button that starts them."""
    try:
        costs = [_cost(dataset, config) for dataset, config in plan]
        found = existing.existing(plan)
    except PatchCoreError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    existing.say(found)
    st.subheader("Forecast", anchor=False)
    st.dataframe(plan_table(plan, costs), hide_index=True, alt="Forecast per run",
                 height="content" if len(plan) <= 10 else 380)
    st.caption(basis(costs))
    if sentence := memory_warning(costs, free_memory()):
        st.warning(sentence[0].upper() + sentence[1:] + ".", icon=":material/memory:")
    if draw_bar(plan, costs, found):
        start(plan)


def draw_bar(
    plan: Sequence[tuple[Dataset, PatchCoreConfig]], costs: Sequence[Forecast], found: Sequence[Run | None]
) -> bool:
    """What is chosen and the button, at the foot of the window wherever the page is scrolled; whether it was pressed.
    """
    with st.bottom.container(horizontal=True, vertical_alignment="center", gap="medium"):
        known = all(found)
        missing = [cost for cost, run in zip(costs, found, strict=True) if run is None]
        pressed = st.button(existing.label(found), type="primary", disabled=len(plan) > MOST_RUNS,
                            icon=":material/history:" if known else ":material/play_arrow:")
        st.caption(f"At most {MOST_RUNS} runs can be started at once." if len(plan) > MOST_RUNS else
                   " · ".join(chosen(plan, missing)), width="stretch")
    return pressed


def chosen(plan: Sequence[tuple[Dataset, PatchCoreConfig]], costs: Sequence[Forecast]) -> list[str]:
    """The choices in short, as Markdown: categories, preset, settings, and the forecast where there is one."""
    categories = list(dict.fromkeys(dataset.category for dataset, _ in plan))
    configs = list(dict.fromkeys(config for _, config in plan))
    more = f" and {len(categories) - 1} more" if len(categories) > 1 else ""
    images = sum({dataset.root: dataset.counts().train for dataset, _ in plan}.values())
    words = [f"**{plain(categories[0])}**{more}", f"{images:,} good images",
             f"preset {st.session_state.get('fit_preset', 'quick')}",
             plain(settings(configs[0])) if len(configs) == 1 else f"{len(configs)} configurations"]
    return [*words, *_price(costs)]


def _price(costs: Sequence[Forecast]) -> list[str]:
    if not costs:
        return []
    total, sources = together(costs)
    time = f"about {rough(total)}" if sources and not math.isnan(total) else "time not known yet"
    return [time, f"{rough_size(max(cost.memory_bytes for cost in costs))} memory",
            f"{rough_size(sum(cost.disk_bytes for cost in costs))} disk"]


def plan_table(plan: Sequence[tuple[Dataset, PatchCoreConfig]], costs: Sequence[Forecast]) -> pd.DataFrame:
    """One row per run: the settings that vary, and its cost."""
    varied = differing([config for _, config in plan])
    rows = []
    for (dataset, config), cost in zip(plan, costs, strict=True):
        apart = {FIELD_NAMES[name]: _shown(name, getattr(config, name)) for name in varied}
        rows.append({
            "Category": dataset.category, **apart,
            "Input, px": " + ".join(f"{height} x {width}" for height, width in scale_shapes(config, cost.size)),
            "Patches": f"{cost.patches:,}", "Bank rows": f"{cost.rows:,}",
            "Values per patch": str(cost.dim), "Bank size": size(cost.bank_bytes),
            "Memory, about": rough_size(cost.memory_bytes), "Disk, about": rough_size(cost.disk_bytes),
            "Time, about": rough(cost.seconds),
        })  # fmt: skip
    return pd.DataFrame(rows)


def basis(costs: Sequence[Forecast]) -> str:
    """What the time estimate is based on, in one sentence."""
    total, sources = together(costs)
    if not sources:
        return "Time: no estimate until a run with this backbone is finished."
    if math.isnan(total):
        return "Time: no estimate for some of these until a run with their backbone is finished."
    several = f", about {rough(total)} one after another" if len(costs) > 1 else ""
    return f"Time scaled from {'run' if len(sources) == 1 else 'runs'} {', '.join(sources[:3])}{several}."


def start(plan: Sequence[tuple[Dataset, PatchCoreConfig]]) -> None:
    """Start a job for each, or reuse an existing run; a single finished one opens in Review."""
    store = cache.store()
    try:
        with st.spinner("Starting …"):
            ids = [jobs.start(store, dataset.root, dataset.category, config, excluded=dataset.excluded,
                              within=allowed_roots()) for dataset, config in plan]  # fmt: skip
            runs = [store.get(name) for name in ids]
    except PatchCoreError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if len(runs) == 1 and runs[0].status == "finished":
        say_on_the_next_page(reused(runs[0], plan[0][0]))
        go_to("review", run=runs[0].id)
    st.query_params["jobs"] = ",".join(dict.fromkeys(ids))
    st.rerun()


def reused(run: Run, dataset: Dataset) -> str:
    """The message for a reused run, as Markdown, with the notes on its data."""
    words = "These images were already fitted with these settings; this is that run"
    elsewhere = "" if run.dataset == str(dataset.root) else f", made from {plain(run.dataset)}"
    notes = [f"- {plain(below(dataset.root, sentence))}" for sentence in dataset.warnings[:MOST_SAID]]
    if len(dataset.warnings) > MOST_SAID:
        notes.append(f"- {len(dataset.warnings) - MOST_SAID} more notes on these images on Fit")
    return "\n".join([f"{words}{elsewhere}.", *notes])


def draw_started() -> None:
    """The jobs named in the address: live progress, then links to Review."""
    ids = [name for name in st.query_params.get("jobs", "").split(",") if name]
    if not ids:
        return
    with states.errors_in_place():
        runs = {run.id: run for run in cache.load_runs()}
    st.subheader("Started", anchor=False)
    states.job_list([runs[name] for name in ids if name in runs])
    for name in ids:
        if name not in runs:
            states.unknown_run(name)
    finished = [name for name in ids if name in runs and runs[name].status == "finished"]
    if len(finished) > 1:
        link_to("compare", f"Compare these {len(finished)} runs", icon=":material/compare_arrows:",
                runs=",".join(finished))


def _shown(name: str, value: object) -> str:
    return percent(value) if name == "coreset_ratio" and isinstance(value, float) else str(value)


def _cost(dataset: Dataset, config: PatchCoreConfig) -> Forecast:
    shape = _patch_shape(config, _aspect_of(dataset) if config.proportions == "keep" else None)
    counts = dataset.counts()
    return forecast(config, counts.train, counts.tested, shape.grid, shape.dim, cache.load_runs(), shape.size,
                    shape.coarser)


def _aspect_of(dataset: Dataset) -> float | None:
    return _common_aspect("\0".join(str(sample.path) for sample in dataset.train))


@st.cache_data(max_entries=64, ttl=20, show_spinner="Reading image sizes …")
def _common_aspect(paths: str) -> float | None:
    return common_aspect(aspects_of(paths.split("\0")))


@st.cache_data(max_entries=256, show_spinner="Determining the patch grid …")
def _patch_shape(config: PatchCoreConfig, aspect: float | None) -> PatchShape:
    return probe(config, input_shape(config, aspect))


main()
