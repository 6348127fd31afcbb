"""Named views of Review, shared by all users of a store: the address of its page.

Append-only, as with verdicts, in the same file: the newest entry of a name counts, one with an empty address deletes
the view, and undo adds the previous entry again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from urllib.parse import parse_qs

from patchcore_core.errors import StoreError
from patchcore_core.reviews.verdict_file import storable, values_of
from patchcore_core.reviews.versions import Version, Versions
from patchcore_core.reviews.words import checked
from patchcore_core.runs.folder import now

TAKEN_AWAY = ""


@dataclass(frozen=True)
class SavedView(Version):
    """One entry: `query` is the query string, empty if the view was deleted.

    `saved_at` is ISO time in UTC; `id` grows with every entry of the store.
    """

    saved_at: str
    author: str
    name: str
    query: str

    @property
    def run(self) -> str:
        """The id of the run in the address, "" without one."""
        return parse_qs(self.query, errors="replace").get("run", [""])[-1]


_KINDS = {field.name: int if field.name == "id" else str for field in fields(SavedView)}


class SavedViews:
    """The saved views of the store in `root`; errors and safety as in `Versions`."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self._views = Versions(root, SavedView, "views", "name", "saved views",
                               lambda row: SavedView(**values_of(row, _KINDS)))

    def save(self, name: str, query: str, author: str) -> SavedView:
        """Save an address, `run=...&threshold=...`, under a name; it replaces a view of the same name.

        All parameters and names are kept unchanged, apart from characters that cannot be stored. ConfigError if one of
        the three is empty or too long.
        """
        values = {"name": checked("name", name, "view"), "author": checked("author", author, "view"),
                  "query": checked("address", query.removeprefix("?"), "view")}  # fmt: skip
        return self._views.add(SavedView(id=0, saved_at=now(), **values))

    def list(self, run_id: str | None = None) -> tuple[SavedView, ...]:
        """The current view of each name: those of this run first, then the others, by name."""
        found = [view for view in self._views.newest() if view.query != TAKEN_AWAY]
        return tuple(sorted(found, key=lambda view: (view.run != run_id, view.name.casefold(), view.name)))

    def delete(self, name: str, author: str) -> SavedView:
        """Delete the view of this name, and return the entry. StoreError if there is none."""
        who = checked("author", author, "view")
        before = self.history(name)
        if not before or before[-1].query == TAKEN_AWAY:
            raise StoreError("there is no saved view of this name any more")
        return self._replace(before[-1], TAKEN_AWAY, who)

    def undo(self, entry: SavedView, author: str) -> SavedView:
        """Restore the state before `entry`.

        A second undo restores `entry`. StoreError if somebody saved or deleted under this name since.
        """
        who, before = checked("author", author, "view"), self._views.before(entry)
        return self._replace(entry, before.query if before else TAKEN_AWAY, who)

    def history(self, name: str) -> tuple[SavedView, ...]:
        """All entries of a name, oldest first, including deletions."""
        return self._views.history(storable(name).strip())

    def _replace(self, entry: SavedView, query: str, author: str) -> SavedView:
        """Add an entry in place of this one, which must still be the newest of its name."""
        added = replace(entry, query=query, author=author, saved_at=now())
        return self._views.add(added, entry.id, "the view of this name was saved or deleted meanwhile; reload the list")
