"""Which photos are called unlike anything the memory bank knows: other parts, changed photos, good and defective ones.

Fits every category on its good photos and scores its own test photos, those of all other categories, and its own good
test photos as changed by `CHANGES`: other light, size, place and camera. A photo that is called unlike gets no verdict:
rightly so for another part, wrongly for a good or a defective photo as it was taken. Shares with Wilson's 95 %
intervals.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from benchmarks.harness import material
from benchmarks.harness.figures import write_json
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import list_categories, load_dataset
from patchcore_core.data.images import read_image
from patchcore_core.data.samples import Dataset, Sample
from patchcore_core.evaluation.statistics.proportions import wilson_interval
from patchcore_core.evaluation.thresholds.unlike import Familiar, levels_of
from patchcore_core.model.patchcore import PatchCore

Pixels = NDArray[np.uint8]  # (H, W, 3)
GOOD, DEFECTIVE, OTHER = "good", "defective", "of another category"


def main(arguments: list[str]) -> None:
    """Parse the options, measure, print the tables; write the JSON where `--json` says."""
    options = _parser().parse_args(arguments)
    datasets = [load_dataset(root, name) for root in options.folders for name in list_categories(root) or (None,)]
    results = {data.category: _of_category(data, datasets, options) for data in datasets}
    settings = material.as_json(options) | {"folders": [str(folder.absolute()) for folder in options.folders]}
    print(_table(results))
    write_json(options.json, {"settings": settings, "results": results})


def _of_category(data: Dataset, datasets: Sequence[Dataset], options: argparse.Namespace) -> dict[str, Any]:
    """Of each group of photos how many are called unlike, `[found, total]`, and how their levels lie to the limit."""
    config = PatchCoreConfig.preset(options.preset, coreset_ratio=options.coreset_ratio, device="cpu")
    model = PatchCore(config).fit(data.train)
    assert model.report.held_out is not None
    familiar = Familiar(levels_of(model.report.held_out.patch_scores, config.squared))
    groups: dict[str, Any] = {}
    for name, photos in _groups(data, datasets, model.training.bits, options.photos):
        levels = np.array([levels_of(model.score_image(photo).patch_scores[None], config.squared)[0]
                           for photo in photos])  # fmt: skip
        groups[name] = {"unlike": [int((levels > familiar.limit).sum()), len(levels)],
                        "of_limit": [float(value) for value in np.quantile(levels / familiar.limit, (0, 0.5, 1))]
                        if len(levels) else []}  # fmt: skip
    return {"held_out": len(familiar.levels), "limit": familiar.limit, "groups": groups}


def _groups(
    data: Dataset, datasets: Sequence[Dataset], bits: int | None, most: int
) -> Iterable[tuple[str, Iterable[Pixels]]]:
    """Each group of photos by its name, read as they are wanted; at most so many of each other category."""
    own = {name: [one for one in data.test if one.label == label] for name, label in ((GOOD, 0), (DEFECTIVE, 1))}
    for name, samples in own.items():
        yield name, _read(samples, bits)
    others = [one for other in datasets if other is not data for one in material.spread(other.test, most)]
    yield OTHER, _read(others, bits)
    some = material.spread(own[GOOD], most)
    for name, change in CHANGES.items():
        yield name, (np.asarray(change(Image.fromarray(photo))) for photo in _read(some, bits))


def _read(samples: Iterable[Sample], bits: int | None) -> Iterable[Pixels]:
    return (read_image(sample.path, bits) for sample in samples)


def _brightness(factor: float) -> Callable[[Image.Image], Image.Image]:
    return lambda photo: ImageEnhance.Brightness(photo).enhance(factor)


def _shrunk(photo: Image.Image) -> Image.Image:
    """Half the size, mirrored at its borders to the size that it had."""
    width, height = photo.size
    small = np.asarray(photo.resize((max(2, width // 2), max(2, height // 2)), Image.Resampling.LANCZOS))
    rows, columns = height - small.shape[0], width - small.shape[1]
    around = ((rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2), (0, 0))
    return Image.fromarray(np.pad(small, around, mode="symmetric"))


def _enlarged(photo: Image.Image) -> Image.Image:
    """The middle half of each side, at the size that the photo had."""
    width, height = photo.size
    box = (width / 4, height / 4, 3 * width / 4, 3 * height / 4)
    return photo.resize(photo.size, Image.Resampling.LANCZOS, box)


def _noisy(photo: Image.Image) -> Image.Image:
    pixels = np.asarray(photo, np.float32) + np.random.default_rng(0).normal(0, 20, (photo.height, photo.width, 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _saved(photo: Image.Image) -> Image.Image:
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=10)
    return Image.open(file).convert("RGB")


def _tinted(photo: Image.Image) -> Image.Image:
    pixels = np.asarray(photo, np.float32) * (1.2, 1.0, 0.7)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "0.8 times as bright": _brightness(0.8), "half as bright": _brightness(0.5),
    "a quarter as bright": _brightness(0.25), "1.6 times as bright": _brightness(1.6),
    "half the contrast": lambda photo: ImageEnhance.Contrast(photo).enhance(0.5),
    "tinted": _tinted, "inverted": ImageOps.invert,
    "turned by 90 degrees": lambda photo: photo.transpose(Image.Transpose.ROTATE_90),
    "turned by 180 degrees": lambda photo: photo.transpose(Image.Transpose.ROTATE_180),
    "half the size": _shrunk, "twice the size": _enlarged,
    "blurred (2 % of the width)": lambda photo: photo.filter(ImageFilter.GaussianBlur(0.02 * photo.width)),
    "noise of 20 grey levels": _noisy, "JPEG of quality 10": _saved,
    "black": _brightness(0.0),
}  # fmt: skip


def _table(results: dict[str, Any]) -> str:
    """A row for each group, a column for each category, then all together."""
    names = next(iter(results.values()))["groups"]
    lines = ["| called unlike | " + " | ".join(results) + " | all |", "|---" * (len(results) + 2) + "|"]
    for name in names:
        counts = [result["groups"][name]["unlike"] for result in results.values()]
        found, total = (sum(count[place] for count in counts) for place in (0, 1))
        low, high = wilson_interval(found, total)
        whole = f"{found} of {total}: {_percent(found / total)} [{_percent(low)}, {_percent(high)}]" if total else "—"
        lines.append(f"| {name} | " + " | ".join(f"{of} of {out}" for of, out in counts) + f" | {whole} |")
    return "\n".join(lines)


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks unlike", description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a category, or a folder of them")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--coreset-ratio", type=float, default=0.1)
    parser.add_argument("--photos", type=int, default=60, help="most photos of a group (default %(default)s)")
    material.add_json_option(parser)
    return parser
