"""All that is asked of the score of one photo, in one place; and the model that answers."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import ConfigError
from patchcore_core.model.detector import Detector, TrainingSet
from patchcore_core.model.evidence.explained import Explained, Neighbours
from patchcore_core.model.evidence.receipt import NEIGHBOURS, Receipt, Variant, receipt, variants


class Evidence:
    """Why one photo scores what it does: each answer is computed when it is first asked for, and kept.

    Places are cells (row, column) of the finest grid (h, w).
    """

    def __init__(self, explained: Explained) -> None:
        self._explained = explained

    @property
    def config(self) -> PatchCoreConfig:
        """The settings that it is scored with."""
        return self._explained.by.config

    @property
    def grids(self) -> tuple[tuple[int, int], ...]:
        """The grid of patches at each scale, the finest last."""
        return self._explained.grids

    @property
    def whole(self) -> bool:
        """Whether all patches have been searched."""
        return "found" in vars(self._explained)

    @property
    def patch_scores(self) -> np.ndarray:
        """(h, w)."""
        return self._searched.result.patch_scores

    @property
    def layer_shares(self) -> np.ndarray:
        """(L, h, w): as `Explained.layer_shares`, in the order of the configuration's layers."""
        return self._searched.layer_shares

    @property
    def resembles(self) -> np.ndarray:
        """(h, w): as `Explained.resembles`."""
        return self._searched.resembles

    @cached_property
    def receipt(self) -> Receipt:
        """How the image score came about."""
        return receipt(self._searched)

    @cached_property
    def variants(self) -> list[Variant]:
        """What other settings would make of it."""
        return variants(self._searched)

    @property
    def _searched(self) -> Explained:
        """After the one search of all patches, which is wide enough for all that is asked."""
        self._explained.widen(max(self.config.num_neighbors, *NEIGHBOURS))
        return self._explained

    def patch_score(self, row: int, column: int) -> float:
        """The score of one patch; ConfigError for a place outside the grid."""
        return self._explained.patch_score(row, column)

    def nearest(self, row: int, column: int, k: int) -> Neighbours:
        """The k nearest bank rows of one patch; ConfigError for a place outside the grid."""
        return self._explained.nearest(row, column, k)


class Explainer:
    """A model that is asked for evidence; ConfigError for a method that keeps no patches of good photos."""

    def __init__(self, model: Detector) -> None:
        if not hasattr(model, "explain"):
            raise ConfigError("this method keeps no patches of good photos, so there is no evidence for its scores")
        self._model: Any = model

    @property
    def training(self) -> TrainingSet:
        """The photos that the model was fitted on."""
        found: TrainingSet = self._model.training
        return found

    @property
    def transform(self) -> Transform:
        """Between photo and map."""
        found: Transform = self._model.transform
        return found

    def evidence(self, rgb: np.ndarray) -> Evidence:
        """Of one photo (H, W, 3) uint8, read on the scale of `training.bits`."""
        return Evidence(self._model.explain(rgb))
