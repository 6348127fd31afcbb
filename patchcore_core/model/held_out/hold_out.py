"""Leave-one-out scores of good training images, for thresholds without defects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from patchcore_core.data.near_copies import NearCopies
from patchcore_core.data.scratch import Scratch
from patchcore_core.model import budget
from patchcore_core.model.detector import HeldOutImages
from patchcore_core.model.features import TrainingFeatures
from patchcore_core.model.held_out import highest_of_map
from patchcore_core.model.held_out.highest_of_map import leave_one_out_map_highest
from patchcore_core.model.held_out.leave_one_out import (
    QUERIES,
    SHARE,
    LeftOut,
    leave_one_out_distances,
    leave_one_out_highest,
    leave_one_out_search,
    thinned,
)
from patchcore_core.model.held_out.odd import high_scores, odd_blanks, odd_scores
from patchcore_core.model.network.threads import side_by_side
from patchcore_core.model.scoring import BankScores
from patchcore_core.progress import Report

Result = TypeVar("Result")
CANDIDATES = 8  # most high-scoring images checked for resembling one another
VALUES = 2**22  # values of the patches looked up at a time for maxima of maps: many images in each of the few rounds
HELP = 0.35  # fraction of an image's patches with their nearest row in the other


@dataclass(frozen=True)
class Measured:
    """Patch scores (m, h_s, w_s) at each scale of some training images (m,), ascending, each without its group."""

    images: np.ndarray
    scales: tuple[np.ndarray, ...]


def measure_some(
    by: BankScores, features: TrainingFeatures, copies: NearCopies, most: int, files: Scratch, report: Report
) -> Measured:
    """All patches of up to MAPS of the `most` images that `hold_out` scores, spread evenly."""
    scored = _scored(copies.groups, most)
    some = scored[spread(len(scored), budget.MAPS)]
    return _measured(by, features, copies.groups, some, files, lambda done: report(done, len(scored)))


def hold_out(
    by: BankScores, features: TrainingFeatures, copies: NearCopies, most: int, measured: Measured, files: Scratch,
    report: Report,
) -> HeldOutImages:
    """Score up to `most` training images, spread evenly over the groups of copies, each without its group; of some all
    patches were `measured`."""
    groups = copies.groups
    scored = _scored(groups, most)
    known = np.isin(scored, measured.images)
    if by.config.reweight_neighbors is not None:  # needs the features of the highest patch, too
        known[:] = False
    scores, before = np.empty(len(scored), np.float32), int(known.sum())
    if before:
        scores[known] = by.highest(by.maps.joined(measured.scales))
    scores[~known] = _highest(
        by, features, groups, scored[~known], files, lambda done: report(before + done, len(scored))
    )
    alone = _without_helpers(by, features, groups, scored, scores, files)
    odd = odd_scores(np.sqrt(alone) if by.squared else alone)  # of distances
    odd |= odd_blanks(alone, odd, copies.blank[scored])
    kept = scored[~odd]
    mapped = _mapped(kept, measured.images)
    patch_scores = _patch_scores(by, features, groups, np.concatenate([mapped, scored[odd]]), measured, files)
    return HeldOutImages(kept, scores[~odd], mapped, patch_scores[: len(mapped)], groups, scored[odd], alone[odd],
                   patch_scores[len(mapped) :])  # fmt: skip


def _scored(groups: np.ndarray, most: int) -> np.ndarray:
    """The images to score: one of each group, up to `most`."""
    images = np.unique(groups)
    return images[spread(len(images), most)]


def _mapped(images: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Up to MAPS of these images, ascending: those that are measured, and of the others as many as there is room for,
    spread evenly."""
    known = np.intersect1d(images, measured)
    others = np.setdiff1d(images, known)
    return np.sort(np.concatenate([known, others[spread(len(others), budget.MAPS - len(known))]]))


def spread(count: int, most: int) -> np.ndarray:
    """Up to `most` of `count` indices, evenly spaced."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.int64)


def _highest(
    by: BankScores, features: TrainingFeatures, groups: np.ndarray, images: np.ndarray, files: Scratch,
    done: Callable[[int], None],
) -> np.ndarray:
    """The scores (n,) of images, by their highest patch, or the maximum of the map, only."""
    found = [np.empty(0, np.float32)]
    of_one = len(by.banks) == 1 and by.config.image_score == "patch"
    share = SHARE if of_one else highest_of_map.SHARE
    thin = replace(by, banks=tuple(thinned(bank, by.config.num_neighbors, share) for bank in by.banks))
    many = max(QUERIES, VALUES // features.scales[0].shape[2])
    look, patches = (_highest_patch, QUERIES) if of_one else (_highest_of_map, many)

    def scores(some: np.ndarray) -> np.ndarray:
        return look(by, thin, [scale.of_images(some) for scale in features.scales], some, groups)

    found += _each(scores, by, features, _blocks(features, images, patches), files, done)
    return np.concatenate(found)


def _highest_patch(
    by: BankScores, thin: BankScores, scales: list[np.ndarray], images: np.ndarray, groups: np.ndarray
) -> np.ndarray:
    """The scores (n,) of images with patches (n, h, w, D) at the only scale."""
    (bank,), (thin_bank,), (patches,) = by.banks, thin.banks, scales
    place, distances, rows = leave_one_out_highest(
        bank, thin_bank, patches, images, by.config.num_neighbors, by.squared, groups
    )
    patch = patches.reshape(len(images), -1, patches.shape[3])[np.arange(len(images)), place]  # (n, D)
    alone = np.s_[:, None, None]  # an image of one patch
    return by.of([patch[alone]], [distances[alone]], [rows[alone]], images, groups)[0]


def _highest_of_map(
    by: BankScores, thin: BankScores, scales: list[np.ndarray], images: np.ndarray, groups: np.ndarray
) -> np.ndarray:
    """The scores (n,) of images with patches (n, h_s, w_s, D) at each scale: the highest of the map, or of the finest
    grid."""
    bounded = [LeftOut(bank, thin_bank, patches, groups[images], by.config.num_neighbors, by.squared, groups, images)
               for bank, thin_bank, patches in zip(by.banks, thin.banks, scales, strict=True)]  # fmt: skip
    finest = scales[-1].shape
    maps = by.maps if by.config.image_score == "map" else by.maps.patches((finest[1], finest[2]))
    return leave_one_out_map_highest(bounded, maps)


def _without_helpers(
    by: BankScores, features: TrainingFeatures, groups: np.ndarray, images: np.ndarray, scores: np.ndarray,
    files: Scratch,
) -> np.ndarray:
    """The scores (n,); images that resemble only one another are scored without the rows of all of them.

    Two photos of another product keep each other's score low. Such are images with a high score of which more than HELP
    of the patches have their nearest row in the other; they are left out together.
    """
    places = high_scores(scores)[:CANDIDATES]
    if len(places) < 2:
        return scores
    chosen, bank, patches = images[places], by.banks[0], features.scales[0]
    assert bank.origin is not None
    helps = np.zeros((len(chosen), len(chosen)))
    for first, some in _blocks(features, chosen):
        _, found_rows = leave_one_out_search(
            bank, patches.of_images(some), some, by.config.num_neighbors, groups=groups
        )
        rows = found_rows[..., 0]  # (b, h, w)
        owners = np.where(rows < 0, -1, groups[bank.origin[rows, 0]]).reshape(len(some), -1)
        helps[first : first + len(some)] = (owners[..., None] == chosen).mean(axis=1)
        files.release()
    parts = connected_components(csr_array(helps > HELP), directed=False)[1]
    joint = groups.copy()
    for part in range(parts.max() + 1):
        joint[np.isin(groups, chosen[parts == part])] = chosen[parts == part][0]
    helped = np.bincount(parts)[parts] > 1
    found = scores.copy()
    found[places[helped]] = _highest(by, features, joint, chosen[helped], files, lambda _: None)
    return np.where(np.isnan(found), scores, found)


def _patch_scores(
    by: BankScores, features: TrainingFeatures, groups: np.ndarray, images: np.ndarray, measured: Measured,
    files: Scratch,
) -> np.ndarray:
    """The scores (n, h, w) of all patches of images, some of which were measured before."""
    missing = np.setdiff1d(images, measured.images)
    more = _measured(by, features, groups, missing, files, lambda _: None)
    known = np.concatenate([measured.images, missing])
    order = np.argsort(known)
    places = order[np.searchsorted(known, images, sorter=order)]
    return by.maps.joined([np.concatenate(both)[places] for both in zip(measured.scales, more.scales, strict=True)])


def _measured(
    by: BankScores, features: TrainingFeatures, groups: np.ndarray, images: np.ndarray, files: Scratch,
    done: Callable[[int], None],
) -> Measured:
    def scores(some: np.ndarray) -> list[np.ndarray]:
        k, scales = by.config.num_neighbors, zip(by.banks, features.scales, strict=True)
        return [by.of_patches(leave_one_out_distances(bank, patches.of_images(some), some, k, groups=groups))
                for bank, patches in scales]  # fmt: skip

    found = [[np.empty((0, *patches.shape[:2]), np.float32) for patches in features.scales]]
    found += _each(scores, by, features, _blocks(features, images), files, done)
    return Measured(images, tuple(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _each(
    work: Callable[[np.ndarray], Result], by: BankScores, features: TrainingFeatures,
    blocks: list[tuple[int, np.ndarray]], files: Scratch, done: Callable[[int], None],
) -> Iterator[Result]:
    """The result of `work` on each block of images, in order; in parallel unless memory is short or banks are searched
    on a GPU."""
    alone = features.plan.in_file or not all(bank.leaves_out for bank in by.banks)
    parts = [some for _, some in blocks]
    for (first, some), found in zip(blocks, map(work, parts) if alone else side_by_side(work, parts), strict=True):
        files.release()
        done(first + len(some))
        yield found


def _blocks(
    features: TrainingFeatures, images: np.ndarray, patches: int = QUERIES
) -> list[tuple[int, np.ndarray]]:
    """Blocks of images with about this number of patches, each with the number of images before it."""
    step = max(1, patches // max(scale.shape[0] * scale.shape[1] for scale in features.scales))
    return [(first, images[first : first + step]) for first in range(0, len(images), step)]
