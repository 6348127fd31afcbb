"""The available methods: creating a detector from a configuration, or loading one from a folder."""

from __future__ import annotations

from pathlib import Path

from patchcore_core.config import PatchCoreConfig
from patchcore_core.model.about import BANK_FILE, method_of, refuse_other_methods
from patchcore_core.model.cache.entries import Entries
from patchcore_core.model.detector import Detector
from patchcore_core.model.network.allocator import no_garbage
from patchcore_core.model.shared.shared import Shared


def new_detector(
    config: PatchCoreConfig, cache: Entries | None = None, shared: Shared | None = None
) -> Detector:
    """A detector with this configuration, not fitted; ConfigError or WeightsError if it cannot be created. `cache`:
    where it keeps what its network gives; `shared`: what it has in common with other fits."""
    with no_garbage():
        from patchcore_core.model.patchcore import PatchCore  # brings torch

    model = PatchCore(config, shared=shared)
    model.cache = cache
    return model


def load_detector(folder: Path, device: str = "auto", cache: Entries | None = None) -> Detector:
    """The detector saved in `folder`; StoreError if it is damaged or its method is unknown here. `cache` as for a new
    one."""
    path = folder / BANK_FILE
    refuse_other_methods(path, method_of(path))
    with no_garbage():
        from patchcore_core.model.patchcore import PatchCore  # brings torch

    model = PatchCore.load(folder, device=device)
    model.cache = cache
    return model
