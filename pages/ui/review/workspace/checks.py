"""The data checks of a run at a threshold, in short for the first line and in full with what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pages.ui.fit.exclude import odd_photos
from pages.ui.format import below, fit_warnings, taught, taught_lines, without
from pages.ui.frame import address_of
from patchcore_core.data.images import shown
from patchcore_core.evaluation.badges.badge import Badge
from patchcore_core.evaluation.badges.of_run import badges_at, crop_recall_at
from patchcore_core.evaluation.explain import explain_badge
from patchcore_core.evaluation.thresholds.operating_point import OperatingPoint
from patchcore_core.runs.store import Run

MOST_WARNINGS = 60  # of the fit
MOST_LINES = 200  # with names of files
MOST_NAMED = 20  # files in a sentence
OF_THE_FIT = "Warning of the fit"
NONE = "No data checks are recorded."


def checks(run: Run, images: pd.DataFrame, point: OperatingPoint) -> dict[str, Any]:
    """`checks` of views/web/first_line and the data of views/web/findings, where images are judged at `point`."""
    badges, told = badges_of(run, images, point), fit_warnings(run)
    warned = [_item("warning", OF_THE_FIT, shown(sentence)) for sentence in told[:MOST_WARNINGS]]
    items = [_item(badge.level, badge.label, badge.sentence, _detail(badge)) for badge in badges]
    changed = [*([_left_out(run)] if run.excluded else []), *([_taught(run)] if run.taught else [])]
    return {
        "checks": [{name: item[name] for name in ("level", "label", "sentence")} for item in items + warned],
        "findings": {
            "groups": [{"title": "", "items": items + changed}, {"title": "", "items": warned}],
            "lines": _lines(run, len(told)), "none": NONE, "links": _links(run),
        },
    }  # fmt: skip


def badges_of(run: Run, images: pd.DataFrame, point: OperatingPoint) -> Sequence[Badge]:
    """A badge for each data check of the run at this threshold."""
    labels, scores, kept = (images[name].to_numpy() for name in ("label", "image_score", "mask_kept"))
    recall = crop_recall_at(run.crop_loss, labels, scores, kept, point.value)
    cropped = run.config.center_crop is not None
    return badges_at(run.badges, point, cropped, run.crop_loss, recall, run.unreadable, run.counts)


def _item(level: str, label: str, sentence: str, detail: str = "") -> dict[str, str]:
    return {"level": level, "label": shown(label), "sentence": shown(sentence), "detail": shown(detail)}


def _detail(badge: Badge) -> str:
    counts = " · ".join(f"{name.replace('_', ' ')} {count}" for name, count in badge.counts.items())
    return " ".join(filter(None, (explain_badge(badge.key), counts)))


def _left_out(run: Run) -> dict[str, str]:
    named = ", ".join(run.excluded[:MOST_NAMED])
    more = f" and {len(run.excluded) - MOST_NAMED} more" if len(run.excluded) > MOST_NAMED else ""
    return _item("note", f"fitted {without(run)}", f"{named}{more}")


def _taught(run: Run) -> dict[str, str]:
    lines = taught_lines(run)
    more = f" and {len(lines) - MOST_NAMED} more" if len(lines) > MOST_NAMED else ""
    return _item("note", taught(run), f"This run goes on from the memory bank of run {run.parent}.",
                 f"{'; '.join(lines[:MOST_NAMED])}{more}")


def _lines(run: Run, warnings: int) -> list[str]:
    """What of the data is in no figure, and that there is more than is shown."""
    lines = [*(below(run.dataset, f"{path}: {cause}") for path, cause in run.unreadable),
             *(f"{path}: excluded from the fit on request" for path in run.excluded)]
    more = [f"The first {MOST_WARNINGS} of {warnings} warnings; all are in run.json."] * (warnings > MOST_WARNINGS)
    hidden = [f"The first {MOST_LINES} of {len(lines)} files."] * (len(lines) > MOST_LINES)
    return [shown(line) for line in (*more, *lines[:MOST_LINES], *hidden)]


def _links(run: Run) -> list[dict[str, str]]:
    """To what the run was fitted on, and to a fit without the photos that do not fit in."""
    links = [{"words": "Training photos, with their held-out scores",
              "address": address_of("training_photos", run=run.id)},
             {"words": "Memory bank", "address": address_of("memory_bank", run=run.id)}]
    if run.parent:
        links.append({"words": "The run before teaching", "address": address_of("review", run=run.parent)})
    if odd := odd_photos(run):
        left_out = list(dict.fromkeys([*run.excluded, *odd]))
        links.append({"words": "Fit again without the odd photo" + "s" * (len(odd) > 1),
                      "address": address_of("fit", path=run.dataset, exclude=left_out)})
    return links
