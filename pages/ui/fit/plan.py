"""Fit: the runs that are asked for, what each costs, and which exist."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from pages.ui import cache
from pages.ui.fit.form import differing
from pages.ui.format import rough_size, size
from pages.ui.markdown import plain
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.proportions import aspects_of, common_aspect
from patchcore_core.data.samples import Dataset
from patchcore_core.errors import ConfigError, WeightsError
from patchcore_core.fitting.forecast import Forecast, forecast, memory_warning, together
from patchcore_core.fitting.sweep.cost import seconds_of_each
from patchcore_core.fitting.sweep.planned import Planned
from patchcore_core.model import budget
from patchcore_core.model.network.input_shape import input_shape, scale_shapes
from patchcore_core.model.network.probe import PatchShape, probe
from patchcore_core.runs.record import Run
from patchcore_core.runs.time_left import rough
from patchcore_core.views.run_names import percent

Plan = Sequence[tuple[Dataset, PatchCoreConfig]]  # a run each
MOST_NAMED = 5  # combinations that cannot work
FIELD_NAMES = {"image_size": "Image size", "coreset_ratio": "Coreset", "sampler": "Sampler", "num_neighbors": "k"}


@dataclass(frozen=True)
class Sifted:
    """The runs of a grid that can be computed, with their forecasts, and a sentence for each one that cannot."""

    plan: Plan
    costs: list[Forecast]
    impossible: list[str]


def sift(plan: Plan) -> Sifted:
    """Which of the runs can be computed; PatchCoreError where none can, or where photos cannot be read."""
    runs, possible, costs, impossible = cache.load_runs(), list[tuple[Dataset, PatchCoreConfig]](), list[Forecast](), []
    for number, (dataset, config) in enumerate(plan):
        try:
            costs.append(_cost(dataset, config, runs))
            possible.append((dataset, config))
        except (ConfigError, WeightsError) as error:
            if len(plan) == 1 or (not possible and number == len(plan) - 1):
                raise
            impossible.append(f"{_apart(plan, number)}: {error}")
    return Sifted(possible, costs, impossible)


def agree(impossible: Sequence[str], others: int, repeated: int) -> bool:
    """Name the combinations of a grid that cannot work or are the same as another; whether the others may be fitted."""
    if repeated:
        several = "combination is" if repeated == 1 else "combinations are"
        st.caption(f"{repeated} more {several} the same fit as another one, and not repeated.")
    if not impossible:
        return True
    lines = [f"- {plain(sentence)}" for sentence in impossible[:MOST_NAMED]]
    lines += [f"- {len(impossible) - MOST_NAMED} more"] if len(impossible) > MOST_NAMED else []
    count = f"{len(impossible)} of {len(impossible) + others} combinations cannot work:"
    st.warning("\n".join([count, *lines]), icon=":material/warning:")
    return st.checkbox(f"Fit the other {others}" if others > 1 else "Fit the other one", key="fit_others")


def draw(plan: Plan, costs: Sequence[Forecast]) -> None:
    """The table of the runs with their costs, what the times rest on, and a warning where memory is short."""
    st.subheader("Forecast", anchor=False)
    st.dataframe(plan_table(plan, costs), hide_index=True, alt="Forecast per run",
                 height="content" if len(plan) <= 10 else 380)
    st.caption(basis(plan, costs))
    if sentence := memory_warning(costs, budget.free_memory()):
        st.warning(sentence[0].upper() + sentence[1:] + ".", icon=":material/memory:")


def seconds_together(plan: Plan, costs: Sequence[Forecast]) -> float:
    """Seconds of all these runs, with what they share computed once; NaN if any is unknown."""
    plans = [
        Planned(dataset, config, Run(id="", status="queued", category=dataset.category, dataset=str(dataset.root),
                                     config=config, folder=Path(), counts=dataset.counts()), (), None, cost)
        for (dataset, config), cost in zip(plan, costs, strict=True)
    ]  # fmt: skip
    stages = [cost.stages or {"features": math.nan} for cost in costs]
    return math.fsum(seconds_of_each(plans, stages, [0.0] * len(plans)))


def plan_table(plan: Plan, costs: Sequence[Forecast]) -> pd.DataFrame:
    """One row per run: the settings that vary, and its cost."""
    varied = differing([config for _, config in plan])
    rows = []
    for (dataset, config), cost in zip(plan, costs, strict=True):
        apart = {FIELD_NAMES.get(name, name): _shown(name, getattr(config, name)) for name in varied}
        rows.append({
            "Category": dataset.category, **apart,
            "Input, px": " + ".join(f"{height} x {width}" for height, width in scale_shapes(config, cost.size)),
            "Patches": f"{cost.patches:,}", "Bank rows": f"{cost.rows:,}",
            "Values per patch": str(cost.dim), "Bank size": size(cost.bank_bytes),
            "Memory, about": rough_size(cost.memory_bytes), "Disk, about": rough_size(cost.disk_bytes),
            "Time, about": rough(cost.seconds),
        })  # fmt: skip
    return pd.DataFrame(rows)


def basis(plan: Plan, costs: Sequence[Forecast]) -> str:
    """What the time estimate is based on, in one sentence."""
    total, sources = together(costs)
    if not sources:
        return "Time: no estimate until a run with this backbone is finished."
    if math.isnan(total):
        return "Time: no estimate for some of these until a run with their backbone is finished."
    together_ = rough(seconds_together(plan, costs))
    several = f", about {together_} for all, with what they share computed once" if len(costs) > 1 else ""
    return f"Time scaled from {'run' if len(sources) == 1 else 'runs'} {', '.join(sources[:3])}{several}."


def _shown(name: str, value: object) -> str:
    if isinstance(value, tuple):
        return " + ".join(map(str, value)) or "—"
    return percent(value) if name == "coreset_ratio" and isinstance(value, float) else str(value)


def _apart(plan: Plan, number: int) -> str:
    """What tells a run from the others, as `tile Coreset=1 %`."""
    dataset, config = plan[number]
    several = len({each.root for each, _ in plan}) > 1
    fields = [f"{FIELD_NAMES.get(name, name)} {_shown(name, getattr(config, name))}"
              for name in differing([each for _, each in plan])]  # fmt: skip
    return " · ".join([*([dataset.category] if several else []), *fields])


def _cost(dataset: Dataset, config: PatchCoreConfig, runs: Sequence[Run]) -> Forecast:
    shape = _patch_shape(config, _aspect_of(dataset) if config.proportions == "keep" else None)
    counts = dataset.counts()
    return forecast(config, counts.train, counts.tested, shape.grid, shape.dim, runs, shape.size,
                    shape.coarser)


def _aspect_of(dataset: Dataset) -> float | None:
    return _common_aspect("\0".join(str(sample.path) for sample in dataset.train))


@st.cache_data(max_entries=64, ttl=20, show_spinner="Reading image sizes …")
def _common_aspect(paths: str) -> float | None:
    return common_aspect(aspects_of(paths.split("\0")))


@st.cache_data(max_entries=256, show_spinner="Determining the patch grid …")
def _patch_shape(config: PatchCoreConfig, aspect: float | None) -> PatchShape:
    return probe(config, input_shape(config, aspect))
