"""An image size of a model; most models have a single one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.proportions import Size
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import ConfigError, StoreError
from patchcore_core.model.about import BANK_FILE, About, bank_files, check_origin, write_about
from patchcore_core.model.memory_bank import MemoryBank


@dataclass(frozen=True)
class Good:
    """The patch scores of good images at one scale: their median `level` and their `spread` around it."""

    level: float = 0.0
    spread: float = 1.0


@dataclass
class Scale:
    """An image size of a model: its transform, its memory bank (None before the fit), and the level of good patch
    scores."""

    transform: Transform
    bank: MemoryBank | None = None
    good: Good = field(default_factory=Good)

    def about(self) -> dict[str, Any]:
        """The entry of bank.json for one of several scales."""
        return {"shape": self.transform.shape, "level": self.good.level, "spread": self.good.spread}


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


def refuse_too_many(neighbours: int, banks: Sequence[MemoryBank]) -> None:
    """ConfigError if a memory bank has fewer rows than a search shall find."""
    if neighbours > (rows := min(map(len, banks))):
        raise ConfigError(
            f"num_neighbors must be at most the memory bank's {rows} rows, got {neighbours}; raise coreset_ratio"
        )


def save_scales(folder: Path, scales: Sequence[Scale], about: About) -> None:
    """Write the memory banks and their description to `folder`; StoreError where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for bank, name in zip(banks_of(scales), bank_files(about.config.scales), strict=True):
            bank.save(folder, name)
        write_about(folder / BANK_FILE, about)
    except OSError as error:
        raise StoreError(f"{folder}: the memory bank cannot be written ({error.strerror})") from error


def load_scales(folder: Path, scales: Sequence[Scale], about: About, device: str) -> None:
    """Fill scales that were laid out from the files and the description in `folder`; StoreError if these are damaged or
    inconsistent."""
    for scale, name, known in zip(scales, bank_files(about.config.scales), about.scales, strict=True):
        scale.bank = MemoryBank.load(folder, device, name)
        check_origin(folder, scale.bank.origin, len(about.training.paths))
        if known is not None:
            scale.good = Good(known["level"], known["spread"])
            scale.transform = replace(scale.transform, input_shape=known["shape"])
