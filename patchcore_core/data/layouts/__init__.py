"""How images lie in folders: one file per layout, from a category's folder to a Dataset.

mvtec, mvtec_ad2, mvtec_loco, plain   the layouts: `detect` and `read`, which makes a plan of the folders
plan          folders by role, and the plan             beside       photos and masks in one folder, by name
mask_files    masks of the defective photos             assemble     from the plan to the Dataset
unused        warnings on unused files                  refusal      errors for folders that cannot be read
same_content  photos under two labels

Folders are known by the words of data/files/words.py. Names starting with a dot are skipped, extensions are
case-insensitive, and everything is in natural order (2 before 10).
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from patchcore_core.data.files import words
from patchcore_core.data.files.tree import Tree
from patchcore_core.data.layouts import mvtec, mvtec_ad2, mvtec_loco, plain, refusal
from patchcore_core.data.layouts.assemble import assemble
from patchcore_core.data.layouts.plan import Place, has_role
from patchcore_core.data.samples import Dataset

__all__ = ["is_category", "read_category"]

LAYOUTS = (mvtec_ad2, mvtec_loco, mvtec, plain)
_OF_A_CATEGORY = ("train", "good", "test", "unlabelled", "validation")


def read_category(folder: Path, needs_train: bool = True, tree: Tree | None = None) -> Dataset:
    """The dataset in a category's folder, by the first layout that is detected.

    DataError, with what was found and what is expected, if the layout is ambiguous, if the folder is the test or mask
    folder of another, or if there is nothing to train on and that is needed.
    """
    tree = tree or Tree()
    refusal.refuse_part(folder, tree)
    place = Place(folder, tree)
    plan = next(layout for layout in LAYOUTS if layout.detect(place)).read(place)
    if note := refusal.part_of(folder, tree):
        plan = dataclasses.replace(plan, notes=(*plan.notes, note))
    if not needs_train or tree.images(plan.train):
        dataset = assemble(folder, plan, tree)
        if dataset.train or not needs_train:
            return dataset
    where = f"{place.train.name if place.train else 'train'}/good"
    source = plan.train if plan.train != place.train else folder
    raise refusal.nothing_to_learn_from(folder, source, tree, lambda sub: _is_readable(sub, tree), where)


def is_category(folder: Path, named: bool = False) -> bool:
    """Whether the folder is one category; `named`: by folder names that say so, not only by images."""
    tree = Tree()
    if any(has_role(sub, role, tree) for sub in tree.folders(folder) for role in _OF_A_CATEGORY):
        return True
    return not named and bool(tree.images(folder))


def _is_readable(folder: Path, tree: Tree) -> bool:
    """Whether one of the places for training photos in a category holds photos."""
    return words.role(folder.name) is None and refusal.has_good_photos(folder, tree)
