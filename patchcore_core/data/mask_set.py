"""How the masks of a dataset are read, decided for all of them together, and warnings on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from patchcore_core.data.files.image_files import shown
from patchcore_core.data.files.orientation import Shape, drawn_on, is_assumed
from patchcore_core.data.images import image_shape
from patchcore_core.data.mask_values import RESERVED, Meaning
from patchcore_core.data.masks import MaskRule, Truth
from patchcore_core.data.samples import Sample
from patchcore_core.data.values import PixelReading
from patchcore_core.errors import DataError

MOST_MARKED = 0.5  # fraction of a photo, and of its frame, from which a mask may be inverted
MOST_NAMED = 8  # most values named in a sentence
ON = {"stored": "the stored pixels, and rotated like the photos", "upright": "the upright photos"}


@dataclass
class MaskSet:
    """Collects every mask of a test set once it is read, and decides for all of them.

    `shapes` (N,) of the photos; `rule` by which masks are read at first.
    """

    shapes: list[Shape]
    rule: MaskRule
    _files: list[tuple[int, str, Meaning]] = field(default_factory=list)  # row, path, its meaning
    _marked: dict[int, tuple[str, bool]] = field(default_factory=dict)  # row -> type, most of it marked
    _turned: list[str] = field(default_factory=list)  # masks of rotated photos, orientation unknown
    _told: int = 0

    @classmethod
    def of(cls, samples: Sequence[Sample], named: int | None = None) -> MaskSet:
        """For readable samples; reads the headers of photos, and of masks if EXIF rotates their photo.

        named: the value that the user wants ignored.
        """
        shapes = [image_shape(sample.path) for sample in samples]
        pairs = [(str(path), shape, mask) for sample, shape in zip(samples, shapes, strict=True) if shape.turn != 1
                 for path in sample.mask_paths if (mask := _header(path)) is not None]  # fmt: skip
        drawn, told = drawn_on((photo, mask) for _, photo, mask in pairs)
        turned = [path for path, photo, mask in pairs if is_assumed(photo, mask)]
        return cls(shapes, MaskRule(drawn=drawn, named=named), _turned=turned, _told=told)

    def add(self, row: int, sample: Sample, truth: Truth) -> None:
        """Add the ground truth of the image in this row."""
        self._files = [file for file in self._files if file[0] != row]
        self._files += [(row, str(path), what) for path, what in zip(sample.mask_paths, truth.meanings, strict=True)]

    def mark(self, row: int, sample: Sample, truth: Truth) -> None:
        """Count whether the mask covers most of the photo and of its frame."""
        defect = truth.defect
        frame = np.concatenate([defect[0], defect[-1], defect[:, 0], defect[:, -1]])
        most = bool(defect.mean() > MOST_MARKED and frame.mean() > MOST_MARKED)
        self._marked[row] = sample.defect_type, most

    def settle(self) -> list[int]:
        """Decide which reserved values mean "ignored"; return the rows of the images to read again.

        255 beside class numbers of at most 40 means so in one file. In a set where most files use 255 as the only
        defect value, a stray 1 beside it does not make it so; in one where most have class numbers, 255 means so even
        without a class number.
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
        """Warnings on the masks together, one per kind."""
        count = len(self._files)
        several = [(path, what) for _, path, what in self._files if what.kind == "classes"]
        ignored = [(path, what) for _, path, what in self._files if what.ignored]
        other = [(path, what) for _, path, what in self._files if what.good and not _is_dark(what.good)]
        found = []
        if several:
            values = _values(name for _, what in several for name in what.defect)
            found.append(f"{len(several)} of {count} masks hold several values, all counted as defect: {values} "
                         f"(first: {shown(several[0][0])})")
        if ignored:
            values = _values(name for _, what in ignored for name in what.ignored)
            found.append(f"{len(ignored)} of {count} masks hold {values}, read as \"ignored\": these pixels count in "
                         f"no figure (first: {shown(ignored[0][0])})")
        if other:
            found.append(f"{len(other)} of {count} masks have no 0 or black; read as good is "
                         f"{_values(what.good for _, what in other)} (first: {shown(other[0][0])})")
        return self._named() + found + self._inverted() + self._orientation()

    def _named(self) -> list[str]:
        value, count = self.rule.named, len(self._files)
        if value is None:
            return []
        holding = [path for _, path, what in self._files if what.named]
        if not holding:
            return [f"none of {count} masks holds {value}, the value to ignore"]
        return [f"{len(holding)} of {count} masks hold {value}, ignored as requested: these pixels count in no "
                f"figure (first: {shown(holding[0])})"]  # fmt: skip

    def _inverted(self) -> list[str]:
        kinds: dict[str, list[bool]] = {}
        for kind, most in self._marked.values():
            kinds.setdefault(kind, []).append(most)
        return [f"{shown(kind)}: {sum(most)} of {len(most)} masks mark more than half of their photo as defect, up to "
                f"its edges; inverted? They are used as they are"
                for kind, most in kinds.items() if sum(most) > len(most) / 2]  # fmt: skip

    def _orientation(self) -> list[str]:
        if not self._turned:
            return []
        why = f", as the sizes of {self._told} others tell" if self._told else ""
        return [f"{len(self._turned)} masks have no EXIF orientation while their photos are rotated, and fit "
                f"either way: assumed to be drawn on {ON[self.rule.drawn]}{why} (first: "
                f"{shown(self._turned[0])})"]  # fmt: skip


def as_rule(reading: PixelReading | None, named: int | None = None) -> MaskRule:
    """The rule recorded by a run; older runs (None) read each file alone, and rotated no mask.

    named: the `ignore_value` of the run's configuration, which is not recorded twice.
    """
    known = reading or PixelReading()
    return MaskRule(None if known.reserved is None else frozenset(known.reserved), known.drawn, named)


def as_record(rule: MaskRule, bits: int | None) -> PixelReading:
    """How masks are read by the rule, its `named` apart, and photos of more than 8 bits on this scale."""
    return PixelReading(bits, None if rule.reserved is None else tuple(sorted(rule.reserved)), rule.drawn)


def _header(path: object) -> Shape | None:
    try:
        return image_shape(str(path))
    except DataError:
        return None


def _number(name: str) -> str:
    """The value in a name such as "255 (#e0e0c0)"."""
    return name.split(" ")[0]


def _differs(what: Meaning, reserved: set[str]) -> bool:
    """Whether the file would be read differently with these reserved values."""
    ignored = {_number(name) for name in what.ignored} & set(map(str, RESERVED))
    return bool(ignored - reserved) or any(_number(name) in reserved for name in what.defect)


def _is_dark(name: str) -> bool:
    return name in ("0", "False") or name.endswith(("#000000", "#000000)"))


def _values(names: Iterable[str]) -> str:
    found = sorted(set(names), key=lambda name: (len(_number(name)), name))
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return ", ".join(found[:MOST_NAMED]) + more
