"""One image size of a model, of which most models have one only."""

from __future__ import annotations

from dataclasses import dataclass, field

from patchcore_core.data.transforms import Transform
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
