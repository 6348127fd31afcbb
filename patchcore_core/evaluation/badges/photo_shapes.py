"""Photos of other proportions than those that a run was fitted to: how many there are, and which."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.files.image_files import shown
from patchcore_core.data.proportions import FAR, Size, are_far, common_aspect, median_aspect
from patchcore_core.evaluation.badges.badge import Badge

KEY = "proportions"
NAMED = 3  # photos that a sentence names
PERCENT = round(100 * (FAR - 1))


@dataclass(frozen=True)
class Proportions:
    """To which proportions a run was fitted.

    aspect: width by height that its photos are held against, that of the network's input `shape` (height, width) where
    this was chosen for them, else the median of the training photos (`shape` is None). trained (N,): those of the
    training photos, empty where nobody knows.
    """

    aspect: float
    shape: Size | None = None
    trained: np.ndarray = field(default_factory=lambda: np.empty(0))

    @classmethod
    def of(cls, config: PatchCoreConfig, shape: Size, trained: np.ndarray) -> Proportions | None:
        """None where a centre crop leaves all proportions as they are, and where those fitted to are not known."""
        if config.proportions == "keep":
            return cls(shape[1] / shape[0], shape, trained)
        median = median_aspect(trained)
        return None if config.center_crop is not None or median is None else cls(median, None, trained)

    def unlearned(self, aspects: np.ndarray) -> np.ndarray:
        """Which photos (M,) differ by more than 15 % from every training photo too, as far as these are known."""
        known = np.sort(np.log(self.trained[np.isfinite(self.trained)]))
        far = are_far(aspects, self.aspect)
        if not len(known):
            return far
        place = np.searchsorted(known, np.log(aspects))
        with np.errstate(invalid="ignore"):
            nearest = np.minimum(*(np.abs(known[(place + step).clip(0, len(known) - 1)] - np.log(aspects))
                                   for step in (-1, 0)))  # fmt: skip
            return far & (nearest > math.log(FAR))

    def note(self, size: Size) -> str:
        """A sentence on one photo of (height, width) that is stretched as no training photo was, else ""."""
        height, width = size
        if not self.unlearned(np.array([width / height]))[0]:
            return ""
        than = "every training photo" if len(self.trained) else self._named()
        return f"its proportions ({width} x {height}) are more than {PERCENT} % away from those of {than}"

    def badge(self, sizes: np.ndarray, paths: Sequence[Path]) -> Badge:
        """Of M test photos: sizes (M, 2) are height and width, `paths` their files."""
        aspects = sizes[:, 1] / np.maximum(sizes[:, 0], 1)
        tested, trained = are_far(aspects, self.aspect), are_far(self.trained, self.aspect)
        new = self.unlearned(aspects)
        counts = {"test": len(tested), "far": int(tested.sum()), "training": len(trained),
                  "training_far": int(trained.sum()), "unlike_training": int(new.sum())}  # fmt: skip
        if not tested.any() and not trained.any():
            sentence = f"No photo is more than {PERCENT} % away from the proportions of {self._named()}."
            return Badge(KEY, "ok", "proportions alike", sentence, counts)
        of = [f"{counts['far']} of {len(tested)} test photos"]
        of += [f"{counts['training_far']} of {len(trained)} training photos"] if len(trained) else []
        sentence = (f"More than {PERCENT} % away from the proportions of {self._named()}, and so stretched: "
                    f"{' and '.join(of)}")
        first = np.flatnonzero(new if new.any() else tested)[:NAMED]
        sentence += f", such as {self._list(first, sizes, paths)}." if len(first) else "."
        if self._square_for_all():
            sentence += " The training photos have no proportions in common, so the network's input is square."
        if new.any() and len(trained):
            sentence += f" Like no training photo: {counts['unlike_training']} of the test photos."
        label = f"{max(counts['far'], counts['training_far'])} photos of other proportions"
        return Badge(KEY, "warning" if new.any() else "note", label, sentence, counts)

    def _square_for_all(self) -> bool:
        """Whether a shape was to be chosen for the training photos and none would do."""
        square = self.shape is not None and self.shape[0] == self.shape[1]
        return square and len(self.trained) > 0 and common_aspect(self.trained) is None

    def _named(self) -> str:
        if self.shape is None:
            return f"the training photos (median {self.aspect:.3g} times as wide as high)"
        return f"the network's input ({self.shape[0]} x {self.shape[1]} pixels, height x width)"

    @staticmethod
    def _list(chosen: np.ndarray, sizes: np.ndarray, paths: Sequence[Path]) -> str:
        return ", ".join(f"{shown(paths[place])} ({sizes[place, 0]} x {sizes[place, 1]})" for place in chosen)
