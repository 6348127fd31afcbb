"""Nearest neighbours: ours against FAISS flat and torch.cdist: same features, one run, alternating.

`faiss flat` gives float32 ids and squared distances; `faiss + distances` adds what a score needs, the distances from
the differences. Ours includes that. Building an index is timed apart. Seconds are CPU seconds of this process, so that
other work on the machine does not count, with torch and FAISS on `--threads` threads.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import torch

from benchmarks.ways import peers
from patchcore_core.model.memory_bank import MemoryBank

CDIST_ROWS = 1024  # queries at a time, so that the distances stay small
Found = tuple[np.ndarray, np.ndarray]  # distances or squared distances (Q, k), ids (Q, k)


def main(arguments: list[str]) -> None:
    """Parse the options, measure every bank size and k, print the table; write the JSON where `--json` says."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    faiss.omp_set_num_threads(options.threads)
    rows, queries = _features(options)
    results = []
    print("bank rows   k   way                seconds (min - max)        ratio   ids as ours")
    for size in options.rows:
        if size > len(rows):
            raise SystemExit(f"--rows must be at most the {len(rows)} rows of the bank, got {size}")
        for k in options.k:
            results.append(measure(rows[:size], queries, k, options.repeats, peers.wanted(options)))
            print(_table(results[-1]), flush=True)
    if options.json:
        about = {"queries": len(queries), "dim": queries.shape[1], "threads": options.threads, "results": results}
        options.json.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def measure(rows: np.ndarray, queries: np.ndarray, k: int, repeats: int, peer: Path | None = None) -> dict[str, Any]:
    """Seconds of every way, and the share of ids that equal ours; `rows` (M, D) float16 or float32."""
    started = time.process_time()
    bank = MemoryBank(rows)
    build = time.process_time() - started
    wide = rows.astype(np.float32)
    index = faiss.IndexFlatL2(rows.shape[1])
    index.add(wide)
    ways: dict[str, Callable[[], Found]] = {
        "ours": lambda: bank.search(queries, k),
        "faiss flat": lambda: index.search(queries, k),
        "faiss + distances": lambda: _with_distances(wide, queries, index.search(queries, k)[1]),
        "torch.cdist": lambda: _cdist(torch.from_numpy(wide), torch.from_numpy(queries), k),
    }
    bank.search(queries[:600], k)  # loads the machine code
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    same = {}
    ours = np.empty(0)
    anomalib = peer and peers.Anomalib(peer, torch.get_num_threads(), bank=wide, queries=queries)
    for _ in range(repeats):
        for name, way in ways.items():
            started = time.process_time()
            _, ids = way()
            seconds[name].append(time.process_time() - started)
            ours = ids if name == "ours" else ours
            same[name] = float((ids == ours).mean())
        if anomalib:
            answer = anomalib.ask("search", k=k)
            seconds.setdefault("anomalib", []).append(answer["seconds"])
            same["anomalib"] = float((np.array(answer["ids"]) == ours).mean())
    about = {"rows": len(rows), "dtype": str(rows.dtype), "k": k, "build_seconds": build}
    return {**about, "seconds": seconds, "same": same}


def _with_distances(rows: np.ndarray, queries: np.ndarray, ids: np.ndarray) -> Found:
    distances = np.empty(ids.shape, dtype=np.float32)
    for column in range(ids.shape[1]):
        difference = queries - rows[ids[:, column]]
        distances[:, column] = np.sqrt(np.einsum("qd,qd->q", difference, difference))
    return distances, ids


def _cdist(rows: torch.Tensor, queries: torch.Tensor, k: int) -> Found:
    found = [torch.cdist(part, rows).topk(k, dim=1, largest=False) for part in queries.split(CDIST_ROWS)]
    return torch.cat([part.values for part in found]).numpy(), torch.cat([part.indices for part in found]).numpy()


def _table(result: dict[str, Any]) -> str:
    ours = statistics.median(result["seconds"]["ours"])
    lines = []
    for name, seconds in result["seconds"].items():
        median = statistics.median(seconds)
        spread = f"{median:>9.4f} ({min(seconds):.4f} - {max(seconds):.4f})"
        case = f"{result['rows']:>9,} {result['k']:>3}   {name:<17}"
        lines.append(f"{case} {spread} {median / ours:>8.2f}x {result['same'][name]:>11.4%}")
    return "\n".join([*lines, f"{'':>16} built once in {result['build_seconds']:.3f} s"])


def _features(options: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Bank rows and queries: from files (N, D), else drawn with the falling spectrum that features have."""
    if options.bank:
        rows, queries = np.load(options.bank), np.load(options.queries)[: options.count].astype(np.float32)
        return rows.astype(options.dtype), np.ascontiguousarray(queries)
    random = np.random.default_rng(0)
    total, dim = max(options.rows) + options.count, options.dim
    strength = np.exp(-np.arange(dim) / (dim / 10)).astype(np.float32)
    mixing = np.linalg.qr(random.standard_normal((dim, dim)))[0].astype(np.float32)
    features = (random.standard_normal((total, dim), dtype=np.float32) * strength) @ mixing
    return features[options.count :].astype(options.dtype), features[: options.count]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks search", description=__doc__.splitlines()[0])
    parser.add_argument("--bank", type=Path, help=".npy file (M, D) of bank rows; drawn at random without it")
    parser.add_argument("--queries", type=Path, help=".npy file (Q, D), with --bank")
    parser.add_argument("--rows", type=int, nargs="+", default=[1176, 11760], help="bank sizes: the first so many rows")
    parser.add_argument("--count", type=int, default=31360, help="queries")
    parser.add_argument("--dim", type=int, default=1024, help="dimensions of drawn features")
    parser.add_argument("--k", type=int, nargs="+", default=[1], help="neighbours")
    parser.add_argument("--dtype", choices=("float16", "float32"), default="float16", help="of the bank")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    peers.add_options(parser)
    parser.add_argument("--json", type=Path, help="file for the result")
    return parser
