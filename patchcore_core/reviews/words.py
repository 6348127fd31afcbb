"""The verdicts, and the limits of the texts that reviewers store."""

from __future__ import annotations

from collections.abc import Sequence

from patchcore_core.errors import ConfigError
from patchcore_core.reviews.verdict_file import storable

AGREE, LABEL_WRONG, MASK_WRONG, UNCLEAR, TAKEN_BACK = "agree", "label_wrong", "mask_wrong", "unclear", ""
VERDICTS = {  # verdict -> words
    AGREE: "label correct", LABEL_WRONG: "label wrong", MASK_WRONG: "mask wrong", UNCLEAR: "unclear",
    TAKEN_BACK: "taken back",
}  # fmt: skip
LONGEST = {"author": 200, "note": 10_000, "tag": 60, "name": 200, "address": 8000}  # characters
MOST_TAGS = 20


def checked_verdict(verdict: str) -> str:
    """The verdict; ConfigError for an unknown one."""
    if verdict not in VERDICTS:
        names = ", ".join(name for name in VERDICTS if name)
        raise ConfigError(f"verdict must be one of {names}, or empty to take it back, got {verdict[:60]!r}")
    return verdict


def checked(what: str, text: str, of: str = "verdict") -> str:
    """A text of a verdict, or what else `of` names, as it is stored; ConfigError if it is too long, or empty and no
    note. what: one of `LONGEST`."""
    kept = storable(text).strip()
    if len(kept) > LONGEST[what]:
        raise ConfigError(f"a {of}'s {what} must have at most {LONGEST[what]} characters, got {len(kept)}")
    if not kept and what != "note":
        raise ConfigError(f"a {of}'s {what} must not be empty")
    return kept


def checked_tags(tags: Sequence[str], of: str = "verdict") -> tuple[str, ...]:
    """The tags as they are stored, without duplicates; ConfigError for too many, or one that contains the separator."""
    kept = tuple(dict.fromkeys(checked("tag", tag, of) for tag in tags))
    if len(kept) > MOST_TAGS:
        raise ConfigError(f"a {of} must have at most {MOST_TAGS} tags, got {len(kept)}")
    if any("," in tag for tag in kept):
        raise ConfigError("a tag must not contain a comma, which separates tags")
    return kept
