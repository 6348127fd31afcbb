"""Where the pictures of evidence stand on this server, and what is to be said of training photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pages.ui.access import OutsideError, allowed
from pages.ui.changed import photo_state
from pages.ui.media import address
from patchcore_core.data.files.content import stamp_of
from patchcore_core.data.images import shown
from patchcore_core.model.detector import TrainingSet
from patchcore_core.runs.contents import CHANGED, PERHAPS
from patchcore_core.runs.store import Run

GONE = "The file is gone, so the patch cannot be shown."
NOTES = {
    CHANGED: "The file has changed since the run: the patch in the memory bank is of the earlier photo.",
    PERHAPS: "The file is newer than the run: the patch in the memory bank may be of an earlier photo.",
}


@dataclass(frozen=True)
class ServerAlbum:
    """Addresses of pictures (`views.widgets.evidence.Album`) of a photo that is shown at `at`, and of the `training`
    photos of a run; `patch_at` gives the address of a patch of the photo by scale, row and column."""

    run: Run
    training: TrainingSet
    at: str
    patch_at: Callable[[int, int, int], str]

    def photo(self) -> str:
        return self.at

    def own(self, scale: int, row: int, column: int) -> str:
        return self.patch_at(scale, row, column)

    def good(self, image: int, scale: int, row: int, column: int) -> str:
        if self._lacking(image):
            return ""
        return address.patch(self.run.id, image, self._key(image), scale, row, column, of="bank")

    def thumbnail(self, image: int) -> str:
        return "" if self._lacking(image) else address.bank_photo(self.run.id, image, self._key(image))

    def name(self, image: int) -> str:
        path, root = self.training.paths[image], self.run.dataset.rstrip("/") + "/"
        return shown(path.removeprefix(root) if path.startswith(root) else path.rsplit("/", 1)[-1])

    def note(self, image: int) -> str:
        found = photo_state(self.run, self.training.paths[image], self._recorded(image))
        return self._lacking(image) or NOTES.get(found, "")

    def _key(self, image: int) -> str:
        return address.bank_key(self.run, self.training.paths[image], self._recorded(image))

    def _recorded(self, image: int) -> str:
        return self.training.contents[image] if image < len(self.training.contents) else ""

    def _lacking(self, image: int) -> str:
        """Why the photo cannot be shown, "" where it can."""
        path = self.training.paths[image]
        try:
            allowed(path)
        except OutsideError:
            return "The photo lies outside the folders that the dashboard may read."
        return "" if stamp_of(path) else GONE
