"""Plain sentences on what a run finds and wrongly stops, with their uncertainty; none says more than was measured."""

from __future__ import annotations

from patchcore_core.data.images import shown
from patchcore_core.views.present.rates import FEW, HUNDRED, THOUSAND, Measured, Rate
from patchcore_core.views.text import short

NO_DECISION = "It decides nothing: this run has no threshold from which a part counts as defective."
NO_DEFECTIVE = "How many defective parts it finds is not known: no defective part was tested."
NO_GOOD = "How many good parts it stops is not known: no good part was tested."
WORST = "“At worst” is the end of the 95 % interval: what the figure may be in truth, given how many parts were tested."
LONGEST = 40  # characters of a defect type


def finds(measure: Measured) -> str:
    """`Of 100 defective parts it finds 94, at worst 83.`, or what is not known."""
    if not measure.decides:
        return NO_DECISION
    return _finds(measure.found, "defective parts") if measure.found.known else NO_DEFECTIVE


def stops(measure: Measured) -> str:
    """`Of 1,000 good parts it stops 12 by mistake, at worst 31.`, or what is not known."""
    if not measure.decides:
        return NO_DECISION
    rate = measure.stopped
    if not rate.known:
        return NO_GOOD
    return f"Of 1,000 good parts it stops {_number(rate, THOUSAND)} by mistake, at worst {rate.at_most(THOUSAND):,}."


def finds_type(name: str, rate: Rate) -> str:
    """The same for the defective parts of one type."""
    return _finds(rate, f"parts with “{type_name(name)}”")


def type_name(name: str) -> str:
    """A defect type as it can be shown: folder names are anything."""
    return short(shown(name).replace("_", " "), LONGEST)


def hands_over(measure: Measured) -> str:
    """What goes to a person; "" without a review zone."""
    if not measure.zone:
        return ""
    parts = [(measure.checked_defective, HUNDRED, "100 defective parts"),
             (measure.checked_good, THOUSAND, "1,000 good parts")]
    said = [f"of {of} {_number(rate, base)}" for rate, base, of in parts if rate.known]
    return f"It leaves some to a person: {', '.join(said)}. They count as neither found nor stopped here."


def tested(rate: Rate, what: str) -> str:
    """`Tested on 50 defective parts: 47 found (94 %, 95 % interval 83.8 to 97.9 %).` what: "found" or "stopped"."""
    kind = "defective" if what == "found" else "good"
    if not rate.known:
        return f"No {kind} part was tested."
    low, high = (100 * end for end in rate.interval)
    words = (f"Tested on {rate.total:,} {kind} part{'' if rate.total == 1 else 's'}: {rate.count:,} {what} "
             f"({100 * rate.share:.3g} %, 95 % interval {low:.1f} to {high:.1f} %).")
    return f"{words} So few parts say little: test more." if rate.total < FEW else words


def _finds(rate: Rate, what: str) -> str:
    if rate.count == 0:
        return f"Of 100 {what} it finds none, at best {rate.at_most(HUNDRED)}."
    return f"Of 100 {what} it finds {_number(rate, HUNDRED)}, at worst {rate.at_least(HUNDRED)}."


def _number(rate: Rate, base: int) -> str:
    if rate.count == 0:
        return "none"
    return f"{'' if rate.exact(base) else 'about '}{rate.per(base):,}"
