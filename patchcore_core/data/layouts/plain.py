"""A plain folder of good photos with optional test photos.

Good photos lie in train/, else in good/, else directly in the folder itself. Test photos lie in test/<type>/, or
directly in test/ (label unknown). Without test/, the folders beside good/ are the defect types, and beside photos that
lie directly in the folder those that are called bad. Masks lie in ground_truth/<type>/, mask/, or beside the photos.
"""

from __future__ import annotations

from pathlib import Path

from patchcore_core.data.files import words
from patchcore_core.data.layouts.plan import Place, Plan, has_role


def detect(_place: Place) -> bool:
    """Any folder may be one."""
    return True


def read(place: Place) -> Plan:
    """The first of the places where good photos may lie is learned from."""
    train = place.train or place.good or place.folder
    types = () if place.tests or train == place.train else _types(place, train)
    return Plan("folder", train, place.tests, types, tuple(place.all("unlabelled")), place.masks, place.notes)


def _types(place: Place, train: Path) -> tuple[Path, ...]:
    """The folders beside the good photos that are tested on."""
    others = [sub for sub in place.tree.folders(place.folder) if sub != train and not _is_other_role(sub, place)]
    return tuple(sub for sub in others if train != place.folder or words.role(sub.name) == "bad")


def _is_other_role(folder: Path, place: Place) -> bool:
    return any(has_role(folder, role, place.tree) for role in ("train", "test", "unlabelled", "validation", "mask"))
