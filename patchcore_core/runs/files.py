"""Reading and writing single files so that no reader ever sees half of one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from patchcore_core.errors import StoreError
from patchcore_core.lasting import replaced

TEXT: dict[str, Any] = {"encoding": "utf-8", "errors": "surrogateescape"}  # file names may hold any bytes

LARGEST_JSON = 2**26  # bytes


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write into a StoreError that names the path and the cause."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{error.filename or path}: cannot be written: {cause(error)}") from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a damaged or missing file provokes in its parser into a StoreError naming the file."""
    try:
        yield
    except StoreError:
        raise
    except FileNotFoundError as error:
        raise StoreError(f"{path}: the file is missing") from error
    except Exception as error:  # zip, csv, numpy and json each have their own errors for a damaged file
        raise StoreError(f"{path}: cannot be read, damaged or truncated: {cause(error)}") from error


def cause(error: BaseException) -> str:
    """The error in a few words, without the path."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return next(iter(words.strip().rstrip(".").splitlines()), "") or type(error).__name__


def refuse_larger(path: Path, most: int) -> None:
    """ValueError for a file of more than `most` bytes, before it is read."""
    if (found := path.stat().st_size) > most:
        raise ValueError(f"it has {found} bytes, more than the {most} that are plausible")


def leads_outside(name: str) -> bool:
    """Whether the path, which should be relative to a folder, may point outside it."""
    path = Path(name)
    return path.is_absolute() or ".." in path.parts or "\0" in name


def for_spreadsheet(text: str) -> str:
    """The text as a CSV cell safe from formula injection: an apostrophe before formula characters."""
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text


def write_json(path: Path, values: Any, synced: bool = True) -> None:
    """As `write_bytes`."""
    write_bytes(path, (json.dumps(values, indent=1, allow_nan=False, ensure_ascii=False) + "\n").encode(**TEXT), synced)


def write_bytes(path: Path, data: bytes, synced: bool = True) -> None:
    """Write atomically: the file is whole, or as it was before; if `synced`, after a power failure too."""
    with replaced(path, synced) as beside:
        beside.write_bytes(data)


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file; StoreError if there is none."""
    with reading(path):
        refuse_larger(path, LARGEST_JSON)
        values = json.loads(path.read_text(**TEXT))
        if not isinstance(values, dict):
            raise ValueError(f"expected a JSON object, got {type(values).__name__}")
        return values
