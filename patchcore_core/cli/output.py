"""Output of the commands: results as JSON or text, warnings and errors, progress bars."""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from patchcore_core.cli.tables.layout import BOLD, PLAIN
from patchcore_core.errors import PatchCoreError, StoreError
from patchcore_core.progress import Progress
from patchcore_core.runs.files import cause
from patchcore_core.runs.record import Run
from patchcore_core.runs.time_left import TimeLeft, rough

BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"  # tqdm's own estimate of the time left fluctuates
_LOG = logging.getLogger(__name__)


class Ended(KeyboardInterrupt):
    """The process was asked to end by SIGTERM or SIGHUP, and not by Ctrl-C."""


class Bar(tqdm):
    """A bar that can be thrown away half made: Ctrl-C may come while it is made, and tqdm would complain in __del__."""

    disable = True  # until its own is set


@contextmanager
def bars(title: str | None = None) -> Iterator[Progress]:
    """A progress bar per stage on standard error, if that is a terminal."""
    shown: dict[str, Bar] = {}
    time_left = TimeLeft()

    def progress(stage: str, done: int, total: int) -> None:
        if stage not in shown:
            for bar in shown.values():
                bar.close()
            label = f"{title} {stage}" if title else stage
            shown[stage] = Bar(
                desc=label, total=total, file=sys.stderr, disable=not sys.stderr.isatty(), bar_format=BAR
            )
        bar, left = shown[stage], time_left.note(stage, done, total, time.monotonic())
        bar.total = total
        bar.set_postfix_str("" if math.isnan(left) or left <= 0 else f"about {rough(left)} left", refresh=False)
        bar.update(done - bar.n)

    try:
        yield progress
    finally:
        for bar in shown.values():
            bar.close()


@contextmanager
def whole_bar(title: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """A bar for several runs together, if standard error is a terminal: it is told how many are done, and some words
    on the others."""
    bar = Bar(desc=title, total=total, file=sys.stderr, disable=not sys.stderr.isatty(), bar_format=BAR)

    def show(done: int, words: str) -> None:
        bar.set_postfix_str(words, refresh=False)
        bar.update(done - bar.n)
        bar.refresh()

    try:
        yield show
    finally:
        bar.close()


def say_ended(place: int, total: int, title: str, words: str) -> None:
    """`[3 of 12] tile seed=1: finished`: one line on standard error as a fit ends, where no bar is shown there."""
    if not sys.stderr.isatty():
        print(_printable(f"[{place} of {total}] {title}: {words}"), file=sys.stderr, flush=True)


def say(words: str) -> None:
    """A line on standard error, above the bar where one is shown."""
    Bar.write(_printable(words), file=sys.stderr)
    sys.stderr.flush()


def finished_words(run: Run) -> str:
    """`finished in 41.5 s, Image AUROC 0.987`."""
    seconds, auroc = run.seconds.get("total", math.nan), run.metrics.get("image_auroc", math.nan)
    took = "" if math.isnan(seconds) else f" in {seconds:.1f} s"
    return f"finished{took}" + ("" if math.isnan(auroc) else f", Image AUROC {auroc:.3f}")


def print_answer(args: argparse.Namespace, record: Any, lines: list[str]) -> None:
    """Print the record with --json, else the lines."""
    if args.json or lines:
        text = "\n".join(map(_printable, lines))
        try:
            print(json.dumps(record, indent=1, ensure_ascii=False) if args.json else text, flush=True)
        except BrokenPipeError:
            raise
        except OSError as error:  # such as a full disk
            forget_output()
            raise StoreError(f"standard output: cannot be written: {cause(error)}") from error


def forget_output() -> None:
    """Have nothing more written to standard output, not even what is held: it cannot be."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _printable(line: str) -> str:
    """The line without what a terminal would take for a command, but for a title in bold: records of imported runs may
    say anything."""
    from patchcore_core.data.files.image_files import shown  # brings Pillow, which starting does not need

    if line.startswith(BOLD) and line.endswith(PLAIN):
        return f"{BOLD}{shown(line[len(BOLD):-len(PLAIN)])}{PLAIN}"
    return shown(line)


def warn(category: str, sentences: Sequence[str]) -> None:
    """Print each sentence on standard error, with or without --json."""
    for sentence in dict.fromkeys(sentences):
        print(_printable(f"warning: {category}: {sentence}"), file=sys.stderr)


def report_error(error: Exception, category: str | None) -> str:
    """Print the error as one sentence; an unexpected one with its traceback."""
    if not isinstance(error, PatchCoreError):
        _LOG.error("unforeseen", exc_info=error)
    sentence = str(error) if isinstance(error, PatchCoreError) else f"{type(error).__name__}: {error}"
    said = f"error: {category}: {sentence}" if category else f"error: {sentence}"
    print("\n".join(map(_printable, said.split("\n"))), file=sys.stderr)
    return sentence
