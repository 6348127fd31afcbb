"""Finished runs whose scores are known, without a network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample, load_dataset
from patchcore_core.data.files.content import content_keys
from patchcore_core.data.transforms import Transform
from patchcore_core.fitting.draft import draft_run
from patchcore_core.fitting.judge import judge
from patchcore_core.runs.store import Run, RunStore
from patchcore_core.runs.writer import RunWriter

SIDE = 16


def known_run(store: RunStore, category: Path, exceptions: Mapping[str, float], bank_bytes: int = 1280,
              **settings: Any) -> Run:  # fmt: skip
    """A run in which good photos score 0.2 and defective ones 0.8, but for those named in `exceptions`."""
    dataset = load_dataset(category)
    config = PatchCoreConfig(**{"image_size": SIDE, **settings})
    writer = store.begin(draft_run(dataset, config, status="running"))
    assert isinstance(writer, RunWriter)
    judged = judge(_KnownScores(dataset.root, exceptions), dataset.test, writer.run.folder)  # type: ignore[arg-type]
    fields = ("metrics", "reasons", "per_defect", "thresholds")
    figures = {name: getattr(judged.evaluation, name) for name in fields}
    return writer.finish(judged.table(), judged.evaluation.curves, None, lambda folder: folder.mkdir(),
                         seconds={"coreset": 1.0, "predict": 1.0, "total": 4.0},
                         bank={"rows": 40, "dim": 8, "bytes": bank_bytes}, **figures)


class _KnownScores:
    transform, config = Transform(SIDE, None, (0.0,) * 3, (1.0,) * 3), PatchCoreConfig()

    def __init__(self, root: Path, exceptions: Mapping[str, float]) -> None:
        self.root, self.exceptions = root, exceptions

    def score(self, samples: tuple[Sample, ...], progress: object = None) -> SimpleNamespace:  # noqa: ARG002
        names = [sample.path.relative_to(self.root).as_posix() for sample in samples]
        usual = [0.2 if sample.label == 0 else 0.8 for sample in samples]
        scores = np.array([self.exceptions.get(name, score) for name, score in zip(names, usual, strict=True)])
        maps = scores[:, None, None] * np.random.default_rng(0).uniform(0.5, 1.0, (len(scores), SIDE, SIDE))
        return SimpleNamespace(samples=samples, image_scores=scores.astype(np.float32),
                               patch_scores=maps.astype(np.float32), notes=(), unreadable=(), row_use=(),
                               shortened=False,
                               contents=content_keys(sample.path for sample in samples))

    def anomaly_maps(self, patch_scores: np.ndarray) -> np.ndarray:
        return patch_scores
