"""Inspect: the results of a session, with all arrays packed in files, so that hundreds of images take little memory.

In memory stay the thumbnail and the numbers of each image, about 6 KB, and the arrays of the last few that were looked
at. The temporary folder goes with the session.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, TypeVar

import numpy as np

from pages.ui.inspect.scores import Brief, Scored
from patchcore_core.errors import DataError
from patchcore_core.model.results import Nearest
from patchcore_core.runs.files import reading, writing

MOST = 2000  # results that are kept; of the oldest ones nothing
LOADED = 2  # results whose arrays stay in memory
Key = tuple[str, str, str]  # the run's folder, its state, and the image's content
V = TypeVar("V")


class Kept:
    """Results, or why there is none, by key. Safe for concurrent threads."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="patchcore-inspect-", ignore_cleanup_errors=True)
        self._found: OrderedDict[Key, tuple[Brief, Path] | str] = OrderedDict()
        self._loaded: OrderedDict[Key, Scored] = OrderedDict()
        self._lock, self._number = Lock(), 0

    def __del__(self) -> None:
        self._folder.cleanup()

    def put(self, key: Key, scored: Scored) -> None:
        """Keep a result; StoreError where the disk is full."""
        with self._lock:
            self._number += 1
            path = Path(self._folder.name, f"{self._number}.npz")
        with writing(path):
            np.savez_compressed(path, **_arrays(scored))
        brief = Brief(**{field.name: getattr(scored, field.name) for field in fields(Brief)})
        self._add(key, (brief, path))

    def refuse(self, key: Key, sentence: str) -> None:
        """Keep why there is no result."""
        self._add(key, sentence)

    def brief(self, key: Key) -> Brief | None:
        """What stays in memory of a result, None without one."""
        found = self._found.get(key)
        return found[0] if isinstance(found, tuple) else None

    def refused(self, key: Key) -> str | None:
        """Why there is no result, None where there is one or it is not known yet."""
        found = self._found.get(key)
        return found if isinstance(found, str) else None

    @property
    def bytes(self) -> int:
        """What the results take on disk."""
        return sum(path.stat().st_size for path in Path(self._folder.name).iterdir())

    def __contains__(self, key: Key) -> bool:
        return key in self._found

    def load(self, key: Key) -> Scored:
        """A result with its arrays; DataError where it is no longer kept, StoreError where its file is gone."""
        with self._lock:
            found, loaded = self._found.get(key), self._loaded.get(key)
        if loaded is not None:
            return loaded
        if not isinstance(found, tuple):
            raise DataError("this result is no longer kept; open the image again")
        brief, path = found
        with reading(path), np.load(path, allow_pickle=False) as arrays:
            scored = _scored(brief, dict(arrays))
        with self._lock:
            _put_last(self._loaded, key, scored, LOADED)
        return scored

    def _add(self, key: Key, found: tuple[Brief, Path] | str) -> None:
        with self._lock:
            before = self._found.pop(key, None)
            dropped = [before, *_put_last(self._found, key, found, MOST)]
        for one in dropped:
            if isinstance(one, tuple):
                one[1].unlink(missing_ok=True)


def _put_last(kept: OrderedDict[Key, V], key: Key, value: V, most: int) -> list[V]:
    """Add a value as the newest; the oldest ones that have to go."""
    kept[key] = value
    return [kept.popitem(last=False)[1] for _ in range(len(kept) - most)]


def _arrays(scored: Scored) -> dict[str, Any]:
    nearest = scored.nearest
    arrays: dict[str, Any] = {"anomaly_map": scored.anomaly_map, "patch_scores": scored.patch_scores}
    if nearest is not None:
        arrays |= {"rows": nearest.rows, "distances": nearest.distances, "scales": nearest.scales,
                   "grids": np.array(nearest.grids)}  # fmt: skip
        arrays |= {} if nearest.origin is None else {"origin": nearest.origin}
    return arrays


def _scored(brief: Brief, arrays: dict[str, np.ndarray]) -> Scored:
    nearest = None
    if "rows" in arrays:
        grids = tuple((int(rows), int(columns)) for rows, columns in arrays["grids"])
        nearest = Nearest(arrays["rows"], arrays["distances"], arrays["scales"], grids, arrays.get("origin"))
    return Scored(**vars(brief), anomaly_map=arrays["anomaly_map"], patch_scores=arrays["patch_scores"],
                  nearest=nearest)
