"""What a fit found about its training photos: near-duplicates, outliers, and their effect on the thresholds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from patchcore_core.evaluation.values import Badge, Moved

TRAINING_KEYS = ("training_copies", "odd_training")  # of the badges
NAMED = 3  # photos that a sentence names


@dataclass(frozen=True)
class TrainingPhotos:
    """`images` photos were read. `copies`: groups of near-duplicates by name, the scored photo first.

    odd: (name, held-out score) of outliers; `highest`: score of the others; image, pixel: the thresholds. alike: median
    correlation of two photos if all may be shots of one part, else NaN; `noise`: they differ only by noise. `taught`:
    names of photos that somebody added as good ones.
    """

    images: int
    copies: tuple[tuple[str, ...], ...] = ()
    odd: tuple[tuple[str, float], ...] = ()
    highest: float = math.nan
    image: Moved = field(default_factory=Moved)
    pixel: Moved = field(default_factory=Moved)
    alike: float = math.nan
    noise: bool = False
    taught: tuple[str, ...] = ()

    @property
    def copied(self) -> int:
        """Number of photos with a near-duplicate."""
        return sum(map(len, self.copies))

    @property
    def groups(self) -> int:
        """Number of photos, with near-duplicates counted once."""
        return self.images - self.copied + len(self.copies)

    def badges(self) -> tuple[Badge, Badge]:
        """The badges of `TRAINING_KEYS`."""
        return self._copies_badge(), self._odd_badge()

    def warnings(self) -> tuple[str, ...]:
        """The sentences of the badges that warn."""
        return tuple(badge.sentence for badge in self.badges() if badge.level == "warning")

    def _copies_badge(self) -> Badge:
        counts = {"images": self.images, "copies": self.copied, "groups": self.groups}
        if self.copies:
            named = _named(max(self.copies, key=len))
            sentence = (f"{self.copied} of {self.images} training photos are near-duplicates, such as {named}: ")
            sentence += (f"thresholds rest on {self.groups} distinct photos, not on {self.images}."
                         if self.groups > 1 else "no distinct photos are left for held-out scores, so there are no "
                         "held-out thresholds. Add photos of other good parts.")  # fmt: skip
            label = f"{self.copied} near-duplicates in training"
            return Badge(TRAINING_KEYS[0], "warning", label, sentence, counts)
        if not math.isnan(self.alike):
            return self._alike_badge(counts)
        return Badge(TRAINING_KEYS[0], "ok", "no near-duplicates in training",
                     "No two training photos are near-duplicates.", counts)

    def _alike_badge(self, counts: dict[str, int]) -> Badge:
        sentence = f"The {self.images} training photos hardly differ (median correlation {self.alike:.2f})"
        what = ", by no more than noise" if self.noise else ""
        sentence += (f"{what}. If they show one part, held-out scores and thresholds are too low, and new good parts "
                     "will be predicted defective. Add photos of other good parts.")
        return Badge(TRAINING_KEYS[0], "warning" if self.noise else "note", "training photos hardly differ", sentence,
                     counts)

    def _odd_badge(self) -> Badge:
        counts = {"images": self.images, "odd": len(self.odd)}
        if not self.odd:
            return Badge(TRAINING_KEYS[1], "ok", "no odd training photo",
                         "No training photo is an outlier.", counts)
        several = len(self.odd) > 1
        names = [name for name, _ in self.odd]
        doubted = [name for name in names if name not in self.taught]
        them, are = ("them", "are") if several else ("it", "is")
        sentence = (f"{_named(names)} {are} far from the other training photos (held-out score "
                    f"{_span([score for _, score in self.odd])}, the others at "
                    f"most {self.highest:.4g}) and left out of the thresholds: {self.image.words()} for images")
        sentence += "" if math.isnan(self.pixel.without_odd) else f", {self.pixel.words()} for pixels"
        sentence += f". The memory bank still contains {them}{self._advice(names, doubted)}."
        label = f"{len(self.odd)} odd training photo" + "s" * several
        return Badge(TRAINING_KEYS[1], "warning" if doubted else "note", label, sentence, counts)

    def _advice(self, odd: Sequence[str], doubted: Sequence[str]) -> str:
        """What to do about odd photos, of which nobody has taught the `doubted` ones."""
        taught = [name for name in odd if name in self.taught]
        said = ""
        if taught:
            were, they, are = ("were", "they", "are") if len(taught) > 1 else ("was", "it", "is")
            who = _named(taught) if doubted else they
            said = f"; {who} {were} taught as good; if {they} {are} not good, go on from the run before"
        if doubted:
            they, are, them = ("they", "are", "them") if len(doubted) > 1 else ("it", "is", "it")
            flags = " ".join(f"--exclude {name}" for name in doubted[:NAMED])
            said += (f"; if {_named(doubted) if taught else they} {are} not good, exclude {them} "
                     f"(fit … {flags}{' …' * (len(doubted) > NAMED)})")
        return said


def _named(names: Sequence[str]) -> str:
    """`a.png, b.png and 4 more`."""
    more = len(names) - NAMED
    if more <= 0:
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{', '.join(names[:NAMED])} and {more} more"


def _span(scores: Sequence[float]) -> str:
    low, high = (f"{pick(scores):.4g}" for pick in (min, max))
    return low if low == high else f"{low} to {high}"
