"""The lines of `show` on the thresholds in use, and on images if none has a label."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from numpy.typing import ArrayLike

from patchcore_core.cli.wording import figure, found_line
from patchcore_core.data.images import shown
from patchcore_core.errors import StoreError
from patchcore_core.evaluation.thresholds.found import found_at, found_words
from patchcore_core.evaluation.thresholds.separable import separability_sentence
from patchcore_core.reviews.chosen_thresholds import CHOSEN, ChosenThresholds
from patchcore_core.reviews.in_use import InUse, in_use
from patchcore_core.runs.image_table import within
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.views.text import score_text

MOST_RANKED = 10


def threshold_lines(store: RunStore, run: Run, chosen: ChosenThresholds) -> list[str]:
    """The thresholds of a finished run and who chose them, what they find, and whether others would separate the test
    images; without labels, the images with the highest scores."""
    used = in_use(run, chosen)
    said = [used.sentence, in_use(run, chosen, "pixel").sentence]
    if chosen.review_from is not None:
        said.append(shown(f"review zone from {score_text(chosen.review_from)}, {chosen.by}"))
    try:
        images = store.images(run)
    except StoreError as error:
        return [*said, str(error)]
    apart = separability_sentence(images["label"], images["image_score"], used.value, used.set_by)
    return [*said, *([apart] if apart else []), *_found(run, used, images), *_ranked(store, run, images, used.value)]


def chosen_line(used: InUse, labels: ArrayLike, scores: ArrayLike) -> list[str]:
    """What a chosen threshold finds among images with these labels and scores (N,); [] where it is the run's own."""
    if not used.chosen:
        return []
    found = found_at(labels, scores, CHOSEN, used.value)
    return [f"threshold {score_text(used.value)} {shown(used.by)}: {found_words(found)}"]


def _found(run: Run, used: InUse, images: pd.DataFrame) -> list[str]:
    """What the run's own default threshold finds, and what a chosen one does; [] without labels."""
    if not (images["label"] != -1).any():
        return []
    return [*([found_line(run.found)] if run.found else []), *chosen_line(used, images["label"], images["image_score"])]


def _ranked(store: RunStore, run: Run, images: pd.DataFrame, threshold: float) -> list[str]:
    """The images with the highest scores of a run without labels, and how many reach the threshold."""
    if (images["label"] != -1).any():
        return []
    if len(images):
        scored = list(zip(images["image_score"], (within(run.dataset, path) for path in images["path"]), strict=True))
        return _highest(scored, threshold, "test images without labels")
    training = [(one.score, one.path) for one in store.training_images(run) or () if one.score == one.score]
    ranked = _highest(training, threshold, "training images, by held-out score") if training else []
    return ["no test images: `score` judges new ones", *ranked]


def _highest(scored: Sequence[tuple[float, str]], threshold: float, what: str) -> list[str]:
    """The highest of these scores and names."""
    reach = sum(score >= threshold for score, _ in scored)
    share = f", of which {reach} reach the threshold" if threshold == threshold else ""
    highest = sorted(scored, key=lambda one: -one[0])[:MOST_RANKED]
    lines = [f"  {figure(score)}  {shown(name)}" for score, name in highest]
    return [f"{len(scored)} {what}{share}; highest first:", *lines]
