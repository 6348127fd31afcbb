"""Named views of Review, shared by all users of a store: the address of its page.

Append-only, as with verdicts, in the same file: the newest entry of a name counts, one with an empty address deletes
the view, and undo adds the previous entry again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from urllib.parse import parse_qs

from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.reviews import verdict_file
from patchcore_core.reviews.verdict_file import storable
from patchcore_core.runs.folder import now

LONGEST = {"name": 200, "author": 200, "address": 8000}  # characters
TAKEN_AWAY = ""
_WHAT = "saved views"


@dataclass(frozen=True)
class SavedView:
    """One entry: `query` is the query string, empty if the view was deleted.

    `saved_at` is ISO time in UTC; `id` grows with every entry of the store.
    """

    id: int
    saved_at: str
    author: str
    name: str
    query: str

    @property
    def run(self) -> str:
        """The id of the run in the address, "" without one."""
        return parse_qs(self.query, errors="replace").get("run", [""])[-1]


_NAMES = [field.name for field in fields(SavedView)]
_COLUMNS = ", ".join(_NAMES)
_KINDS = {name: int if name == "id" else str for name in _NAMES}
_NEWEST = f"SELECT {_COLUMNS} FROM views WHERE id IN (SELECT max(id) FROM views GROUP BY name)"
_OF_NAME = f"SELECT {_COLUMNS} FROM views WHERE name = ? ORDER BY id"


class SavedViews:
    """The saved views of the store in `root`. Safe for concurrent threads and processes.

    Every method raises StoreError with one sentence if the file cannot be read or written, as `Verdicts` does. Reading
    an empty store writes nothing.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def save(self, name: str, query: str, author: str) -> SavedView:
        """Save an address, `run=...&threshold=...`, under a name; it replaces a view of the same name.

        All parameters and names are kept unchanged, apart from characters that cannot be stored. ConfigError if one of
        the three is empty or too long.
        """
        values = {"name": _checked("name", name), "query": _checked("address", query.removeprefix("?")),
                  "author": _checked("author", author)}  # fmt: skip
        return self._add(SavedView(id=0, saved_at="", **values))

    def list(self, run_id: str | None = None) -> tuple[SavedView, ...]:
        """The current view of each name: those of this run first, then the others, by name."""
        found = [view for view in self._entries(_NEWEST) if view.query != TAKEN_AWAY]
        return tuple(sorted(found, key=lambda view: (view.run != run_id, view.name.casefold(), view.name)))

    def delete(self, name: str, author: str) -> SavedView:
        """Delete the view of this name, and return the entry. StoreError if there is none."""
        who = _checked("author", author)
        before = self.history(name)
        if not before or before[-1].query == TAKEN_AWAY:
            raise StoreError("there is no saved view of this name any more")
        return self._add(replace(before[-1], query=TAKEN_AWAY, author=who), after=before[-1].id)

    def undo(self, entry: SavedView, author: str) -> SavedView:
        """Restore the state before `entry`.

        A second undo restores `entry`. StoreError if somebody saved or deleted under this name since.
        """
        who = _checked("author", author)
        before = [other for other in self.history(entry.name) if other.id < entry.id]
        query = before[-1].query if before else TAKEN_AWAY
        return self._add(replace(entry, query=query, author=who), after=entry.id)

    def history(self, name: str) -> tuple[SavedView, ...]:
        """All entries of a name, oldest first, including deletions."""
        return self._entries(_OF_NAME, (storable(name).strip(),))

    def _entries(self, query: str, values: tuple[str, ...] = ()) -> tuple[SavedView, ...]:
        with verdict_file.reading(self.root, _WHAT) as connection:
            if connection is None:
                return ()
            return tuple(SavedView(**verdict_file.values_of(row, _KINDS)) for row in connection.execute(query, values))

    def _add(self, view: SavedView, after: int | None = None) -> SavedView:
        """Add the entry and flush it to disk; `after`: the id that must still be the newest of its name."""
        added = replace(view, saved_at=now())
        with verdict_file.writing(self.root, _WHAT) as connection:
            newest = connection.execute("SELECT max(id) FROM views WHERE name = ?", (view.name,)).fetchone()[0]
            if after is not None and newest != after:
                raise StoreError("the view of this name was saved or deleted meanwhile; reload the list")
            row = connection.execute(f"INSERT INTO views ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?)",
                                     (added.saved_at, added.author, added.name, added.query))
            return replace(added, id=int(row.lastrowid or 0))


def _checked(what: str, text: str) -> str:
    kept = storable(text).strip()
    if not kept:
        raise ConfigError(f"a view's {what} must not be empty")
    if len(kept) > LONGEST[what]:
        raise ConfigError(f"a view's {what} must have at most {LONGEST[what]} characters, got {len(kept)}")
    return kept
