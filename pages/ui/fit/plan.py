"""Fit: the runs that are asked for, what each costs, and which exist."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.fit.form import differing
from pages.ui.format import rough_size, size
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.proportions import aspects_of, common_aspect
from patchcore_core.data.samples import Dataset
from patchcore_core.fitting.forecast import Forecast, forecast, memory_warning, together
from patchcore_core.model import budget
from patchcore_core.model.network.input_shape import input_shape, scale_shapes
from patchcore_core.model.network.probe import PatchShape, probe
from patchcore_core.runs.time_left import rough
from patchcore_core.views.run_names import percent

Plan = Sequence[tuple[Dataset, PatchCoreConfig]]  # a run each
FIELD_NAMES = {"image_size": "Image size", "coreset_ratio": "Coreset", "sampler": "Sampler", "num_neighbors": "k"}


def draw(plan: Plan, costs: Sequence[Forecast]) -> None:
    """The table of the runs with their costs, what the times rest on, and a warning where memory is short."""
    st.subheader("Forecast", anchor=False)
    st.dataframe(plan_table(plan, costs), hide_index=True, alt="Forecast per run",
                 height="content" if len(plan) <= 10 else 380)
    st.caption(basis(costs))
    if sentence := memory_warning(costs, budget.free_memory()):
        st.warning(sentence[0].upper() + sentence[1:] + ".", icon=":material/memory:")


def costs_of(plan: Plan) -> list[Forecast]:
    """The forecast of each run; PatchCoreError where its settings cannot work or its photos cannot be read."""
    return [_cost(dataset, config) for dataset, config in plan]


def plan_table(plan: Plan, costs: Sequence[Forecast]) -> pd.DataFrame:
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
