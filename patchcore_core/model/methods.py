"""The methods there are: a detector made from a configuration, or loaded from a folder."""

from __future__ import annotations

from pathlib import Path

from patchcore_core.config import PatchCoreConfig
from patchcore_core.model.about import BANK_FILE, method_of, refuse_other_methods
from patchcore_core.model.detector import Detector
from patchcore_core.model.network.allocator import no_garbage


def new_detector(config: PatchCoreConfig) -> Detector:
    """A detector of this configuration, to be fitted; ConfigError or WeightsError where it cannot be made."""
    with no_garbage():
        from patchcore_core.model.patchcore import PatchCore  # brings torch

    return PatchCore(config)


def load_detector(folder: Path, device: str = "auto") -> Detector:
    """The detector that was saved in `folder`; StoreError where it is damaged or its method is not known here."""
    path = folder / BANK_FILE
    refuse_other_methods(path, method_of(path))
    from patchcore_core.model.patchcore import PatchCore  # brings torch

    return PatchCore.load(folder, device=device)
