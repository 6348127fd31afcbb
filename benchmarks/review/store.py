"""Stores with a finished run of any number of images, made up for benchmarks of the pages.

The photos are a few drawn plates, each file with a number of its own behind the picture, so that no two have the same
content; 40 % of them have a hole, a scratch or a stain, with its mask. The patch scores are noise with a blob where the
defect is. From there on everything is the product's: maps, evaluation, thresholds, badges, files. Only where a
run's maps are large are they made afterwards: the run is then judged by maps of `JUDGED` pixels a side, and in the file
of large maps only `REAL` have values, the others are holes, that is, zero.
"""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample, load_dataset
from patchcore_core.data.files.content import content_keys
from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.badges.of_fit import Trained
from patchcore_core.evaluation.values import TrainingImage, TrainingImages
from patchcore_core.fitting.draft import draft_run
from patchcore_core.fitting.good_scores import held_out_scores
from patchcore_core.fitting.judge import judge
from patchcore_core.model.scoring import anomaly_map
from patchcore_core.runs.folder import MAPS
from patchcore_core.runs.map_summaries import keep_summary, read_summary
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.runs.writer import RunWriter

PLATES = 40  # photos that look different, of each kind
PHOTO = 320  # pixels a side
GRID = 28  # patches along a side
JUDGED = 128  # pixels, of the maps that a run with maps of several times the side is judged by
REAL = 400  # large maps that are not holes
KINDS = ("hole", "scratch", "stain")
NOISE, LEVEL = 0.12, 1.0  # of the patch scores of good images


@dataclass(frozen=True)
class Case:
    """A run to make: so many test images, with maps of `side` pixels."""

    images: int
    side: int

    @property
    def name(self) -> str:
        """How it is called in tables."""
        return f"{self.images} images, maps {self.side} x {self.side}"


def make_run(folder: Path, case: Case) -> Run:
    """The finished run of this case, in `folder`/runs, on a data set in `folder`/data."""
    root = folder / "data" / "plate"
    photos(root, case.images)
    return run_on(root, folder / "runs", case.side)


def run_on(root: Path, runs: Path, side: int) -> Run:
    """A finished run on the data set `root` in the store `runs`, with maps of `side` pixels."""
    dataset = load_dataset(root)
    writer = RunStore(runs).begin(draft_run(dataset, PatchCoreConfig(image_size=side)))
    assert isinstance(writer, RunWriter)
    model = PretendModel(side if side < 4 * JUDGED else JUDGED)
    good = model.patch_scores([(sample.path, 0) for sample in dataset.train])
    held_out = held_out_scores(good.max(axis=(1, 2)), good[:10], model.anomaly_maps, model.transform.shape)
    trained = Trained(tuple(str(sample.path) for sample in dataset.train),
                      keys=content_keys(sample.path for sample in dataset.train))  # fmt: skip
    judged = judge(model, dataset.test, writer.run.folder, None, held_out, trained)  # type: ignore[arg-type]
    if model.side != side:
        _enlarge(writer.run.folder, judged.image_scores, model, dataset.test, side)
    return writer.finish(
        judged.table(), replace(judged.evaluation.curves, heldout=held_out.arrays()), None, Path.mkdir,
        training_images=_scored(root, trained, good.max(axis=(1, 2))), **judged.figures(),
        heldout=held_out.about(len(dataset.train)), seconds=judged.seconds, peak_rss_bytes=1,
        bank={"rows": 1, "dim": 152, "bytes": 608},
    )  # fmt: skip


def _scored(root: Path, trained: Trained, scores: np.ndarray) -> TrainingImages:
    """The training images with these held-out scores (N,); the first stands apart and the second has a near-copy."""
    names = [Path(path).relative_to(root).as_posix() for path in trained.paths]
    copies = {1: ("train/good/copy.png",)}
    return TrainingImages(tuple(TrainingImage(name, trained.keys[place], float(scores[place]), place == 0,
                                              copies.get(place, ())) for place, name in enumerate(names)))  # fmt: skip


class PretendModel:
    """Scores by the file's name instead of a network; the maps are those of any model with these patch scores."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.config = PatchCoreConfig(image_size=side)
        self.transform = Transform(side, None, (0.0,) * 3, (1.0,) * 3)

    def score(self, samples: tuple[Sample, ...], progress: object = None) -> SimpleNamespace:  # noqa: ARG002
        """As PatchCore.score."""
        scores = self.patch_scores([(sample.path, sample.label) for sample in samples])
        return SimpleNamespace(samples=samples, image_scores=scores.max(axis=(1, 2)), patch_scores=scores,
                               notes=(), unreadable=(), row_use=(), shortened=False,
                               pictures=np.zeros((len(samples), 4)),
                               contents=content_keys(sample.path for sample in samples))  # fmt: skip

    def patch_scores(self, photos: list[tuple[Path, int | None]]) -> np.ndarray:
        """(N, GRID, GRID) float32 of paths and labels."""
        rng = np.random.default_rng(0)
        scores = rng.normal(LEVEL, NOISE, (len(photos), GRID, GRID)).astype(np.float32)
        rows, columns = np.mgrid[:GRID, :GRID] + 0.5
        for place, (path, label) in enumerate(photos):
            if label == 1:
                x, y, radius = (value * GRID / PHOTO for value in _defect(int(path.stem)))
                height = rng.uniform(0.2, 1.5)
                scores[place] += height * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (radius + 0.5) ** 2)
        return scores

    def anomaly_maps(self, patch_scores: np.ndarray) -> np.ndarray:
        """(N, S, S) of patch scores (N, h, w)."""
        return anomaly_map(patch_scores, self.side).numpy()


def _enlarge(folder: Path, image_scores: np.ndarray, model: PretendModel, samples: tuple[Sample, ...], side: int
             ) -> None:  # fmt: skip
    """Put a sparse file of large maps in place of the small ones; the summary counts each pixel several times."""
    scale = side // model.side
    patches = model.patch_scores([(sample.path, sample.label) for sample in samples])
    order = np.argsort(-image_scores, kind="stable")
    filled = np.unique([*order[: REAL // 2], *np.linspace(0, len(samples) - 1, REAL // 2).astype(int)])
    shape = (len(samples), side, side)
    (folder / MAPS).unlink()
    maps = np.lib.format.open_memmap(folder / MAPS, mode="w+", dtype=np.float16, shape=shape)
    for image in filled:
        maps[image] = anomaly_map(patches[image : image + 1], side, sigma=4.0 * scale)[0].numpy()
    maps.flush()
    small = read_summary(folder)
    times: dict[str, Any] = {name: getattr(small, name) * scale for name in ("row", "column", "peak_distance",
                                                                            "region_side")}  # fmt: skip
    times |= {name: getattr(small, name) * scale**2 for name in ("defect", "rest", "region_area", "hot_area")}
    box = np.where(small.mask_box < 0, small.mask_box, small.mask_box * scale)
    keep_summary(folder, replace(small, height=side, width=side, mask_box=box, **times))


def photos(root: Path, images: int, trained: int = 24) -> None:
    """An MVTec AD category with so many good photos to learn from and `images` to judge, three of five of them good."""
    good = images - images * 2 // 5
    kinds = {"train/good": trained, "test/good": good}
    for place, kind in enumerate(KINDS):
        kinds[f"test/{kind}"] = (images - good + place) // len(KINDS)
    shutil.rmtree(root, ignore_errors=True)
    number = 0
    for kind, count in kinds.items():
        name = kind.split("/")[1]
        plates = [_plate(name, plate) for plate in range(min(PLATES, count))]
        (root / kind).mkdir(parents=True)
        (root / "ground_truth" / name).mkdir(parents=True, exist_ok=True)
        for place in range(count):
            photo, mask = plates[place % len(plates)]
            number += 1
            (root / kind / f"{place:05}.jpg").write_bytes(photo + number.to_bytes(4, "little"))
            if name != "good":
                (root / "ground_truth" / name / f"{place:05}_mask.png").write_bytes(mask)


def _plate(kind: str, number: int) -> tuple[bytes, bytes]:
    """A photo as a JPEG file and its mask as a PNG file."""
    rng = np.random.default_rng([len(kind), number])
    photo = Image.fromarray(rng.normal(150, 14, (PHOTO, PHOTO, 3)).clip(0, 255).astype(np.uint8))
    mask = Image.new("L", photo.size)
    x, y, radius = _defect(number)
    shapes = {"hole": (radius, radius), "scratch": (2 * radius, 3), "stain": (radius, radius / 2)}
    if kind in shapes:
        wide, high = shapes[kind]
        for image, colour in ((photo, (40, 30, 25) if kind == "hole" else (210, 200, 90)), (mask, 255)):
            ImageDraw.Draw(image).ellipse((x - wide, y - high, x + wide, y + high), fill=colour)
    return _file(photo, "JPEG"), _file(mask, "PNG")


def _defect(number: int) -> tuple[float, float, float]:
    """Middle (x, y) and radius in photo pixels of the defect on the photo of this number."""
    rng = np.random.default_rng(number % PLATES)
    x, y = rng.uniform(60, PHOTO - 60, 2)
    return float(x), float(y), float(rng.uniform(8, 28))


def _file(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()
