"""PatchCore (Roth et al., CVPR 2022): fit, score, evaluate and keep runs.

The names below load on first use, so that importing the package costs nothing and needs no torch.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "PatchCore": "patchcore_core.model.patchcore",
    "PatchCoreConfig": "patchcore_core.config",
    "PatchCoreError": "patchcore_core.errors",
    "RunStore": "patchcore_core.runs.store",
    "load_dataset": "patchcore_core.data.dataset",
}
__all__ = ["PatchCore", "PatchCoreConfig", "PatchCoreError", "RunStore", "load_dataset"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'patchcore_core' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
