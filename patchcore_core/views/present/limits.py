"""What a run's figures do not tell, in plain sentences: from its data checks, its threshold and its counts.

File names stay out: the sentences go to people who do not know the folders, and into files that leave the house.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from patchcore_core.evaluation.values import Badge, Source
from patchcore_core.views.present.rates import FEW, Measured
from patchcore_core.views.present.sentences import NO_DEFECTIVE, NO_GOOD, type_name

NAMED = 5  # defect types
Counts = Mapping[str, int]
THRESHOLDS: Mapping[Source, str] = {
    "oracle": "The limit was chosen with these very test parts and their labels. Expect worse on new parts.",
    "test good": "The limit was set on the same good test parts, so the number of good parts stopped here says little "
                 "about new ones.",
    "manual": "A person set the limit and may have seen these results; then expect worse on new parts.",
}  # fmt: skip
ALWAYS = ("The figures hold for parts and photos like those tested. Another camera, lighting, position or material was "
          "not tested unless the test photos show it.")
NO_MASKS = "Whether it marks the defect itself was not measured: no test part has its defect drawn in."


def limits(
    measure: Measured, source: Source | None, badges: Sequence[Badge], masks: int, checks: bool = True,
    doubted: int = 0,
) -> tuple[str, ...]:  # fmt: skip
    """Sentences, the gravest first.

    source: what the threshold in use was set on, None without one. badges: the data checks at that threshold. masks:
    test images with a mask of their defect. checks: whether the run recorded its data checks. doubted: images whose
    label is wrong, as reviewers say.
    """
    said = [words for badge in badges if badge.level != "ok" and (words := _of_badge(badge))]
    said = [*_untested(measure), THRESHOLDS.get(source, "") if source else "", *said, _few(measure), _kinds(measure)]
    if not masks and measure.found.known:
        said.append(NO_MASKS)
    if doubted:
        said.append(f"Reviewers say that the label of {_photos(doubted)} is wrong; the figures count it as it is.")
    if measure.unlabelled:
        said.append(f"{_photos(measure.unlabelled)} without a label are not counted.")
    if not checks:
        said.append("This run was made before its data were checked for copies and unusual photos.")
    return tuple(dict.fromkeys(filter(None, (*said, ALWAYS))))


def _untested(measure: Measured) -> list[str]:
    return [sentence for rate, sentence in ((measure.found, NO_DEFECTIVE), (measure.stopped, NO_GOOD))
            if not rate.known]


def _few(measure: Measured) -> str:
    few = [f"{rate.total} {kind} part{'' if rate.total == 1 else 's'}" for kind, rate in
           (("defective", measure.found), ("good", measure.stopped)) if 0 < rate.total < FEW]
    return f"Only {' and '.join(few)} were tested, so the figures are uncertain." if few else ""


def _kinds(measure: Measured) -> str:
    names = [f"“{type_name(name)}”" for name, _ in measure.by_type]
    if not names:
        return ""
    more = len(names) - NAMED
    listed = ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"Defects of other kinds than {listed} were not tested."


def _of_badge(badge: Badge) -> str:
    """In plain words; the badge's label for one that is not known here."""
    if badge.key == "threshold":
        return ""  # said by its source
    return _BADGES[badge.key](badge.counts) if badge.key in _BADGES else f"A data check found: {badge.label}."


def _identical(counts: Counts) -> str:
    if not counts.get("identical"):
        return "Not all test photos were compared with the training photos, so some may be the same."
    return f"{_photos(counts['identical'])} were also used for training; their results mean nothing."


def _near(counts: Counts) -> str:
    if not counts.get("near"):
        return "Whether test photos nearly equal training photos was not checked; then figures may be too good."
    return f"{_photos(counts['near'])} nearly equal a training photo, so the figures may be too good."


def _copies(counts: Counts) -> str:
    if not counts.get("copies"):
        return "The training photos hardly differ. If they show one part only, new good parts will be stopped."
    return (f"{counts['copies']} of {counts['images']} training photos nearly equal another one, so the limit rests on "
            f"only {counts['groups']} different photos.")


def _odd(counts: Counts) -> str:
    if not counts.get("odd"):
        return "Whether training photos show defective parts was not checked."
    return (f"{counts['odd']} of {counts['images']} training photos look unlike all others; a defective part among "
            "them would be taken for good.")


def _crop(counts: Counts) -> str:
    lost = counts.get("wholly_lost", 0)
    if lost:
        return (f"It sees only the middle of a photo: {lost} of {counts['masks']} defects lie outside and cannot be "
                "found.")
    partly = counts.get("partly_lost", 0)
    return f"It sees only the middle of a photo, which cuts {partly} defects." if partly else ""


def _unreadable(counts: Counts) -> str:
    return f"{counts.get('unreadable', 0)} of {counts.get('images', 0)} photos could not be read and are not counted."


def _split(counts: Counts) -> str:
    if not counts.get("test"):
        return ""  # said by the counts
    return "The test photos come from the same series as the training photos; new parts may differ more."


def _shapes(counts: Counts) -> str:
    far = counts.get("far", 0)
    return f"{_photos(far)} have other proportions than most and are shown to it stretched." if far else ""


_BADGES: Mapping[str, Callable[[Counts], str]] = {
    "identical": _identical, "near_duplicates": _near, "training_copies": _copies, "odd_training": _odd, "crop": _crop,
    "unreadable": _unreadable, "split": _split, "proportions": _shapes,
}  # fmt: skip


def _photos(count: int) -> str:
    return f"{count:,} test photo{'' if count == 1 else 's'}"
