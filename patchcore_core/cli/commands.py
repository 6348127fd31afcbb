"""The commands, one per file, loaded on demand; cli/main.py declares them."""

from __future__ import annotations

import argparse


def run(args: argparse.Namespace) -> int:
    """Run the command in the parsed arguments; return the exit code."""
    match args.command:
        case "fit":
            from patchcore_core.cli.fits.fit import fit as command
        case "sweep":
            from patchcore_core.cli.fits.sweep import sweep as command
        case "queue":
            from patchcore_core.cli.fits.queue import queue as command
        case "evaluate":
            from patchcore_core.cli.evaluate import evaluate as command
        case "teach":
            from patchcore_core.cli.fits.teach import teach as command
        case "score":
            from patchcore_core.cli.scores.score import score as command
        case "report":
            from patchcore_core.cli.report import report as command
        case "sample":
            from patchcore_core.cli.sample import sample as command
        case "runs":
            from patchcore_core.cli.stored import runs as command
        case "show":
            from patchcore_core.cli.stored import show as command
        case "verdicts":
            from patchcore_core.cli.reviewed import verdicts as command
        case "thresholds":
            from patchcore_core.cli.reviewed import thresholds as command
        case "label":
            from patchcore_core.cli.keeping.labels import label as command
        case "delete":
            from patchcore_core.cli.keeping.trash import delete as command
        case "restore":
            from patchcore_core.cli.keeping.trash import restore as command
        case "drop-maps":
            from patchcore_core.cli.keeping.trash import drop as command
        case "disk":
            from patchcore_core.cli.keeping.trash import disk as command
        case "export-run":
            from patchcore_core.cli.keeping.files import export as command
        case "import-run":
            from patchcore_core.cli.keeping.files import take as command
        case _:
            raise AssertionError(args.command)
    return command(args)
