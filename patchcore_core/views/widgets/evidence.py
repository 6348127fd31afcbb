"""Why a photo scores what it does, as the data of views/web/evidence: its hottest patches beside the nearest ones of
good photos, which photo each region resembles, and its score step by step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from patchcore_core.config import PatchCoreConfig
from patchcore_core.evaluation.statistics.good_patches import GoodPatches
from patchcore_core.views.colours import IMAGE_COLOURS, INFERNO, QUIET
from patchcore_core.views.patches import hottest_patches
from patchcore_core.views.text import score_text
from patchcore_core.views.web.packed import packed
from patchcore_core.views.widgets.receipt import NOT_RECORDED, Receipt, Variant, receipt_rows, variant_groups

PEAKS, USUAL_K, MOST_K = 8, 5, 9  # hottest patches to step through; neighbours shown at first, and at most
NO_ORIGIN = "This memory bank does not record which photo its rows come from."


class Neighbour(Protocol):
    """A bank row; `model.evidence.explained.Neighbour` is one."""

    @property
    def distance(self) -> float: ...

    @property
    def image(self) -> int: ...

    @property
    def row(self) -> int: ...

    @property
    def column(self) -> int: ...


class Neighbours(Protocol):
    """The bank rows nearest to one patch; `model.evidence.explained.Neighbours` is one."""

    @property
    def scale(self) -> int: ...

    @property
    def cell(self) -> tuple[int, int]: ...

    @property
    def rows(self) -> Sequence[Neighbour]: ...


class Evidence(Protocol):
    """All that is asked of a photo's score; `model.evidence.evidence.Evidence` is one."""

    @property
    def config(self) -> PatchCoreConfig: ...

    @property
    def grids(self) -> tuple[tuple[int, int], ...]: ...

    @property
    def patch_scores(self) -> NDArray[Any]: ...

    @property
    def layer_shares(self) -> NDArray[Any]: ...

    @property
    def resembles(self) -> NDArray[Any]: ...

    @property
    def receipt(self) -> Receipt: ...

    @property
    def variants(self) -> Sequence[Variant]: ...

    def patch_score(self, row: int, column: int) -> float: ...

    def nearest(self, row: int, column: int, k: int) -> Neighbours: ...


class Album(Protocol):
    """Addresses of pictures; "" where there is none. `scale`, `row`, `column`: of a patch in the grid of its scale."""

    def photo(self) -> str:
        """The photo itself, at any size."""

    def own(self, scale: int, row: int, column: int) -> str:
        """A patch of the photo with its surroundings."""

    def good(self, image: int, scale: int, row: int, column: int) -> str:
        """A patch of the training photo with this number."""

    def thumbnail(self, image: int) -> str:
        """That training photo, small."""

    def name(self, image: int) -> str:
        """Its name, safe to show."""

    def note(self, image: int) -> str:
        """What is to be said of its file, such as that it is gone; "" where it is as it was."""


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of the photo and of good ones: its (height, width), the part of it that the network sees (top,
    left, bottom, right), how held-out good `patches` and `images` (n,) score (None: not recorded), the image score
    that a run `recorded`, and sentences on its file."""

    size: tuple[int, int]
    seen: tuple[float, float, float, float]
    patches: GoodPatches
    images: NDArray[Any] | None = None
    recorded: float | None = None
    notes: tuple[str, ...] = ()


def image_data(evidence: Evidence, known: Known, album: Album, name: str, patches: int = 1) -> dict[str, Any]:
    """`Image` of views/web/evidence/data.js. `name`: unique among photos; `patches`: so many of the hottest ones come
    with their neighbours."""
    peaks, config, paid = hottest_patches(evidence.patch_scores, PEAKS), evidence.config, evidence.receipt
    shares = evidence.layer_shares
    layers = [(layer, float(share[paid.patch])) for layer, share in zip(config.layers, shares, strict=True)]
    places, images = resembled(evidence.resembles, album)
    return {
        "id": name, "grid": list(evidence.grids[-1]), "size": list(known.size), "seen": list(known.seen),
        "photo": album.photo(), "peaks": [list(place) for place in peaks],
        "scores": packed(evidence.patch_scores.ravel()), "inferno": INFERNO.tobytes().hex(),
        "layers": [{"name": layer, "shares": packed(share.ravel().astype(np.float32))}
                   for layer, share in zip(config.layers, shares, strict=True)],
        "resembles": packed(places.ravel()), "images": images,
        "receipt": receipt_rows(paid, config, layers, known.images, known.recorded),
        "variants": variant_groups(evidence.variants), "notes": list(known.notes),
        "patches": [patch_data(evidence, known, album, *place, USUAL_K) for place in peaks[:patches]],
    }  # fmt: skip


def patch_data(evidence: Evidence, known: Known, album: Album, row: int, column: int, k: int) -> dict[str, Any]:
    """`Patch` of data.js: one patch, and its k nearest bank rows."""
    near, sizes = evidence.nearest(row, column, k), evidence.config.scales
    score = evidence.patch_score(row, column)
    origin = all(one.image >= 0 for one in near.rows)
    return {
        "place": [row, column], "k": k, "score": score_text(score), "standing": standing(score, known.patches),
        "scale": f"at {sizes[near.scale]} px" if sizes else "", "address": album.own(near.scale, *near.cell),
        "near": [_near(one, near.scale, album) for one in near.rows], "note": "" if origin else NO_ORIGIN,
    }  # fmt: skip


def standing(score: float, patches: GoodPatches) -> str:
    """Where a patch score lies among those of held-out good images."""
    if not patches.count:
        return f"Where this lies among patches of held-out good images: {NOT_RECORDED}."
    share = patches.share(score)
    if share >= 1:
        return f"Higher than all {patches.count:,} patches of held-out good images."
    return f"Higher than {_percent(share)} of the {patches.count:,} patches of held-out good images."


def resembled(resembles: NDArray[Any], album: Album) -> tuple[NDArray[Any], list[dict[str, Any]]]:
    """For each patch (h, w) the place in the legend of the photo that it resembles, NaN where that is unknown; and the
    legend: the photos that most patches resemble, then all others together."""
    numbers, counts = np.unique(resembles[resembles >= 0], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    named = numbers[order][: len(IMAGE_COLOURS)].tolist()
    places = np.where(resembles < 0, np.nan, len(named))
    for place, number in enumerate(named):
        places[resembles == number] = place
    legend = [{"name": album.name(number), "address": album.thumbnail(number), "colour": IMAGE_COLOURS[place],
               "share": int(counts[order[place]]) / resembles.size, "note": album.note(number)}
              for place, number in enumerate(named)]
    if len(numbers) > len(named):
        rest = counts[order[len(named):]]
        legend.append({"name": _others(rest), "address": "", "colour": QUIET,
                       "share": int(rest.sum()) / resembles.size, "note": ""})  # fmt: skip
    return places, legend


def _others(counts: NDArray[Any]) -> str:
    """The name of photos that so many patches each resemble, the most first."""
    if len(counts) == 1:
        return "one other photo"
    most = int(counts[0])
    return f"{len(counts)} other photos, each for {'one patch' if most == 1 else f'at most {most} patches'}"


def _near(one: Neighbour, scale: int, album: Album) -> dict[str, str]:
    if one.image < 0:
        return {"distance": score_text(one.distance), "name": "", "place": "", "address": "", "note": ""}
    return {"distance": score_text(one.distance), "name": album.name(one.image),
            "place": f"row {one.row}, column {one.column}", "note": album.note(one.image),
            "address": album.good(one.image, scale, one.row, one.column)}  # fmt: skip


def _percent(share: float) -> str:
    """With as many digits as its distance from 100 % needs, never rounded up."""
    digits = 3 if share > 0.999 else 2 if share > 0.99 else 1 if share > 0.9 else 0
    return f"{math.floor(share * 100 * 10**digits) / 10**digits:.{digits}f} %"
