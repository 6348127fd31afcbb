"""From a dataset and a configuration to a finished run: fit, judge, write."""

from __future__ import annotations

import dataclasses
import json
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Dataset, load_dataset
from patchcore_core.data.mask_set import as_record
from patchcore_core.errors import ConfigError, DataError, StoreError
from patchcore_core.fitting.draft import IN_PARTS, begin_fit, draft_run
from patchcore_core.fitting.feature_cache import feature_cache
from patchcore_core.fitting.forecast import Forecast, forecast, memory_warning
from patchcore_core.fitting.good_images import GoodImages
from patchcore_core.fitting.judge import judge
from patchcore_core.fitting.reuse import answer, with_data_warnings
from patchcore_core.fitting.sweep.alone import Alone
from patchcore_core.fitting.taught import scores_of_taught, taught_last
from patchcore_core.model.budget import free_memory
from patchcore_core.model.detector import Detector
from patchcore_core.model.methods import load_detector, new_detector
from patchcore_core.model.network.input_shape import rounding_note
from patchcore_core.model.network.probe import probe
from patchcore_core.model.shared.shared import Shared
from patchcore_core.progress import Progress
from patchcore_core.runs.folder import BANK
from patchcore_core.runs.process import peak_memory, reset_peak_memory
from patchcore_core.runs.record import UNKNOWN_SETTINGS, Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter

_LOG = logging.getLogger(__name__)
POLL = 0.5  # polling interval in seconds for a run that another process computes
NOT_TRIMMED = ("no good image could be scored as if the bank did not know it, so the level of good pixels is not known "
               "and the predicted segmentation is not trimmed")


@dataclasses.dataclass(frozen=True)
class Fitted:
    """The result of a requested fit. `reused`: the run existed, or another process computed it; it then has the current
    warnings of the data."""

    run: Run
    reused: bool


def fit_run(
    dataset: Dataset, config: PatchCoreConfig, store: RunStore, progress: Progress | None = None,
    parent: Run | None = None, shared: Shared | None = None,
) -> Fitted:
    """The finished run of this configuration on this data, computed here unless it exists; with a `parent` its memory
    bank goes on from that one's. `shared`: what it has in common with fits before and after it.

    If another process computes the same, this one waits and reports its progress; if the same waits in the queue, it is
    computed here. Invalid settings are refused before a run is begun. Ctrl-C leaves the run as cancelled, an error as
    failed with the reason; both are raised again.
    """
    make = maker_of(parent, store.root, shared)
    while True:
        begun = begin_fit(dataset, config, store, parent=parent)
        if isinstance(begun, Run) and begun.waits:
            begun = _taken_up(begun, dataset, store) or begun
        if isinstance(begun, RunWriter):
            with begun.recording_the_end():
                _warn_of_memory(begun)
                return Fitted(compute(begun, dataset, progress, make, parent, shared), reused=False)
        run = _wait_for(begun, store, progress)
        if run.status == "finished":
            return Fitted(answer(run, dataset, store), reused=True)
        if run.status != "lost":
            raise StoreError(f"run {run.id}, which computed the same fit, has {run.status}: {run.error}")


def compute_queued(
    writer: RunWriter, progress: Progress | None = None, within: Sequence[Path | str] | None = None,
    shared: Shared | None = None,
) -> Run:
    """Compute a queued run, `shared` as in fit_run; DataError if its images or weights have changed since, ConfigError
    if it has settings unknown here."""
    if writer.run.unknown_settings:
        raise ConfigError(UNKNOWN_SETTINGS.format(", ".join(writer.run.unknown_settings)))
    run = writer.run
    dataset = load_dataset(run.dataset, within=within).leaving_out(run.excluded).teaching(run.taught)
    parent = RunStore(writer.root).home.get(run.parent) if run.parent else None
    if draft_run(dataset, run.config, parent=parent).identity != run.identity:
        raise DataError(f"{dataset.root}: images or weights changed after the fit was asked for; start it again")
    return compute(writer, dataset, progress, maker_of(parent, writer.root, shared), parent, shared)


def maker_of(
    parent: Run | None, root: Path, shared: Shared | None = None
) -> Callable[[PatchCoreConfig], Detector]:
    """What makes the detector to fit, or loads the parent's, from which it goes on; with the feature cache of the store
    in `root`, or of the parent's store."""
    cache = feature_cache(root if parent is None else parent.folder.parent)
    if parent is None:
        return lambda config: new_detector(config, cache, shared)
    return lambda config: load_detector(parent.folder / BANK, config.device, cache)


def compute(
    writer: RunWriter, dataset: Dataset, progress: Progress | None = None,
    make: Callable[[PatchCoreConfig], Detector] = new_detector, parent: Run | None = None, shared: Shared | None = None,
) -> Run:
    """Compute the run that `writer` has begun: fit the detector that `make` returns, or with a `parent`, whose detector
    that is, one that goes on from it; judge it, write everything. `shared` as in fit_run."""
    def report(stage: str, done: int, total: int) -> None:
        writer.progress(stage, done, total)
        if progress is not None:
            progress(stage, done, total)

    started, config, folder = time.perf_counter(), writer.run.config, writer.run.folder
    writer.expect(_forecast(writer).stages)
    reset_peak_memory()
    writer.log(f"fit {writer.run.category} from {writer.run.dataset}: {json.dumps(config.to_dict())}")
    report("network", 0, 1)
    made = make(config)
    model, taught = (made, ()) if parent is None else (made.continuing(), taught_last(parent, dataset.taught))
    report("network", 1, 1)
    model.fit(dataset.train, report, scratch=folder)
    good = GoodImages.of(model, dataset.root, dataset.taught)
    judged = judge(model, dataset.test, folder, report, good.held_out, good.trained(model), good.trim, shared)
    seconds = {**model.report.seconds, **judged.seconds, "total": time.perf_counter() - started}
    shortened = (*model.report.shortened, *(("predict",) if judged.shortened else ()))
    for name, value in seconds.items():
        writer.log(f"{name}: {value:.2f} s")
    return writer.finish(
        images=judged.table(),
        curves=dataclasses.replace(judged.evaluation.curves, heldout=good.held_out.arrays()),
        anomaly_maps=None,
        save_bank=model.save,
        training_images=good.scored,
        **judged.figures(),
        **_about_model(model, good),
        seconds=seconds,
        shortened=shortened,
        alone={} if shared is None or not shared.used else Alone.of(shared).stages(
            config, writer.run.fingerprint, (writer.run.counts.train, writer.run.counts.tested), model.size.rows,
            model.report.selected, seconds, shortened,
        ),
        peak_rss_bytes=peak_memory(),
        pixels=as_record(judged.truth.rule, model.training.bits),
        near_training=_inside(dataset.root, judged.near_training),
        taught_scores=scores_of_taught(dataset.root, taught, made, model) if taught else {},
        crop_loss=judged.truth.crop_loss() if config.center_crop else {},
        unreadable=(*model.report.unreadable, *judged.unreadable),
        data_warnings=dataset.warnings,
        warnings=(*with_data_warnings(writer.run, dataset).warnings, *_model_warnings(model, good), *judged.warnings),
    )


def _about_model(model: Detector, good: GoodImages) -> dict[str, Any]:
    """The fields of a Run that describe the fitted model."""
    plan = {} if model.report.plan is None else {
        **{name: int(value) for name, value in dataclasses.asdict(model.report.plan).items()},
        "program_bytes": model.report.program_bytes,
    }  # fmt: skip
    return {
        "shape": model.transform.shape,
        "weights_sha256": model.weights_sha256,
        "bank": dataclasses.asdict(model.size),
        "plan": plan,
        "heldout": good.held_out.about(len(model.training.paths), good.photos),
        "trim": None if good.trim is None else good.trim.settings(),
    }


def _model_warnings(model: Detector, good: GoodImages) -> list[str]:
    """Sentences on how the model was fitted."""
    config, plan = model.config, model.report.plan
    # less memory may be free now than when the sampler was chosen
    in_parts = plan is not None and plan.parts > 1 and config.sampler != "streaming_greedy"
    untrimmed = config.region_trim and good.trim is None
    rounded = rounding_note(config, model.transform.shape)
    said = (IN_PARTS if in_parts else "", rounded, NOT_TRIMMED if untrimmed else "")
    return [*filter(None, said), *good.photos.warnings(), *model.report.warnings]


def _inside(root: Path, pairs: dict[str, str]) -> dict[str, str]:
    """Paths relative to the dataset, valid wherever it is moved."""
    def short(path: str) -> str:
        return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path

    return {short(one): short(other) for one, other in pairs.items()}


def _taken_up(run: Run, dataset: Dataset, store: RunStore) -> RunWriter | None:
    """The writer of a run that waits; None if another process was quicker."""
    try:
        writer = store.writer(run.id)
    except StoreError:
        return None
    writer.update(status="running", dataset=str(dataset.root), excluded=dataset.excluded)
    return writer


def _wait_for(run: Run, store: RunStore, progress: Progress | None) -> Run:
    """The run once it has ended; reports its progress meanwhile."""
    while run.alive:
        time.sleep(POLL)
        run = store.get(run.id)
        if progress is not None and run.alive and (now := store.progress(run.id)) is not None:
            progress(now.stage, now.done, now.total)
    return run


def forecast_of(run: Run, earlier: Sequence[Run]) -> Forecast:
    """What a run that is begun will cost, by these runs."""
    shape = probe(run.config, run.shape)
    return forecast(run.config, run.counts.train, run.counts.tested, shape.grid, shape.dim, earlier, shape.size,
                    shape.coarser)


def _forecast(writer: RunWriter) -> Forecast:
    return forecast_of(writer.run, RunStore(writer.root).home.list())


def _warn_of_memory(writer: RunWriter) -> None:
    if sentence := memory_warning([_forecast(writer)], free_memory()):
        _LOG.warning("%s: %s", writer.run.category, sentence)
        writer.log(sentence)
