"""The commands that keep many runs, as the parser needs them; what they do is loaded later."""

from __future__ import annotations

import argparse
from typing import Any


def add_keeping(commands: argparse._SubParsersAction[Any]) -> None:
    """Declare label, delete, restore, drop-maps, export-run, import-run and disk."""
    _add_label(commands)
    delete = commands.add_parser("delete", help="move runs into the trash", description=_DELETE)
    delete.add_argument("run", nargs="+", metavar="RUN", help="ids of runs that are not at work")
    restore = commands.add_parser("restore", help="take runs back from the trash, or list it", description=_RESTORE)
    restore.add_argument("run", nargs="*", metavar="RUN", help="ids of deleted runs (default: list them)")
    restore.add_argument("--empty", action="store_true", help="remove for good what is in the trash, or these of it")
    drop = commands.add_parser("drop-maps", help="keep the figures of runs, remove their maps", description=_DROP)
    drop.add_argument("run", nargs="+", metavar="RUN", help="ids of finished runs")
    export = commands.add_parser("export-run", help="write runs as checked files", description=_EXPORT)
    export.add_argument("run", nargs="+", metavar="RUN", help="ids of finished runs")
    export.add_argument("--out", metavar="FILE",
                        help="one file for all of them (default: RUN.zip in this folder for each)")
    take = commands.add_parser("import-run", help="take runs from files into the store", description=_IMPORT)
    take.add_argument("file", nargs="+", metavar="FILE", help="files that export-run or Overview has written")
    take.add_argument("--author", metavar="NAME", help=_AUTHOR)
    commands.add_parser("disk", help="what runs and caches take on the disk", description=_DISK)


def _add_label(commands: argparse._SubParsersAction[Any]) -> None:
    label = commands.add_parser("label", help="name, tag, star or archive runs", description=_LABEL)
    label.add_argument("run", nargs="+", metavar="RUN", help="ids of runs")
    label.add_argument("--name", metavar="NAME", help='what the run is called; "" takes the name away')
    label.add_argument("--tag", action="append", default=[], metavar="TAG", help="add a tag; repeat for several")
    label.add_argument("--untag", action="append", default=[], metavar="TAG", help="take a tag away")
    label.add_argument("--note", metavar="TEXT", help='a note; "" takes it away')
    label.add_argument("--star", action=argparse.BooleanOptionalAction, help="mark the run with a star, or no longer")
    label.add_argument("--archive", action=argparse.BooleanOptionalAction,
                       help="leave the run out of what Overview and `runs` list, or no longer")
    label.add_argument("--author", metavar="NAME", help=_AUTHOR)


_AUTHOR = "who says so (default: $PATCHCORE_AUTHOR or the login name)"
_LABEL = "Name, tag, star or archive runs; without options print their labels. The runs' own files stay as they are."
_DELETE = "Move runs into the trash of the store, from which `restore` takes them back for 30 days."
_RESTORE = "Take deleted runs back from the trash of the store; without RUN list what is in it."
_DROP = (
    "Remove the anomaly maps of runs, which take most of their disk. Figures, scores, curves and the memory bank stay; "
    "what is computed for each image from its map at any threshold is computed first."
)
_EXPORT = (
    "Write finished runs as ZIP files with the SHA-256 of all they hold, for `import-run` on any computer: a file "
    "each, or with --out one file of all."
)
_IMPORT = (
    "Take runs into the store from files of `export-run`. Each is checked first, and nothing is overwritten; of a file "
    "of several runs those that the store has already are named and the others taken."
)
_DISK = "Print what maps, memory banks, caches and the trash of the store take."
