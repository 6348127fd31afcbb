"""Evidence on a large memory bank: ours against FAISS flat on the same rows, in one run, alternating.

Three questions: the k nearest rows of one patch, as a click asks for them; the receipt of an image's score, which needs
the nearest rows of all its patches; the coverage of patches by the bank's first rows, for 48 sizes. FAISS flat searches
float32 rows and gives squared distances; for the coverage it searches one index for each size. Wall and CPU seconds;
other work on the machine shows in the wall seconds alone.

`--visitor`: what a visitor of Review waits for on a fitted bank of that size, in Chromium: from a key to the frame that
shows the answer: opened for the first time, which loads the model and the bank, then another patch, its pictures, and
the next image; and what the server computes for it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import faiss
import numpy as np
import torch

from benchmarks.harness import material
from benchmarks.harness.figures import Spread, cells, spread, write_json
from patchcore_core.config import PatchCoreConfig
from patchcore_core.model.evidence.coverage import coverage, sizes_up_to
from patchcore_core.model.evidence.explained import Explained
from patchcore_core.model.evidence.receipt import receipt
from patchcore_core.model.memory_bank import MemoryBank
from patchcore_core.model.scoring import BankScores, PatchMaps

CONFIG = PatchCoreConfig(image_score="patch", num_neighbors=1, reweight_neighbors=9)
Way = Callable[[], np.ndarray]  # what it finds, to be compared


def main(arguments: list[str]) -> None:
    """Parse the options, measure, print the table; write the JSON where `--json` says."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    faiss.omp_set_num_threads(options.threads)
    features = material.made_features(options.rows + options.grid**2, options.dim)
    rows, patches = features[options.grid**2 :].astype(np.float16), features[: options.grid**2]
    results = measure(rows, patches, options)
    print(f"{options.rows:,} rows of {options.dim} values, {options.threads} thread(s)")
    print(f"{'':<10}{'way':<12}{'wall ms':>10}{'(least-most)':>20}{'CPU ms':>10}{'(least-most)':>20}{'ratio':>9}")
    for name, each in results.items():
        print(_lines(name, each))
    waited = _visitor(options) if options.visitor else {}
    write_json(options.json, {"settings": material.as_json(options), "results": results, "waits": waited})


def _visitor(options: argparse.Namespace) -> dict[str, Spread]:
    from benchmarks.review.evidence import waits  # brings Playwright

    run, waited = waits(options.rows, options.dim, options.repeats, options.photos)
    print(f"Review, a bank of {run.bank['rows']:,} x {run.bank['dim']}: from a key to the frame that shows it")
    print(f"{'':<22}{'ms':>10}{'(least-most)':>20}")
    for name, values in waited.items():
        print(f"{name:<22}{cells(values)}")
    return waited


def measure(rows: np.ndarray, patches: np.ndarray, options: argparse.Namespace) -> dict[str, Any]:
    """Wall and CPU milliseconds of both ways for each question, and the largest difference of what they find, in parts
    of the largest value."""
    bank, index = MemoryBank(rows), _flat(rows)
    some = patches[: options.covered]
    by = BankScores((bank,), CONFIG, PatchMaps((224, 224), CONFIG.blur_sigma))
    image = patches.reshape(options.grid, options.grid, -1)
    weights = np.ones((1, patches.shape[1]))
    questions: dict[str, tuple[Way, Way]] = {
        "nearest": (
            lambda: bank.search(patches[:1], options.k)[0][0],
            lambda: np.sqrt(index.search(patches[:1], options.k)[0][0]),
        ),
        "receipt": (
            lambda: _receipt(Explained([image], by, weights)),
            lambda: plain_receipt(index, rows, patches, CONFIG.reweight_neighbors or 1),
        ),
        "coverage": (
            lambda: coverage(bank, some, farthest_first=False).mean,
            lambda: plain_coverage(rows, some),
        ),
    }
    return {name: _turns(ours, theirs, options.repeats) for name, (ours, theirs) in questions.items()}


def plain_receipt(index: faiss.Index, rows: np.ndarray, patches: np.ndarray, b: int) -> np.ndarray:
    """Highest patch score, weight of eq. 7 and image score, by FAISS."""
    squares, found = index.search(patches, 1)
    highest = int(squares[:, 0].argmax())
    around = index.search(rows[found[highest, 0]][None].astype(np.float32), b)[1][0]
    distances = np.linalg.norm(rows[around].astype(np.float64) - patches[highest], axis=1)
    weight = 1 - np.exp(distances[0] - distances.max()) / np.exp(distances - distances.max()).sum()
    score = np.sqrt(squares[highest, 0])
    return np.array([score, weight, score * weight])


def plain_coverage(rows: np.ndarray, patches: np.ndarray) -> np.ndarray:
    """Mean distance (S,) to the first rows, for each of the sizes, by an index for each."""
    return np.array([np.sqrt(_flat(rows[:size]).search(patches, 1)[0]).mean() for size in sizes_up_to(len(rows))])


def _receipt(explained: Explained) -> np.ndarray:
    paid = receipt(explained)
    assert paid.weight is not None
    return np.array([paid.patch_score, paid.weight.weight, paid.score])


def _flat(rows: np.ndarray) -> faiss.Index:
    index = faiss.IndexFlatL2(rows.shape[1])
    index.add(rows.astype(np.float32))
    return index


def _turns(ours: Way, theirs: Way, repeats: int) -> dict[str, Any]:
    ways = {"ours": ours, "faiss flat": theirs}
    found = {name: way() for name, way in ways.items()}  # warms up
    walls: dict[str, list[float]] = {name: [] for name in ways}
    cpus: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            way()
            walls[name].append(1000 * (time.perf_counter() - wall))
            cpus[name].append(1000 * (time.process_time() - cpu))
    difference = np.abs(found["ours"] - found["faiss flat"]).max() / np.abs(found["faiss flat"]).max()
    return {
        "wall": {name: spread(values) for name, values in walls.items()},
        "cpu": {name: spread(values) for name, values in cpus.items()},
        "largest_difference": float(difference),
    }  # fmt: skip


def _lines(question: str, each: dict[str, Any]) -> str:
    ours: Spread = each["cpu"]["ours"]
    lines = [f"{question if way == 'ours' else '':<10}{way:<12}{cells(each['wall'][way])}{cells(each['cpu'][way])}"
             f"{each['cpu'][way]['median'] / max(ours['median'], 1e-6):>8.2f}x" for way in each["wall"]]  # fmt: skip
    return "\n".join([*lines, f"{'':<10}largest difference {each['largest_difference']:.1e} of the largest"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks evidence", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=60000, help="rows of the bank (default %(default)s)")
    parser.add_argument("--dim", type=int, default=1024, help="values of a row (default %(default)s)")
    parser.add_argument("--grid", type=int, default=28, help="side of the grid of patches of an image")
    parser.add_argument("--k", type=int, default=5, help="neighbours of one patch (default %(default)s)")
    parser.add_argument("--covered", type=int, default=200, help="patches whose coverage is measured")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--visitor", action="store_true", help="also what a visitor of Review waits for, in Chromium")
    parser.add_argument("--photos", choices=("fabric", "noise"), default="fabric",
                        help="what that bank is fitted on (default %(default)s)")  # fmt: skip
    material.add_json_option(parser)
    return parser
