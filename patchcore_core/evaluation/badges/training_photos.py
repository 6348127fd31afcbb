"""What a fit found about its training photos: near-copies, odd photos, and what both mean for the thresholds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from patchcore_core.evaluation.badges.badge import Badge

TRAINING_KEYS = ("training_copies", "odd_training")  # of the badges
NAMED = 3  # photos that a sentence names


@dataclass(frozen=True)
class Moved:
    """A threshold without the odd photos, which counts, and as it would be with them; NaN where there is none."""

    without: float = math.nan
    having: float = math.nan

    def words(self) -> str:
        """`25.6 in place of 58.3`."""
        return f"{self.without:.4g} in place of {self.having:.4g}"


@dataclass(frozen=True)
class TrainingPhotos:
    """`images` photos were read. `copies`: groups of near-copies as names, the photo that was scored first.

    odd: (name, held-out score) of photos whose score no good part of this set would have; `highest`: of the others;
    image, pixel: the thresholds. alike: the median correlation of two photos where it is so high that all may be shots
    of one part, else NaN; `noise`: what differs is no more than noise.
    """

    images: int
    copies: tuple[tuple[str, ...], ...] = ()
    odd: tuple[tuple[str, float], ...] = ()
    highest: float = math.nan
    image: Moved = Moved()
    pixel: Moved = Moved()
    alike: float = math.nan
    noise: bool = False

    @property
    def copied(self) -> int:
        """How many photos have a near-copy."""
        return sum(map(len, self.copies))

    @property
    def groups(self) -> int:
        """How many photos there are when near-copies count once."""
        return self.images - self.copied + len(self.copies)

    def badges(self) -> tuple[Badge, Badge]:
        """Those of `TRAINING_KEYS`."""
        return self._copies_badge(), self._odd_badge()

    def warnings(self) -> tuple[str, ...]:
        """The sentences of the badges that warn."""
        return tuple(badge.sentence for badge in self.badges() if badge.level == "warning")

    def _copies_badge(self) -> Badge:
        counts = {"images": self.images, "copies": self.copied, "groups": self.groups}
        if self.copies:
            named = _named(max(self.copies, key=len))
            sentence = (f"{self.copied} of {self.images} training photos are nearly the same as another one, such as "
                        f"{named}: photos of one part are left out together, so ")
            sentence += (f"the thresholds rest on {self.groups} different photos, not on {self.images}."
                         if self.groups > 1 else "nothing is left to score any of them by, and no threshold rests on "
                         "training photos. Add photos of other good parts.")  # fmt: skip
            label = f"{self.copied} training photos nearly the same"
            return Badge(TRAINING_KEYS[0], "warning", label, sentence, counts)
        if not math.isnan(self.alike):
            return self._alike_badge(counts)
        return Badge(TRAINING_KEYS[0], "ok", "no near-copies in training",
                     "No two training photos are nearly the same.", counts)

    def _alike_badge(self, counts: dict[str, int]) -> Badge:
        sentence = (f"The {self.images} training photos hardly differ from one another (median correlation "
                    f"{self.alike:.2f})")
        what = ", by no more than noise" if self.noise else ""
        sentence += (f"{what}. Where they are shots of one part, the held-out scores are too low, and with them the "
                     "thresholds: new good parts will then be called defective. Add photos of other good parts.")
        return Badge(TRAINING_KEYS[0], "warning" if self.noise else "note", "training photos hardly differ", sentence,
                     counts)

    def _odd_badge(self) -> Badge:
        counts = {"images": self.images, "odd": len(self.odd)}
        if not self.odd:
            return Badge(TRAINING_KEYS[1], "ok", "no odd training photo",
                         "No training photo stands far from the others.", counts)
        several = len(self.odd) > 1
        names = [name for name, _ in self.odd]
        scores = _span([score for _, score in self.odd])
        them, they, do = ("them", "they", "do") if several else ("it", "it", "does")
        sentence = (f"{_named(names)} {'stand' if several else 'stands'} far from the other training photos (held-out "
                    f"score {scores}, the others at most {self.highest:.4g}), so {they} {do} not count for the "
                    f"thresholds: {self.image.words()} for images")
        sentence += "" if math.isnan(self.pixel.without) else f", {self.pixel.words()} for pixels"
        sentence += (f". The memory bank still knows {them}: where {they} {do} not belong there, exclude {them} "
                     f"(fit … {' '.join(f'--exclude {name}' for name in names[:NAMED])}{' …' * (len(names) > NAMED)}).")
        label = f"{len(self.odd)} odd training photo" + "s" * several
        return Badge(TRAINING_KEYS[1], "warning", label, sentence, counts)


def _named(names: Sequence[str]) -> str:
    """`a.png, b.png and 4 more`."""
    more = len(names) - NAMED
    if more <= 0:
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{', '.join(names[:NAMED])} and {more} more"


def _span(scores: Sequence[float]) -> str:
    low, high = (f"{pick(scores):.4g}" for pick in (min, max))
    return low if low == high else f"{low} to {high}"
