"""MVTec AD: train/good/, test/good/, test/<defect>/, ground_truth/<defect>/<stem>_mask.png."""

from __future__ import annotations

from patchcore_core.data.layouts.plan import Place, Plan


def detect(place: Place) -> bool:
    """Whether there is a train folder with a good folder in it, by any of their words."""
    return place.train_good is not None


def read(place: Place) -> Plan:
    """Train on train/good only."""
    assert place.train_good is not None
    return Plan("mvtec", place.train_good, place.tests, masks=place.masks, notes=place.notes)
