"""The memory that uploads take on Inspect: many photos, hostile images and hostile ZIP files, each in a process.

Each case does what the page does with an upload, without a browser: its archive is read, its images are scored by a
model of the built-in sample set, and results are kept in the temporary folder. `before` is resident with the model
loaded, `peak` the most afterwards, both in MiB, `disk` what the results take there, in KiB an image.
"""

from __future__ import annotations

import argparse
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import Any

import numpy as np
import psutil
from PIL import Image

from benchmarks.harness import material
from benchmarks.harness.alone import alone
from benchmarks.harness.figures import write_json
from pages.ui.inspect.archive import unzipped
from pages.ui.inspect.batch import score_each
from pages.ui.inspect.input import MOST_IMAGES
from pages.ui.inspect.kept import Kept
from pages.ui.inspect.scores import Means, facts
from pages.ui.inspect.upload import Upload, upload
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.sample.sample_set import write_sample
from patchcore_core.errors import DataError
from patchcore_core.fitting.fit import fit_run
from patchcore_core.model.methods import load_detector
from patchcore_core.runs.process import peak_memory, reset_peak_memory
from patchcore_core.runs.store import RunStore

LARGE = 4  # images of 79 megapixels: one after the other, so that more take no more memory
Case = Callable[[int], Iterator[tuple[str, bytes]]]  # name and content of each file


def main(arguments: list[str]) -> None:
    """Parse the options, fit the sample, measure each case, print the table; write the JSON where `--json` says."""
    options = _parser().parse_args(arguments)
    with TemporaryDirectory() as folder:
        write_sample(Path(folder, "sample"))
        category = next(path for path in sorted(Path(folder, "sample").iterdir()) if path.is_dir())
        config = PatchCoreConfig.preset("quick", coreset_ratio=0.01, image_size=options.size, device="cpu")
        run = fit_run(load_dataset(category), config, RunStore(Path(folder, "runs"))).run
        settings = {"runs": str(Path(folder, "runs")), "run": run.id, "images": options.images}
        results = dict[str, Any]()
        print(f"{'case':<44}{'files':>7}{'scored':>8}{'before':>9}{'peak':>9}{'disk':>7}")
        for name in CASES:
            results[name] = of = alone("benchmarks.inspect.uploads:measure", settings | {"case": name})["result"]
            counts = f"{of['files']:>7}{of['scored']:>8}{of['before']:>9.0f}{of['peak']:>9.0f}{of['disk']:>7.0f}"
            print(f"{name:<44}{counts}", *of["said"][:2], sep="\n    ", flush=True)
    write_json(options.json, {"settings": material.as_json(options), "results": results})


def measure(settings: dict[str, Any]) -> dict[str, Any]:
    """One case: files, images that were scored, what was said of the others, memory and disk."""
    store = RunStore(settings["runs"])
    run = store.get(settings["run"])
    means = Means(run, load_detector(store.bank_folder(run), "cpu"), *facts(run, store))
    means.model.score_image(np.zeros((64, 64, 3), np.uint8))
    files = list(CASES[settings["case"]](settings["images"]))
    before = psutil.Process().memory_info().rss
    reset_peak_memory()
    kept, given, said = Kept(), list[Upload](), list[str]()
    for name, data in files:
        try:
            if name.endswith(".zip"):
                more, _, notes = unzipped(name, data, MOST_IMAGES)
                given, said = [*given, *more], [*said, *notes]
            else:
                given.append(upload(name, data))
        except DataError as error:
            said.append(str(error))
    keys = [("run", "state", one.key) for one in given]
    score_each(means, list(zip(keys, given, strict=True)), kept, BoundedSemaphore(), lambda *_: None)
    scored = sum(kept.brief(key) is not None for key in keys)
    said += [sentence for key in keys if (sentence := kept.refused(key))]
    return {"files": len(files), "scored": scored, "said": said[:20], "before": before / 2**20,
            "peak": peak_memory() / 2**20, "disk": kept.bytes / 2**10 / max(1, scored)}  # fmt: skip


def _photos(count: int) -> Iterator[tuple[str, bytes]]:
    """Photos of 2 megapixels of noise, a JPEG each."""
    for number in range(count):
        grey = np.random.default_rng(number).normal(128, 20, (60, 80)).clip(0, 255).astype(np.uint8)
        yield f"{number}.jpg", _file(Image.fromarray(grey).resize((1600, 1200)).convert("RGB"), "JPEG")


def _bomb(_: int) -> Iterator[tuple[str, bytes]]:
    """A PNG of 900 million pixels in 109 KB."""
    yield "bomb.png", _png(30_000, 30_000)


def _panorama(_: int) -> Iterator[tuple[str, bytes]]:
    yield "panorama.jpg", _file(Image.new("RGB", (30_000, 2_600), (90, 120, 90)), "JPEG")


def _zip_bomb(_: int) -> Iterator[tuple[str, bytes]]:
    """40 files that unpack to 200 MB each."""
    yield "bomb.zip", _packed((f"{number}.png", bytes(200_000_000)) for number in range(40))


def _images_in_zip(count: int) -> Iterator[tuple[str, bytes]]:
    yield "photos.zip", _packed(_photos(count))


def _pngs_in_zip(_: int) -> Iterator[tuple[str, bytes]]:
    """Images of 79 million pixels, each in 10 KB."""
    one = _png(10_000, 7_900)
    yield "large.zip", _packed((f"{number}.png", one + bytes([number])) for number in range(LARGE))


CASES: dict[str, Case] = {
    "photos of 2 megapixels": _photos, "the same in a ZIP": _images_in_zip, "a bomb of 900 megapixels": _bomb,
    "a panorama of 30,000 pixels": _panorama, "a ZIP of files that unpack to 8 GB": _zip_bomb,
    f"a ZIP of {LARGE} images of 79 megapixels": _pngs_in_zip,
}  # fmt: skip


def _file(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def _packed(files: Iterator[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def _png(width: int, height: int) -> bytes:
    """A black PNG of one bit a pixel, made row by row."""
    packer, row = zlib.compressobj(9), bytes(1 + -(-width // 8))
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = [struct.pack(">I", len(of)) + kind + of + struct.pack(">I", zlib.crc32(kind + of))
             for kind, of in ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks uploads", description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=500, help="photos of a batch (default %(default)s)")
    parser.add_argument("--size", type=int, default=320, help="image size of the model (default %(default)s)")
    material.add_json_option(parser)
    return parser
