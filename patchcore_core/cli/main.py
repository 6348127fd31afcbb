"""The command line: arguments and exit codes.

Exit codes: 0 done, 2 bad input or a failed fit (one sentence on standard error), 130 cancelled by Ctrl-C, SIGTERM, or
SIGHUP (terminal closed). Each command is in a file of its own, which cli/commands.py loads once it is known, so that
--help is instant.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from patchcore_core.cli.keeping.options import add_keeping
from patchcore_core.cli.options import add_configuration, add_mlflow, add_tables, number
from patchcore_core.config import PRESETS
from patchcore_core.errors import PatchCoreError

STATES = ("finished", "running", "queued", "failed", "cancelled", "lost")
QUEUE_ACTIONS = ("list", "work", "cancel", "pause", "resume", "retry", "first")


class OneSentence(argparse.ArgumentParser):
    """A parser that reports bad arguments in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and exit with 2."""
        print(f"error: {message}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a file name must not break a terminal
    args = parser().parse_args(argv)
    _cancel_on_signals()
    try:
        from patchcore_core.cli import commands

        return commands.run(args)
    except PatchCoreError as error:
        from patchcore_core.cli.output import report_error

        report_error(error, None)
        return 2
    except KeyboardInterrupt as cancelled:
        print(f"error: {str(cancelled) or 'cancelled'}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output, such as `head`, has ended
        from patchcore_core.cli.output import forget_output

        forget_output()
        return 0


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; `args.command` is the name of the chosen one."""
    top = OneSentence(prog="patchcore_core", description="Fit PatchCore, score images with it, and keep the runs.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=OneSentence)

    _add_fit(commands)
    _add_many(commands)
    score = commands.add_parser("score", help="score images with a run", description=_SCORE)
    score.add_argument("run", metavar="RUN", help="id of a finished run")
    score.add_argument("images", nargs="+", metavar="IMAGE", help="image files, or folders of them")
    score.add_argument("--out", metavar="DIR", help="where to write (default: scores/RUN, or a numbered one)")
    score.add_argument("--coco", metavar="FILE", help="write the predicted regions as one JSON file of COCO, too")
    score.add_argument("--overwrite", action="store_true", help="write over files that are there; else it is refused")
    score.add_argument("--threshold", type=number(float), help="image score from which a part counts as defective")
    score.add_argument("--pixel-threshold", type=number(float), help="score from which a pixel counts as defective")
    score.add_argument("--device", default="auto", help="auto, cpu or cuda")

    judge = commands.add_parser("evaluate", help="evaluate a run on another test set", description=_EVALUATE)
    judge.add_argument("run", metavar="RUN", help="id of a finished run")
    judge.add_argument("dataset", metavar="DATASET", help="folder of one category with test images")
    judge.add_argument("--category", metavar="C", help="the category, where the folder holds several")
    judge.add_argument("--device", default="auto", help="auto, cpu or cuda")

    teach = commands.add_parser("teach", help="add good photos to a run's memory bank", description=_TEACH)
    teach.add_argument("run", metavar="RUN", help="id of a finished run")
    teach.add_argument("images", nargs="+", metavar="IMAGE", help="good photos: test images of the run, or others")
    teach.add_argument("--dry-run", action="store_true", help="print what would change, and keep nothing")

    _add_runs(commands)
    show = commands.add_parser("show", help="everything known of one run", description="Show one run.")
    show.add_argument("run", metavar="RUN", help="id of a run")
    for add in (_add_reviewed, add_keeping, _add_report):
        add(commands)
    sample = commands.add_parser("sample", help="write the built-in sample set", description=_SAMPLE)
    sample.add_argument("folder", metavar="DIR", help="folder to write it to")
    for name in ("fit", "sweep", "runs", "show", "evaluate"):
        add_tables(commands.choices[name])
    for name in ("fit", "sweep", "evaluate"):
        add_mlflow(commands.choices[name])
    for name, command in commands.choices.items():
        command.add_argument("--json", action="store_true", help="print JSON")
        if name != "sample":
            command.add_argument("--runs", metavar="DIR", help="folder of the runs (default: $PATCHCORE_RUNS or runs)")
    return top


def _add_fit(commands: argparse._SubParsersAction[OneSentence]) -> None:
    """The command that fits categories with one configuration."""
    fit = commands.add_parser("fit", help="fit one or all categories of a dataset", description=_FIT)
    fit.add_argument("dataset", nargs="?", metavar="DATASET", help="folder of one category, or of category folders")
    fit.add_argument("--category", nargs="+", action="extend", metavar="C", help="only these categories")
    fit.add_argument("--exclude", action="append", default=[], metavar="PATH", help=_EXCLUDE)
    fit.add_argument("--preset", metavar="P", default="quick", help=f"{', '.join(PRESETS)} (default: quick)")
    fit.add_argument("--dry-run", action="store_true", help="print what it would cost, and fit nothing")
    fit.add_argument("--run-id", help=argparse.SUPPRESS)  # take up this queued run
    fit.add_argument("--within", metavar="DIR", action="append",
                     help="follow no link that leads out of this folder; repeat for several (default: follow all)")
    add_configuration(fit)


def _add_many(commands: argparse._SubParsersAction[OneSentence]) -> None:
    """The commands for many fits: a grid of them, and what waits to be computed."""
    sweep = commands.add_parser("sweep", help="fit every combination of several settings", description=_SWEEP)
    sweep.add_argument("dataset", nargs="*", metavar="DATASET", help="folders of one category, or of category folders")
    sweep.add_argument("--set", nargs="+", action="extend", metavar="FIELD=V1,V2", help=_SET)
    sweep.add_argument("--file", metavar="TOML", help="read what to fit from a file; options add to it")
    sweep.add_argument("--category", nargs="+", action="extend", metavar="C", help="only these categories")
    sweep.add_argument("--exclude", action="append", default=[], metavar="PATH", help=_EXCLUDE)
    sweep.add_argument("--preset", metavar="P", help=f"{', '.join(PRESETS)} (default: quick)")
    sweep.add_argument("--dry-run", action="store_true", help="print what it would cost, and fit nothing")
    sweep.add_argument("--skip-impossible", action="store_true", help="fit the others of a grid where some cannot work")
    sweep.add_argument("--within", metavar="DIR", action="append",
                       help="follow no link that leads out of this folder; repeat for several (default: follow all)")
    add_configuration(sweep)
    queue = commands.add_parser("queue", help="what waits to be computed, and in which order", description=_QUEUE)
    queue.add_argument("action", nargs="?", metavar="ACTION", default="list", choices=QUEUE_ACTIONS,
                       help=f"{', '.join(QUEUE_ACTIONS)} (default: list)")
    queue.add_argument("run", nargs="*", metavar="RUN", help="ids of runs, or names of sweeps")
    queue.add_argument("--all", action="store_true", help="all that are in the queue")


def _add_runs(commands: argparse._SubParsersAction[OneSentence]) -> None:
    """The command that lists the store."""
    runs = commands.add_parser("runs", help="list the runs, newest first", description=_RUNS)
    runs.add_argument("--category", nargs="+", action="extend", metavar="C", help="only runs of these categories")
    runs.add_argument("--status", nargs="+", action="extend", choices=STATES, metavar="STATUS",
                      help=f"only runs of these states: {', '.join(STATES)}")
    runs.add_argument("--archived", action="store_true", help="list archived runs, too")
    runs.add_argument("--sort", metavar="FIGURE", help=_SORT)


def _add_reviewed(commands: argparse._SubParsersAction[OneSentence]) -> None:
    """The commands on what reviewers said and chose."""
    said = commands.add_parser("verdicts", help="what reviewers said of a run's images", description=_VERDICTS)
    said.add_argument("run", metavar="RUN", help="id of a finished run")
    said.add_argument("--csv", metavar="FILE", help="write a CSV file")
    chosen = commands.add_parser("thresholds", help="the thresholds that a run is used with", description=_THRESHOLDS)
    chosen.add_argument("run", metavar="RUN", help="id of a finished run")
    chosen.add_argument("--image", type=number(float), metavar="SCORE", help="use this image threshold")
    chosen.add_argument("--pixel", type=number(float), metavar="SCORE", help="use this pixel threshold")
    chosen.add_argument("--review-from", type=number(float), metavar="SCORE", help="start the review zone here")
    chosen.add_argument("--held-out", action="store_true", help="go back to the run's own thresholds")
    chosen.add_argument("--author", metavar="NAME", help="who chooses (default: $PATCHCORE_AUTHOR or the login name)")


def _add_report(commands: argparse._SubParsersAction[OneSentence]) -> None:
    """The command that writes what is shown to people who have no dashboard."""
    report = commands.add_parser("report", help="write runs as one offline HTML file", description=_REPORT)
    report.add_argument("run", nargs="+", metavar="RUN", help="ids of finished runs of one category, the first leads")
    report.add_argument("--out", metavar="FILE", required=True, help="the HTML file to write")
    report.add_argument("--overwrite", action="store_true", help="write over a file that is there; else it is refused")
    report.add_argument("--pdf", action="store_true", help="print it to a PDF beside it too, with Chromium or Chrome")
    report.add_argument("--example", action="append", default=[], metavar="IMAGE",
                        help="a test image to present, by its path in the dataset; repeat it, in their order "
                             "(default: the best and the worst)")
    report.add_argument("--images", type=number(int), default=60, metavar="N", help="at most so many to look into (60)")
    report.add_argument("--no-evidence", action="store_true", help="load no network, and show no training patches")


_FIT = (
    "Fit every named category, or all of a folder of categories, and evaluate it on its test images. A fit that "
    "exists already is shown, not repeated. Every field of the configuration can be set on top of the preset."
)
_SWEEP = (
    "Fit every combination of the values of --set on every category, and print the records of `fit` in the order of "
    "the grid. What the fits have in common is computed once. Every other field is an option, and holds for all."
)
_SET = (
    "a field of the configuration and its values; lists with + between their parts, as in "
    "layers=blocks.2+blocks.4,blocks.3; the last field named changes fastest"
)
_QUEUE = (
    "List what waits, is computed or has ended in the queue of the store; or cancel, pause or resume it, have it "
    "computed first, or retry what failed or was cancelled. `work` computes what waits, as a dashboard does by itself."
)
_EXCLUDE = (
    "leave this photo, or all photos of this folder, out of learning and testing; a path relative to the dataset or to "
    "the category, or absolute; may be given several times"
)
_SCORE = (
    "Write for each image its anomaly map (32-bit float .npy and a picture), the map laid over the photo and the "
    "predicted mask, all at the photo's own size, and the scores of all images as JSON and CSV."
)
_RUNS = "List the runs with their labels, main figures and the means over categories, newest first."
_SORT = (
    "order by a figure, the best first, such as aupro or image_auroc, by seconds, the least first, or by category, "
    "status or created (default: newest first)"
)
_EVALUATE = "Score a dataset's test images with the memory bank of a run and print the metrics."
_TEACH = (
    "Add good photos, such as false alarms, to the memory bank of a run, as a new run that names it; the run itself "
    "stays as it is. Prints what changes: the photos' scores, the threshold, and other outcomes that flip."
)
_REPORT = (
    "Write runs of one category as one HTML file for people without a dashboard: what they find and stop by mistake in "
    "plain words, costs, examples, and images with their maps to look into. It opens from disk without a network."
)
_VERDICTS = "Print every verdict that was given on the images of a run, oldest first, undone ones included."
_THRESHOLDS = (
    "Print the thresholds with which `score` and the pages use a run, and who chose them; or choose others, which are "
    "stored with author and time."
)
_SAMPLE = "Write the built-in sample set: generated photographs of two textures in the MVTec AD layout."


def _cancel_on_signals() -> None:
    """Handle SIGTERM and SIGHUP, which a closed terminal sends, like Ctrl-C; `nohup` keeps ignoring SIGHUP."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    hangup = getattr(signal, "SIGHUP", None)  # not on Windows
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        signal.signal(hangup, _as_interrupt)


def _as_interrupt(_signal: int, _frame: object) -> NoReturn:
    from patchcore_core.cli.output import Ended

    raise Ended
