"""From a dataset and a configuration to a finished run: fit, predict, evaluate, write."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Dataset, Sample, load_dataset
from patchcore_core.errors import DataError, PatchCoreError, StoreError
from patchcore_core.evaluation.evaluate import Evaluation, evaluate
from patchcore_core.model.weights import weights_identity
from patchcore_core.runs.process import peak_memory, reset_peak_memory
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import IMAGE_COLUMNS, RunStore
from patchcore_core.runs.truth import GroundTruth, Progress, ground_truth
from patchcore_core.runs.writer import RunWriter

if TYPE_CHECKING:
    from patchcore_core.model.patchcore import PatchCore

PACKAGES = ("torch", "torchvision", "timm", "faiss-cpu", "faiss-gpu", "numpy", "scipy", "scikit-learn", "pillow")
POLL = 0.5  # seconds between two looks at a run that another process computes
FLOAT16_RANGE = (1e-2, 65504.0)  # largest score of a set of maps whose resolution float16 keeps


@dataclasses.dataclass(frozen=True)
class Judged:
    """A test set scored by a model and held against its ground truth; `maps` (N, S, S) as they are stored."""

    samples: tuple[Sample, ...]
    image_scores: np.ndarray
    maps: np.ndarray
    truth: GroundTruth
    evaluation: Evaluation
    unreadable: tuple[tuple[str, str], ...]
    seconds: dict[str, float]

    def table(self) -> pd.DataFrame:
        """One row per image with the columns of RunStore.images."""
        samples, truth = self.samples, self.truth
        columns = {
            "path": [str(sample.path) for sample in samples],
            "split": [sample.split for sample in samples],
            "label": truth.labels,
            "defect_type": [sample.defect_type for sample in samples],
            "mask_path": [str(sample.mask_path or "") for sample in samples],
            "image_score": self.image_scores,
            "height": truth.sizes[:, 0],
            "width": truth.sizes[:, 1],
            "mask_kept": truth.mask_kept,
            "map_index": np.arange(len(samples)),
        }
        return pd.DataFrame({name: pd.Series(columns[name], dtype=kind) for name, kind in IMAGE_COLUMNS.items()})


def draft_run(dataset: Dataset, config: PatchCoreConfig, status: str = "running") -> Run:
    """The run as it can be known beforehand. Its identity is that of configuration, data and weights."""
    if config.weights is not None:  # to be found from any working folder
        config = dataclasses.replace(config, weights=str(Path(config.weights).expanduser().absolute()))
    fingerprint, weights = dataset.fingerprint(), weights_identity(config)
    makers = json.dumps([config.identity(), fingerprint, weights], sort_keys=True)
    return Run(
        id="", status=status, category=dataset.category, dataset=str(dataset.root), config=config, folder=Path(),
        fingerprint=fingerprint, weights_sha256=weights, identity=hashlib.sha256(makers.encode()).hexdigest(),
        counts=dataset.counts(), warnings=dataset.warnings, versions=_versions(),
    )  # fmt: skip


def fit_run(dataset: Dataset, config: PatchCoreConfig, store: RunStore, progress: Progress | None = None) -> Run:
    """The finished run of this configuration on this data, computed here unless it exists.

    Where another process computes the same, this one waits for it and follows its progress. Ctrl-C leaves the run
    as cancelled, an error as failed with the reason; both are raised again.
    """
    while True:
        begun = store.begin(draft_run(dataset, config))
        if isinstance(begun, RunWriter):
            with _recording_the_end(begun):
                return _compute(begun, dataset, progress)
        run = _wait_for(begun, store, progress)
        if run.status == "finished":
            return run
        if run.status != "lost":
            raise StoreError(f"run {run.id}, which computed the same fit, has {run.status}: {run.error}")


def fit_queued(run_id: str, store: RunStore, progress: Progress | None = None) -> Run:
    """Compute a queued run in this process, as a job does, once all earlier runs of the store have ended."""
    writer = store.writer(run_id)
    with _recording_the_end(writer):
        _wait_for_turn(writer)
        writer.update(status="running")
        dataset = load_dataset(writer.run.dataset)
        if draft_run(dataset, writer.run.config).identity != writer.run.identity:
            raise DataError(f"{dataset.root}: images or weights changed after the fit was asked for; start it again")
        return _compute(writer, dataset, progress)


def judge(model: PatchCore, samples: Sequence[Sample], progress: Progress | None = None) -> Judged:
    """Score test samples and evaluate the maps as a run stores them."""
    started = time.perf_counter()
    predictions = model.predict(samples, progress)
    predicted = time.perf_counter()
    truth = ground_truth(predictions.samples, model.transform, progress)
    maps = as_stored(predictions.anomaly_maps)
    scores = predictions.image_scores
    evaluation = evaluate(truth.labels, truth.defect_types, scores, truth.masks, maps, truth.mask_known)
    seconds = {"predict": predicted - started, "evaluate": time.perf_counter() - predicted}
    return Judged(predictions.samples, scores, maps, truth, evaluation, predictions.unreadable, seconds)


def as_stored(anomaly_maps: np.ndarray) -> np.ndarray:
    """The maps in float16, or in float32 where their scores are too large or too small for it."""
    largest = float(np.abs(anomaly_maps).max(initial=0))
    fits = largest == 0 or FLOAT16_RANGE[0] <= largest <= FLOAT16_RANGE[1]
    return anomaly_maps.astype(np.float16 if fits else np.float32)


def _compute(writer: RunWriter, dataset: Dataset, progress: Progress | None) -> Run:
    from patchcore_core.model.patchcore import PatchCore  # brings torch

    def report(stage: str, done: int, total: int) -> None:
        writer.progress(stage, done, total)
        if progress is not None:
            progress(stage, done, total)

    started = time.perf_counter()
    reset_peak_memory()
    writer.log(f"fit {writer.run.category} from {writer.run.dataset}: {json.dumps(writer.run.config.to_dict())}")
    model = PatchCore(writer.run.config).fit(dataset.train, report)
    assert model.bank is not None
    judged = judge(model, dataset.test, report)
    seconds = {**model.seconds, **judged.seconds, "total": time.perf_counter() - started}
    for name, value in seconds.items():
        writer.log(f"{name}: {value:.2f} s")
    return writer.finish(
        images=judged.table(),
        curves=judged.evaluation.curves,
        anomaly_maps=judged.maps,
        save_bank=model.save,
        metrics=judged.evaluation.metrics,
        reasons=judged.evaluation.reasons,
        per_defect=judged.evaluation.per_defect,
        thresholds=judged.evaluation.thresholds,
        weights_sha256=model.weights_sha256,
        seconds=seconds,
        bank={"rows": len(model.bank), "dim": model.bank.patches.shape[1], "bytes": model.bank.patches.nbytes},
        peak_rss_bytes=peak_memory(),
        crop_loss=judged.truth.crop_loss() if writer.run.config.center_crop else {},
        unreadable=(*model.unreadable, *judged.unreadable),
        warnings=(*writer.run.warnings, *judged.truth.warnings, *judged.evaluation.notes),
    )


@contextmanager
def _recording_the_end(writer: RunWriter) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        _end(writer, "cancelled", "cancelled before it was done")
        raise
    except PatchCoreError as error:
        _end(writer, "failed", str(error))
        raise
    except BaseException as error:
        writer.log(traceback.format_exc())
        _end(writer, "failed", f"{type(error).__name__}: {error}".strip(": "))
        raise


def _end(writer: RunWriter, status: str, reason: str) -> None:
    with suppress(StoreError):  # where not even this can be written, the run will read as lost
        writer.end(status, reason)


def _wait_for(run: Run, store: RunStore, progress: Progress | None) -> Run:
    """The run once it has ended; its progress is passed on meanwhile."""
    while run.alive:
        time.sleep(POLL)
        run = store.get(run.id)
        if progress is not None and run.alive and (now := store.progress(run.id)) is not None:
            progress(now.stage, now.done, now.total)
    return run


def _wait_for_turn(writer: RunWriter) -> None:
    """Return when every run that was begun earlier has ended, so that fits do not fight for memory and cores."""
    place = (writer.run.created_at, writer.run.id)
    while earlier := [run for run in writer.store.list() if run.alive and (run.created_at, run.id) < place]:
        writer.progress("waiting", 0, len(earlier))
        time.sleep(POLL)


def _versions() -> dict[str, str]:
    """Installed versions of what decides the numbers."""
    versions = {}
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions
