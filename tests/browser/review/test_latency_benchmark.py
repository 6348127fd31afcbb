"""The benchmark of Review's latency runs, says all that docs/performance.md quotes, and finds what lacks something."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.review import loads, picture, visit
from benchmarks.review.server import Server, served
from benchmarks.review.store import Case, make_run
from tests.places import ROOT

pytestmark = pytest.mark.browser
STATES = ("cold", "warm", "again")
STEPS = (*(f"{what}, {state}" for state in STATES for what in ("pictures", "complete")), "next image", "other image",
         "filter", "filter, its pictures", "search", "image threshold", "pixel threshold", "verdict",
         "verdict, stored")  # fmt: skip


def test_every_step_is_measured_and_drawn(tmp_path: Path, browser: Browser) -> None:  # noqa: ARG001  (skips first)
    report, drawn = tmp_path / "report.json", tmp_path / "report.svg"
    command = [sys.executable, "-m", "benchmarks", "review_latency", "--runs", "24x32", "--repeats", "1",
               "--scratch", str(tmp_path), "--json", str(report), "--out", str(drawn)]  # fmt: skip
    printed = subprocess.run(command, cwd=ROOT, env=os.environ, check=True, capture_output=True, text=True).stdout
    (result,) = json.loads(report.read_text(encoding="utf-8"))
    assert list(result["steps"]) == list(STEPS)
    texts = "".join(ET.fromstring(drawn.read_text(encoding="utf-8")).itertext())
    for name, step in result["steps"].items():
        assert step["ms"]["median"] > 0
        assert name in printed
        assert name in texts
    assert 0 < result["server_bytes"]["before"] < result["server_bytes"]["peak"]
    assert min(result["bytes"].values()) > 0


def test_what_a_visitor_of_the_evidence_waits_for(tmp_path: Path, browser: Browser) -> None:  # noqa: ARG001
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "benchmarks", "evidence", "--rows", "900", "--dim", "24", "--grid", "4",
               "--covered", "5", "--repeats", "1", "--visitor", "--photos", "noise", "--json", str(report)]  # fmt: skip
    printed = subprocess.run(command, cwd=ROOT, env=os.environ, check=True, capture_output=True, text=True).stdout
    found = json.loads(report.read_text(encoding="utf-8"))["waits"]
    assert list(found) == ["first", "hot patch", "hot patch, its pictures", "any patch", "any patch, its pictures",
                           "CPU", "next image", "another image"]
    assert all(each["median"] > 0 for each in found.values())
    assert f"a bank of {2 * 28**2:,} x 24" in printed


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> tuple[Path, str]:  # noqa: ARG001
    """A folder with a run of a few images, and the run's id."""
    folder = tmp_path_factory.mktemp("loads")
    return folder, make_run(folder, Case(24, 32)).id


@pytest.fixture(scope="module")
def server(store: tuple[Path, str]) -> Iterator[Server]:
    with served(store[0]) as started:
        yield started


def test_whole_pages_lack_nothing(store: tuple[Path, str], browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loads, "SERVERS", 1)
    assert loads.failures(browser, *store, 4) == []


BROKEN: dict[str, str] = {  # what is said of a page -> the script that makes it so
    "a filter changes nothing": "window.addEventListener('click', (event) => event.stopImmediatePropagation(), true)",
    "broken": "setTimeout(() => { throw new Error('broken'); })",
    "404": "fetch('/pictures/none/test/0/about')",
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_what_a_page_lacks_is_said(store: tuple[Path, str], server: Server, browser: Browser, fault: str) -> None:
    said: list[str] = []

    def broken(page: Page) -> None:
        page.add_init_script(BROKEN[fault])
        loads.listen(page, said)

    with visit.visit(browser, visit.review_of(server, store[1]), None, broken) as page:
        loads.note_lacking(page, said)
    assert fault.lower() in "\n".join(said).lower()


def test_a_row_over_what_is_wanted_stands_out() -> None:
    def step(median: float) -> dict[str, Any]:
        return {"ms": {"median": median, "least": 10.0, "most": 90.0}, "wanted_ms": 50.0}

    svg = picture.drawn([{"run": "a < b", "steps": {"slow": step(51.0), "fast": step(49.0)}}])
    assert "a &lt; b" in svg
    assert svg.count('<g class="over">') == 1
