"""MVTec AD 2: train/good/, validation/good/, test_public/{good,bad}/, test_public/ground_truth/bad/<stem>_mask.png, and
test_private/, test_private_mixed/ without labels.

Photos of the private tests are scored without labels; those of validation are not used.
"""

from __future__ import annotations

import dataclasses

from patchcore_core.data.files import words
from patchcore_core.data.layouts import mvtec
from patchcore_core.data.layouts.plan import Place, Plan


def detect(place: Place) -> bool:
    """Whether the test folders of an MVTec AD layout are public or private ones."""
    public = place.test is not None and words.key(place.test.name) in ("testpublic", "publictest")
    return mvtec.detect(place) and (public or bool(place.all("unlabelled")))


def read(place: Place) -> Plan:
    """As MVTec AD, plus the private tests."""
    return dataclasses.replace(mvtec.read(place), layout="mvtec_ad2", unlabelled=tuple(place.all("unlabelled")))
