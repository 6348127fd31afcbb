"""What counts in a store now: the newest verdict of every photo, and the tags in use; read once, then only what is new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from patchcore_core.reviews.verdicts import Entry, Photo, Verdicts
from patchcore_core.reviews.words import TAKEN_BACK


class Standing:
    """The verdicts of the store in `root` as `Verdicts` has them. Safe for concurrent threads.

    Every method raises StoreError as those of `Verdicts` do.
    """

    def __init__(self, root: Path | str) -> None:
        self._verdicts = Verdicts(root)
        self._lock = Lock()
        self._newest: dict[tuple[str, int, str], Entry] = {}
        self._tags: Counter[str] = Counter()
        self._revision = 0

    def latest(self, photos: Sequence[Photo]) -> dict[int, Entry]:
        """As `Verdicts.latest`, which is asked where the content of a photo is not recorded."""
        if not all(photo.content for photo in photos):
            return self._verdicts.latest(photos)
        with self._lock:
            self._read()
            found = {place: self._newest.get(photo.key) for place, photo in enumerate(photos)}
        return {place: entry for place, entry in found.items() if entry is not None and entry.verdict != TAKEN_BACK}

    def tags(self) -> list[str]:
        """All tags in use, the most frequent first."""
        with self._lock:
            self._read()
            return [tag for tag, _ in self._tags.most_common()]

    def _read(self) -> None:
        revision = self._verdicts.revision()
        if revision < self._revision:  # another file
            self._newest.clear()
            self._tags.clear()
            self._revision = 0
        for entry in self._verdicts.entries(self._revision) if revision > self._revision else ():
            self._newest[entry.key], self._revision = entry, entry.id
            self._tags.update(entry.tags)
