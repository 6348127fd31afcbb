"""What a bank of another precision would cost in bytes, and lose: measured on the run's test images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from patchcore_core.errors import ConfigError, DataError
from patchcore_core.evaluation.metrics import image_auroc
from patchcore_core.fitting.bank.photos import Photos, spread
from patchcore_core.model.budget import free_memory
from patchcore_core.progress import Progress, silent
from patchcore_core.runs.store import RunStore

if TYPE_CHECKING:
    from patchcore_core.model.memory_bank import MemoryBank

IMAGES = 200  # test images that are scored
STAGE = "precision"
BYTES = 20  # for each value of the bank: three banks with what searching needs, and the rows they are made from
NEAR, NEAR_ZERO = 2.0**-9, 1e-4  # of a value, of the largest: what rounding and embedding a photo again may change


@dataclass(frozen=True)
class Precision:
    """A bank whose rows are stored as `dtype`, of `bytes`. `scores` (n,) of the images, their `auroc` (NaN if they are
    of one label), and the largest and median change of a score against the bank of most bits, in parts of it."""

    dtype: str
    bytes: int
    scores: np.ndarray
    auroc: float
    largest_change: float
    median_change: float


@dataclass(frozen=True)
class Precisions:
    """`rows`: the precisions from most to fewest bits, the `stored` one among them, on `images` test images. `missing`:
    (path, cause) of photos that are not there or have changed; `lacking`: why float32 could not be measured, "" if it
    was."""

    rows: tuple[Precision, ...]
    stored: str
    images: int
    missing: tuple[tuple[str, str], ...]
    lacking: str


def as_int8(rows: np.ndarray) -> tuple[np.ndarray, int]:
    """The rows (M, D) float32 as they come back from 8 bits a value, with a step and an offset for each of the D
    values, and the bytes that takes."""
    low, high = rows.min(axis=0).astype(np.float32), rows.max(axis=0).astype(np.float32)
    step = np.where(high > low, (high - low) / 255, 1).astype(np.float32)
    codes = np.round((rows.astype(np.float32) - low) / step).astype(np.uint8)
    return codes * step + low, codes.nbytes + step.nbytes + low.nbytes


def measure(photos: Photos, store: RunStore, progress: Progress | None = None) -> Precisions:
    """Score up to IMAGES test images, evenly spread, by banks of the same rows in each precision.

    The rows in float32 of a bank that is stored as float16 are embedded again from the training photos; where these are
    gone or give other rows, float32 is left out. DataError if no test photo is left, ConfigError if the banks need more
    than half of the free memory.
    """
    banks = photos.model.banks
    _refuse_too_large(sum(bank.patches.size for bank in banks))
    stored, images = str(banks[0].patches.dtype), store.images(photos.run)
    chosen = images.iloc[spread(len(images), IMAGES)]
    owners = _owners(banks) if stored == "float16" else []
    report, total = progress or silent, len(owners) + len(chosen)
    wide, lacking = _wide(photos, owners, lambda done: report(STAGE, done, total))
    variants = _variants(banks, wide)
    missing, found, labels = len(photos.missing), [], []
    for done, (path, sha256, label) in enumerate(chosen[["path", "sha256", "label"]].itertuples(index=False), start=1):
        if (explained := photos.explained(path, sha256)) is not None:
            by = explained.by
            found.append([explained.scored_by(replace(by, banks=tuple(made))) for _, made in variants.values()])
            labels.append(label)
        report(STAGE, len(owners) + done, total)
    if not found:
        raise DataError("none of the run's test photos is there and unchanged, so no loss can be measured")
    scores = np.array(found).T  # one row a variant
    rows = tuple(_precision(name, size, values, scores[0], np.array(labels))
                 for (name, (size, _)), values in zip(variants.items(), scores, strict=True))  # fmt: skip
    return Precisions(rows, stored, len(found), tuple(photos.missing[missing:]), lacking)


def _refuse_too_large(values: int) -> None:
    needed, free = BYTES * values, free_memory()
    if needed > free / 2:
        raise ConfigError(f"measuring the losses needs about {needed / 1e9:.1f} GB for banks side by side, more than "
                          f"half of the {free / 1e9:.1f} GB that are free")


def _owners(banks: Sequence[MemoryBank]) -> list[int]:
    """The numbers of the training images that have rows, none if a bank does not record them."""
    if any(bank.origin is None for bank in banks):
        return []
    return np.unique(np.concatenate([bank.origin[:, 0] for bank in banks if bank.origin is not None])).tolist()


def _wide(photos: Photos, owners: Sequence[int], done: Callable[[int], None]) -> tuple[list[np.ndarray], str]:
    """The rows (M_s, D) of each bank as float32, embedded again, [] with the reason if they cannot be had."""
    banks = photos.model.banks
    if str(banks[0].patches.dtype) == "float32":
        return [bank.patches for bank in banks], ""
    if not owners:
        return [], "the bank does not record which training photos its rows come from"
    found = [np.empty(bank.patches.shape, np.float32) for bank in banks]
    for number, image in enumerate(owners, start=1):
        if (explained := photos.of_training(image)) is None:
            path, cause = photos.missing[-1]
            return [], f"a training photo is not as it was: {path}: {cause}"
        for rows, bank, part in zip(found, banks, explained.patches, strict=True):
            assert bank.origin is not None
            ours = np.flatnonzero(bank.origin[:, 0] == image)
            rows[ours] = part[bank.origin[ours, 1], bank.origin[ours, 2]]
        done(number)
    if not all(_same(rows, bank.patches) for rows, bank in zip(found, banks, strict=True)):
        return [], "the training photos give other rows today than at the fit (another library or engine)"
    return found, ""


def _same(wide: np.ndarray, half: np.ndarray) -> bool:
    """Whether rows (M, D) float32 are those that were stored as float16."""
    stored = half.astype(np.float32)
    largest = float(np.abs(stored).max())
    return bool((np.abs(wide - stored) <= NEAR * np.abs(stored) + NEAR_ZERO * largest).all())


def _variants(banks: Sequence[MemoryBank], wide: list[np.ndarray]) -> dict[str, tuple[int, list[MemoryBank]]]:
    """Bytes and the bank of each scale by precision, from most to fewest bits."""
    from patchcore_core.model.memory_bank import MemoryBank, as_stored

    best = wide or [bank.patches.astype(np.float32) for bank in banks]
    made = {"float32": wide} if wide else {}
    half = [bank.patches if bank.patches.dtype == np.float16 else as_stored(bank.patches, "float16") for bank in banks]
    if all(rows.dtype == np.float16 for rows in half):  # float32 is kept where float16 cannot hold the values
        made["float16"] = half
    found = {name: (sum(each.nbytes for each in rows), rows) for name, rows in made.items()}
    codes = [as_int8(rows) for rows in best]
    found["int8"] = sum(size for _, size in codes), [rows for rows, _ in codes]
    return {name: (size, [MemoryBank(each, bank.origin) for each, bank in zip(rows, banks, strict=True)])
            for name, (size, rows) in found.items()}  # fmt: skip


def _precision(dtype: str, size: int, scores: np.ndarray, best: np.ndarray, labels: np.ndarray) -> Precision:
    known = labels >= 0
    both = len(set(labels[known].tolist())) == 2
    changes = np.abs(scores - best) / np.maximum(np.abs(best), 1e-12)
    auroc = image_auroc(labels[known], scores[known]) if both else float("nan")
    return Precision(dtype, size, scores, auroc, float(changes.max()), float(np.median(changes)))
