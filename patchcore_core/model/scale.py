"""One image size of a model, of which most models have one only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.proportions import Size
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import StoreError
from patchcore_core.model.memory_bank import MemoryBank


@dataclass(frozen=True)
class Good:
    """What the patch scores of good images are at one scale: their median `level`, and their `spread` around it."""

    level: float = 0.0
    spread: float = 1.0


@dataclass
class Scale:
    """One image size of a model: the way from a photo to the network's input, the memory bank of its patches (None
    before the fit), and what good patches score."""

    transform: Transform
    bank: MemoryBank | None = None
    good: Good = field(default_factory=Good)


def scales_of(
    config: PatchCoreConfig, shapes: Sequence[Size], mean: tuple[float, float, float], std: tuple[float, float, float]
) -> tuple[Scale, ...]:
    """A scale without a bank for each image size, with inputs of these shapes (H, W), normalised by mean and std."""
    sides = config.scales or (config.image_size,)
    return tuple(Scale(Transform(side, config.center_crop, mean, std, shape))
                 for side, shape in zip(sides, shapes, strict=True))  # fmt: skip


def banks_of(scales: Sequence[Scale]) -> tuple[MemoryBank, ...]:
    """The memory bank of each scale; StoreError before there are any."""
    found = tuple(scale.bank for scale in scales if scale.bank is not None)
    if not found or len(found) < len(scales):
        raise StoreError("there is no memory bank to score with; fit the model or load one")
    return found
