"""A plain folder of good photos with optional test photos.

Good photos are in train/, else in good/, else in the folder itself. Test photos are in test/<type>/, or in test/ (label
unknown). Without test/, the folders beside good/ are the defect types; beside photos in the folder itself, only those
with a word for bad are. Masks are in ground_truth/<type>/, mask/, or beside the photos.
"""

from __future__ import annotations

from pathlib import Path

from patchcore_core.data.files import words
from patchcore_core.data.layouts.plan import Place, Plan, has_role


def detect(_place: Place) -> bool:
    """True for any folder."""
    return True


def read(place: Place) -> Plan:
    """Train on the first of the places for good photos."""
    train = place.train or place.good or place.folder
    types = () if place.tests or train == place.train else _types(place, train)
    return Plan("folder", train, place.tests, types, tuple(place.all("unlabelled")), place.masks, place.notes)


def _types(place: Place, train: Path) -> tuple[Path, ...]:
    """The folders beside the good photos to test on."""
    others = [sub for sub in place.tree.folders(place.folder) if sub != train and not _is_other_role(sub, place)]
    return tuple(sub for sub in others if train != place.folder or words.role(sub.name) == "bad")


def _is_other_role(folder: Path, place: Place) -> bool:
    return any(has_role(folder, role, place.tree) for role in ("train", "test", "unlabelled", "validation", "mask"))
