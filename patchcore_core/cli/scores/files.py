"""Scoring single image files with a run and writing the results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from patchcore_core.cli.scores.inputs import TABLE, Inputs, gather
from patchcore_core.cli.scores.output import CSV, Output, names_of, stems_of
from patchcore_core.data.files.depth import photo_note
from patchcore_core.data.files.image_files import shown
from patchcore_core.data.images import read_photo
from patchcore_core.errors import DataError, StoreError
from patchcore_core.evaluation.thresholds.unlike import Familiar, levels_of
from patchcore_core.exports.coco import Coco
from patchcore_core.exports.pictures import Pictures, colour_limits
from patchcore_core.fitting.good_images import proportions
from patchcore_core.model.methods import load_detector
from patchcore_core.progress import Progress
from patchcore_core.reviews.chosen_thresholds import ChosenThresholds
from patchcore_core.reviews.in_use import InUse, in_use
from patchcore_core.runs.maps import as_stored
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

if TYPE_CHECKING:
    from patchcore_core.model.detector import Detector


@dataclass(frozen=True)
class Task:
    """The run, images, thresholds and output of one call; `stems` are those of `inputs.files`. review_from: where the
    chosen review zone below the threshold starts, None without one. coco: the COCO file to write, None for none."""

    run: Run
    inputs: Inputs
    stems: tuple[str, ...]
    output: Output
    threshold: float | None
    rule: str | None
    pixel_threshold: float | None
    review_from: float | None = None
    coco: Path | None = None


@dataclass(frozen=True)
class Means:
    """What each image is scored with: the model, the ends of the colour scale, the precision of the run's maps, the
    levels of good photos, and the COCO file as it grows."""

    model: Detector
    limits: tuple[float, float] | None
    stored: np.dtype
    familiar: Familiar
    coco: Coco


def plan_scores(
    run: Run, paths: Sequence[Path], out: Path | None, overwrite: bool, threshold: float | None,
    pixel_threshold: float | None, chosen: ChosenThresholds = ChosenThresholds(),  # noqa: B008  (frozen)
    coco: Path | None = None,
) -> Task:
    """Plan the scoring of these images and folders of images; nothing is written yet.

    If `out` is None, the folder is scores/RUN, numbered if that exists. A threshold of None is the one in
    use (`reviews.in_use`). DataError if there is nothing to score, StoreError if a file would be overwritten.
    """
    inputs = gather(paths)
    threshold, rule = _decided(threshold, in_use(run, chosen))
    pixel_threshold, _ = _decided(pixel_threshold, in_use(run, chosen, "pixel"))
    stems, output = tuple(stems_of(inputs.files)), Output(out, run.id, overwrite)
    names = [name for stem in stems for name in names_of(stem, pixel_threshold is not None).values()]
    output.refuse_what_is_there([*names, TABLE, CSV], [*inputs.files, *inputs.beside], coco)
    zone = chosen.review_from
    review_from = zone if zone is not None and threshold is not None and zone < threshold else None
    return Task(run, inputs, stems, output, threshold, rule, pixel_threshold, review_from, coco)


def score_images(store: RunStore, task: Task, device: str, progress: Progress) -> list[dict[str, Any]]:
    """Score the images and write the results; one record per image.

    `threshold_rule` names the run's threshold if none was given; if the run has none, there is no prediction and no
    mask. A path without image, and an image that cannot be read or whose files cannot be written, keeps its record with
    the cause in `error`. However the work ends, Ctrl-C included, the scores so far are written.
    """
    files, records, done = task.inputs.files, list[dict[str, Any]](), 0
    with task.output.make(list(zip(files, task.stems, strict=True))) as output:
        model = load_detector(store.bank_folder(task.run), device)
        means = Means(model, colour_limits(store, task.run), store.map_type(task.run),
                      Familiar.read(store.curves(task.run).heldout),
                      Coco(task.run, task.threshold, task.pixel_threshold))  # fmt: skip
        try:
            for path, trouble in task.inputs.found:
                records.append(_blank(path, trouble, task))
                if trouble is None:
                    _score(means, path, task.stems[done], records[-1], task)
                    done += 1
                    progress("score", done, len(files))
        except BaseException as error:
            if any(record["image_score"] is not None for record in records):
                _write_tables(task, records, means.coco)
                if isinstance(error, KeyboardInterrupt):
                    said = f"cancelled after {done} of {len(files)} images, whose scores are in {shown(output.folder)}"
                    raise KeyboardInterrupt(said) from None
            raise
        _write_tables(task, records, means.coco)
    return records


def _write_tables(task: Task, records: list[dict[str, Any]], coco: Coco) -> None:
    task.output.tables(records)
    if task.coco is not None:
        task.output.write_at(task.coco, coco.content())


def _blank(path: Path, trouble: str | None, task: Task) -> dict[str, Any]:
    """The record of a path that is not scored (yet)."""
    return {
        "image": shown(path), "folder": shown(task.output.folder), "image_score": None, "threshold": task.threshold,
        "threshold_rule": task.rule, "defective": None, "review_zone": None, "unlike": None, "defective_share": None,
        "note": "", "error": trouble or f"{shown(path)}: not scored to the end",
    }  # fmt: skip


def _score(means: Means, path: Path, stem: str, record: dict[str, Any], task: Task) -> None:
    """Score one image, write its files, and update its record at once.

    The map is rounded to the precision of the run's maps.
    """
    model, familiar = means.model, means.familiar
    try:
        read = read_photo(path, task.run.bits)
        result = model.score_image(read.pixels)
        level = float(levels_of(result.patch_scores[None], model.config.squared)[0])
        record["unlike"] = familiar.unlike(level)
        record["note"] = "; ".join(filter(None, (
            photo_note(task.run.trained_bits, read.deep, read.clipped), _shape_note(model, read.pixels),
            familiar.note(level))))  # fmt: skip
        record["image_score"] = float(result.image_score)
        record["defective"] = None if task.threshold is None else bool(result.image_score >= task.threshold)
        record["review_zone"] = None if task.review_from is None else bool(
            not record["defective"] and result.image_score >= task.review_from)
        anomaly_map = as_stored(result.anomaly_map, means.stored)
        pictures = Pictures.of(task.run, read.pixels, anomaly_map, task.pixel_threshold, means.limits)
        record["defective_share"] = pictures.defective_share
        names = names_of(stem, pictures.mask is not None)
        for kind in pictures.kinds:
            task.output.write(names[kind], pictures.file(kind))
            record[kind] = names[kind]
        if task.coco is not None:
            said = {name: record[name] for name in ("image_score", "defective", "review_zone", "unlike")}
            means.coco.add(record["image"], pictures, **said)
        record["error"] = None
    except (DataError, StoreError) as error:
        record["error"] = str(error)


def _shape_note(model: Detector, photo: np.ndarray) -> str:
    """A note if the photo is stretched unlike any training photo."""
    fitted = proportions(model)
    return "" if fitted is None else fitted.note((photo.shape[0], photo.shape[1]))


def _decided(given: float | None, used: InUse) -> tuple[float | None, str | None]:
    """The threshold and its origin: "given", "chosen" by a reviewer, or the name of the run's; both None if there is
    none."""
    if given is not None:
        return given, "given"
    return (None, None) if used.rule is None else (used.value, used.rule)
