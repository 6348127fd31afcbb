"""Stores of hundreds of runs, and how long the pages that list them take to open.

One run is made as for Review (benchmarks/review/store.py); the others are copies of its files with another id,
category, configuration and sweep, and scores that differ a little. Files that are the same are hard links.
"""

from __future__ import annotations

import csv
import json
import os
import random
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser

from benchmarks.review.server import Server
from benchmarks.review.store import photos, run_on
from benchmarks.review.visit import visit
from patchcore_core.evaluation.metrics import image_auroc

CATEGORIES, A_SWEEP = 10, 25  # categories of a store, runs of a sweep
IMAGES, SIDE = 100, 64  # test images of a run, and pixels of the side of their maps
WANTED = 1500.0  # ms, warm
SETTLED = "document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')"
TABLE = "document.querySelector('[data-testid=stDataFrame] canvas')?.width > 0"
WHOLE = """!document.querySelector('[data-testid=stSkeleton]') &&
  [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every((chart) => chart.querySelector('.main-svg'))"""
FIRST_TWO = "20260101-000100-plate-0001,20260101-000200-plate-0002"  # runs that each store has
PAGES: dict[str, tuple[str, str]] = {  # page -> its address, and what is there, beside all charts, once it is open
    "overview": ("", TABLE),
    "compare": ("compare", TABLE),  # as the menu opens it: of one category, in a small store two runs side by side
    "compare all": ("compare?by=filter&view=best",  # all runs, the heaviest question
                    f"{TABLE} && document.querySelector('.js-plotly-plot .main-svg')"),
    "side by side": (f"compare?runs={FIRST_TWO}&view=side", TABLE),  # six charts, whatever the store holds
}


def make_store(folder: Path, count: int) -> None:
    """A store of so many finished runs in `folder`/runs, on a data set in `folder`/data."""
    root, runs = folder / "data" / "plate", folder / "runs"
    photos(root, IMAGES)
    first = run_on(root, runs, SIDE).folder
    record = json.loads((first / "run.json").read_text(encoding="utf-8"))
    with (first / "images.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    for number in range(1, count):
        _copy(first, runs, number, record, table)


def _copy(first: Path, runs: Path, number: int, record: dict[str, Any], table: list[dict[str, str]]) -> None:
    category, draw = f"plate {number % CATEGORIES:02}", random.Random(number)
    day, second = divmod(number, 60)
    folder = runs / f"20260101-{day % 24:02}{second:02}00-plate-{number:04x}"
    for path in first.rglob("*"):
        if path.is_file() and path.name not in ("run.json", "images.csv"):
            (folder / path.relative_to(first)).parent.mkdir(parents=True, exist_ok=True)
            os.link(path, folder / path.relative_to(first))
    (folder / "memory_bank").mkdir(parents=True, exist_ok=True)
    noise = draw.uniform(0, 0.3)
    table = [row | {"image_score": f"{float(row['image_score']) + draw.gauss(0, noise):.6f}"} for row in table]
    auroc = image_auroc([int(row["label"]) for row in table], np.float32([row["image_score"] for row in table]))
    config = record["config"] | {"coreset_ratio": draw.choice((0.01, 0.05, 0.1, 0.25)), "seed": number,
                                 "num_neighbors": draw.choice((1, 3, 5))}  # fmt: skip
    sweep = f"grid {number // (CATEGORIES * A_SWEEP)}" if number % 3 else ""
    changed = {"category": category, "identity": f"{number:064x}", "config": config, "sweep": sweep,
               "metrics": record["metrics"] | {"image_auroc": float(auroc)},
               "created_at": f"2026-01-{1 + day // 24:02}T{day % 24:02}:{second:02}:00+00:00"}  # fmt: skip
    (folder / "run.json").write_text(json.dumps(record | changed), encoding="utf-8")
    with (folder / "images.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)


def opened(browser: Browser, server: Server, page: str) -> tuple[float, float]:
    """Milliseconds from the address to the page with all that it shows, and the server's CPU milliseconds for it."""
    address, there = PAGES[page]
    before = server.cpu()
    with visit(browser, f"{server.address}/{address}") as seen:
        took = seen.evaluate(f"seen.painted(() => {there} && {WHOLE} && {SETTLED})")
    return float(took), server.cpu() - before
