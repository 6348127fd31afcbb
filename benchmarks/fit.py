"""A fit from start to saved run: ours against the plain way of the published algorithm, a process each, in turns.

Ours is `fit_run`: features, coreset, memory bank, scores of the test images, evaluation, run folder. The plain way is
benchmarks/ways/plain_fit.py with the same network, geometry and sizes. Its selection loop is timed over `--loop-picks`
picks and multiplied out, since a pick always costs the same; `coreset` and `total` of the plain way are extrapolated
unless `--loop-picks` reaches the size of the coreset. Wall and CPU seconds count from the start of the process.
With `--peers` anomalib's model does its own work on the same photos: its embedding (means of the channels), its
selection, extrapolated likewise, and its scores; no evaluation and nothing saved.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.harness import material
from benchmarks.harness.alone import alone
from benchmarks.harness.figures import cells, spread, write_json
from benchmarks.ways import peers

WAYS = {"plain": "benchmarks.ways.plain_fit:fit", "ours": "benchmarks.fit:fit"}
STAGES = ("features", "coreset", "index", "predict", "evaluate")
GIB = 2**30


def main(arguments: list[str]) -> None:
    """Parse the options, measure, print the table; write the JSON where `--json` says."""
    options = _parser().parse_args(arguments)
    settings = material.as_json(options)
    turns: dict[str, list[dict[str, Any]]] = {name: [] for name in WAYS}
    for _ in range(options.repeats):
        for name, work in WAYS.items():
            cost = alone(work, settings, options.threads)
            extra = cost["result"].get("extra", {"wall": 0.0, "cpu": 0.0})
            turns[name].append({**cost, "wall": cost["wall"] + extra["wall"], "cpu": cost["cpu"] + extra["cpu"]})
    result = summary(settings, turns)
    print(_table(result))
    if (python := peers.wanted(options)) is not None:
        result["anomalib"] = _anomalib(python, settings)
        print(_peer_line(result))
    write_json(options.json, result)


def fit(settings: dict[str, Any]) -> dict[str, Any]:
    """Our fit into a store of its own, which is deleted again; its seconds per stage and metrics."""
    from patchcore_core.fitting.fit import fit_run
    from patchcore_core.runs.store import RunStore

    limit = settings.get("memory_limit")
    config = material.config(settings, **({} if limit is None else {"memory_limit": limit}))
    with tempfile.TemporaryDirectory(dir=settings.get("scratch")) as store:
        run = fit_run(material.dataset(settings), config, RunStore(store)).run
        metrics = {name: run.metrics[name] for name in ("image_auroc", "pixel_auroc", "pixel_auroc_anomalous")}
        bank = run.bank or {}
        return {"seconds": run.seconds, "picks": bank["rows"], "metrics": metrics, "warnings": run.warnings}


def summary(settings: dict[str, Any], turns: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Median, least and most of wall, CPU, peak memory and every stage of each way, and plain over ours."""
    ways = {}
    for name, costs in turns.items():
        figures = {key: spread([cost[key] for cost in costs]) for key in ("wall", "cpu", "peak_bytes")}
        seconds = [cost["result"]["seconds"] for cost in costs]
        stages = {stage: spread([each.get(stage, 0.0) for each in seconds]) for stage in (*STAGES, "total")}
        last = costs[-1]["result"]
        ways[name] = {**figures, "stages": stages, "metrics": last["metrics"], "picks": last["picks"]}
    plain, ours = ways["plain"], ways["ours"]
    extrapolated = settings["loop_picks"] < plain["picks"]
    ratio = {key: plain[key]["median"] / ours[key]["median"] for key in ("wall", "cpu", "peak_bytes")}
    patches = turns["plain"][-1]["result"]["patches"]
    return {"settings": settings, "patches": patches, "extrapolated": extrapolated, "ways": ways, "ratio": ratio}


def _anomalib(python: Path, settings: dict[str, Any]) -> dict[str, Any]:
    data = material.dataset(settings)
    paths = {"train": [str(each.path) for each in data.train], "test": [str(each.path) for each in data.test]}
    options = {name: settings[name] for name in ("layers", "ratio", "size", "crop")}
    backbone = peers.network(settings["backbone"])
    asked = peers.Anomalib(python, settings["threads"])
    return asked.ask("fit", **options, **paths, backbone=backbone, picks=settings["loop_picks"])


def _peer_line(result: dict[str, Any]) -> str:
    theirs, ours = result["anomalib"], result["ways"]["ours"]
    stages = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in theirs["seconds"].items())
    whole = sum(theirs["seconds"].values())
    return (f"anomalib ({theirs['dim']} values): {whole:.1f} CPU s, {whole / ours['cpu']['median']:.1f}x ours; "
            f"{stages}; peak {theirs['peak_bytes'] / GIB:.2f} GiB.")  # fmt: skip


def _table(result: dict[str, Any]) -> str:
    plain, ours = result["ways"]["plain"], result["ways"]["ours"]
    lines = [
        f"{result['patches']:,} patches x {result['settings']['dim']}, coreset of {ours['picks']:,}",
        f"{'':<16}{'plain':>10}{'(least-most)':>20}{'ours':>10}{'(least-most)':>20}{'ratio':>9}",
    ]
    for name, unit, scale in (("wall", "s", 1.0), ("cpu", "s", 1.0), ("peak_bytes", "GiB", GIB)):
        title = f"{name.removesuffix('_bytes')}, {unit}"
        ratio = result["ratio"][name]
        lines.append(f"{title:<16}{cells(plain[name], scale)}{cells(ours[name], scale)}{ratio:>8.1f}x")
    for stage in STAGES:
        ratio = plain["stages"][stage]["median"] / max(ours["stages"][stage]["median"], 1e-6)
        both = cells(plain["stages"][stage]) + cells(ours["stages"][stage])
        lines.append(f"  {stage + ', s':<14}{both}{ratio:>8.1f}x")
    auroc = " and ".join(f"{way['metrics']['image_auroc']:.4f}" for way in (plain, ours))
    lines.append(f"Image AUROC {auroc}.")
    if result["extrapolated"]:
        made = result["settings"]["loop_picks"]
        lines.append(f"The plain selection is extrapolated from {made} picks; random rows filled the rest of its bank.")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks fit", description=__doc__)
    material.add_dataset_options(parser)
    parser.add_argument("--images", type=int, help="training images to use (default: all)")
    parser.add_argument("--loop-picks", type=int, default=60, help="picks that the plain loop is timed over")
    parser.add_argument("--batch", type=int, default=2, help="images at a time in the plain way (its own default: 2)")
    parser.add_argument("--repeats", type=int, default=1)
    peers.add_options(parser)
    material.add_json_option(parser)
    return parser
