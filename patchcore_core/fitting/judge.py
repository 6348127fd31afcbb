"""Scoring a test set and evaluating it against its ground truth."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from patchcore_core.data.ground_truth import GroundTruth, ground_truth
from patchcore_core.data.samples import Sample
from patchcore_core.data.scratch import Scratch, release
from patchcore_core.evaluation.badges.badge import Badge
from patchcore_core.evaluation.badges.of_fit import Trained, badges
from patchcore_core.evaluation.evaluate import Evaluation, evaluate
from patchcore_core.evaluation.statistics.replicates import Replicates, images_key
from patchcore_core.evaluation.thresholds.unlike import Familiar, levels_of
from patchcore_core.evaluation.trim import Trim
from patchcore_core.evaluation.trimmed_maps import TrimmedMaps
from patchcore_core.fitting.good_scores import HeldOutScores
from patchcore_core.fitting.sweep.truth import shared_truth
from patchcore_core.model.network.allocator import give_back_freed_memory
from patchcore_core.model.results import Scores
from patchcore_core.progress import Progress
from patchcore_core.runs.bank.row_use import RowUse, write_row_use
from patchcore_core.runs.compared.replicates import write_replicates
from patchcore_core.runs.folder import MAPS
from patchcore_core.runs.image_table import image_table
from patchcore_core.runs.map_summaries import summary_of, write_summary
from patchcore_core.runs.maps import write_maps

if TYPE_CHECKING:
    import pandas as pd

    from patchcore_core.model.detector import Detector
    from patchcore_core.model.shared.shared import Shared


@dataclasses.dataclass(frozen=True)
class Judged:
    """A scored and evaluated test set; `maps` (N, H, W) is memory-mapped, `contents` (N,) are the content keys of the
    scored photos, `notes` are remarks from scoring; `shortened`: earlier fits had done a part of the scoring. `unlike`:
    photos unlike all that the memory bank knows (evaluation.thresholds.unlike), None if it is not known."""

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
    shortened: bool = False
    unlike: tuple[str, ...] | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences on photos and masks that could not be used as they are, and on skipped ones."""
        return (*self.notes, *self.truth.warnings, *self.evaluation.notes)

    def figures(self) -> dict[str, Any]:
        """The fields of a Run with its figures, intervals and badges."""
        found = self.evaluation
        names = ("metrics", "reasons", "per_defect", "thresholds", "intervals", "per_defect_intervals",
                 "region_recall", "per_defect_region_recall", "found", "operating_points")  # fmt: skip
        return {
            **{name: getattr(found, name) for name in names},
            "badges": self.badges,
        }

    def table(self) -> pd.DataFrame:
        """One row per image with the columns of RunStore.images."""
        samples, truth = self.samples, self.truth
        known, unlike = self.unlike is not None, set(self.unlike or ())
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
            "unlike": [float(str(sample.path) in unlike) if known else np.nan for sample in samples],
            "sha256": self.contents,
            "masks_sha256": truth.mask_contents,
            "map_index": np.arange(len(samples)),
        })


def judge(
    model: Detector, samples: Sequence[Sample], folder: Path, progress: Progress | None = None,
    held_out: HeldOutScores | None = None, trained: Trained | None = None, trim: Trim | None = None,
    shared: Shared | None = None,
) -> Judged:
    """Score test samples, write maps, map summary, figures of resamples and use of bank rows into `folder` in a run's
    format, and evaluate.

    `held_out`: scores of good images unknown to the model, for the thresholds; `trained`: what it was trained on, for
    the badges; `trim` of the predicted segmentation; `shared`: where the ground truth is kept for fits after this one.
    Masks and maps are in files and read in parts, so memory does not grow with the number of images.
    """
    started = time.perf_counter()
    scores = model.score(samples, progress)
    predicted = time.perf_counter()
    give_back_freed_memory()  # releases the network's memory for the evaluation
    with Scratch(folder) as scratch:
        truth, maps = _truth_and_maps(model, scores, folder, scratch, progress, shared)

        def after_block(done: int, total: int) -> None:
            scratch.release()
            release(maps)
            if progress is not None:
                progress("metrics", done, total)

        trimmed = None if trim is None else TrimmedMaps(trim, maps, scratch)
        evaluation = evaluate(
            truth.labels, truth.defect_types, scores.image_scores, truth.masks, maps, truth.mask_known, after_block,
            held_out=() if held_out is None else held_out.good(), ignored=truth.ignored, trim=trimmed,
            outlines=truth.outlines,
        )
        write_summary(folder, summary_of(
            maps, truth.labels, truth.of, evaluation.thresholds, lambda _: scratch.release(), trimmed,
        ))  # fmt: skip
    if evaluation.resampled:
        write_replicates(folder, Replicates(_images_key(scores, truth), evaluation.resampled))
    if scores.row_use:
        write_row_use(folder, RowUse(scores.row_use, len(scores.samples)))
    known, twins = ((), {}) if trained is None else _against_training(trained, scores, truth, evaluation)
    unlike, badge = _unlike(model, scores, held_out)
    seconds = {"predict": predicted - started, "evaluate": time.perf_counter() - predicted}
    return Judged(
        scores.samples, scores.image_scores, maps, truth, evaluation, scores.unreadable, seconds, scores.contents,
        known if trained is None else (*known, badge), twins, scores.notes, scores.shortened, unlike,
    )


def _images_key(scores: Scores, truth: GroundTruth) -> str:
    """As `runs.compared.replicates.key_of` the table of the run."""
    names = [sample.path.name for sample in scores.samples]
    return images_key(truth.labels, names, scores.contents, truth.mask_contents)


def _unlike(
    model: Detector, scores: Scores, held_out: HeldOutScores | None
) -> tuple[tuple[str, ...] | None, Badge]:
    """The photos that are unlike all that the memory bank knows, None if that is not known, and the badge on them."""
    familiar = Familiar() if held_out is None else Familiar(held_out.levels)
    paths = [sample.path for sample in scores.samples]
    levels = levels_of(scores.patch_scores, model.config.squared)
    found = tuple(str(paths[place]) for place in np.flatnonzero(levels > familiar.limit))
    return found if familiar.known else None, familiar.badge(levels, paths)


def _truth_and_maps(
    model: Detector, scores: Scores, folder: Path, scratch: Scratch, progress: Progress | None, shared: Shared | None
) -> tuple[GroundTruth, np.ndarray]:
    """The ground truth of the scored images, and their maps (N, H, W), which are written beside."""
    with ThreadPoolExecutor(1, "maps") as beside:
        written = beside.submit(write_maps, folder / MAPS, scores.patch_scores, model.anomaly_maps,
                                model.transform.shape)  # fmt: skip
        truth = shared_truth(shared, scores.samples, model.transform, model.config.ignore_value, lambda: ground_truth(
            scores.samples, model.transform, scratch, progress, model.config.ignore_value
        ))  # fmt: skip
        return truth, written.result()


def _against_training(
    trained: Trained, scores: Scores, truth: GroundTruth, evaluation: Evaluation
) -> tuple[tuple[Badge, ...], dict[str, str]]:
    """Badges, and the training photo that each test photo nearly is."""
    tested, near = [sample.path for sample in scores.samples], trained.twins(scores.pictures)
    known = badges(trained, tested, scores.contents, near, truth, scores.image_scores, evaluation.operating_points,
                   scores.unreadable)  # fmt: skip
    return known, trained.named(near, tested)
