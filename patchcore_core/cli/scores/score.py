"""`score`: score single images with a run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from patchcore_core.cli.output import bars, print_answer
from patchcore_core.cli.scores.files import plan_scores, score_images
from patchcore_core.cli.stored import finished
from patchcore_core.data.images import shown
from patchcore_core.evaluation.thresholds.unlike import Familiar
from patchcore_core.reviews.chosen_thresholds import CHOSEN, ChosenThresholdsOf
from patchcore_core.reviews.in_use import in_use
from patchcore_core.runs.store import RunStore


def score(args: argparse.Namespace) -> int:
    """Score single images; unreadable ones are reported, and the others continue."""
    store = RunStore(args.runs)
    chosen = finished(store, args.run)
    used = ChosenThresholdsOf(store.root).current(chosen.id)
    task = plan_scores(chosen, [Path(path) for path in args.images], Path(args.out) if args.out else None,
                       args.overwrite, args.threshold, args.pixel_threshold, used,
                       Path(args.coco) if args.coco else None)  # fmt: skip
    for note in task.inputs.notes:
        print(f"warning: {note}", file=sys.stderr)
    with bars() as progress:
        done = score_images(store, task, args.device, progress)
    for record in done:
        if record["error"]:
            print(f"error: {record['error']}", file=sys.stderr)
        elif record["note"]:
            print(f"warning: {record['image']}: {record['note']}", file=sys.stderr)
    lines = [f"{record['image']}  {record['image_score']:.4f}  {_verdict(record)}" for record in done
             if record["image_score"] is not None]
    said = [in_use(chosen, used).sentence] if task.rule == CHOSEN else []
    said += [why] if (why := Familiar.read(store.curves(chosen).heldout).why_unknown) else []
    print_answer(args, done, [*lines, *said, f"written to {shown(task.output.folder)}"])
    return 2 if any(record["error"] for record in done) else 0


def _verdict(record: Mapping[str, Any]) -> str:
    """The prediction in words; none for a photo that is unlike the training photos."""
    if record["unlike"]:
        return "no verdict: unlike anything the memory bank knows"
    words = {True: "defective", False: "good", None: "no threshold known"}
    return words[record["defective"]] + (", in the review zone" if record["review_zone"] else "")
