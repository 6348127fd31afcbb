"""From feature maps to patch embeddings, without the network: ours against unfold, interpolate, pool.

The maps are random numbers of the shapes that the network's layers have (strides 8 and 16), one process each, taking
turns. Seconds are CPU seconds, so that other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

import torch

from benchmarks.harness import material
from benchmarks.harness.contest import Laps, Work, contest, table
from benchmarks.harness.figures import write_json
from benchmarks.ways import peers, plain
from patchcore_core.model.embedding import patch_embeddings
from patchcore_core.model.network.allocator import keep_freed_memory
from patchcore_core.model.network.probe import KNOWN

PAPER_DIM = 1024


def main(arguments: list[str]) -> None:
    """Parse the options, measure, print one table per network; write the JSON where `--json` says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks embed", description=__doc__)
    parser.add_argument("--backbones", nargs="+", choices=sorted(KNOWN), metavar="NAME",
                        default=["efficientnet_lite0", "wide_resnet50_2"], help=f"of {', '.join(KNOWN)}")
    parser.add_argument("--size", type=int, default=224, help="side of the images, pixels (default %(default)s)")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--dim", type=int, default=PAPER_DIM, help="values per patch (default %(default)s)")
    parser.add_argument("--patch-size", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    peers.add_options(parser)
    material.add_json_option(parser)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    results = []
    for backbone in options.backbones:
        channels = [next(c for s, c in KNOWN[backbone].values() if s == stride) for stride in (8, 16)]
        settings = {**material.as_json(options), "backbone": backbone, "channels": channels}
        results.append(contest(build_plain, build_ours, settings))
        title = f"{backbone}, {options.size} px, batch {options.batch}, {options.dim} values"
        print(table(f"{title}, {options.threads} thread(s)", results[-1]))
        if (python := peers.wanted(options)) is not None:
            results[-1]["anomalib"] = _anomalib(python, settings)
            print("Means of the channels, no pooling to {dim}: anomalib {theirs:.2f} ms, ours {ours:.2f} ms, "
                  "largest difference {difference:.1e}.".format(dim=options.dim, **results[-1]["anomalib"]))
        print()
    write_json(options.json, results)


def build_plain(settings: dict[str, Any]) -> Work:
    """The plain way, on the maps that `settings` describe."""
    maps, patch_size, dim = _maps(settings), settings["patch_size"], settings["dim"]

    def work() -> Any:
        laps = Laps()
        with torch.no_grad():
            embedded = plain.embeddings(maps, patch_size, dim, dim)
        laps("embedding")
        return laps.stages, embedded.numpy()

    return work


def build_ours(settings: dict[str, Any]) -> Work:
    """Our way, on the same maps."""
    maps, patch_size, dim = _maps(settings), settings["patch_size"], settings["dim"]
    keep_freed_memory()

    def work() -> Any:
        laps = Laps()
        with torch.inference_mode():
            embedded = patch_embeddings(maps, patch_size, dim, dim)
        laps("embedding")
        return laps.stages, embedded.flatten(0, 2).numpy()

    return work


def _anomalib(python: Path, settings: dict[str, Any]) -> dict[str, float]:
    """CPU milliseconds of anomalib's embedding and of ours in its way, and how far their means differ."""
    maps, seconds = _maps(settings), []
    asked = peers.Anomalib(python, settings["threads"], first=maps[0].numpy(), second=maps[1].numpy())
    answer = asked.ask("embed", repeats=settings["repeats"])
    rows = torch.empty(0)
    for _ in range(settings["repeats"] + 1):
        laps = Laps()
        with torch.inference_mode():
            rows = patch_embeddings(maps, settings["patch_size"], None, None).flatten(0, 2)
        laps("embedding")
        seconds.append(laps.stages["embedding"])
    difference = (rows.mean(dim=0) - torch.tensor(answer["mean"])).abs().max()
    return {"theirs": 1000 * statistics.median(answer["seconds"]), "ours": 1000 * statistics.median(seconds[1:]),
            "difference": float(difference)}  # fmt: skip


def _maps(settings: dict[str, Any]) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    sides = [-(-settings["size"] // stride) for stride in (8, 16)]
    shapes = zip(settings["channels"], sides, strict=True)
    return [torch.randn(settings["batch"], count, side, side, generator=generator) for count, side in shapes]
