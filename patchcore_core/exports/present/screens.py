"""The screens of one run, or of several on the same parts: what they find, stop by mistake and cost, and what is not
known. Examples and evidence, which need pictures, are in the files beside this one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from patchcore_core.data.images import shown
from patchcore_core.evaluation.statistics.paired_counts import paired_counts
from patchcore_core.evaluation.thresholds.rules import RULES
from patchcore_core.exports.present.presented import Presented, shared
from patchcore_core.views.colours import COLOURS
from patchcore_core.views.present.deck import Bar, Dots, Known, Screen, colour_of
from patchcore_core.views.present.rates import HUNDRED, THOUSAND, Rate
from patchcore_core.views.present.sentences import (
    NO_DECISION,
    WORST,
    finds,
    finds_type,
    hands_over,
    stops,
    tested,
    type_name,
)
from patchcore_core.views.run_names import name_of

MOST_TYPES = 8
HOW = ("A program has learned from {train} photos of good parts what they look like. It marks each spot of a photo "
       "that looks unlike all of them.")  # fmt: skip
FOUND_DOTS = "Each dot is a defective part. Ringed ones may be missed too; too few were tested to tell."
STOPPED_DOTS = "Each dot is a good part. Ringed ones may be stopped too; too few were tested to tell."
LIMIT = "A part is stopped when its score reaches a limit."
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def opening(runs: Sequence[Presented]) -> Screen:
    """What was done, on which parts, and how the limit came about."""
    first = runs[0]
    words = [HOW.format(train=f"{first.run.counts.train:,}"), _parts(first)]
    settings = [name_of(one.run.config, [other.run.config for other in runs]) for one in runs]
    notes = [LIMIT] if any(one.measure.decides for one in runs) else []
    notes += [_of(runs, place, f"{settings[place]}. {_limit(one)}" if len(runs) > 1 else _limit(one))
              for place, one in enumerate(runs)]
    if len(runs) == 1:
        notes = [" ".join(notes)]
    return Screen("title", "opening", shown(first.run.category).replace("_", " "), tuple(words), tuple(notes))


def name(runs: Sequence[Presented], place: int) -> str:
    """`Run A` among several, else ""."""
    return f"Run {LETTERS[place % len(LETTERS)]}" if len(runs) > 1 else ""


def found_screen(runs: Sequence[Presented]) -> Screen:
    """How many defective parts are found."""
    words = [_of(runs, place, finds(one.measure)) for place, one in enumerate(runs)]
    notes = [_of(runs, place, said) for place, one in enumerate(runs)
             for said in (tested(one.measure.found, "found"), hands_over(one.measure)) if said]
    rate = runs[0].measure.found
    dots = Dots(HUNDRED, rate.per(HUNDRED), rate.at_least(HUNDRED), rate.per(HUNDRED), COLOURS["hit"], COLOURS["miss"],
                FOUND_DOTS, ("found", "missed")) if _dotted(runs, rate) else None  # fmt: skip
    said = (*_once(notes), *_differ(runs, 1), *_worst(runs, "found"))
    return Screen("rate", "found", "Defective parts", _once(words), said,
                  _bars(runs, [one.measure.found for one in runs], "found", "hit"), dots)


def stopped_screen(runs: Sequence[Presented]) -> Screen:
    """How many good parts are stopped by mistake."""
    words = [_of(runs, place, stops(one.measure)) for place, one in enumerate(runs)]
    notes = [_of(runs, place, tested(one.measure.stopped, "stopped")) for place, one in enumerate(runs)]
    rate = runs[0].measure.stopped
    dots = Dots(THOUSAND, rate.per(THOUSAND), rate.per(THOUSAND), rate.at_most(THOUSAND), COLOURS["false alarm"],
                COLOURS["good"], STOPPED_DOTS, ("stopped", "let through")) if _dotted(runs, rate) else None  # fmt: skip
    said = (*_once(notes), *_differ(runs, 0), *_worst(runs, "stopped"))
    return Screen("rate", "stopped", "Good parts", _once(words), said,
                  _bars(runs, [one.measure.stopped for one in runs], "stopped", "false alarm"), dots)


def types_screen(runs: Sequence[Presented]) -> Screen | None:
    """What is found of each kind of defect, the worst first; None with fewer than two kinds, or without a decision."""
    measure = runs[0].measure
    if len(measure.by_type) < 2 or not measure.decides:
        return None
    kinds = measure.by_type[:MOST_TYPES]
    bars = tuple(Bar.of(type_name(kind), f"{rate.count} of {rate.total}", rate, colour_of(0, len(runs) > 1, "hit"))
                 for kind, rate in kinds)
    more = len(measure.by_type) - len(kinds)
    notes = [f"{more} more kinds of defect are found more often."] if more else ["Those found least stand first."]
    return Screen("rate", "kinds", "Kinds of defect", (_of(runs, 0, finds_type(*kinds[0])),),
                  (*notes, "The thin line of a bar is its 95 % interval: wide where few parts were tested."), bars)


def cost_screen(runs: Sequence[Presented]) -> Screen | None:
    """What the errors cost; the prices are typed in. None where neither rate is known."""
    prices = tuple(Known.of(name(runs, place), one.measure.found, one.measure.stopped)
                   for place, one in enumerate(runs) if one.measure.decides)
    if not any(one.found or one.stopped for one in prices):
        return None
    notes = ("Prices are examples until you type in your own, in any currency. Only missed and wrongly stopped parts "
             "are priced; manual checks are not.",
             "The range takes both figures at the ends of their 95 % intervals.")
    return Screen("cost", "cost", "Cost per million parts", (), notes, prices=prices)


def limits_screen(runs: Sequence[Presented]) -> Screen:
    """What all this does not tell."""
    said = dict.fromkeys(_of(runs, place, sentence) if sum(sentence in other.limits for other in runs) < len(runs)
                         else sentence for place, one in enumerate(runs) for sentence in one.limits)  # fmt: skip
    return Screen("limits", "limits", "What this does not tell you", tuple(said))


def _parts(one: Presented) -> str:
    labels = one.images["label"].to_numpy()
    counts = [(int((labels == value).sum()), what) for value, what in
              ((0, "good"), (1, "defective"), (-1, "without a label"))]
    known = [f"{count:,} {what}" for count, what in counts if count]
    if not known:
        return "It has not been tested on other parts."
    return f"Then it was tested on {len(labels):,} other photo{'' if len(labels) == 1 else 's'}: {', '.join(known)}."


def _limit(one: Presented) -> str:
    """How the limit between OK and NG was set."""
    if math.isnan(one.threshold):
        return NO_DECISION
    if not one.rule:
        return shown(f"The limit was {one.chosen.by}.")
    rule = RULES.get(one.rule)
    if rule is not None and rule.source == "held-out":
        return f"The limit was set with good training parts alone, before any test part was seen.{_expected(one)}"
    if rule is not None and rule.source == "test good":
        return "The limit was set on the good test parts themselves."
    return "The limit was set on the test parts with their labels."


def _expected(one: Presented) -> str:
    point = next((point for point in one.run.operating_points if point.method == one.rule), None)
    if point is None or not math.isfinite(point.false_alarms + point.false_alarms_bound):
        return ""
    about, most = round(1000 * point.false_alarms), math.ceil(1000 * point.false_alarms_bound)
    return f" So it should stop about {about} of 1,000 new good parts, at worst {most}."


def _of(runs: Sequence[Presented], place: int, sentence: str) -> str:
    return f"{name(runs, place)}: {sentence}" if len(runs) > 1 and sentence else sentence


def _once(sentences: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, sentences)))


def _worst(runs: Sequence[Presented], rate: str) -> tuple[str, ...]:
    """What "at worst" means, where it is said."""
    return (WORST,) if any(one.measure.decides and getattr(one.measure, rate).known for one in runs) else ()


def _dotted(runs: Sequence[Presented], rate: Rate) -> bool:
    return len(runs) == 1 and rate.known and runs[0].measure.decides


def _bars(runs: Sequence[Presented], rates: Sequence[Rate], verb: str, colour: str) -> tuple[Bar, ...]:
    """A bar for each of several runs."""
    return tuple(Bar.of(name(runs, place), f"{rate.count:,} of {rate.total:,} {verb}", rate,
                        colour_of(place, True, colour)) for place, rate in enumerate(rates)
                 if len(runs) > 1 and rate.known and runs[place].measure.decides)  # fmt: skip


def _differ(runs: Sequence[Presented], label: int) -> tuple[str, ...]:
    """Of each further run whether it errs otherwise than the first on the parts of this label that all share."""
    if len(runs) < 2 or not all(one.measure.decides for one in runs):
        return ()
    rows = shared(list(runs))
    right = []
    for one, chosen in zip(runs, rows, strict=True):
        images = one.images.iloc[chosen]
        images = images[images["label"] == label]
        right.append((images["image_score"].to_numpy() >= one.threshold) == bool(label))
    if not len(right[0]):
        return (f"The runs share no {'defective' if label else 'good'} test part.",)
    return tuple(_apart(name(runs, 0), name(runs, place), right[0], other, label)
                 for place, other in enumerate(right[1:], start=1))


def _apart(first: str, second: str, one: np.ndarray, other: np.ndarray, label: int) -> str:
    counts = paired_counts(one, other)
    what = f"the same {counts.total:,} {'defective' if label else 'good'} part{'' if counts.total == 1 else 's'}"
    if not counts.only_first + counts.only_second:
        return f"On {what} {first} and {second} decide alike."
    chance = f"more than chance explains (p = {counts.p_value:.2g})" if counts.significant else \
        f"which may be chance (p = {counts.p_value:.2g})"
    return f"On {what} only {first} is right on {counts.only_first}, only {second} on {counts.only_second}: {chance}."
