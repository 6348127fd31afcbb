"""Runs every benchmark and writes docs/performance.md with what they print, and the picture of the growth curves.

What a benchmark printed is kept in `--results`: one that is there already is not run again, so that a run which was
interrupted goes on. `--only NAME` runs single ones, again or not, and the page shows what is there. DATASET is a
folder of a category with about 761 training images; --scale small is a trial with toy sizes.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from pathlib import Path

import torch

from benchmarks.harness.alone import ROOT

PAGE = "performance.md"
PICTURES = {  # heading -> file and what it shows
    "Review": ("review_latency.svg", "Review: what is measured, and what is wanted"),
    "Growth": ("performance.svg", "Growth of the cost: coreset, features, search"),
}
SECTIONS = {
    "Coreset": "Farthest-first selection against the loop that patchcore-inspection runs (`published loop`), the same "
               "loop without waste (`plain loop`) and anomalib's. Same features; the picks are compared.",
    "Nearest neighbours": "Exact search of 31,360 queries (40 photos). Ids are compared with ours.",
    "Evidence": "The nearest rows of one patch, the receipt of a score and the coverage of 200 patches at 48 bank "
                "sizes, against FAISS flat. Features are made near a surface of ten dimensions.",
    "Embedding": "From the network's feature maps to patch embeddings, against unfold, interpolate, pool.",
    "One photo": "From the file to the anomaly map, batch 1.",
    "A whole fit": "From the start of the process to the saved run: features, coreset, memory bank, scores of all "
                   "test images, evaluation.",
    "Memory": "Peak memory of a whole fit in a process of its own; with a limit, the promise is limit + 0.5 GiB.",
    "Starting": "The command line's help, and what a page needs to read runs.",
    "Review": "The dashboard's Review page in Chromium, which shares the cores with the server: from the address to "
              "painted pictures, from an input to the frame that shows it, what moves (layout shift), and the server's "
              "memory.",
    "Many visitors": "One real browser on Review beside 19 light visitors who look, judge and open pages on the same "
                     "server, against the browser alone, by turns. All share the cores.",
    "Growth": "The cost grows as N·m or slower for the coreset, and linearly for the rest.",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One benchmark with its options, below a heading; `shown` False: it prepares others."""

    name: str
    heading: str
    arguments: list[str]
    shown: bool = True


def main(arguments: list[str]) -> None:
    """Run what is not there yet and write the page."""
    options = _parser().parse_args(arguments)
    options.results.mkdir(parents=True, exist_ok=True)
    steps = plan(options)
    for step in steps:
        printed = options.results / f"{step.name}.txt"
        if step.name in options.only or not (options.only or printed.exists()):
            print(f"{step.name}: python -m benchmarks {' '.join(step.arguments)}", flush=True)
            done = subprocess.run([sys.executable, "-m", "benchmarks", *step.arguments], cwd=ROOT,
                                  stdout=subprocess.PIPE, text=True, check=True)  # fmt: skip
            command = f"$ python -m benchmarks {_public(step, options)}"
            printed.write_text(f"{command}\n{done.stdout}", encoding="utf-8")
    for picture, _ in PICTURES.values():
        if (made := options.results / picture).exists():
            (options.docs / picture).write_text(made.read_text(encoding="utf-8"), encoding="utf-8")
    (options.docs / PAGE).write_text(page(steps, options), encoding="utf-8")


def plan(options: argparse.Namespace) -> list[Step]:
    """All benchmarks in the order of the page."""
    results, small = options.results.absolute(), options.scale == "small"
    features = results / "features"
    peers = ["--peers", *(["--peers-python", str(options.peers_python)] if options.peers_python else [])]
    peers = peers if options.peers or options.peers_python else []
    data = [str(options.dataset.absolute()), *(["--category", options.category] if options.category else [])]
    toy = ["--images", "8", "--test-images", "8"] if small else []
    rows = ["1000", "2000"] if small else ["118000", "597000"]
    banks = ["100", "600"] if small else ["1176", "11760"]
    files = ["--bank", str(features / "bank.npy"), "--queries", str(features / "queries.npy"), "--rows", *banks]
    train = ["--features", str(features / "train.npy"), "--rows"]
    photo = ["predict", "--dataset", data[0], *(["--rows", "600"] if small else []), *peers]
    repeats = ["--repeats", "1"] if small else []
    images = ["4", "8"] if small else ["100", "200", "400", "761"]
    limit = ["--memory-limit", "1"]
    tiles = ["--size", "64" if small else "448", "--crop", "0"]
    return [
        Step("features", "", ["features", *data, *toy, "--out", str(features)], shown=False),
        Step("coreset-10", "Coreset", ["coreset", *train, rows[0], "--ratio", "0.1", *repeats, *peers]),
        Step("coreset-1", "Coreset", ["coreset", *train, rows[0], "--ratio", "0.01", *repeats, *peers]),
        Step("coreset-all", "Coreset", ["coreset", *train, rows[1], "--ratio", "0.1", *(repeats or ["--repeats", "1"]),
                                        *peers]),
        Step("search", "Nearest neighbours", ["search", *files, *repeats, *peers]),
        Step("evidence", "Evidence", ["evidence", *(["--rows", "600", "--dim", "32"] if small else []), *repeats]),
        Step("embed", "Embedding", ["embed", *repeats, *peers]),
        Step("predict", "One photo", [*photo, *repeats]),
        Step("fit", "A whole fit", ["fit", *data, *toy, *peers]),
        Step("memory", "Memory", ["memory", *data, *toy[2:], "--images", *images, *limit]),
        Step("memory-448", "Memory", ["memory", *data, *toy[2:], "--images", images[-1], *tiles, *limit]),
        Step("imports", "Starting", ["imports", *repeats]),
        Step("review", "Review", ["review_latency", *(["--runs", "24x32", "--repeats", "1"] if small else []),
                                  "--out", str(results / PICTURES["Review"][0])]),
        Step("visitors", "Many visitors", ["visitors", *(["--run", "97x32", "--visitors", "3", "--repeats", "1"]
                                                         if small else [])]),
        Step("curves", "Growth", ["curves", "--scale", options.scale, "--out", str(results / PICTURES["Growth"][0]),
                                  *repeats]),
    ]  # fmt: skip


def page(steps: list[Step], options: argparse.Namespace) -> str:
    """The page in Markdown: the commands and what they printed."""
    parts = [_head()]
    there = [step for step in steps if step.shown and (options.results / f"{step.name}.txt").exists()]
    for heading, about in SECTIONS.items():
        if heading in {step.heading for step in there}:
            parts.append(f"## {heading}\n\n{textwrap.fill(about, 118)}\n")
        picture, shows = PICTURES.get(heading, ("", ""))
        if picture and (options.results / picture).exists():
            parts.append(f"![{shows}]({picture})\n")
        for step in there:
            if step.heading == heading:
                printed = (options.results / f"{step.name}.txt").read_text(encoding="utf-8").rstrip()
                parts.append(f"```text\n{printed}\n```\n")
    return "\n".join(parts)


def _head() -> str:
    return f"""# Performance

Ours against plain ways of doing the same work, and against anomalib from PyPI, on the same features and photos. The
tables are what the benchmarks print; one command runs them all and writes this page:

```sh
python -m benchmarks document DATASET --peers-python PYTHON   # PYTHON: an interpreter that has anomalib
```

{textwrap.fill(_machine() + '. Ratios carry over to other machines, seconds do not.', 118)}

Contenders take turns; tables show the median and, in brackets, the least and the most. CPU seconds are those of the
process; other work on the machine counts only in so far as it empties caches, but wall seconds suffer from it. DATASET
here: the magnetic tiles (Huang et al. 2018), 761 good images to learn from and 583 to judge, resized to 256 and cropped
to 224 pixels, so that an image has 784 patches.
"""


def _machine() -> str:
    instructions = torch.backends.cpu.get_cpu_capability().replace("AVX", "AVX-")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("torch", "numpy", "numba"))
    return (f"Measured on {date.today():%d %B %Y}: {os.cpu_count()} shared cores ({platform.machine()}, "
            f"{instructions}), no GPU, Python {platform.python_version()}, {versions}")  # fmt: skip


def _public(step: Step, options: argparse.Namespace) -> str:
    """The command without the folders of this machine."""
    names = {str(options.dataset.absolute()): "DATASET", str(options.results.absolute()): "RESULTS",
             str(options.peers_python): "PYTHON"}  # fmt: skip
    line = " ".join(step.arguments)
    for folder, name in names.items():
        line = line.replace(folder, name)
    return line


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks document", description=__doc__)
    parser.add_argument("dataset", type=Path, help="folder of a category")
    parser.add_argument("--category", help="which of several")
    parser.add_argument("--peers", action="store_true", help="also anomalib, if installed")
    parser.add_argument("--peers-python", type=Path, help="the interpreter that has anomalib")
    parser.add_argument("--results", type=Path, default=Path("benchmark-results"), help="keeps what is printed")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="folder for the page and the picture")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="steps to run, such as fit")
    parser.add_argument("--scale", choices=("full", "small"), default="full")
    return parser
