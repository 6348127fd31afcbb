"""Which settings two fits must have in common to share a step."""

from __future__ import annotations

from collections.abc import Sequence

from patchcore_core.config import PatchCoreConfig

NETWORK = ("backbone", "weights", "image_size", "proportions", "center_crop", "scales", "device", "engine")
EMBEDDING = (*NETWORK, "layers", "patch_size", "pretrain_dim", "target_dim", "bank_dtype", "memory_limit")
CORESET = (*EMBEDDING, "sampler", "projection_dim", "seed")
NESTED = ("greedy", "approx_greedy")  # samplers whose smaller coresets are the beginning of larger ones


def values(config: PatchCoreConfig, fields: Sequence[str]) -> tuple[object, ...]:
    """The values of these fields."""
    return tuple(getattr(config, name) for name in fields)
