"""Photos with another aspect ratio than the one that a run was fitted to."""

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
    """The aspect ratio that a run was fitted to.

    aspect: width / height to compare photos with: that of the network input `shape` (height, width) if it was chosen
    for them, else the median of the training photos (`shape` is None). trained (N,): aspect ratios of the training
    photos, empty if unknown.
    """

    aspect: float
    shape: Size | None = None
    trained: np.ndarray = field(default_factory=lambda: np.empty(0))

    @classmethod
    def of(cls, config: PatchCoreConfig, shape: Size, trained: np.ndarray) -> Proportions | None:
        """None with a centre crop, which never stretches, or if the aspect ratios are unknown."""
        if config.proportions == "keep":
            return cls(shape[1] / shape[0], shape, trained)
        median = median_aspect(trained)
        return None if config.center_crop is not None or median is None else cls(median, None, trained)

    def unlearned(self, aspects: np.ndarray) -> np.ndarray:
        """Which photos (M,) also differ by more than 15 % from every training photo, as far as known."""
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
        """A note on a photo of (height, width) that is stretched unlike any training photo, else ""."""
        height, width = size
        if not self.unlearned(np.array([width / height]))[0]:
            return ""
        than = "every training photo" if len(self.trained) else self._named()
        return f"its aspect ratio ({width} x {height}) differs by more than {PERCENT} % from that of {than}"

    def badge(self, sizes: np.ndarray, paths: Sequence[Path]) -> Badge:
        """The badge for M test photos: sizes (M, 2) are height and width, `paths` their files."""
        aspects = sizes[:, 1] / np.maximum(sizes[:, 0], 1)
        tested, trained = are_far(aspects, self.aspect), are_far(self.trained, self.aspect)
        new = self.unlearned(aspects)
        counts = {"test": len(tested), "far": int(tested.sum()), "training": len(trained),
                  "training_far": int(trained.sum()), "unlike_training": int(new.sum())}  # fmt: skip
        if not tested.any() and not trained.any():
            sentence = f"All photos are within {PERCENT} % of the aspect ratio of {self._named()}."
            return Badge(KEY, "ok", "aspect ratios alike", sentence, counts)
        of = [f"{counts['far']} of {len(tested)} test photos"]
        of += [f"{counts['training_far']} of {len(trained)} training photos"] if len(trained) else []
        sentence = (f"Stretched, as their aspect ratio differs by more than {PERCENT} % from that of {self._named()}: "
                    f"{' and '.join(of)}")
        first = np.flatnonzero(new if new.any() else tested)[:NAMED]
        sentence += f", such as {self._list(first, sizes, paths)}." if len(first) else "."
        if self._square_for_all():
            sentence += " The training photos have no common aspect ratio, so the network input is square."
        if new.any() and len(trained):
            sentence += f" Unlike any training photo: {counts['unlike_training']} of the test photos."
        label = f"{max(counts['far'], counts['training_far'])} photos with another aspect ratio"
        return Badge(KEY, "warning" if new.any() else "note", label, sentence, counts)

    def _square_for_all(self) -> bool:
        """Whether the input is square because the training photos have no common aspect ratio."""
        square = self.shape is not None and self.shape[0] == self.shape[1]
        return square and len(self.trained) > 0 and common_aspect(self.trained) is None

    def _named(self) -> str:
        if self.shape is None:
            return f"the training photos (median width / height {self.aspect:.3g})"
        return f"the network input ({self.shape[0]} x {self.shape[1]} pixels, height x width)"

    @staticmethod
    def _list(chosen: np.ndarray, sizes: np.ndarray, paths: Sequence[Path]) -> str:
        return ", ".join(f"{shown(paths[place])} ({sizes[place, 0]} x {sizes[place, 1]})" for place in chosen)
