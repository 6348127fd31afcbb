"""Photos to score, and what lies in a folder afterwards."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np

from tests.tiny import save

PHOTO = np.full((24, 24, 3), 120, np.uint8)


def photos(folder: str, *names: str) -> Path:
    for number, name in enumerate(names):
        save(Path(folder, name), PHOTO + number)
    return Path(folder)


def contents(folder: Path | str) -> dict[str, str]:
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def rows_of(path: str) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
