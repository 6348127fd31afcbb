"""A second method of anomaly detection, as small as one can be: the distance of each pixel to the mean training photo.

It knows nothing of PatchCore but `Detector`: what judges, writes and reads runs must need no more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.files.content import content_keys
from patchcore_core.data.images import read_image
from patchcore_core.data.near_copies import NearCopies
from patchcore_core.data.samples import Sample
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import StoreError
from patchcore_core.model.detector import FitReport, HeldOutImages, ModelSize, TrainingSet
from patchcore_core.model.results import ImageResult, Scores
from patchcore_core.progress import Progress, silent


class MeanImage:
    """Scores by the absolute difference to the mean of the training photos, in grey levels / 255."""

    weights_sha256 = ""

    def __init__(self, config: PatchCoreConfig) -> None:
        self.config = config
        self.transform = Transform(config.image_size, None, (0.0,) * 3, (1.0,) * 3)
        self.training, self.report = TrainingSet(), FitReport()
        self.mean: np.ndarray | None = None  # (H, W)

    @property
    def size(self) -> ModelSize:
        """One row, the mean."""
        if self.mean is None:
            raise StoreError("there is no mean image; fit the model first")
        return ModelSize(1, self.mean.size, self.mean.nbytes)

    def fit(self, samples: Sequence[Sample], progress: Progress | None = None, scratch: Path | None = None  # noqa: ARG002
            ) -> Self:  # fmt: skip
        """Take the mean; each photo is scored by the mean of the others."""
        report, paths = progress or silent, [sample.path for sample in samples]
        report("features", 0, len(paths))
        grey = self._grey(paths)  # (N, H, W)
        report("features", len(paths), len(paths))
        self.mean = grey.mean(axis=0)
        maps = np.abs(grey - (grey.sum(axis=0) - grey) / (len(grey) - 1))
        images, none = np.arange(len(grey)), np.empty(0)
        self.training = TrainingSet(tuple(map(str, paths)), content_keys(paths))
        self.report = FitReport(
            copies=NearCopies(images), seconds={"features": 0.1},
            held_out=HeldOutImages(images, maps.max(axis=(1, 2)), images, maps, images, none, none, maps[:0]),
        )  # fmt: skip
        return self

    def continuing(self) -> MeanImage:
        """The mean of all photos is soon taken again."""
        return MeanImage(self.config)

    def score(self, samples: Sequence[Sample], progress: Progress | None = None) -> Scores:
        """The difference of each pixel, and the highest of an image."""
        maps = np.abs(self._grey([sample.path for sample in samples]) - self.mean)
        (progress or silent)("predict", len(samples), len(samples))
        contents = content_keys(sample.path for sample in samples)
        return Scores(tuple(samples), maps.max(axis=(1, 2)), maps, pictures=np.zeros((len(maps), 4096)),
                      contents=contents)  # fmt: skip

    def anomaly_maps(self, patch_scores: np.ndarray) -> np.ndarray:
        """A patch is a pixel."""
        return patch_scores

    def score_image(self, rgb: np.ndarray) -> ImageResult:
        """As `score`."""
        found = np.abs(self.transform.image(rgb).mean(axis=0) - self.mean)
        return ImageResult(float(found.max()), found, found)

    def save(self, folder: Path) -> None:
        """mean.npy and bank.json."""
        folder.mkdir()
        assert self.mean is not None
        np.save(folder / "mean.npy", self.mean)
        about = {"method": "mean_image", "config": self.config.to_dict(), "images": self.training.paths}
        (folder / "bank.json").write_text(json.dumps(about))

    @classmethod
    def load(cls, folder: Path, device: str = "auto") -> Self:  # noqa: ARG003
        """What `save` wrote."""
        about = json.loads((folder / "bank.json").read_text())
        model = cls(PatchCoreConfig.from_dict(about["config"]))
        model.mean, model.training = np.load(folder / "mean.npy"), TrainingSet(tuple(about["images"]))
        return model

    def _grey(self, paths: Sequence[Path]) -> np.ndarray:
        return np.stack([self.transform.image(read_image(path)).mean(axis=0) for path in paths]).astype(np.float32)
