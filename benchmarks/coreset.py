"""The coreset against a plain loop of the published algorithm: same features, same picks, one run, alternating.

`published loop` does what patchcore-inspection's approximate greedy sampler does for each pick, in float32 torch: the
norms of all features, their products with the pick, square roots, a concatenation and a minimum. `plain loop` is the
same without the waste: norms once, nothing copied. Both are timed over `--loop-picks` picks and multiplied out, since
a pick always costs the same. With `--peers` anomalib's KCenterGreedy is timed likewise: on the same features, and
(`own D`) with the random projection that it puts before, which may raise the dimension. Seconds are CPU seconds, so
that other work on the machine does not count, with torch on `--threads` threads.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.ways import peers
from patchcore_core.model import coreset

Seconds = list[float]


def main(arguments: list[str]) -> None:
    """Parse the options, measure, print the table; write the JSON where `--json` says."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    features = _features(options)
    size = max(1, int(len(features) * options.ratio))
    coreset.greedy(features[:20000], min(2000, len(features)), start=0)  # loads the machine code
    picked: dict[str, list[int]] = {}

    def ours() -> float:
        seconds, picks = _timed(lambda: coreset.greedy(features, size, start=0).tolist())
        picked["ours"] = picks[: options.loop_picks]
        return seconds

    def plain() -> float:
        seconds, picked["plain loop"] = _timed(lambda: plain_loop(features, options.loop_picks, start=0))
        return seconds / options.loop_picks * size

    def published() -> float:
        seconds, _ = _timed(lambda: published_loop(features, options.loop_picks, start=0))
        return seconds / options.loop_picks * size

    ways: dict[str, Callable[[], float]] = {"ours": ours, "published loop": published, "plain loop": plain}
    ways |= _peers(options, features, size, picked)
    seconds: dict[str, Seconds] = {name: [] for name in ways}
    for _ in range(options.repeats):
        for name, way in ways.items():
            seconds[name].append(way())
    same = picked["ours"] == picked["plain loop"][:size]
    result = _result(seconds, features, size, same)
    if "anomalib" in picked:
        theirs = picked["anomalib"]
        again = coreset.greedy(features, len(theirs), start=theirs[0]).tolist()
        result["same_picks_as_anomalib"] = sum(map(int.__eq__, again, theirs)) / len(theirs)
    print(_table(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def plain_loop(features: Tensor, size: int, start: int) -> list[int]:
    """Farthest-first as published: every distance of every pick, float32."""
    norms = features.square().sum(dim=1)
    nearest = torch.full((len(features),), torch.inf)
    picks: list[int] = []
    pick = start
    while len(picks) < size:
        picks.append(pick)
        squared = norms + norms[pick] - 2 * (features @ features[pick])
        nearest = torch.minimum(nearest, squared.clamp(min=0).sqrt())
        nearest[pick] = 0
        pick = int(nearest.argmax())
    return picks


def published_loop(features: Tensor, size: int, start: int) -> list[int]:
    """The same picks the way patchcore-inspection computes them."""
    nearest = torch.full((len(features), 1), torch.inf)
    picks = [start]
    while len(picks) < size:
        chosen = features[picks[-1] : picks[-1] + 1]
        norms = features.unsqueeze(1).bmm(features.unsqueeze(2)).reshape(-1, 1)
        others = chosen.unsqueeze(1).bmm(chosen.unsqueeze(2)).reshape(1, -1)
        distance = (-2 * features.mm(chosen.T) + norms + others).clamp(min=0).sqrt()
        nearest = torch.cat([nearest, distance], dim=-1).min(dim=1).values.reshape(-1, 1)
        picks.append(int(nearest.argmax()))
    return picks


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks coreset", description=__doc__)
    parser.add_argument("--features", type=Path, help="(N, D) .npy file; default: made near a curved surface")
    parser.add_argument("--rows", type=int, default=118_000, help="rows to use (default %(default)s)")
    parser.add_argument("--dim", type=int, default=128, help="projects wider features to this (default %(default)s)")
    parser.add_argument("--ratio", type=float, default=0.1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--loop-picks", type=int, default=20, help="picks that slow loops are timed over")
    parser.add_argument("--threads", type=int, default=1)
    peers.add_options(parser)
    parser.add_argument("--json", type=Path, help="file to write the result to")
    return parser


def _features(options: argparse.Namespace) -> Tensor:
    """(rows, dim) float32, from the file or made: ten hidden dimensions, bent, and a little noise."""
    chance = np.random.default_rng(0)
    if options.features is None:
        hidden = chance.standard_normal((options.rows, 10)).astype(np.float32)
        bent = np.tanh(hidden @ chance.standard_normal((10, options.dim)).astype(np.float32))
        made = bent + 0.05 * chance.standard_normal(bent.shape).astype(np.float32)
        return torch.from_numpy(made)
    loaded = np.load(options.features, mmap_mode="r")
    rows = np.sort(chance.permutation(len(loaded))[: options.rows])
    features = torch.from_numpy(loaded[rows].astype(np.float32))
    return coreset.project(features, options.dim, seed=0) if options.dim < features.shape[1] else features


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    made = work()
    return time.process_time() - started, made


def _peers(
    options: argparse.Namespace, features: Tensor, size: int, picked: dict[str, list[int]]
) -> dict[str, Callable[[], float]]:
    """anomalib's loop on these features, and on the projection that it makes of them by itself."""
    python = peers.wanted(options)
    if python is None:
        return {}
    anomalib = peers.Anomalib(python, options.threads, features=features.numpy())

    def loop(projected: bool) -> float:
        answer = anomalib.ask("coreset", picks=options.loop_picks, projected=projected)
        if not projected:
            picked["anomalib"] = answer["picks"]
        return float(answer["seconds_per_pick"]) * size

    return {"anomalib": lambda: loop(False), "anomalib, own D": lambda: loop(True)}


def _result(seconds: dict[str, Seconds], features: Tensor, size: int, same: bool) -> dict[str, Any]:
    ours = statistics.median(seconds["ours"])
    return {
        "rows": len(features), "dim": features.shape[1], "picks": size, "threads": torch.get_num_threads(),
        "same_first_picks": same,
        "ways": {
            name: {
                "median": statistics.median(values), "least": min(values), "most": max(values),
                "times_ours": statistics.median(values) / ours,
            }
            for name, values in seconds.items()
        },
    }  # fmt: skip


def _table(result: dict[str, Any]) -> str:
    lines = [f"{result['rows']} x {result['dim']}, {result['picks']} picks, {result['threads']} thread(s)"]
    lines.append(f"{'':<16}{'median s':>12}{'least':>10}{'most':>10}{'x ours':>10}")
    for name, way in result["ways"].items():
        lines.append(
            f"{name:<16}{way['median']:>12.2f}{way['least']:>10.2f}{way['most']:>10.2f}{way['times_ours']:>10.1f}"
        )
    same = "the same" if result["same_first_picks"] else "not the same (float32 near-ties)"
    lines.append(f"The first picks of the plain loop and ours are {same}. Loops are extrapolated from a few picks.")
    if "same_picks_as_anomalib" in result:
        share = result["same_picks_as_anomalib"]
        lines.append(f"From anomalib's own start its first picks and ours agree in {share:.1%}.")
    return "\n".join(lines)
