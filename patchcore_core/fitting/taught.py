"""The photos that are taught to a run: which ones can be, and their scores before and after."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.files.content import content_keys
from patchcore_core.data.images import read_photo, shown
from patchcore_core.data.samples import Dataset, Sample
from patchcore_core.errors import ConfigError, DataError
from patchcore_core.fitting.feature_cache import feature_cache
from patchcore_core.model.about import BANK_FILE, read_about
from patchcore_core.model.detector import CHANGED, Detector, TrainingSet
from patchcore_core.model.methods import load_detector
from patchcore_core.runs.folder import BANK
from patchcore_core.runs.record import UNKNOWN_SETTINGS, Run


def taught_dataset(
    run: Run, photos: Iterable[Path | str], within: Sequence[Path | str] | None = None
) -> Dataset:
    """The run's dataset with these photos as its last training photos; DataError as in `teach.teach`."""
    if run.unknown_settings:
        raise ConfigError(UNKNOWN_SETTINGS.format(", ".join(run.unknown_settings)))
    training = read_about(run.folder / BANK / BANK_FILE).training
    known = load_dataset(run.dataset, within=within).leaving_out(run.excluded).teaching(run.taught)
    if not (asked := [*photos]):
        raise DataError(f"{shown(known.root)}: name at least one photo to teach")
    dataset = known.teaching(asked)
    for sample in dataset.train[len(known.train) :]:
        read_photo(sample.path, run.bits, least=max(run.input_shape))
    _refuse_changed(known, training)
    return dataset


def _refuse_changed(dataset: Dataset, training: TrainingSet) -> None:
    """DataError if a photo that the run was fitted on is not among the training photos any more."""
    found = set(content_keys(sample.path for sample in dataset.train))
    for path, content in zip(training.paths, training.contents, strict=True):
        if content and content not in found:
            raise DataError(CHANGED.format(shown(path)))


def taught_last(before: Run, taught: Sequence[str]) -> tuple[str, ...]:
    """Those of the photos `taught` that the run `before` lacks."""
    return tuple(taught[len(before.taught) :])


def scores_of_taught(
    root: Path | str, taught: Sequence[str], before: Detector, after: Detector
) -> dict[str, tuple[float, float]]:
    """`Run.taught_scores` of these photos of the dataset in `root`."""
    samples = {name: Sample(Path(root, name), "train", 0, "good") for name in taught}
    was, now = (_scores(detector, tuple(samples.values())) for detector in (before, after))
    return {name: (was.get(sample.path, math.nan), now.get(sample.path, math.nan)) for name, sample in samples.items()}


def stored_scores(before: Run, after: Run) -> dict[str, tuple[float, float]]:
    """`scores_of_taught` of what was taught last, as the run `after` has recorded them; computed for older runs."""
    if after.taught_scores:
        return after.taught_scores
    cache = feature_cache(before.folder.parent)
    detectors = (load_detector(run.folder / BANK, cache=cache) for run in (before, after))
    return scores_of_taught(after.dataset, taught_last(before, after.taught), *detectors)


def _scores(detector: Detector, samples: Sequence[Sample]) -> dict[Path, float]:
    found = detector.score(samples)
    return {sample.path: float(score) for sample, score in zip(found.samples, found.image_scores, strict=True)}
