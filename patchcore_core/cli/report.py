"""`report`: runs in plain words as one HTML file, and as a PDF."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from patchcore_core.cli.output import bars, print_answer, warn
from patchcore_core.cli.stored import finished
from patchcore_core.data.images import shown
from patchcore_core.errors import ConfigError, PatchCoreError, StoreError
from patchcore_core.exports.present.evidence import Explains
from patchcore_core.exports.present.presented import Presented
from patchcore_core.exports.report.report import report as made_of
from patchcore_core.jobs.jobs import run_program
from patchcore_core.runs.files import write_bytes, writing
from patchcore_core.runs.store import RunStore

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge",
            "chromium-headless-shell")  # fmt: skip
PATIENCE = 180.0  # seconds for a PDF


def report(args: argparse.Namespace) -> int:
    """Write the file, and the PDF beside it where it is asked for."""
    store = RunStore(args.runs)
    runs = [Presented.of(store, finished(store, name)) for name in dict.fromkeys(args.run)]
    places = [Path(args.out), *([Path(args.out).with_suffix(".pdf")] if args.pdf else [])]
    _refuse(args, runs, places)
    browser = _browser() if args.pdf else ""
    model = None if args.no_evidence else _model(store, runs[0])
    with bars() as progress:
        made = made_of(runs, args.example, model=model, most=args.images, progress=progress)
    with writing(places[0]):
        write_bytes(places[0], made.content)
    if args.pdf:
        print_pdf(browser, places[0], places[1])
    size = len(made.content)
    record = {"out": str(places[0]), "bytes": size, "images": made.images, "photo_side": made.side,
              "pdf": str(places[1]) if args.pdf else None}
    lines = [f"{shown(places[0])}: {size / 1e6:.1f} MB, {made.images} images to look into"]
    print_answer(args, record, [*lines, *(shown(place) for place in places[1:])])
    return 0


def print_pdf(browser: str, page: Path, pdf: Path) -> None:
    """Print a local page; StoreError where that fails or takes more than three minutes."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        target = Path(profile, "report.pdf")
        command = [browser, "--headless", "--disable-gpu", "--no-first-run", f"--user-data-dir={profile}",
                   "--run-all-compositor-stages-before-draw", "--virtual-time-budget=20000", "--no-pdf-header-footer",
                   f"--print-to-pdf={target}", page.absolute().as_uri()]  # fmt: skip
        if getattr(os, "geteuid", lambda: 1)() == 0:
            command.insert(1, "--no-sandbox")  # which Chromium does not start without, for this user; the page is ours
        run_program(command, "printing the PDF", _patient)
        if not target.is_file():
            raise StoreError(f"{shown(pdf)}: the browser {shown(browser)} wrote no PDF")
        with writing(pdf):
            write_bytes(pdf, target.read_bytes())


def _refuse(args: argparse.Namespace, runs: Sequence[Presented], places: Sequence[Path]) -> None:
    """Everything that would be in the way, before anything is computed."""
    if args.images < 1:
        raise ConfigError(f"--images must be 1 or more, got {args.images}")
    if args.pdf and places[0].suffix == ".pdf":
        raise ConfigError(f"--out must name the HTML file, got {shown(places[0])}; the PDF is written beside it")
    if unknown := [name for name in args.example if runs[0].row_of(name) is None]:
        raise ConfigError(f"run {runs[0].run.id} has no test image {shown(unknown[0])}")
    for place in places:
        if os.path.lexists(place) and not args.overwrite:
            raise StoreError(f"{shown(place)}: exists already; name another file, or give --overwrite")


def _browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), "")
    if not found:
        raise ConfigError(f"--pdf needs Chromium or Chrome, and none of {', '.join(BROWSERS)} is in the search path; "
                          "without --pdf, the file can be printed from any browser")  # fmt: skip
    return found


def _model(store: RunStore, one: Presented) -> Explains | None:
    """The model of the run for its evidence; None, with a warning, where it cannot be loaded."""
    from patchcore_core.model.evidence.evidence import Explainer  # brings torch
    from patchcore_core.model.methods import load_detector

    try:
        return Explainer(load_detector(store.bank_folder(one.run)))
    except (PatchCoreError, OSError) as error:
        warn(one.run.category, [f"the evidence is left out: {error}"])
        return None


def _patient(seconds: float) -> None:
    if seconds > PATIENCE:
        raise StoreError(f"printing the PDF took more than {PATIENCE:.0f} seconds")
