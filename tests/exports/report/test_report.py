"""A report of a stored run: what is in the file and what is not."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from patchcore_core.errors import DataError
from patchcore_core.exports.present.presented import Presented
from patchcore_core.exports.report import report as report_module
from patchcore_core.exports.report.explorer import rows_of
from patchcore_core.exports.report.page import page
from patchcore_core.exports.report.report import report
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from patchcore_core.views.present.money import Prices
from tests.tiny import save

SCORES = (0.25, 1.5, 2.0, 0.5)  # labels 0, 1, 0, 1
Make = Callable[..., Presented]


@pytest.fixture
def make(store: RunStore, draft: Callable[..., Run], finish: Any) -> Make:
    """`make(scores, **changes)`: a run with a noisy photo for each score and the threshold 1.0."""

    def run(scores: tuple[float, ...] = SCORES, identity: str = "same", **changes: Any) -> Presented:
        given = {"thresholds": {"heldout_p99": 1.0, "pixel_heldout_p999": 1.0}, "shape": (4, 4), **changes}
        made = finish(store.begin(draft(identity=identity)), scores, **given)
        for number in range(len(scores)):
            noise = np.random.default_rng(number).integers(0, 255, (200, 300, 3), np.uint8)
            save(Path(made.dataset, "test", f"{number}.png"), noise)
        table = (made.folder / "images.csv").read_text().replace(",20,30,", ",200,300,")
        (made.folder / "images.csv").write_text(table)
        return Presented.of(store, made)

    return run


def data_of(content: bytes) -> dict[str, Any]:
    found = re.search(rb'<script type="application/json" id="data">(.*?)</script>', content, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_the_file_has_all_that_is_shown_and_no_path_of_this_machine(make: Make) -> None:
    one = make()
    told: list[tuple[str, int, int]] = []
    made = report([one], prices=Prices(7, 8, 9), progress=lambda *done: told.append(done))
    assert told == [("pictures", count, 4) for count in (1, 2, 3, 4)]
    data = data_of(made.content)
    assert (made.images, made.side) == (4, 900)
    assert [screen["kind"] for screen in data["screens"]][-1] == "limits"
    assert data["costs"] == {"escape": 7, "overkill": 8, "rate": 9}
    (run,) = data["explored"]
    assert [picture["id"] for picture in run["pictures"]] == [f"test/{number}.png" for number in (2, 1, 3, 0)]
    assert (run["point"]["high"], run["images"], run["gone"]) == (1.0, 4, 0)
    for secret in (one.run.dataset, str(one.run.folder), str(Path.home())):
        assert secret.encode() not in made.content


def test_no_script_but_ours_is_allowed(make: Make) -> None:
    text = report([make()]).content.decode()
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])  # type: ignore[index]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    for name, element in (("script-src", "<script>"), ("style-src", "<style>")):
        inside = text.split(element)[1].split(element.replace("<", "</"))[0]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"
        assert text.count(element) == 1
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "data: blob:"
    assert not re.search(r'(?:src|href)="?https?:', text)


def test_a_text_ends_no_element() -> None:
    hostile = "</script><script>alert(1)</script><!-- & \u2028"
    text = page(hostile, "legend", "", {"name": hostile}).decode()
    assert text.count("<script") == 2
    assert "<title>&lt;/script&gt;" in text
    assert data_of(text.encode())["name"] == hostile


def test_the_examples_lead_and_an_unknown_one_is_passed_over(make: Make) -> None:
    names = [screen["name"] for screen in data_of(report([make()], ["test/0.png", "no"]).content)["screens"]]
    assert [name for name in names if name.startswith("example")] == ["example test/0.png"]


def test_photos_that_are_gone_are_counted(make: Make) -> None:
    one = make()
    Path(one.run.dataset, "test", "1.png").unlink()
    (run,) = data_of(report([one]).content)["explored"]
    assert (len(run["pictures"]), run["gone"], len(run["gallery"]["ids"])) == (3, 1, 3)
    assert len(run["tally"]["kinds"]) == 1  # of all that were tested


def test_photos_become_smaller_then_fewer_until_there_is_room(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    one = make()
    monkeypatch.setattr(report_module, "SIDES", (300, 100))
    whole, small = len(report([one]).content), report([one], most=4)
    monkeypatch.setattr(report_module, "LARGEST", whole)
    assert report([one]).side == 100
    monkeypatch.setattr(report_module, "LARGEST", 1000)
    monkeypatch.setattr(report_module, "LEAST", 2)
    fewest = report([one])
    assert (fewest.images, fewest.side) == (2, 100)
    assert small.images == 4


def test_which_images_it_holds(make: Make) -> None:
    one = make((0.25, 1.5, 2.0, 0.5, 0.1, 1.2))
    assert rows_of(one, [4], 3) == [1, 3, 4]  # the one presented, the clearest found, the one missed
    assert rows_of(one, [4], 60) == [2, 1, 5, 3, 0, 4]


def test_two_runs_share_their_photos(make: Make) -> None:
    one, other = make(), make((0.5, 1.0, 1.5, 2.0), identity="other")
    data = data_of(report([one, other]).content)
    first, second = data["explored"]
    assert [run["name"] for run in data["explored"]] == ["Run A", "Run B"]
    photos = [{picture["id"]: picture["photo"] for picture in run["pictures"]} for run in (first, second)]
    assert photos[0] == photos[1]


@pytest.mark.parametrize("scores", [(), (0.25,)])
def test_with_few_or_no_images(make: Make, scores: tuple[float, ...]) -> None:
    (run,) = data_of(report([make(scores)]).content)["explored"]
    assert (run["point"] is None) == (not scores)
    assert len(run["pictures"]) == len(scores)


def test_without_a_threshold_the_handle_stands_at_the_highest_score(make: Make) -> None:
    (run,) = data_of(report([make(thresholds={})]).content)["explored"]
    assert run["point"]["high"] == 2.0
    assert run["viewer"]["view"]["thresholds"] == [None]


def test_no_run_is_refused() -> None:
    with pytest.raises(DataError, match="presented together"):
        report([])
