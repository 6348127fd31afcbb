"""The tables of docs/results.md: fits every category of some data sets and prints their figures as Markdown.

Each row is one run of `python -m patchcore_core fit FOLDER --preset P --coreset-ratio R --json`, in a process of its
own. Its runs are kept in `--runs`, so what was fitted before is read and not fitted again; its seconds and memory are
those of its own time. What stands behind `--` is handed to every fit: `-- --proportions stretch`.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks.harness import material
from benchmarks.harness.alone import ROOT, environment
from benchmarks.harness.figures import write_json

Record = dict[str, Any]
Cell = Callable[[Record], str]
DIGITS = {  # heading -> the metric and its digits
    "Image AUROC": ("image_auroc", 4), "Image AP": ("image_average_precision", 4), "Image F1-max": ("image_f1_max", 3),
    "Pixel AUROC": ("pixel_auroc", 4), "Pixel AUROC (anomalous)": ("pixel_auroc_anomalous", 4),
    "AUPRO (FPR ≤ 0.3)": ("aupro", 4), "Pixel AP": ("pixel_average_precision", 3),
    "Pixel F1, as shown": ("pixel_f1", 3), "Pixel F1-max": ("pixel_f1_max", 3),
}  # fmt: skip
STAGES = {"features": "features", "selection": "coreset", "scoring": "predict", "evaluation": "evaluate",
          "total": "total"}  # fmt: skip
MEAN = "**mean**"
NONE = "—"


def main(arguments: list[str]) -> None:
    """Parse the options, fit, print both tables; write the records where `--json` says. 2 where a fit failed."""
    own, fit = _split(arguments)
    options = _parser().parse_args(own)
    records = []
    for folder, preset, ratio in product(options.folders, options.preset, options.coreset_ratio):
        command = ["--preset", preset, "--coreset-ratio", ratio, "--runs", str(options.runs.absolute()), *fit]
        records += [record | {"preset": preset, "ratio": float(ratio)} for record in _fitted(folder, command)]
    write_json(options.json, records)
    done = [record for record in records if record["run"]]
    print(figures(done), seconds(done), sep="\n\n")
    if len(done) < len(records) or not records:
        raise SystemExit(2)


def figures(records: Sequence[Record]) -> str:
    """The table of figures, with means below where several categories were fitted alike."""
    columns: dict[str, Cell] = {**_names(records)}
    for heading, (name, digits) in DIGITS.items():
        columns[heading] = lambda record, name=name, digits=digits: _number(record["metrics"].get(name), digits)
        if name == "image_f1_max":
            columns["found"] = lambda record: _share(record, "found", "defective", "image_recall")
            columns["false alarms"] = lambda record: _share(record, "false_alarms", "good", "image_false_alarm_rate")
    return _table(columns, [*records, *_means(records)])


def seconds(records: Sequence[Record]) -> str:
    """The table of seconds per stage, the size of the memory bank, and peak memory."""
    columns: dict[str, Cell] = {
        **_names(records),
        "bank rows": lambda record: f"{record['bank']['rows']:,}",
        "bank size": lambda record: f"{record['bank']['bytes'] / 1e6:.1f} MB",
    }
    for heading, stage in STAGES.items():
        columns[heading] = lambda record, stage=stage: _number(record["seconds"].get(stage), 1)
    columns["peak memory"] = lambda record: f"{record['peak_rss_bytes'] / 2**30:.2f} GiB"
    return _table(columns, records)


def _fitted(folder: Path, arguments: Sequence[str]) -> list[Record]:
    """What `fit --json` says of each category; its warnings and errors go to standard error as they come."""
    command = [sys.executable, "-m", "patchcore_core", "fit", str(folder.absolute()), *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment(None), stdout=subprocess.PIPE, text=True, check=False)
    return json.loads(done.stdout) if done.stdout else [{"run": None, "category": folder.name, "error": "no fit"}]


def _names(records: Sequence[Record]) -> dict[str, Cell]:
    """The columns that say which run it is; the preset only where there are several."""
    several = len({record["preset"] for record in records}) > 1
    preset: dict[str, Cell] = {"preset": lambda record: record["preset"]} if several else {}
    return {"category": lambda record: record["category"], **preset,
            "coreset": lambda record: f"{record['ratio'] * 100:g} %",
            "input": lambda record: " x ".join(map(str, record["shape"])) or NONE}  # fmt: skip


def _means(records: Sequence[Record]) -> list[Record]:
    """One record for each preset and ratio of several categories: the mean of each metric that all of them
    have."""
    made = []
    for preset, ratio in dict.fromkeys((record["preset"], record["ratio"]) for record in records):
        alike = [record for record in records if (record["preset"], record["ratio"]) == (preset, ratio)]
        if len(alike) < 2:
            continue
        names = set.intersection(*(set(record["metrics"]) for record in alike))
        values = {name: [record["metrics"][name] for record in alike] for name in names}
        made.append({"category": MEAN, "preset": preset, "ratio": ratio, "shape": [], "found": {},
                     "metrics": {name: math.fsum(each) / len(each) for name, each in values.items()
                                 if None not in each}})  # fmt: skip
    return made


def _share(record: Record, part: str, whole: str, metric: str) -> str:
    """`279 of 392 (71.2 %)`, the share alone of a mean."""
    value = record["metrics"].get(metric)
    if value is None:
        return NONE
    counts = record["found"]
    return f"{counts[part]} of {counts[whole]} ({value * 100:.1f} %)" if counts else f"{value * 100:.1f} %"


def _number(value: float | None, digits: int) -> str:
    return NONE if value is None else f"{value:.{digits}f}"


def _table(columns: dict[str, Cell], records: Sequence[Record]) -> str:
    rows = [list(columns), *([cell(record) for cell in columns.values()] for record in records)]
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, f"|{'---|' * len(columns)}", *body])


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Ours and, behind `--`, those of every fit."""
    place = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:place], arguments[place + 1:]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks results", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="a category, or a folder of categories")
    parser.add_argument("--preset", nargs="+", default=["quick"], metavar="P", help="presets (default: quick)")
    parser.add_argument("--coreset-ratio", nargs="+", default=["0.01"], metavar="R", help="ratios (default: 0.01)")
    parser.add_argument("--runs", type=Path, default=Path("benchmark-results") / "runs", help="folder of the runs")
    material.add_json_option(parser)
    return parser
