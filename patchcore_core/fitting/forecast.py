"""The forecast of a fit: patches, bank, memory, disk, and time scaled from existing runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from patchcore_core.config import PatchCoreConfig
from patchcore_core.model.budget import (
    HELD_OUT,
    HIGHEST_OF_MAP_COST,
    MAP_COST,
    MAPS,
    free_memory,
    plan,
    program,
    rows_of_banks,
)
from patchcore_core.model.network.probe import PatchShape
from patchcore_core.runs.record import Run

FLOAT_BYTES = 4
SELECTION_POWERS = (0.75, 0.4)  # of patches and of rows, as which lazy farthest-first grows: docs/performance.md


def selection_growth(patches: float, rows: float) -> float:
    """The factor by which selection takes longer for these factors of patches and bank rows."""
    return patches ** SELECTION_POWERS[0] * rows ** SELECTION_POWERS[1]


@dataclass(frozen=True)
class Forecast:
    """`patches` of all training images, `rows` of the coreset, `dim` values per patch.

    `memory_bytes` is the expected peak of the fitting process, `disk_bytes` the size of its temporary files and
    results; `in_file` and `parts` as in budget.Plan. `seconds` is NaN without a comparable finished run; otherwise
    `seconds_from` is the id of the run it was scaled from and `stages` are the seconds per stage, start-up as
    "network". `size` is (height, width) of the network input, pixels.
    """

    patches: int
    rows: int
    dim: int
    bank_bytes: int
    memory_bytes: int
    disk_bytes: int
    in_file: bool
    parts: int
    seconds: float
    seconds_from: str | None
    size: tuple[int, int]
    stages: dict[str, float] = field(default_factory=dict)


def forecast(
    config: PatchCoreConfig,
    train_images: int,
    test_images: int,
    grid: tuple[int, int],
    dim: int,
    runs: Iterable[Run] = (),
    size: tuple[int, int] | None = None,
    coarser: Sequence[tuple[int, int]] = (),
) -> Forecast:
    """The forecast of fitting `config` on this many images.

    `grid` (rows, columns of patches per image) and `dim` (values per patch) of the network for an input of `size`
    (height, width; None: the configuration's square), see model.probe. ConfigError if the bank would have fewer rows
    than num_neighbors, or the memory limit is too small. With several scales, `size` is that of the maps, `grid` the
    finest and `coarser` are the others.
    """
    shape, pixels = PatchShape(grid, dim, size, tuple(coarser)), math.prod(size or (config.input_size,) * 2)
    patches = train_images * shape.patches
    rows = rows_of_banks(config, [train_images * each for each in shape.at_scales])
    near = _nearest(config, rows, runs)
    stages = {} if near is None else _scaled_seconds(near, config, size, train_images, test_images, rows)
    needed = _program_bytes(config, near, size)
    planned = plan(config, train_images, shape, needed, max(0, free_memory() - needed))
    bank_bytes = rows * dim * (FLOAT_BYTES if config.bank_dtype == "float32" else FLOAT_BYTES // 2)
    maps = test_images * pixels * (FLOAT_BYTES // 2 + 1)  # float16 maps and masks
    return Forecast(
        patches=patches,
        rows=rows,
        dim=dim,
        bank_bytes=bank_bytes,
        memory_bytes=planned.memory_bytes,
        disk_bytes=max(planned.disk_bytes, maps) + bank_bytes,  # the features are gone when the maps are written
        in_file=planned.in_file,
        parts=planned.parts,
        seconds=math.nan if near is None else math.fsum(stages.values()),
        seconds_from=None if near is None else near.id,
        size=size or (config.input_size, config.input_size),
        stages=stages,
    )


def together(costs: Sequence[Forecast]) -> tuple[float, tuple[str, ...]]:
    """Total seconds (NaN if any is unknown), and the runs they were scaled from."""
    sources = dict.fromkeys(cost.seconds_from for cost in costs if cost.seconds_from is not None)
    return math.fsum(cost.seconds for cost in costs), tuple(sources)


def memory_warning(costs: Sequence[Forecast], free_bytes: int) -> str | None:
    """A warning if the largest of these fits, which run one after another, needs more memory than is free."""
    needed = max((cost.memory_bytes for cost in costs), default=0)
    if needed <= free_bytes:
        return None
    return (f"about {needed / 1e9:.1f} GB of memory will be needed and {free_bytes / 1e9:.1f} GB are free, so the fit "
            "may be killed before it is done; fewer training images or a smaller image_size need less")


def _pixels(config: PatchCoreConfig, size: tuple[int, int] | None) -> int:
    """Of the network input, over all scales."""
    return math.prod(size) if size and not config.scales else sum(side**2 for side in config.sizes)


def _program_bytes(config: PatchCoreConfig, run: Run | None, size: tuple[int, int] | None) -> int:
    """Memory of a comparable run beside its data, else that of a small network."""
    if run is None or not run.peak_rss_bytes or not {"memory_bytes", "program_bytes"} <= run.plan.keys():
        return program(config, size=size)
    beside = run.peak_rss_bytes - (run.plan["memory_bytes"] - run.plan["program_bytes"])
    return max(0, beside + program(config, size=size) - program(run.config, size=run.input_shape))


def _nearest(config: PatchCoreConfig, rows: int, runs: Iterable[Run]) -> Run | None:
    """The finished run with the same network and sampler and the nearest bank size, the newest among equals; of those
    of which is known what they take alone, and rather one that was computed alone."""
    alike = [run for run in runs if run.status == "finished" and _comparable(run, config)]
    return min(alike, key=lambda run: (abs(math.log(run.bank["rows"] / max(rows, 1))), bool(run.alone)), default=None)


def _comparable(run: Run, config: PatchCoreConfig) -> bool:
    same = ("backbone", "layers", "sampler", "device")
    return (
        all(getattr(run.config, name) == getattr(config, name) for name in same)
        and run.counts.train > 0
        and set(run.shortened) <= run.alone.keys()
        and run.bank.get("rows", 0) > 0
        and math.isfinite(run.seconds.get("total", math.nan))
    )


def _scaled_seconds(
    run: Run, config: PatchCoreConfig, size: tuple[int, int] | None, train: int, test: int, rows: int
) -> dict[str, float]:
    """Each stage of the run scaled by its drivers; the rest (start-up) unchanged."""
    area = _pixels(config, size) / _pixels(run.config, run.input_shape)
    maps = math.prod(size or (config.input_size,) * 2) / math.prod(run.input_shape)
    train_factor = area * train / run.counts.train
    test_factor, maps_factor = (each * test / run.counts.tested if run.counts.tested else 1.0 for each in (area, maps))
    stages = {name: value for name, value in run.seconds.items() if name != "total" and math.isfinite(value)}
    once = run.alone.get("network", max(run.seconds["total"] - sum(stages.values()), 0.0))
    stages |= {name: value for name, value in run.alone.items() if name != "network"}
    seconds = {"network": once}
    for name, value in stages.items():
        if name.startswith("coreset"):
            seconds[name] = value * selection_growth(train_factor, rows / run.bank["rows"])
        elif name.startswith("held-out"):
            images = held_out_cost(train, config.image_score) / _held_out_cost_of(run)
            seconds[name] = value * area * images * rows / run.bank["rows"]
        else:
            seconds[name] = value * {"predict": test_factor, "evaluate": maps_factor}.get(name, train_factor)
    return seconds


def held_out_cost(train: int, image_score: str) -> float:
    """The cost of leave-one-out scores for this many training images, in searches for the highest patch."""
    images, maps = min(train, HELD_OUT), min(train, MAPS)
    return _highest_cost(image_score) * (images - maps) + MAP_COST * maps


def _highest_cost(image_score: str) -> float:
    return HIGHEST_OF_MAP_COST if image_score == "map" else 1.0


def _held_out_cost_of(run: Run) -> float:
    """The same for a run, which may have used other limits, or counted near-copies once."""
    known = run.heldout
    if known is None or not known.images:
        return held_out_cost(run.counts.train, run.config.image_score)
    return _highest_cost(run.config.image_score) * max(known.images - known.maps, 0) + MAP_COST * known.maps
