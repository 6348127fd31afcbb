"""What reviewers store under a key, beside the verdicts: versions are only ever added, and the newest counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from patchcore_core.errors import StoreError
from patchcore_core.reviews import verdict_file


@dataclass(frozen=True)
class Version:
    """The fields of one are the columns of its table; `id` grows with every version in it."""

    id: int


V = TypeVar("V", bound=Version)


class Versions(Generic[V]):
    """The versions in one table of the store in `root`. Safe for concurrent threads and processes.

    Every method raises StoreError with one sentence if the file cannot be read or written, as `Verdicts` does. Reading
    an empty store writes nothing.
    """

    def __init__(
        self, root: Path | str, kind: type[V], table: str, key: str, what: str, read: Callable[[Sequence[Any]], V]
    ) -> None:
        """key: the column whose value is the key. what: the versions are called in errors. read: makes one of the
        columns' values, in the order of the fields; DamagedEntryError where they are invalid."""
        self.root, self._key, self._what, self._read = Path(root), key, what, read
        self._names = [field.name for field in fields(kind)]
        columns = ", ".join(self._names)
        self._newest = f"SELECT {columns} FROM {table} WHERE id IN (SELECT max(id) FROM {table} GROUP BY {key})"
        self._of_key = f"SELECT {columns} FROM {table} WHERE {key} = ? ORDER BY id"
        self._last = f"SELECT max(id) FROM {table} WHERE {key} = ?"
        self._insert = f"INSERT INTO {table} ({columns}) VALUES (NULL{', ?' * (len(self._names) - 1)})"

    def newest(self) -> tuple[V, ...]:
        """The newest of each key."""
        return self._rows(self._newest)

    def history(self, key: str) -> tuple[V, ...]:
        """All of a key, oldest first."""
        return self._rows(self._of_key, (key,))

    def before(self, version: V) -> V | None:
        """The one that counted before this one; None where it was the first of its key."""
        earlier = [other for other in self.history(getattr(version, self._key)) if other.id < version.id]
        return earlier[-1] if earlier else None

    def add(self, version: V, after: int | None = None, changed: str = "") -> V:
        """Add it under the next id, and flush it to disk; `after`: the id that must still be the newest of its key
        (0: there is none yet), else StoreError that says `changed`."""
        with verdict_file.writing(self.root, self._what) as connection:
            last = connection.execute(self._last, (getattr(version, self._key),)).fetchone()[0]
            if after is not None and (last or 0) != after:
                raise StoreError(changed)
            row = connection.execute(self._insert, [getattr(version, name) for name in self._names if name != "id"])
            return replace(version, id=int(row.lastrowid or 0))

    def _rows(self, query: str, values: tuple[str, ...] = ()) -> tuple[V, ...]:
        with verdict_file.reading(self.root, self._what) as connection:
            if connection is None:
                return ()
            return tuple(self._read(row) for row in connection.execute(query, values).fetchall())
