"""Peak memory of a fit over growing data, each in a process of its own, with and without a memory limit.

The fit is the whole of `fit_run`: features, coreset, memory bank, scores of the test images, evaluation, run folder.
The configuration is the published one (`--size 448 --crop 0` makes 3136 patches of an image). Peak memory counts every
resident page, those of files mapped into memory too; the promise is the limit + 0.5 GiB.
"""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks.harness import material
from benchmarks.harness.alone import alone
from benchmarks.harness.figures import cells, spread, write_json
from patchcore_core.config import PatchCoreConfig
from patchcore_core.model.network.probe import probe

GIB = 2**30
WORK = "benchmarks.fit:fit"


def main(arguments: list[str]) -> None:
    """Parse the options, fit, print a line per fit; write the JSON where `--json` says."""
    options = _parser().parse_args(arguments)
    limits = _limits(options)
    results = []
    heads = ("images", "patches", "limit", "peak GiB", "wall s", "(least-most)", "cpu s", "of unlimited")
    print("{:>8}{:>12}{:>8}{:>10}{:>10}{:>20}{:>10}{:>14}".format(*heads))
    for images in options.images:
        results.append(measure({**material.as_json(options), "images": images}, limits))
        print(_lines(results[-1]), flush=True)
    write_json(options.json, results)


def measure(settings: dict[str, Any], limits: list[float | None]) -> dict[str, Any]:
    """Fits with every limit in turns: `peak_bytes` the largest, `wall` and `cpu` as median, least and most."""
    turns: dict[float | None, list[dict[str, Any]]] = {limit: [] for limit in limits}
    for _ in range(settings["repeats"]):
        for limit in limits:
            turns[limit].append(alone(WORK, {**settings, "memory_limit": limit}, settings["threads"]))
    data, shape = material.dataset(settings), probe(material.config(settings))
    fits = [{
        "memory_limit": limit,
        "peak_bytes": max(cost["peak_bytes"] for cost in costs),
        "warnings": costs[-1]["result"]["warnings"],
        "stages": costs[-1]["result"]["seconds"],
        **{key: spread([cost[key] for cost in costs]) for key in ("wall", "cpu")},
    } for limit, costs in turns.items()]  # fmt: skip
    patches = len(data.train) * shape.patches
    return {"settings": settings, "images": len(data.train), "patches": patches, "dim": shape.dim, "fits": fits}


def _limits(options: argparse.Namespace) -> list[float | None]:
    if not options.memory_limit:
        return [None]
    if "memory_limit" not in {field.name for field in fields(PatchCoreConfig)}:
        print("This version has no memory_limit: only unlimited fits are measured.")
        return [None]
    return [*([] if options.only_limited else [None]), *options.memory_limit]


def _lines(result: dict[str, Any]) -> str:
    lines = []
    unlimited = next((fit["wall"]["median"] for fit in result["fits"] if fit["memory_limit"] is None), None)
    for fit in result["fits"]:
        limit = fit["memory_limit"]
        share = f"{fit['wall']['median'] / unlimited:.2f}x" if unlimited and limit is not None else ""
        lines.append(
            f"{result['images']:>8,}{result['patches']:>12,}{'none' if limit is None else f'{limit:g}':>8}"
            f"{fit['peak_bytes'] / GIB:>10.2f}{cells(fit['wall'])}{fit['cpu']['median']:>10.1f}{share:>14}"
        )
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks memory", description=__doc__)
    material.add_dataset_options(parser)
    parser.add_argument("--images", type=int, nargs="+", default=[100, 200, 400, 800],
                        help="numbers of training images, at most what is there (default %(default)s)")  # fmt: skip
    parser.add_argument("--memory-limit", type=float, nargs="+", metavar="GIB", help="limits to fit with as well")
    parser.add_argument("--only-limited", action="store_true", help="leave the unlimited fits out")
    parser.add_argument("--scratch", type=Path, help="folder for runs and scratch files (default: the system's)")
    parser.add_argument("--repeats", type=int, default=1)
    material.add_json_option(parser)
    return parser
