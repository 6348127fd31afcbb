"""A run before it is computed: its record with its identity, checked and claimed in the store."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
from collections.abc import Callable, Container
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.proportions import Size, aspects_of, common_aspect
from patchcore_core.data.samples import Dataset
from patchcore_core.model.budget import settled
from patchcore_core.model.network.input_shape import input_shape
from patchcore_core.model.network.probe import check, probe
from patchcore_core.model.network.weights import weights_identity
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter

PACKAGES = ("torch", "torchvision", "timm", "faiss-cpu", "faiss-gpu", "numpy", "scipy", "pillow")
IN_PARTS = ("memory is too small to select the coreset exactly, so it is selected in parts (sampler streaming_greedy): "
            "its covering radius is at most four times the best possible, instead of twice")
_LOG = logging.getLogger(__name__)


def draft_run(dataset: Dataset, config: PatchCoreConfig, status: str = "running", parent: Run | None = None) -> Run:
    """The record known in advance. Its identity is that of configuration, data and weights, and of the parent whose
    memory bank it goes on from."""
    if config.weights is not None:  # independent of the working directory
        config = dataclasses.replace(config, weights=str(Path(config.weights).expanduser().absolute()))
    fingerprint, weights = dataset.fingerprint(), weights_identity(config)
    shape = _kept_shape(dataset, config) if parent is None else parent.shape
    makers = json.dumps([config.identity(), fingerprint, weights, *(() if shape is None else (shape,)),
                         *(() if parent is None else (parent.identity,))], sort_keys=True)
    return Run(
        id="", status=status, category=dataset.category, dataset=str(dataset.root), config=config, folder=Path(),
        shape=shape,
        fingerprint=fingerprint, weights_sha256=weights, identity=hashlib.sha256(makers.encode()).hexdigest(),
        counts=dataset.counts(), excluded=dataset.excluded, taught=dataset.taught,
        parent="" if parent is None else parent.id, warnings=dataset.warnings, data_warnings=dataset.warnings,
        versions=_versions(),
    )  # fmt: skip


def _kept_shape(dataset: Dataset, config: PatchCoreConfig) -> Size | None:
    """(H, W) of the network input at the training photos' aspect ratio; None if that is not used."""
    if config.proportions != "keep":
        return None
    return input_shape(config, common_aspect(aspects_of(sample.path for sample in dataset.train)))


def begin_fit(
    dataset: Dataset, config: PatchCoreConfig, store: RunStore, status: str = "running", parent: Run | None = None,
    promised: Callable[[], Container[str]] = tuple,
) -> RunWriter | Run:
    """Claim the fit as RunStore.begin does, which is told what is `promised` then. Invalid settings are refused before
    there is a run."""
    draft = draft_run(dataset, config, status, parent)
    if store.find(draft.identity) is None and parent is None:
        draft = settled_draft(dataset, draft)
    return store.begin(draft, promised())


def settled_draft(dataset: Dataset, draft: Run) -> Run:
    """The draft with the sampler that memory allows; ConfigError for settings that cannot work."""
    check(draft.config, draft.shape)
    fitted = settled(draft.config, len(dataset.train), probe(draft.config, draft.shape))
    if fitted == draft.config:
        return draft
    _LOG.warning("%s: %s", dataset.category, IN_PARTS)
    draft = draft_run(dataset, fitted, draft.status)
    return dataclasses.replace(draft, warnings=(*draft.warnings, IN_PARTS))


@cache
def _versions() -> dict[str, str]:
    """Installed versions of the libraries that determine the numbers."""
    versions = {}
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions
