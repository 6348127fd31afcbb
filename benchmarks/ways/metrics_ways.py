"""One way of computing the pixel metrics, in a process of its own: `python metrics_ways.py WAY FOLDER` prints JSON.

Needs nothing of this project but for our own ways, so that it runs under an interpreter that has the peers. FOLDER has
maps.npy (N, H, W) float16, masks.npy (N, H, W) bool and labels.npy (N,).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

LIMIT = 0.3
Values = dict[str, float]


def ours(maps: np.ndarray, masks: np.ndarray, labels: np.ndarray) -> Values:
    """All pixel figures in one call."""
    from patchcore_core.evaluation.metrics import pixel_metrics

    del labels
    return pixel_metrics(masks, maps, (LIMIT,))


def evaluate(maps: np.ndarray, masks: np.ndarray, labels: np.ndarray, replicates: int = 0) -> Values:
    """Everything that a run stores, without intervals; the image scores are the maps' highest ones."""
    from patchcore_core.evaluation.evaluate import evaluate as all_of_it

    scores = maps.reshape(len(maps), -1).max(axis=1).astype(np.float32)
    types = np.where(labels == 1, "defect", "good").tolist()
    found = all_of_it(labels, types, scores, masks, maps, np.ones(len(maps), bool), replicates=replicates)
    return found.metrics


def bootstrap(maps: np.ndarray, masks: np.ndarray, labels: np.ndarray) -> Values:
    """Everything that a run stores, with 1000 resamples of every figure."""
    return evaluate(maps, masks, labels, replicates=1000)


def plain(maps: np.ndarray, masks: np.ndarray, labels: np.ndarray) -> Values:
    """scikit-learn, and per-region overlap from one argsort of all pixels."""
    from scipy import ndimage
    from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

    del labels
    truth, scores = masks.ravel(), maps.ravel()
    precision, recall, _ = precision_recall_curve(truth, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    weights = np.zeros(maps.shape, np.float64)
    for weight, mask in zip(weights, masks, strict=True):
        regions, count = ndimage.label(mask, structure=np.ones((3, 3)))
        weight[mask] = (1 / np.bincount(regions.ravel(), minlength=count + 1))[regions[mask]]
    order = np.argsort(-scores, kind="stable")
    fpr, overlap = np.cumsum(~truth[order]) / np.sum(~truth), np.cumsum(weights.ravel()[order]) / weights.sum()
    last = np.append(np.diff(scores[order]) != 0, True)
    fpr, overlap = np.append(0, fpr[last]), np.append(0, overlap[last])
    inside = fpr < LIMIT
    x, y = np.append(fpr[inside], LIMIT), np.append(overlap[inside], np.interp(LIMIT, fpr, overlap))
    return {
        "pixel_auroc": roc_auc_score(truth, scores), "pixel_average_precision": average_precision_score(truth, scores),
        "pixel_f1_max": f1.max(), "aupro": np.trapezoid(y, x) / LIMIT,
    }  # fmt: skip


def auroc(maps: np.ndarray, masks: np.ndarray, labels: np.ndarray) -> Values:
    """scikit-learn's roc_auc_score alone."""
    from sklearn.metrics import roc_auc_score

    del labels
    return {"pixel_auroc": roc_auc_score(masks.ravel(), maps.ravel())}


def adeval(maps: np.ndarray, masks: np.ndarray, labels: np.ndarray) -> Values:
    """adeval's accumulator, given the range of the scores."""
    from adeval import EvalAccumulator  # type: ignore[import-not-found]

    bounds = float(maps.min()), float(maps.max())
    found = EvalAccumulator(*bounds, *bounds)
    for label, mask, each in zip(labels, masks.astype(np.uint8), maps, strict=True):
        found.add_anomap(each, mask)
        found.add_image(float(each.max()), int(label))
    values = found.summary()
    return {"pixel_auroc": values["p_auroc"], "pixel_average_precision": values["p_aupr"], "aupro": values["p_aupro"]}


def anomalib(maps: np.ndarray, masks: np.ndarray, labels: np.ndarray) -> Values:
    """anomalib's AUPRO alone."""
    import torch
    from anomalib.metrics.aupro import _AUPRO  # type: ignore[import-not-found]

    del labels
    torch.set_num_threads(1)
    found = _AUPRO(fpr_limit=LIMIT)
    found.update(torch.from_numpy(maps), torch.from_numpy(masks.astype(np.int64)))
    return {"aupro": float(found.compute())}


WAYS: dict[str, tuple[Callable[..., Values], type]] = {  # and the type of the maps that it is given
    "ours": (ours, np.float16), "ours, float32 all distinct": (ours, np.float32), "evaluate": (evaluate, np.float16),
    "evaluate, 1000 resamples": (bootstrap, np.float16), "scikit-learn and plain AUPRO": (plain, np.float32),
    "roc_auc_score": (auroc, np.float32), "adeval": (adeval, np.float32), "anomalib AUPRO": (anomalib, np.float32),
}  # fmt: skip


def measure(name: str, folder: Path) -> dict[str, Any]:
    """The values of one way, its CPU seconds, and how far its memory rose above the maps, in bytes."""
    if not hasattr(np, "trapz"):
        np.trapz = np.trapezoid  # type: ignore[attr-defined]  # adeval calls it by its old name
    way, kind = WAYS[name]
    maps, masks, labels = (np.load(folder / f"{each}.npy") for each in ("maps", "masks", "labels"))
    few = np.r_[0:4, len(maps) - 4:len(maps)]
    maps = maps.astype(kind)
    if name.endswith("all distinct"):
        maps *= np.random.default_rng(0).uniform(1, 1.0005, maps.shape).astype(np.float32)  # half a step of float16
    way(maps[few], masks[few], labels[few])  # imports, and machine code where there is some
    if name.startswith("ours"):
        way(maps, masks, labels)  # what machine code there is, is loaded for many scores only
    before = _forget_peak()
    started = time.process_time()
    values = way(maps, masks, labels)
    seconds = time.process_time() - started
    return {"values": {each: float(value) for each, value in values.items()}, "seconds": seconds,
            "bytes": _status("VmHWM") - before, "maps": maps.nbytes}  # fmt: skip


def _forget_peak() -> int:
    """Set the process's highest resident memory back to the present one, in bytes (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
