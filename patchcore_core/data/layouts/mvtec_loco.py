"""MVTec LOCO AD: as MVTec AD, but with a folder of masks per photo, ground_truth/<defect>/<stem>/000.png, and
validation/good/, which is not used."""

from __future__ import annotations

import dataclasses

from patchcore_core.data.files import words
from patchcore_core.data.layouts import mvtec
from patchcore_core.data.layouts.plan import Place, Plan


def detect(place: Place) -> bool:
    """Whether the masks of an MVTec AD layout are in a folder per photo."""
    if not mvtec.detect(place):
        return False
    folders = [kind for masks in place.masks for kind in place.tree.folders(masks)]
    types = [kind for kind in folders if words.role(kind.name) in (None, "bad")]
    return any(place.tree.images(photo) for kind in types for photo in place.tree.folders(kind))


def read(place: Place) -> Plan:
    """As MVTec AD: masks in folders per photo are found in every layout."""
    return dataclasses.replace(mvtec.read(place), layout="mvtec_loco")
