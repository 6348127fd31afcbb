"""Each command in a file of its own, loaded when it is asked for; cli/main.py says which there are."""

from __future__ import annotations

import argparse


def run(args: argparse.Namespace) -> int:
    """Do what the parsed arguments ask for; the exit code."""
    match args.command:
        case "fit":
            from patchcore_core.cli.fit import fit as command
        case "evaluate":
            from patchcore_core.cli.evaluate import evaluate as command
        case "score":
            from patchcore_core.cli.score import score as command
        case "sample":
            from patchcore_core.cli.sample import sample as command
        case "runs":
            from patchcore_core.cli.stored import runs as command
        case "show":
            from patchcore_core.cli.stored import show as command
        case _:
            raise AssertionError(args.command)
    return command(args)
