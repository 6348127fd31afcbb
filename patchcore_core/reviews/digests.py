"""Cached SHA-256 digests of photos, so that no photo is read twice."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from patchcore_core.data.files.content import content_keys


class Digests:
    """SHA-256 of photos, cached in the store with the file size and time they were computed at."""

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        rows = connection.execute("SELECT path, bytes, changed_ns, content FROM photos") if connection else ()
        kinds = [bytes, int, int, str]  # an invalid row: the photo is read again
        self._known = {row[0]: tuple(row[1:]) for row in rows if [type(value) for value in row] == kinds}
        self.found: dict[bytes, tuple[int, int, str]] = {}

    def of(self, path: Path, sizes: set[int] | None = None) -> str:
        """Of one photo; "" if its size is none of `sizes`. An unreachable photo keeps its cached digest."""
        name = os.fsencode(path)
        known = self._known.get(name)
        try:
            status = path.stat()
        except (OSError, ValueError):
            return known[2] if known else ""
        if sizes is not None and status.st_size not in sizes:
            return ""
        stamp = (status.st_size, status.st_mtime_ns)
        if known is None or known[:2] != stamp:
            known = (*stamp, content_keys([path])[0])
            if known[2]:
                self.found[name] = self._known[name] = known
        return known[2]

    def size(self, path: Path) -> int:
        """The size in bytes of a photo with a cached digest."""
        return self._known[os.fsencode(path)][0]

    def keep(self, connection: sqlite3.Connection) -> None:
        """Store the computed digests."""
        rows = [(path, *known) for path, known in self.found.items()]
        connection.executemany("INSERT OR REPLACE INTO photos VALUES (?, ?, ?, ?)", rows)
