"""What the masks of one data set say together: how they are read, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from patchcore_core.data.files.image_files import shown
from patchcore_core.data.files.orientation import Drawn, Shape, drawn_on, is_assumed
from patchcore_core.data.images import image_shape
from patchcore_core.data.mask_values import RESERVED, Meaning
from patchcore_core.data.masks import MaskRule, Truth
from patchcore_core.data.samples import Sample
from patchcore_core.errors import DataError

MOST_MARKED = 0.5  # share of a photo, and of its frame, from which a mask may be inverted
MOST_NAMED = 8  # values that are named in a sentence
ON = {"stored": "the pixels as they are stored, and turned as the photos are", "upright": "the upright photos"}


@dataclass
class MaskSet:
    """Told of every mask of a test set once it is read, it knows what they say together.

    `shapes` (N,) of the photos; `rule` by which masks are read at first.
    """

    shapes: list[Shape]
    rule: MaskRule
    _files: list[tuple[int, str, Meaning]] = field(default_factory=list)  # row of the image, path, what was understood
    _marked: dict[int, tuple[str, bool]] = field(default_factory=dict)  # row -> type, whether most of it is marked
    _turned: list[str] = field(default_factory=list)  # masks of turned photos that may lie in two ways
    _told: int = 0

    @classmethod
    def of(cls, samples: Sequence[Sample], named: int | None = None) -> MaskSet:
        """Of readable samples; headers of photos are read, and of the masks of those that EXIF turns.

        named: a value that the user named to be left out.
        """
        shapes = [image_shape(sample.path) for sample in samples]
        pairs = [(str(path), shape, mask) for sample, shape in zip(samples, shapes, strict=True) if shape.turn != 1
                 for path in sample.mask_paths if (mask := _header(path)) is not None]  # fmt: skip
        drawn, told = drawn_on((photo, mask) for _, photo, mask in pairs)
        turned = [path for path, photo, mask in pairs if is_assumed(photo, mask)]
        return cls(shapes, MaskRule(drawn=drawn, named=named), _turned=turned, _told=told)

    def add(self, row: int, sample: Sample, truth: Truth) -> None:
        """The truth of the image in this row as it was read."""
        self._files = [file for file in self._files if file[0] != row]
        self._files += [(row, str(path), what) for path, what in zip(sample.mask_paths, truth.meanings, strict=True)]

    def mark(self, row: int, sample: Sample, truth: Truth) -> None:
        """Count whether most of the photo, and of its frame, is marked as defect."""
        defect = truth.defect
        frame = np.concatenate([defect[0], defect[-1], defect[:, 0], defect[:, -1]])
        most = bool(defect.mean() > MOST_MARKED and frame.mean() > MOST_MARKED)
        self._marked[row] = sample.defect_type, most

    def settle(self) -> list[int]:
        """Decide which reserved values mean that nobody knows; rows of the images that have to be read again.

        255 beside class numbers of at most 40 means so in one file. In a set where most files use it as the only value
        of defect, a stray 1 beside it does not make it so; in one where most have class numbers, it means so also where
        no class number is beside it.
        """
        reserved = set()
        for value in map(str, RESERVED):
            alone = [what for _, _, what in self._files if what.kind == "binary" and what.defect == (value,)]
            beside = [what for _, _, what in self._files if _number(value) in map(_number, what.ignored)]
            classes = [what for _, _, what in self._files if what.numbers and what.defect and what not in beside
                       and value not in what.defect]  # fmt: skip
            if beside and len(beside) + len(classes) >= len(alone):
                reserved.add(value)
        self.rule = replace(self.rule, reserved=frozenset(reserved))
        return sorted({row for row, _, what in self._files if _differs(what, reserved)})

    def sentences(self) -> list[str]:
        """What has to be said of the masks together, one sentence for each kind."""
        count = len(self._files)
        several = [(path, what) for _, path, what in self._files if what.kind == "classes"]
        nobody = [(path, what) for _, path, what in self._files if what.ignored]
        other = [(path, what) for _, path, what in self._files if what.good and not _is_dark(what.good)]
        found = []
        if several:
            values = _values(name for _, what in several for name in what.defect)
            found.append(f"{len(several)} of {count} masks hold several values, all of which count as defect: {values} "
                         f"(first: {shown(several[0][0])})")
        if nobody:
            values = _values(name for _, what in nobody for name in what.ignored)
            found.append(f"{len(nobody)} of {count} masks hold {values}, taken to mean that nobody knows: no pixel "
                         f"figure counts these pixels, neither as defect nor as good (first: {shown(nobody[0][0])})")
        if other:
            found.append(f"{len(other)} of {count} masks have no 0 or black; taken as good is "
                         f"{_values(what.good for _, what in other)} (first: {shown(other[0][0])})")
        return self._named() + found + self._inverted() + self._orientation()

    def _named(self) -> list[str]:
        value, count = self.rule.named, len(self._files)
        if value is None:
            return []
        holding = [path for _, path, what in self._files if what.named]
        if not holding:
            return [f"none of {count} masks holds {value}, which was named to be left out: nothing is left out for it"]
        return [f"{len(holding)} of {count} masks hold {value}, left out, as named: no pixel figure counts these "
                f"pixels, neither as defect nor as good (first: {shown(holding[0])})"]  # fmt: skip

    def _inverted(self) -> list[str]:
        kinds: dict[str, list[bool]] = {}
        for kind, most in self._marked.values():
            kinds.setdefault(kind, []).append(most)
        return [f"{shown(kind)}: {sum(most)} of {len(most)} masks mark more than half of their photo as defect, up to "
                f"its edges; are they inverted? They are taken as they are"
                for kind, most in kinds.items() if sum(most) > len(most) / 2]  # fmt: skip

    def _orientation(self) -> list[str]:
        if not self._turned:
            return []
        why = f", as the sizes of {self._told} others tell" if self._told else ""
        return [f"{len(self._turned)} masks carry no orientation while their photos are turned by EXIF, and fit them "
                f"either way: they are assumed to be drawn on {ON[self.rule.drawn]}{why} (first: "
                f"{shown(self._turned[0])})"]  # fmt: skip


def as_rule(pixels: dict, named: int | None = None) -> MaskRule:
    """The rule that stands in a run's record; one made before it did read each file alone, and turned no mask.

    named: the `ignore_value` of the run's configuration, which is not recorded twice.
    """
    reserved, drawn = pixels.get("reserved"), pixels.get("drawn")
    known: Drawn = "upright" if drawn == "upright" else "stored"
    return MaskRule(None if reserved is None else frozenset(map(str, reserved)), known, named)


def as_record(rule: MaskRule) -> dict:
    """The rule in plain values, but for what was named."""
    return {"reserved": None if rule.reserved is None else sorted(rule.reserved), "drawn": rule.drawn}


def _header(path: object) -> Shape | None:
    try:
        return image_shape(str(path))
    except DataError:
        return None


def _number(name: str) -> str:
    """The value in a name such as "255 (#e0e0c0)"."""
    return name.split(" ")[0]


def _differs(what: Meaning, reserved: set[str]) -> bool:
    """Whether the file would be understood otherwise under these reserved values."""
    ignored = {_number(name) for name in what.ignored} & set(map(str, RESERVED))
    return bool(ignored - reserved) or any(_number(name) in reserved for name in what.defect)


def _is_dark(name: str) -> bool:
    return name in ("0", "False") or name.endswith(("#000000", "#000000)"))


def _values(names: Iterable[str]) -> str:
    found = sorted(set(names), key=lambda name: (len(_number(name)), name))
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return ", ".join(found[:MOST_NAMED]) + more
