"""The table of words by which the roles of folders and files are recognised.

Case, spaces and `-`, `_`, `.` do not matter, nor do FILLERS beside other words: `Training Set`, `train_images` and
`train` are the same. The section "Words that are understood" of the README shows this table.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

ROLES: dict[str, tuple[str, ...]] = {
    "train": ("train", "training", "learn", "learning"),
    "test": ("test", "tests", "testing", "test public", "public test", "eval", "evaluation"),
    "unlabelled": ("test private", "test private mixed", "private test", "unlabelled", "unlabeled"),
    "validation": ("val", "valid", "validation", "validate", "dev"),
    "good": (
        "good", "goods", "ok", "okay", "io", "normal", "normals", "nominal", "healthy", "intact", "clean", "flawless",
        "perfect", "pass", "passed", "accept", "accepted", "undamaged", "defect free", "no defect", "no defects",
        "without defect", "without defects", "non defective", "not defective", "fault free", "faultless",
        "anomaly free", "no anomaly", "non anomalous", "not anomalous", "gut",
    ),
    "bad": (
        "bad", "ng", "nok", "ko", "nio", "not ok", "no good", "not good", "not normal", "defect", "defects",
        "defective", "defected", "anomaly", "anomalies", "anomalous", "abnormal", "abnormality", "abnormalities",
        "fault", "faults", "faulty", "fail", "failed", "reject", "rejected", "rejects", "damaged", "scrap", "schlecht",
    ),
    "mask": (
        "mask", "masks", "ground truth", "ground truths", "gt", "gts", "label", "labels", "annotation", "annotations",
        "annot", "annots", "seg", "segs", "segmentation", "segmentations", "segmentation mask", "segmentation masks",
        "ground truth mask", "ground truth masks", "gt mask", "gt masks", "label mask", "label masks",
    ),
}  # fmt: skip
MEANINGS = {
    "train": "training photos, in `good/` below it or directly",
    "test": "test photos: `good/` and one folder per defect type below it",
    "unlabelled": "test photos without labels",
    "validation": "test photos if there is no test folder, else not used",
    "good": "good photos",
    "bad": "defective photos",
    "mask": "masks of the defects",
}
FILLERS = (
    "images", "image", "imgs", "img", "photos", "photo", "pictures", "data", "set", "dataset", "samples", "files",
)  # fmt: skip
NEGATIONS = ("not", "no", "non", "un", "never", "without")

_SEPARATORS = re.compile(r"[\s\-_.]+")
_BORDERS = re.compile(r"(?<=[a-zß-ÿ])(?=[A-Z])|(?<=[^\W\d_])(?=[0-9])|(?<=[0-9])(?=[^\W\d_])")  # goodTest2b
_LONG = 4  # letters: a word of this length may follow a stem without a separator


def key(name: str) -> str:
    """The form of a name that is compared: no case, no separators, Unicode normalised."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", name).casefold())


_ROLE_OF = {key(word): role for role, words in ROLES.items() for word in words}


def _spelled(word: str) -> str:
    """The pattern of a word in the table, with any separators or none between its parts."""
    return r"[\s\-_.]*".join(re.escape(part) for part in word.split())


_ANY_MASK_WORD = "|".join(_spelled(word) for word in sorted(ROLES["mask"], key=len, reverse=True))
_LONG_MASK_WORD = "|".join(
    _spelled(word) for word in sorted(ROLES["mask"], key=len, reverse=True) if len(key(word)) >= _LONG
)
_NUMBER = r"(?:[\s\-_.]*(?:[0-9]+|\([0-9]+\)))?"
_AFTER = re.compile(rf"(?P<base>.+?)(?:[\s\-_.]+(?:{_ANY_MASK_WORD})|(?:{_LONG_MASK_WORD})){_NUMBER}", re.I | re.S)
_BEFORE = re.compile(rf"(?:{_ANY_MASK_WORD})[\s\-_.]+(?P<base>.+)", re.I | re.S)


@lru_cache(maxsize=1 << 16)
def role(name: str) -> str | None:
    """The role of a folder with this name, a key of ROLES; None if the name has none."""
    found = _ROLE_OF.get(key(name))
    if found is not None:
        return found
    return _ROLE_OF.get("".join(part for part in _parts(name) if part not in FILLERS))


@lru_cache(maxsize=1 << 16)
def half_good(name: str) -> bool:
    """Whether a name contains a word for good without being one, such as good_shift2: ambiguous."""
    if role(name) is not None:
        return False
    parts = [part for part in _parts(name) if not part.isdigit()]
    for first in range(len(parts)):
        for last in range(first + 1, len(parts) + 1):
            if _ROLE_OF.get("".join(parts[first:last])) == "good":
                return first == 0 or parts[first - 1] not in NEGATIONS
    return key(name).startswith("good")


@lru_cache(maxsize=1 << 16)
def says_nothing(name: str) -> bool:
    """Whether a name says only that there are images, such as `images` or `photos_1`."""
    return all(part in FILLERS or part.isdigit() for part in _parts(name)) and not name.isdigit()


@lru_cache(maxsize=1 << 16)
def has_word(name: str, wanted: str) -> bool:
    """Whether one part of the name is a word of this role, such as "train" in bottle_train_2."""
    return any(_ROLE_OF.get(part) == wanted for part in _parts(name))


def rest(name: str, wanted: str) -> tuple[str, ...]:
    """The parts of a name that are no words of this role."""
    return tuple(part for part in _parts(name) if _ROLE_OF.get(part) != wanted)


@lru_cache(maxsize=1 << 16)
def mask_bases(stem: str) -> tuple[str, ...]:
    """The stems of photos that a file or folder of this stem may be a mask of; () without a mask word.

    `01_mask`, `01-GT`, `01.mask`, `01_mask_1`, `01mask2` and `mask_01` are masks of `01`.
    """
    found = [match["base"] for pattern in (_AFTER, _BEFORE) if (match := pattern.fullmatch(stem))]
    return tuple(dict.fromkeys(found))


def _parts(name: str) -> list[str]:
    plain = _BORDERS.sub(" ", unicodedata.normalize("NFKC", name))
    return [part for part in _SEPARATORS.split(plain.casefold()) if part]
