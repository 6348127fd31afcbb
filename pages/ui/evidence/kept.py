"""The photos that were asked about last, embedded: of each loaded model a few, shared by all visitors."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st

from pages.ui import cache
from patchcore_core.runs.store import Run

if TYPE_CHECKING:
    from patchcore_core.model.evidence.evidence import Evidence

MOST = 12  # photos of a model; one takes a few megabytes, and goes when its model goes


class Asked:
    """One photo, embedded by the first who asks; others wait for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._evidence: Evidence | None = None

    @property
    def ready(self) -> bool:
        """Whether it is embedded."""
        return self._evidence is not None

    def evidence(self, make: Callable[[], Evidence]) -> Evidence:
        """What `make` gives the first time."""
        with self._lock:
            if self._evidence is None:
                self._evidence = make()
            return self._evidence


class Kept:
    """The photos by model and key. Safe for concurrent threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._photos: WeakKeyDictionary[object, OrderedDict[Hashable, Asked]] = WeakKeyDictionary()

    def of(self, model: object, key: Hashable) -> Asked:
        """The photo of this key; the one asked for longest ago makes room."""
        with self._lock:
            known = self._photos.setdefault(model, OrderedDict())
            found = known.setdefault(key, Asked())
            known.move_to_end(key)
            while len(known) > MOST:
                known.popitem(last=False)
            return found


def evidence_of(run: Run, key: Hashable, read: Callable[[], np.ndarray]) -> Evidence:
    """Of the photo with this key, which `read` gives as (H, W, 3) uint8; loads the model where it is not.

    ConfigError for a method that keeps no patches; what loading and reading raise.
    """
    from patchcore_core.model.evidence.evidence import Explainer  # brings torch

    model = cache.loaded_model(run)
    explainer = Explainer(model)
    return _kept().of(model, key).evidence(lambda: explainer.evidence(read()))


def is_ready(run: Run, key: Hashable) -> bool:
    """Whether the evidence of the photo with this key needs no loading and no embedding."""
    return cache.is_loaded(run) and _kept().of(cache.loaded_model(run), key).ready


@st.cache_resource(show_spinner=False)
def settle() -> None:
    """Once, when all that evidence needs is loaded: freeze it for the garbage collector, which Streamlit calls after
    every run (pages/ui/frame.py). To traverse the libraries takes longer than to answer."""
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False)
def _kept() -> Kept:
    return Kept()
