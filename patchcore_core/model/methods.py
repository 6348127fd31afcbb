"""The available methods: creating a detector from a configuration, or loading one from a folder."""

from __future__ import annotations

from pathlib import Path

from patchcore_core.config import PatchCoreConfig
from patchcore_core.model.about import BANK_FILE, method_of, refuse_other_methods
from patchcore_core.model.detector import Detector
from patchcore_core.model.network.allocator import no_garbage


def new_detector(config: PatchCoreConfig) -> Detector:
    """A detector with this configuration, not fitted; ConfigError or WeightsError if it cannot be created."""
    with no_garbage():
        from patchcore_core.model.patchcore import PatchCore  # brings torch

    return PatchCore(config)


def load_detector(folder: Path, device: str = "auto") -> Detector:
    """The detector saved in `folder`; StoreError if it is damaged or its method is unknown here."""
    path = folder / BANK_FILE
    refuse_other_methods(path, method_of(path))
    from patchcore_core.model.patchcore import PatchCore  # brings torch

    return PatchCore.load(folder, device=device)
