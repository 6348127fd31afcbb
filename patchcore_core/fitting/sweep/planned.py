"""Fits before they are computed: checked, forecast, and in an order in which they share what they can."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from pathlib import Path

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.proportions import Size
from patchcore_core.data.samples import Dataset
from patchcore_core.errors import PatchCoreError
from patchcore_core.fitting.draft import draft_run, settled_draft
from patchcore_core.fitting.feature_cache import feature_cache
from patchcore_core.fitting.forecast import Forecast, forecast
from patchcore_core.fitting.sweep.alone import Alone
from patchcore_core.model.cache.entries import Entries
from patchcore_core.model.network.input_shape import scale_shapes
from patchcore_core.model.network.probe import check, layers_of, probe
from patchcore_core.model.shared.fields import CORESET, EMBEDDING, NETWORK, values
from patchcore_core.model.shared.shared import Shared
from patchcore_core.progress import Progress, silent
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter


@dataclasses.dataclass(frozen=True)
class Asked:
    """A fit of a dataset: its record before it is computed (`draft`), and the shapes (H, W) of the network's inputs,
    one for each image size."""

    dataset: Dataset
    config: PatchCoreConfig
    draft: Run
    inputs: tuple[Size, ...]


@dataclasses.dataclass(frozen=True)
class Planned(Asked):
    """The same with the finished run that is the same fit, if there is one (`existing`), and its `cost`."""

    existing: Run | None
    cost: Forecast


def planned(dataset: Dataset, config: PatchCoreConfig, runs: Sequence[Run]) -> Planned:
    """The plan of one fit beside these runs; ConfigError or WeightsError for settings that cannot work."""
    draft, counts = draft_run(dataset, config), dataset.counts()
    check(draft.config, draft.shape)
    shape = probe(config, draft.shape)
    cost = forecast(config, counts.train, counts.tested, shape.grid, shape.dim, runs, shape.size, shape.coarser)
    same = next((run for run in runs if run.identity == draft.identity and run.status == "finished"), None)
    return Planned(dataset, config, draft, tuple(scale_shapes(config, cost.size)), same, cost)


def begin_all(
    plans: Sequence[Planned], store: RunStore, sweep: str, promised: Callable[[], Container[str]] = tuple
) -> tuple[RunWriter | Run, ...]:
    """For each plan, in their order, the writer of its new run, which is queued, or the run of the same fit that is
    finished, alive, or `promised` as in draft.begin_fit. Either all are begun or none."""
    drafts = [dataclasses.replace(plan.draft if plan.existing else settled_draft(plan.dataset, plan.draft),
                                  status="queued", sweep=sweep) for plan in plans]  # fmt: skip
    return store.begin_all(drafts, promised())


def in_order(plans: Sequence[Planned]) -> list[int]:
    """The numbers of the plans in the order in which to compute them: those that share a dataset, then the network's
    work, then features, then a coreset follow one another, smaller coresets and more neighbours first."""
    shared = zip(*(groups(plans, fields) for fields in (NETWORK, EMBEDDING, CORESET)), strict=True)
    places = [(*group, plan.cost.rows, -plan.config.num_neighbors) for group, plan in zip(shared, plans, strict=True)]
    return sorted(range(len(plans)), key=places.__getitem__)


def alike(plans: Sequence[Asked]) -> list[str]:
    """What each plan shares with others, as a path: those of one dataset begin alike, then those of one network, of the
    same features, and of coresets that differ in size only."""
    shared = zip(*(groups(plans, fields) for fields in ((), NETWORK, EMBEDDING, CORESET)), strict=True)
    return ["/".join(map(str, each)) for each in shared]


def groups(plans: Sequence[Asked], fields: Sequence[str]) -> list[int]:
    """Of each plan the number of the first one with the same dataset and the same values of these fields."""
    first: dict[object, int] = {}
    return [first.setdefault((plan.dataset.root, plan.draft.fingerprint, values(plan.config, fields)), number)
            for number, plan in enumerate(plans)]  # fmt: skip


def run_networks(
    plans: Sequence[Asked], cache: Entries | None, progress: Progress | None = None, alone: Alone | None = None
) -> None:
    """Run each network once where several of these fits use different layers of it: its maps are then in the cache, and
    what that took in `alone`.

    A fit runs the network itself where this could not be done, with the same result.
    """
    report, alike = progress or silent, dict[object, list[Asked]]()
    for group, plan in zip(groups(plans, NETWORK), plans, strict=True):
        alike.setdefault((group, plan.inputs), []).append(plan)
    for some in alike.values():
        first, wanted = some[0], {plan.config.layers for plan in some}
        if cache is None or len(wanted) < 2:
            continue
        from patchcore_core.model.cache.warm import keep_maps  # brings torch

        known = layers_of(first.config.backbone)
        layers = sorted({layer for layers in wanted for layer in layers},
                        key=lambda layer: (known.index(layer) if layer in known else len(known), layer))
        seconds = keep_maps(first.config, layers, first.inputs, first.dataset, cache,
                            lambda step, total: report("network", step, total))  # fmt: skip
        if alone is not None:
            alone.network(first.config, seconds)


def shared_by(
    runs: Sequence[Run], store: RunStore, within: Sequence[Path | str] | None = None, progress: Progress | None = None
) -> Shared:
    """What queued runs have in common, kept from one to the next; `within` as in load_dataset.

    Networks of which several layers are used run now, with this `progress`. Each run is the one of a fit alone.
    """
    shared = Shared([run.config for run in runs])
    with suppress(PatchCoreError):  # each run says for itself what is wrong with its data
        datasets: dict[object, Dataset] = {}
        asked = []
        for run in runs:
            where = run.dataset, run.excluded
            if where not in datasets:
                datasets[where] = load_dataset(run.dataset, within=within).leaving_out(run.excluded)
            inputs = tuple(scale_shapes(run.config, run.input_shape))
            asked.append(Asked(datasets[where], run.config, run, inputs))
        run_networks(asked, feature_cache(store.root), progress, Alone.of(shared))
    return shared
