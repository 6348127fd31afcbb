"""Photos that reviewers call good, taught to a run on trial: begun, shown with what they change, kept or discarded."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd

from pages.ui import cache
from pages.ui.access import allowed, allowed_roots, refuse_changes, why_unchanged
from pages.ui.changed import photo_state
from pages.ui.format import number
from pages.ui.frame import address_of
from pages.ui.review import data
from pages.ui.review.events import verdicts
from pages.ui.review.events.entry import Entry, Refused
from pages.ui.states import progress_text
from patchcore_core.data.images import shown
from patchcore_core.errors import PatchCoreError
from patchcore_core.evaluation.thresholds.rules import rule_words
from patchcore_core.fitting.taught import taught_last
from patchcore_core.fitting.teach import Change, Changes, changes
from patchcore_core.jobs import trials
from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.reviews.in_use import InUse, in_use
from patchcore_core.reviews.words import AGREE, LABEL_WRONG, VERDICTS
from patchcore_core.runs.contents import CHANGED
from patchcore_core.runs.store import Run
from patchcore_core.views.ranking import OUTCOMES

OF_OTHERS = "Image AUROC of the other test images"
CALLED_GOOD = {0: AGREE, 1: LABEL_WRONG}  # label -> the verdict that calls the photo good
NO_VERDICT = "has no label, and no verdict says whether it is good; the command `teach` takes it"


def teach(run: Run, entry: Entry) -> dict[str, str]:
    """Begin the trial of the images `with.numbers`; a run to open where they were taught before."""
    refuse_changes("no photo can be taught")
    images = data.test_images(run)
    rows = images.iloc[entry.numbers(len(images))]
    given = verdicts.entries(run)
    for number_, row in rows.iterrows():
        _refuse_unfit(run, row, given[number_].verdict if number_ in given else "")
    begun = trials.begin(cache.store(), run, rows["path"].tolist(), within=allowed_roots())
    known = not begun.folder.is_relative_to(cache.store().trials.root)
    return _answer(f"These photos were taught before: run {begun.id}.", begun) if known else _answer("")


def keep(run: Run, entry: Entry) -> dict[str, str]:
    """The trial `with.trial` is a run from now on."""
    refuse_changes("no trial can be kept")
    kept = trials.keep(cache.store(), _trial(run, entry).id)
    return _answer(f"Kept as run {kept.id}, which goes on from this one.", kept)


def discard(run: Run, entry: Entry) -> dict[str, str]:
    """The trial `with.trial` is stopped and removed."""
    refuse_changes("no trial can be discarded")
    trials.discard(cache.store(), _trial(run, entry).id)
    return _answer("")


def told(run: Run) -> dict[str, Any]:
    """`Teaching` of views/web/workspace/data.js."""
    try:
        known = [_told(run, trial) for trial in trials.of_run(cache.store(), run.id)]
    except PatchCoreError as error:
        return {"locked": shown(str(error)), "trials": []}
    return {"locked": why_unchanged("No photo can be taught"), "trials": known}


def _refuse_unfit(run: Run, row: pd.Series, verdict: str) -> None:
    """Refused, with the reason, for an image that no reviewer has called good, or whose file is another one."""
    name = shown(row["name"])
    allowed(row["path"])
    if photo_state(run, row["path"], row["sha256"]) == CHANGED:
        raise Refused(f"{name}: has changed since the run, so it is not the photo that was judged")
    needed = CALLED_GOOD.get(int(row["label"]))
    if needed is None:
        raise Refused(f"{name}: {NO_VERDICT}")
    if verdict != needed:
        kind = "good" if needed == AGREE else "defective"
        raise Refused(f"{name}: is labelled {kind} and can be taught with the verdict '{VERDICTS[needed]}' only")


def _trial(run: Run, entry: Entry) -> Run:
    """The run's trial that `with.trial` names."""
    wanted = entry.text("trial")
    found = next((trial for trial in trials.of_run(cache.store(), run.id) if trial.id == wanted), None)
    if found is None:
        raise Refused("This trial is gone; somebody may have kept or discarded it")
    return found


def _answer(words: str, found: Run | None = None) -> dict[str, str]:
    return {"words": words, "address": "" if found is None else address_of("review", run=found.id)}


def _told(run: Run, trial: Run) -> dict[str, Any]:
    share, words = progress_text(trial, cache.store().trials) if trial.alive else (0.0, "")
    state = "working" if trial.alive else "ready" if trial.status == "finished" else "ended"
    if state == "ended":
        words = f"Nothing could be taught: {shown(trial.error or trial.status)}"
    changed = None
    try:
        changed = _changes_told(run, trial) if state == "ready" else None
    except PatchCoreError as error:
        state, words = "ended", shown(str(error))
    return {
        "id": trial.id, "photos": [shown(name) for name in taught_last(run, trial.taught)], "state": state,
        "share": share, "words": words, "changes": changed,
    }  # fmt: skip


def _changes_told(run: Run, trial: Run) -> dict[str, Any]:
    used = _used(run), _used(trial)
    found, names = _changes(run, trial, used[0].value, used[1].value), _names(run)
    return {
        "rows": [found.rows_before, found.rows],
        "threshold": [_or_none(found.threshold_before), _or_none(found.threshold)],
        "set_by": [_set_by(one) for one in used],
        "figures": [[OF_OTHERS, number(found.image_auroc_before), number(found.image_auroc)]],
        "taught": [_change(one, names) for one in found.taught], "flips": [_change(one, names) for one in found.flips],
        "others": found.others,
    }  # fmt: skip


@cache.of_run(max_entries=16)
def _changes(run: Run, trial: Run, before: float, after: float) -> Changes:
    return changes(run, trial, cache.store(), (before, after))


@cache.of_run(max_entries=16)
def _names(run: Run) -> dict[str, str]:
    """The names of the run's images by their paths."""
    images = data.test_images(run)
    return dict(zip(images["path"], images["name"], strict=True))


def _used(run: Run) -> InUse:
    return in_use(run, ChosenThresholdsOf(cache.store().root).current(run.id))


def _set_by(used: InUse) -> str:
    return shown(used.by) if used.chosen else rule_words(used.rule) if used.rule else ""


def _change(change: Change, names: dict[str, str]) -> dict[str, Any]:
    name = names.get(change.path, "")
    return {"id": name, "name": shown(name or Path(change.path).name), "before": _or_none(change.score_before),
            "after": _or_none(change.score), "was": _outcome(change.outcome_before), "is": _outcome(change.outcome)}


def _outcome(outcome: str) -> str:
    return OUTCOMES.get(outcome, outcome)


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
