"""Scoring single image files with a run and writing what it saw beside their scores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from patchcore_core.data.images import read_image, shown
from patchcore_core.data.layouts import images_in
from patchcore_core.errors import DataError
from patchcore_core.evaluation.thresholds import Level, default_rule
from patchcore_core.runs.files import writing
from patchcore_core.runs.record import Progress, Run
from patchcore_core.runs.store import RunStore
from patchcore_core.views.overlay import blend, cut_away, png_bytes, score_limits

LONGEST_STEM = 200  # bytes kept of a file name, so that ours fit the 255 that file systems allow


def score_images(
    store: RunStore, run: Run, paths: Sequence[Path], out: Path, threshold: float | None,
    pixel_threshold: float | None, device: str, progress: Progress,
) -> list[dict[str, Any]]:
    """Score the images, folders standing for the images in them, and write into `out`; one record per image.

    A threshold that is None is taken from the run by `default_rule`, whose name stands in `threshold_rule`; where the
    run has none, nothing is decided and no mask is written. An unreadable image keeps its record, the cause in `error`.
    """
    from patchcore_core.model.patchcore import PatchCore  # brings torch

    files = [file for path in paths for file in (images_in(path) if path.is_dir() else [path])]
    if not files:
        raise DataError(f"{shown(paths[0])}: holds no images")
    threshold, rule = _decided(threshold, run, "image")
    pixel_threshold, _ = _decided(pixel_threshold, run, "pixel")
    model = PatchCore.load(store.bank_folder(run), device=device)
    images, maps = store.images(run), store.anomaly_maps(run)
    limits = score_limits(maps, (images["label"] == 0).to_numpy()) if len(maps) else None
    records = []
    for number, (file, stem) in enumerate(zip(files, _stems(files), strict=True)):
        record: dict[str, Any] = {
            "image": shown(file), "image_score": None, "threshold": threshold, "threshold_rule": rule,
            "defective": None, "defective_share": None, "error": None,
        }  # fmt: skip
        try:
            photo = read_image(file, run.bits)
            result = model.score_image(photo)
            record["image_score"] = float(result.image_score)
            record["defective"] = None if threshold is None else bool(result.image_score >= threshold)
            on_photo = model.transform.to_photo(result.anomaly_map, *photo.shape[:2])  # (H, W), NaN outside the crop
            record |= _write(out, stem, photo, on_photo, limits, pixel_threshold)
        except DataError as error:
            record["error"] = str(error)
        records.append(record)
        progress("score", number + 1, len(files))
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        (out / "scores.json").write_text(json.dumps(records, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        pd.DataFrame(records).to_csv(out / "scores.csv", index=False)
    return records


def _write(
    out: Path, stem: str, photo: np.ndarray, on_photo: np.ndarray, limits: tuple[float, float] | None,
    pixel_threshold: float | None,
) -> dict[str, Any]:
    """Write one image's files; their names and the share of the seen pixels that is predicted defective."""
    low, high = limits or (float(np.nanmin(on_photo)), float(np.nanmax(on_photo)) + 1e-6)
    pictures = {
        "anomaly_map": blend(np.zeros_like(photo), on_photo, low, high, opacity=1.0),
        "overlay": blend(cut_away(on_photo, photo), on_photo, low, high),
    }
    names: dict[str, Any] = {"map_values": f"{stem}_anomaly_map.npy"}
    if pixel_threshold is not None:
        with np.errstate(invalid="ignore"):
            pictures["mask"] = on_photo >= pixel_threshold
        names["defective_share"] = float(pictures["mask"].sum() / np.isfinite(on_photo).sum())
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        np.save(out / names["map_values"], on_photo.astype(np.float32), allow_pickle=False)
        for kind, picture in pictures.items():
            names[kind] = f"{stem}_{kind}.png"
            (out / names[kind]).write_bytes(png_bytes(picture))
    return names


def _decided(given: float | None, run: Run, level: Level) -> tuple[float | None, str | None]:
    """The threshold and where it is from: "given", or the name of the run's; both None where there is none."""
    if given is not None:
        return given, "given"
    rule = default_rule(run.thresholds, level)
    return (None, None) if rule is None else (run.thresholds[rule], rule)


def _stems(files: Sequence[Path]) -> list[str]:
    """A file name's stem for each image, numbered where several images share one (whatever their case)."""
    taken: set[str] = set()
    stems = []
    for file in files:
        plain = shown(file.stem).encode()[:LONGEST_STEM].decode(errors="ignore")
        names = (plain, *(f"{plain}-{number}" for number in range(2, len(files) + 2)))
        stems.append(next(name for name in names if name.lower() not in taken))
        taken.add(stems[-1].lower())
    return stems
