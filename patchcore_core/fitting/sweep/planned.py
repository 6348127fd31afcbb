"""Fits before they are computed: checked, forecast, and in an order in which they share what they can."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.proportions import Size
from patchcore_core.data.samples import Dataset
from patchcore_core.fitting.draft import draft_run
from patchcore_core.fitting.feature_cache import feature_cache
from patchcore_core.fitting.fit import Fitted, fit_run
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


@dataclasses.dataclass(frozen=True)
class Planned:
    """A fit of a dataset: its record before it is begun (`draft`), the finished run that is the same fit, if there is
    one (`existing`), its `cost`, and the shapes (H, W) of the network's inputs, one for each image size."""

    dataset: Dataset
    config: PatchCoreConfig
    draft: Run
    existing: Run | None
    cost: Forecast
    inputs: tuple[Size, ...]


def planned(dataset: Dataset, config: PatchCoreConfig, runs: Sequence[Run]) -> Planned:
    """The plan of one fit beside these runs; ConfigError or WeightsError for settings that cannot work."""
    draft, counts = draft_run(dataset, config), dataset.counts()
    check(draft.config, draft.shape)
    shape = probe(config, draft.shape)
    cost = forecast(config, counts.train, counts.tested, shape.grid, shape.dim, runs, shape.size, shape.coarser)
    same = next((run for run in runs if run.identity == draft.identity and run.status == "finished"), None)
    return Planned(dataset, config, draft, same, cost, tuple(scale_shapes(config, cost.size)))


def in_order(plans: Sequence[Planned]) -> list[int]:
    """The numbers of the plans in the order in which to compute them: those that share a dataset, then the network's
    work, then features, then a coreset follow one another, smaller coresets and more neighbours first."""
    shared = zip(*(groups(plans, fields) for fields in (NETWORK, EMBEDDING, CORESET)), strict=True)
    places = [(*group, plan.cost.rows, -plan.config.num_neighbors) for group, plan in zip(shared, plans, strict=True)]
    return sorted(range(len(plans)), key=places.__getitem__)


def groups(plans: Sequence[Planned], fields: Sequence[str]) -> list[int]:
    """Of each plan the number of the first one with the same dataset and the same values of these fields."""
    first: dict[object, int] = {}
    return [first.setdefault((plan.dataset.root, plan.draft.fingerprint, values(plan.config, fields)), number)
            for number, plan in enumerate(plans)]  # fmt: skip


def run_networks(
    plans: Sequence[Planned], cache: Entries | None, progress: Progress | None = None, alone: Alone | None = None
) -> None:
    """Run each network once where several of these fits use different layers of it: its maps are then in the cache, and
    what that took in `alone`.

    A fit runs the network itself where this could not be done, with the same result.
    """
    report, alike = progress or silent, dict[object, list[Planned]]()
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


def fits(
    plans: Sequence[Planned], store: RunStore, progress: Progress | None = None
) -> Iterator[tuple[int, Callable[[Progress | None], Fitted]]]:
    """The number of each plan, in the order of `in_order`, with what computes it; call each before the next.

    Networks of which several layers are used run first, with this `progress`. Each run is the one of a fit alone.
    """
    new = [plan for plan in plans if plan.existing is None]
    shared = Shared([plan.config for plan in new])
    run_networks(new, feature_cache(store.root), progress, Alone.of(shared))
    for number in in_order(plans):
        plan = plans[number]

        def fit(report: Progress | None, plan: Planned = plan) -> Fitted:
            return fit_run(plan.dataset, plan.config, store, report, shared=shared)

        yield number, fit
