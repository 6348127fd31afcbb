"""What people call a run and how they sort it: name, tags, note, star, archived. The run's own files stay as they are.

Append-only, as verdicts are, and in the same file: the newest entry of a run counts, and undo adds the previous one
again. Labels outlive their run, so one that comes back from the trash has its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from patchcore_core.checked import moment
from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.reviews.verdict_file import DamagedEntryError, values_of
from patchcore_core.reviews.versions import Version, Versions
from patchcore_core.reviews.words import checked, checked_tags
from patchcore_core.runs.files import cause
from patchcore_core.runs.folder import now

LABELS = ("name", "tags", "note", "star", "archived")
ATTEMPTS = 5  # to change one label while others change another
SEPARATOR = ", "  # between tags


@dataclass(frozen=True)
class RunLabels(Version):
    """The labels of a run; empty where nobody has given any, with the id 0.

    `tags` are joined by commas, see `tagged`; `star` and `archived` are 0 or 1. `set_at` is ISO time in UTC.
    """

    id: int = 0
    run: str = ""
    name: str = ""
    tags: str = ""
    note: str = ""
    star: int = 0
    archived: int = 0
    author: str = ""
    set_at: str = ""

    @property
    def tagged(self) -> tuple[str, ...]:
        """The tags one by one."""
        return tuple(self.tags.split(SEPARATOR)) if self.tags else ()


_KINDS = {one.name: int if one.name in ("id", "star", "archived") else str for one in fields(RunLabels)}


class RunLabelsOf:
    """The labels of the runs of the store in `root`; errors and safety as in `Versions`."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        self._labels = Versions(root, RunLabels, "run_labels", "run", "labels of runs", _entry)

    def current(self, run: str) -> RunLabels:
        """The labels of a run."""
        return next(iter(reversed(self.history(run))), RunLabels(run=run))

    def all(self) -> dict[str, RunLabels]:
        """The labels of each run that has or had some."""
        return {entry.run: entry for entry in self._labels.newest()}

    def history(self, run: str) -> tuple[RunLabels, ...]:
        """All entries of a run, oldest first."""
        return self._labels.history(run)

    def change(self, run: str, author: str, **labels: Any) -> RunLabels:
        """Set some of `LABELS` (name, note: text; tags: texts; star, archived: bool); the others stay.

        ConfigError for a text that is too long, a tag that is empty or has a comma, too many tags, or no author.
        """
        values = {**stored_labels(labels), "author": checked("author", author, "run"), "set_at": now()}
        for attempt in range(ATTEMPTS):
            before = self.current(run)
            try:
                return self._labels.add(replace(before, **values), before.id, "changed meanwhile")
            except StoreError:
                if attempt == ATTEMPTS - 1 or self.current(run).id == before.id:
                    raise
        raise AssertionError(run)

    def undo(self, entry: RunLabels, author: str) -> RunLabels:
        """Restore the labels before `entry`. StoreError if somebody has changed them since."""
        before = self._labels.before(entry) or RunLabels(run=entry.run)
        values = {name: getattr(before, name) for name in LABELS}
        changed = f"somebody has changed the labels of run {entry.run} since; look at them again"
        added = replace(entry, **values, author=checked("author", author, "run"), set_at=now())
        return self._labels.add(added, entry.id, changed)


def stored_labels(labels: dict[str, Any]) -> dict[str, Any]:
    """Labels as they are stored; ConfigError for invalid ones, as of `RunLabelsOf.change`."""
    if unknown := set(labels) - set(LABELS):
        raise ConfigError(f"a run has the labels {', '.join(LABELS)}, got {', '.join(sorted(unknown))}")
    made: dict[str, Any] = {name: int(bool(value)) for name, value in labels.items() if name in ("star", "archived")}
    if "name" in labels:
        name = str(labels["name"]).strip()
        made["name"] = checked("name", name, "run") if name else ""
    if "note" in labels:
        made["note"] = checked("note", str(labels["note"]), "run")
    if "tags" in labels:
        made["tags"] = SEPARATOR.join(checked_tags(labels["tags"], "run"))
    return made


def _entry(row: Sequence[Any]) -> RunLabels:
    """The entry of a row; DamagedEntryError for an invalid one."""
    values = values_of(row, _KINDS)
    if not {values["star"], values["archived"]} <= {0, 1}:
        raise DamagedEntryError(f"entry {row[0]} is damaged: star and archived must be 0 or 1")
    try:
        moment(values["set_at"], "set_at")
    except ValueError as error:
        raise DamagedEntryError(f"entry {row[0]} is damaged: {cause(error)}") from error
    return RunLabels(**values)
