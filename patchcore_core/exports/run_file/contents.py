"""What is in the file of a run: its table of contents and the names that may occur."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from patchcore_core.checked import one_of
from patchcore_core.codec import reader_of
from patchcore_core.runs.folder import (
    BANK,
    CURVES,
    IMAGES,
    LOG,
    MAP_SUMMARY,
    MAPS,
    RECORD,
    REPLICATES,
    ROW_USE,
    RUN_ID,
    TRAINING_IMAGES,
)

CONTENTS = "contents.json"
KIND, VERSION = "PatchCore Explorer run", 1
IN_FOLDER = (RECORD, IMAGES, CURVES, TRAINING_IMAGES, MAPS, MAP_SUMMARY, ROW_USE, REPLICATES, LOG)
IN_BANK = re.compile(rf"{BANK}/(bank\.json|patches(_\d{{1,6}})?\.safetensors)")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class File:
    """A file of the run: its bytes and their SHA-256."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Labels:
    """What people call the run (reviews/run_labels.py)."""

    name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Contents:
    """The id of the run and its files by name, relative to its folder."""

    kind: Annotated[str, one_of(KIND)]
    version: int
    run: str
    files: dict[str, File]
    labels: Labels = Labels()


def may_be_in(name: str) -> bool:
    """Whether a run has a file of this name: nothing else is written or read, so no path leads anywhere else."""
    return name in IN_FOLDER or IN_BANK.fullmatch(name) is not None


def read_contents(values: Any) -> Contents:
    """The table of contents from plain values; ValueError that names what is invalid."""
    found: Contents = reader_of(Contents)(values, "")
    if found.version != VERSION:
        raise ValueError(f"it is of version {found.version}, this program reads version {VERSION}")
    if not RUN_ID.fullmatch(found.run):
        raise ValueError(f"{found.run[:100]!r} is no id of a run")
    for name, file in found.files.items():
        if not may_be_in(name):
            raise ValueError(f"{name[:200]!r} is no file of a run")
        if not SHA256.fullmatch(file.sha256):
            raise ValueError(f"files.{name}.sha256 must be 64 hexadecimal digits")
    if RECORD not in found.files:
        raise ValueError(f"{RECORD} is missing")
    return found
