"""Facts about its data that a run stores: plain values, readable without numpy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from patchcore_core.checked import count, optional
from patchcore_core.config import DEPTHS

Drawn = Literal["stored", "upright"]


def _depth(value: Any, at: str) -> int:
    if count(value, at) not in DEPTHS:
        raise ValueError(f"{at} must be one of {', '.join(map(str, DEPTHS))}, got {value}")
    return value


@dataclass(frozen=True)
class PhotoCounts:
    """Numbers of photos of a dataset; all 0 where they are unknown. `defect_types`: those of each type in the test."""

    train: int = 0
    test_good: int = 0
    test_defective: int = 0
    test_unknown: int = 0
    defect_types: dict[str, int] = field(default_factory=dict)

    @property
    def tested(self) -> int:
        """All test photos."""
        return self.test_good + self.test_defective + self.test_unknown


@dataclass(frozen=True)
class CropLoss:
    """Of the masks of one defect type: all, and those entirely and partly outside the centre crop."""

    total: int
    wholly_lost: int
    partly_lost: int


@dataclass(frozen=True)
class PixelReading:
    """How photos and masks are read.

    `bits`: the scale of photos of more than 8 bits, None where all training photos have 8. `reserved` and `drawn`: see
    data.masks.MaskRule; None where each mask file is read by itself.
    """

    bits: Annotated[int | None, optional(_depth)] = DEPTHS[-1]
    reserved: tuple[str, ...] | None = None
    drawn: Drawn = "stored"
