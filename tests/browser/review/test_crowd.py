"""The crowd of the benchmark of many visitors does what visitors do, and its table says what was measured."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.review.server import served
from benchmarks.review.store import Case, make_run
from benchmarks.review.visitors import ALONE, CROWD, crowd, table
from patchcore_core.reviews.verdicts import Verdicts


def test_the_crowd_opens_pages_looks_and_judges(tmp_path: Path) -> None:
    run, did = make_run(tmp_path, Case(24, 32)).id, {}
    stored = Verdicts(tmp_path / "runs")
    with served(tmp_path) as server, crowd(server, run, 2, did):
        end = time.monotonic() + 90
        while not stored.entries() and time.monotonic() < end:
            time.sleep(0.1)
    assert {entry.author for entry in stored.entries()} == {"crowd"}
    assert did["verdicts"] >= len(stored.entries())
    assert did["pages"] >= 2
    assert did["pictures"] >= 2 * (20 + 3)  # thumbnails seen at first, then what is known of an image, photo, map
    assert did["failed"] == 0


def test_what_takes_more_than_twice_as_long_is_marked() -> None:
    def spread(value: float) -> dict[str, float]:
        return {"median": value, "least": value, "most": value}

    steps = {name: {ALONE: spread(10), CROWD: spread(10 * ratio), "ratio": ratio}
             for name, ratio in (("filter", 1.5), ("search", 2.5))}  # fmt: skip
    cpu, did = {ALONE: spread(9), CROWD: spread(30)}, ("pages", "pictures", "verdicts", "asked", "failed")
    said = table({"run": "24 images", "visitors": 20, "steps": steps, "cpu_percent": cpu, "bytes_each": 2**20,
                  "crowd": dict.fromkeys(did, 7)})  # fmt: skip
    assert [line.split()[0] for line in said.splitlines() if line.endswith("*")] == ["search"]
    assert "9 % of a core alone, 30 % with 20 visitors; its memory: 1.0 MiB per visitor" in said
