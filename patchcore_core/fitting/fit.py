"""From a dataset and a configuration to a finished run: fit, predict, evaluate, write."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Dataset, Sample, load_dataset
from patchcore_core.data.exclude import leaving_out
from patchcore_core.data.ground_truth import GroundTruth, ground_truth
from patchcore_core.data.mask_set import as_record
from patchcore_core.data.proportions import Size, aspects_of, common_aspect
from patchcore_core.data.scratch import Scratch, release
from patchcore_core.errors import ConfigError, DataError, StoreError
from patchcore_core.evaluation.badges.badge import Badge
from patchcore_core.evaluation.badges.of_fit import Trained, badges
from patchcore_core.evaluation.badges.photo_shapes import Proportions
from patchcore_core.evaluation.evaluate import Evaluation, evaluate
from patchcore_core.evaluation.trim import Trim
from patchcore_core.fitting.forecast import Forecast, forecast, memory_warning
from patchcore_core.fitting.good_scores import HeldOutScores, held_out_of, training_photos, trim_of
from patchcore_core.model.budget import free_memory, settled
from patchcore_core.model.network.allocator import give_back_freed_memory, no_garbage
from patchcore_core.model.network.input_shape import input_shape, rounding_note
from patchcore_core.model.network.probe import check, probe
from patchcore_core.model.network.weights import weights_identity
from patchcore_core.progress import Progress
from patchcore_core.runs.folder import MAPS
from patchcore_core.runs.image_table import image_table
from patchcore_core.runs.map_summaries import keep_summary, summary_of
from patchcore_core.runs.maps import write_maps
from patchcore_core.runs.process import peak_memory, reset_peak_memory
from patchcore_core.runs.record import UNKNOWN_SETTINGS, Run
from patchcore_core.runs.reuse import answer, with_data_warnings
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter

if TYPE_CHECKING:
    import pandas as pd

    from patchcore_core.model.patchcore import PatchCore

PACKAGES = ("torch", "torchvision", "timm", "faiss-cpu", "faiss-gpu", "numpy", "scipy", "pillow")
_LOG = logging.getLogger(__name__)
POLL = 0.5  # seconds between two looks at a run that another process computes
IN_PARTS = ("memory is too small to select the coreset exactly, so it is selected in parts (sampler streaming_greedy): "
            "its covering radius is at most four times the best possible, instead of twice")


NOT_TRIMMED = ("no good image could be scored as if the bank did not know it, so the level of good pixels is not known "
               "and the predicted segmentation is not trimmed")


@dataclasses.dataclass(frozen=True)
class Judged:
    """A test set scored by a model and held against its ground truth; `maps` (N, H, W) is a mapping of their file,
    `contents` (N,) those of the photos' files as they were scored, `notes` what was said when they were."""

    samples: tuple[Sample, ...]
    image_scores: np.ndarray
    maps: np.ndarray
    truth: GroundTruth
    evaluation: Evaluation
    unreadable: tuple[tuple[str, str], ...]
    seconds: dict[str, float]
    contents: tuple[str, ...]
    badges: tuple[Badge, ...] = ()
    near_training: dict[str, str] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on photos and masks that could not be taken as they are, and on what was left out."""
        return (*self.notes, *self.truth.warnings, *self.evaluation.notes)

    def figures(self) -> dict[str, Any]:
        """The fields of a Run that say how well the model did and how far that can be trusted."""
        found = self.evaluation
        names = ("metrics", "reasons", "per_defect", "thresholds", "intervals", "per_defect_intervals",
                 "region_recall", "per_defect_region_recall")  # fmt: skip
        return {
            **{name: getattr(found, name) for name in names},
            "found": {} if found.found is None else dataclasses.asdict(found.found),
            "operating_points": tuple(dataclasses.asdict(point) for point in found.operating_points),
            "badges": tuple(dataclasses.asdict(badge) for badge in self.badges),
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """The curves, and the table of regions as regions_*."""
        regions = {f"regions_{name}": values for name, values in self.evaluation.regions.items()}
        return {**self.evaluation.curves, **regions}

    def table(self) -> pd.DataFrame:
        """One row per image with the columns of RunStore.images."""
        samples, truth = self.samples, self.truth
        return image_table({
            "path": [str(sample.path) for sample in samples],
            "split": [sample.split for sample in samples],
            "label": truth.labels,
            "defect_type": [sample.defect_type for sample in samples],
            "mask_paths": [tuple(str(path) for path in sample.mask_paths) for sample in samples],
            "image_score": self.image_scores,
            "height": truth.sizes[:, 0],
            "width": truth.sizes[:, 1],
            "orientation": truth.orientations,
            "mask_kept": truth.mask_kept,
            "sha256": self.contents,
            "masks_sha256": truth.mask_contents,
            "map_index": np.arange(len(samples)),
        })


@dataclasses.dataclass(frozen=True)
class Fitted:
    """The answer to a fit that was asked for. `reused`: the run was there already, or another process computed it;
    it then has the warnings of the data as they are now."""

    run: Run
    reused: bool


def draft_run(dataset: Dataset, config: PatchCoreConfig, status: str = "running") -> Run:
    """The run as it can be known beforehand. Its identity is that of configuration, data and weights."""
    if config.weights is not None:  # to be found from any working folder
        config = dataclasses.replace(config, weights=str(Path(config.weights).expanduser().absolute()))
    fingerprint, weights = dataset.fingerprint(), weights_identity(config)
    shape = _kept_shape(dataset, config)
    makers = json.dumps([config.identity(), fingerprint, weights, *(() if shape is None else (shape,))], sort_keys=True)
    return Run(
        id="", status=status, category=dataset.category, dataset=str(dataset.root), config=config, folder=Path(),
        shape=shape,
        fingerprint=fingerprint, weights_sha256=weights, identity=hashlib.sha256(makers.encode()).hexdigest(),
        counts=dataset.counts(), excluded=dataset.excluded, warnings=dataset.warnings, data_warnings=dataset.warnings,
        versions=_versions(),
    )  # fmt: skip


def _kept_shape(dataset: Dataset, config: PatchCoreConfig) -> Size | None:
    """(H, W) of the network's input by the training photos' proportions; None where these do not count."""
    if config.proportions != "keep":
        return None
    return input_shape(config, common_aspect(aspects_of(sample.path for sample in dataset.train)))


def begin_fit(dataset: Dataset, config: PatchCoreConfig, store: RunStore, status: str = "running") -> RunWriter | Run:
    """Claim the fit as RunStore.begin does. What cannot work is refused before there is a run to fail."""
    draft = draft_run(dataset, config, status)
    if store.find(draft.identity) is None:
        check(draft.config, draft.shape)
        fitted = settled(config, len(dataset.train), probe(config, draft.shape))  # refuses what cannot work
        if fitted != config:
            _LOG.warning("%s: %s", dataset.category, IN_PARTS)
            draft = draft_run(dataset, fitted, status)
            draft = dataclasses.replace(draft, warnings=(*draft.warnings, IN_PARTS))
    return store.begin(draft)


def fit_run(dataset: Dataset, config: PatchCoreConfig, store: RunStore, progress: Progress | None = None) -> Fitted:
    """The finished run of this configuration on this data, computed here unless it exists.

    Where another process computes the same, this one waits for it and follows its progress. What cannot work is
    refused before a run is begun; Ctrl-C leaves the run as cancelled, an error as failed with the reason; both are
    raised again.
    """
    while True:
        begun = begin_fit(dataset, config, store)
        if isinstance(begun, RunWriter):
            with begun.recording_the_end():
                _warn_of_memory(begun)
                return Fitted(_compute(begun, dataset, progress), reused=False)
        run = _wait_for(begun, store, progress)
        if run.status == "finished":
            return Fitted(answer(run, dataset, store), reused=True)
        if run.status != "lost":
            raise StoreError(f"run {run.id}, which computed the same fit, has {run.status}: {run.error}")


def compute_queued(
    writer: RunWriter, progress: Progress | None = None, within: Sequence[Path | str] | None = None
) -> Run:
    """Compute a run that was asked for earlier; DataError where its images or weights have changed since, ConfigError
    where it was asked for with settings that are unknown here."""
    if writer.run.unknown_settings:
        raise ConfigError(UNKNOWN_SETTINGS.format(", ".join(writer.run.unknown_settings)))
    dataset = leaving_out(load_dataset(writer.run.dataset, within=within), writer.run.excluded)
    if draft_run(dataset, writer.run.config).identity != writer.run.identity:
        raise DataError(f"{dataset.root}: images or weights changed after the fit was asked for; start it again")
    return _compute(writer, dataset, progress)


def judge(
    model: PatchCore, samples: Sequence[Sample], folder: Path, progress: Progress | None = None,
    held_out: HeldOutScores | None = None, trained: Trained | None = None, trim: Trim | None = None,
) -> Judged:
    """Score test samples, write their maps and the maps' summary into `folder` as a run stores them, and evaluate.

    `held_out` are scores of good images that the model does not know, for the thresholds; with `trained`, what it was
    trained on, there are badges; `trim` is that of the predicted segmentation. Masks and maps lie in files and are read
    in parts, so that any number of images takes little memory.
    """
    started = time.perf_counter()
    scores = model.score(samples, progress)
    predicted = time.perf_counter()
    give_back_freed_memory()  # what the network needed is free for the evaluation
    with Scratch(folder) as scratch:
        truth = ground_truth(scores.samples, model.transform, scratch, progress, model.config.ignore_value)
        maps = write_maps(folder / MAPS, scores.patch_scores, model.anomaly_maps, model.transform.shape)

        def after_block(done: int, total: int) -> None:
            scratch.release()
            release(maps)
            if progress is not None:
                progress("metrics", done, total)

        evaluation = evaluate(
            truth.labels, truth.defect_types, scores.image_scores, truth.masks, maps, truth.mask_known, after_block,
            held_out=() if held_out is None else held_out.good(), ignored=truth.ignored, trim=trim,
        )
        keep_summary(folder, summary_of(
            maps, truth.labels, truth.of, evaluation.thresholds, lambda _: scratch.release(), trim,
        ))  # fmt: skip
    known: tuple[Badge, ...] = ()
    twins: dict[str, str] = {}
    if trained is not None:
        tested, near = [sample.path for sample in scores.samples], trained.twins(scores.pictures)
        known = badges(trained, tested, scores.contents, near, truth, scores.image_scores, evaluation.operating_points,
                       scores.unreadable)  # fmt: skip
        twins = trained.named(near, tested)
    seconds = {"predict": predicted - started, "evaluate": time.perf_counter() - predicted}
    return Judged(
        scores.samples, scores.image_scores, maps, truth, evaluation, scores.unreadable, seconds, scores.contents,
        known, twins, scores.notes,
    )


def _compute(writer: RunWriter, dataset: Dataset, progress: Progress | None) -> Run:
    def report(stage: str, done: int, total: int) -> None:
        writer.progress(stage, done, total)
        if progress is not None:
            progress(stage, done, total)

    started = time.perf_counter()
    writer.expect(_forecast(writer).stages)
    report("network", 0, 1)
    with no_garbage():
        from patchcore_core.model.patchcore import PatchCore  # brings torch

    reset_peak_memory()
    writer.log(f"fit {writer.run.category} from {writer.run.dataset}: {json.dumps(writer.run.config.to_dict())}")
    model = PatchCore(writer.run.config)
    report("network", 1, 1)
    model.fit(dataset.train, report, scratch=writer.run.folder)
    assert model.plan is not None
    held_out = held_out_of(model)
    trim = trim_of(model, held_out)
    photos = training_photos(model, held_out, dataset.root)
    shapes = Proportions.of(model.config, model.transform.shape, model.aspects)
    trained = Trained(model.train_paths, model.copies, model.train_contents, model.unreadable, photos.badges(), shapes)
    judged = judge(model, dataset.test, writer.run.folder, report, held_out, trained, trim)
    seconds = {**model.seconds, **judged.seconds, "total": time.perf_counter() - started}
    for name, value in seconds.items():
        writer.log(f"{name}: {value:.2f} s")
    asked = writer.run.config.sampler  # less memory may be free by now than when it was settled
    in_parts = (IN_PARTS,) if model.plan.parts > 1 and asked != "streaming_greedy" else ()
    rounded = filter(None, [rounding_note(writer.run.config, model.transform.shape)])
    not_trimmed = (NOT_TRIMMED,) if writer.run.config.region_trim and trim is None else ()
    return writer.finish(
        images=judged.table(),
        curves={**judged.arrays(), **held_out.arrays()},
        anomaly_maps=None,
        save_bank=model.save,
        **judged.figures(),
        shape=model.transform.shape,
        heldout=held_out.about(len(model.train_paths), photos),
        trim={} if trim is None else trim.record(),
        weights_sha256=model.weights_sha256,
        seconds=seconds,
        bank={"rows": sum(map(len, model.banks)), "dim": model.banks[0].patches.shape[1],
              "bytes": sum(bank.patches.nbytes for bank in model.banks)},
        plan={name: int(value) for name, value in dataclasses.asdict(model.plan).items()}
        | {"program_bytes": model.program_bytes},
        peak_rss_bytes=peak_memory(),
        pixels={"bits": model.bits, **as_record(judged.truth.rule)},
        near_training=_inside(dataset.root, judged.near_training),
        crop_loss=judged.truth.crop_loss() if writer.run.config.center_crop else {},
        unreadable=(*model.unreadable, *judged.unreadable),
        data_warnings=dataset.warnings,
        warnings=(*with_data_warnings(writer.run, dataset).warnings, *in_parts, *rounded, *not_trimmed,
                  *photos.warnings(),
                  *model.warnings, *judged.warnings),
    )


def _inside(root: Path, pairs: dict[str, str]) -> dict[str, str]:
    """Paths relative to the dataset, so that they hold where it is moved to."""
    def short(path: str) -> str:
        return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path

    return {short(one): short(other) for one, other in pairs.items()}


def _wait_for(run: Run, store: RunStore, progress: Progress | None) -> Run:
    """The run once it has ended; its progress is passed on meanwhile."""
    while run.alive:
        time.sleep(POLL)
        run = store.get(run.id)
        if progress is not None and run.alive and (now := store.progress(run.id)) is not None:
            progress(now.stage, now.done, now.total)
    return run


def _forecast(writer: RunWriter) -> Forecast:
    run, shape = writer.run, probe(writer.run.config, writer.run.shape)
    tested = sum(run.counts[f"test_{kind}"] for kind in ("good", "defective", "unknown"))
    return forecast(run.config, run.counts["train"], tested, shape.grid, shape.dim, writer.store.list(), shape.size,
                    shape.coarser)


def _warn_of_memory(writer: RunWriter) -> None:
    if sentence := memory_warning([_forecast(writer)], free_memory()):
        _LOG.warning("%s: %s", writer.run.category, sentence)
        writer.log(sentence)


def _versions() -> dict[str, str]:
    """Installed versions of what decides the numbers."""
    versions = {}
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions
