"""The meaning of the values in a mask file: two values, a soft edge around two, or defect classes.

Two values are good and defect. A soft edge or JPEG noise around two values is cut in the middle. Several exact values
are classes: all are defect, except the good one (0, black) and one that means "ignored". A value that the user wants
ignored is removed first, and the rest is read as if it were everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from PIL import Image

Kind = Literal["empty", "binary", "soft", "classes"]
SMALL = 40  # highest class number beside which a reserved value means "ignored"
RESERVED = (255, 65535, 2**31 - 1)
VOID = (224, 224, 192)  # the void colour of PASCAL VOC
NOISE = 0.1  # noise around the lowest and highest value, as a fraction of their distance
SPECKS = 3  # values from either extreme that are noise if both occur
MANY = 12  # values between the extremes that are no classes if hardly any fills an area
SOFT_EDGE, FEW_FLAT = 0.5, 0.05  # fractions of the pixels between the extremes: on a slope, in a uniform area
_COLOUR = 1 << 24  # added to packed colours, so that they are no grey values


@dataclass(frozen=True)
class Values:
    """`codes` (H, W) integers: the value, palette index or colour of each pixel; `levels` (H, W): its brightness.

    `name` gives a code in words; `voids`: codes of the void colour. `left` (H, W) bool: pixels ignored by the user's
    value, None if there are none.
    """

    codes: np.ndarray
    levels: np.ndarray
    name: Callable[[int], str] = str
    voids: frozenset[int] = frozenset()
    left: np.ndarray | None = None

    def read(self, pixels: np.ndarray) -> np.ndarray:
        """Those of (H, W) `pixels` that are not ignored."""
        return pixels if self.left is None else pixels[~self.left]

    def where(self, number: int) -> np.ndarray | None:
        """(H, W) bool: pixels of exactly this number; None if it does not occur.

        The number is a grey level, the index in a colour palette or, among other colours, the grey of this level.
        """
        code = number if number < 2**31 else number - 2**32  # files of 32 bits are read with a sign
        if self.name is _colour_name:
            code = _packed((number,) * 3) if number <= 255 else -1
        found = self.codes == code
        return found if found.any() else None


@dataclass(frozen=True)
class Meaning:
    """The interpretation of a file's values in words: `good` is the value without defect, "" if there was none.

    `numbers`: the codes are class numbers of at most 40, apart from reserved ones; `top`: the highest value. `named`:
    the user's ignored value, "" if it does not occur; nothing else here counts it.
    """

    kind: Kind
    good: str
    defect: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    numbers: bool = False
    top: str = ""
    named: str = ""


def values_of(image: Image.Image, rgb: np.ndarray | None) -> Values:
    """The values of a loaded image; `rgb` (H, W, 3): its colours over black unless it is grey."""
    if image.mode == "P" and rgb is not None and not image.has_transparency_data:
        return _of_palette(np.array(image), rgb)
    if rgb is None:
        grey = np.array(image)
        return Values(grey, grey)
    if (rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 1] == rgb[..., 2]).all():
        return Values(rgb[..., 0], rgb[..., 0])
    wide = rgb.astype(np.int32)
    codes = _COLOUR | wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
    return Values(codes, rgb.max(axis=2), _colour_name, frozenset({_packed(VOID)}))


def interpret(
    values: Values, reserved: frozenset[str] | None = None, named: int | None = None
) -> tuple[np.ndarray, np.ndarray | None, Meaning]:
    """(H, W) bool of defect, and of ignored pixels (None: none), and the interpretation.

    reserved: names of the values that mean "ignored"; None: decided by this file alone. named: a value that the user
    wants ignored.
    """
    left = None if named is None else values.where(named)
    if left is None:
        return _interpret_rest(values, reserved)
    if left.all():
        return np.zeros(left.shape, bool), left, Meaning("empty", "", named=str(named))
    defect, ignored, meaning = _interpret_rest(replace(values, left=left), reserved)
    return defect & ~left, left if ignored is None else left | ignored, replace(meaning, named=str(named))


def _interpret_rest(values: Values, reserved: frozenset[str] | None) -> tuple[np.ndarray, np.ndarray | None, Meaning]:
    """The same for the pixels that are not ignored; the result is undefined elsewhere."""
    codes, distinct = values.codes, _distinct(values.read(values.codes))
    skipped = _ignored_codes(values, distinct, reserved)
    known = [code for code in distinct if code not in skipped]
    numbers = distinct[-1] < _COLOUR and all(code <= SMALL or code in RESERVED for code in distinct)
    top = values.name(distinct[-1])
    if len(distinct) > 2 and not skipped and _is_soft(values):
        return values.levels > _middle(values.read(values.levels)), None, Meaning("soft", "", top=top)
    ignored = np.isin(codes, list(skipped)) if skipped else None
    names = tuple(map(values.name, sorted(skipped)))
    good = _good(values, known)
    if good is None or len(known) < 2:
        defect = np.zeros(codes.shape, bool) if good is not None or not known else codes == known[0]
        left = () if good is not None else tuple(map(values.name, known))
        kind: Kind = "binary" if left else "empty"
        return defect, ignored, Meaning(kind, "" if good is None else values.name(good), left, names, numbers, top)
    defect = codes != good if not skipped else (codes != good) & ~np.asarray(ignored)
    floor = _noise_floor(values.read(values.levels)) if len(known) > 2 else None
    if floor is not None and not _is_solid(values.levels, floor):
        defect &= values.levels > floor
    left = tuple(values.name(code) for code in known if code != good)
    return defect, ignored, Meaning("binary" if len(left) == 1 else "classes", values.name(good), left, names, numbers,
                                    top)  # fmt: skip


def _of_palette(indices: np.ndarray, rgb: np.ndarray) -> Values:
    """Indices are class numbers, unless the palette is grey; if colours do not distinguish them, all are."""
    present = _distinct(indices)
    places = [np.unravel_index(int(np.argmax(indices == index)), indices.shape) for index in present]
    colours = [tuple(rgb[place].tolist()) for place in places]
    if len(set(colours)) < len(colours):
        return Values(indices, indices)
    if all(len(set(colour)) == 1 for colour in colours):
        return Values(rgb[..., 0], rgb[..., 0])
    named = dict(zip(present, colours, strict=True))
    names = {index: f"{index} ({_colour_name(_packed(colour))})" for index, colour in named.items()}
    voids = frozenset(index for index, colour in named.items() if colour == VOID)
    return Values(indices, rgb.max(axis=2), lambda code: names[code], voids)


def _distinct(codes: np.ndarray) -> list[int]:
    """The codes that occur, ascending."""
    if codes.dtype == np.bool_:
        codes = codes.astype(np.uint8)
    if codes.dtype == np.uint8:
        return np.flatnonzero(Image.fromarray(codes).histogram()).tolist()
    if codes.dtype == np.uint16:
        return np.flatnonzero(np.bincount(codes.ravel())).tolist()
    return np.unique(codes).tolist()


def _ignored_codes(values: Values, distinct: list[int], reserved: frozenset[str] | None) -> frozenset[int]:
    """The codes that mean "ignored": void colours, negative numbers, and a reserved value beside classes."""
    found = {code for code in distinct if code < 0 or code in values.voids}
    if reserved is not None:
        return frozenset(found | {code for code in distinct if code in RESERVED and str(code) in reserved})
    beside = _beside_classes(distinct)
    if beside and values.left is not None:  # an ignored value does not make the others class numbers
        beside &= _beside_classes(_distinct(values.codes))
    return frozenset(found | beside)


def _beside_classes(distinct: list[int]) -> set[int]:
    """The highest of these codes if it is a reserved value and all others are class numbers; None for two values."""
    others = [code for code in distinct[:-1] if code > 0]
    classes = bool(others) and len(distinct) > 2 and max(others) <= SMALL
    return {distinct[-1]} if classes and distinct[-1] in RESERVED else set()


def _good(values: Values, known: list[int]) -> int | None:
    """The code without defect: 0 or black; else, of several, the darkest grey or the most frequent colour."""
    if values.name is str:  # grey: the codes are the levels
        return 0 if 0 in known else known[0] if len(known) > 1 else None
    bright = {code: int(values.levels[values.codes == code].max()) for code in known}
    dark = [code for code in known if not bright[code]]
    if dark or len(known) < 2:
        return dark[0] if dark else None
    if len(known) == 2 and bright[known[0]] != bright[known[1]] and known[0] < _COLOUR:  # two entries of a palette
        return min(known, key=bright.__getitem__)
    return max(known, key=lambda code: int(np.count_nonzero(values.codes == code)))


def _ends(levels: np.ndarray) -> tuple[int, int, float]:
    """The lowest and the highest level, and the range of noise around each: 0 if there is none."""
    distinct = np.array(_distinct(levels))
    low, high = int(distinct[0]), int(distinct[-1])
    noise = NOISE * (high - low)
    above = distinct[(distinct > low) & (distinct <= low + noise)]
    under = distinct[(distinct < high) & (distinct >= high - noise)]
    both = len(above) > 0 and len(under) > 0
    near = both and above[-1] <= low + SPECKS and under[0] >= high - SPECKS
    return low, high, noise if near or (both and len(above) + len(under) >= 4) else 0.0


def _noise_floor(levels: np.ndarray) -> float | None:
    """The level below which there is only noise around the lowest one; None if there is none."""
    low, high, noise = _ends(levels)
    return low + noise if noise and high > SMALL else None


def _is_solid(levels: np.ndarray, floor: float) -> bool:
    """Whether each level above the lowest and up to the floor is one connected area, as object numbers are: noise is
    scattered."""
    from scipy import ndimage

    low = int(levels.min())
    return all(ndimage.label(levels == level, np.ones((3, 3)))[1] == 1
               for level in _distinct(levels) if low < level <= floor)  # fmt: skip


def _is_soft(values: Values) -> bool:
    """Whether several levels are noise around two, or the slopes between them."""
    from scipy import ndimage  # slow to load, and few masks need it

    low, high, noise = _ends(values.read(values.levels))
    if high <= SMALL or low < 0:
        return False
    between = (values.levels > low + noise) & (values.levels < high - noise)
    if values.left is not None:
        between &= ~values.left
    if not between.any():
        return noise > 0
    wide = values.levels.astype(np.int32)
    lows, highs = (wide, wide) if values.left is None else (np.where(values.left, end, wide) for end in (high, low))
    least = ndimage.minimum_filter(lows, size=3)[between]
    most = ndimage.maximum_filter(highs, size=3)[between]
    here, step = wide[between], noise / 2
    slope = float(np.mean((least < here - step) & (most > here + step)))
    flat = float(np.mean(most - least <= 2 * step))
    return slope >= SOFT_EDGE or (len(np.unique(here)) >= MANY and flat < FEW_FLAT)


def _middle(levels: np.ndarray) -> float:
    """The cut of a soft mask: half of the format's range if its ends are used, else the middle."""
    low, high = int(levels.min()), int(levels.max())
    half = 32767 if high > 255 else 127
    return half if low <= half // 2 and high >= 3 * half // 2 else (low + high) / 2


def _packed(colour: tuple[int, ...]) -> int:
    return _COLOUR | colour[0] << 16 | colour[1] << 8 | colour[2]


def _colour_name(code: int) -> str:
    return f"#{code & (_COLOUR - 1):06x}"
