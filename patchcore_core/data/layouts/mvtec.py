"""MVTec AD: train/good/, test/good/, test/<defect>/, ground_truth/<defect>/<stem>_mask.png."""

from __future__ import annotations

from patchcore_core.data.layouts.plan import Place, Plan


def detect(place: Place) -> bool:
    """Whether there is a folder train with a folder good, in any of the words for them."""
    return place.train_good is not None


def read(place: Place) -> Plan:
    """Only train/good is learned from."""
    assert place.train_good is not None
    return Plan("mvtec", place.train_good, place.tests, masks=place.masks, notes=place.notes)
