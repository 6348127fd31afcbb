"""A report opened from disk in a browser without a network, and the way from a run to a file that a manager opens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from patchcore_core.runs.store import RunStore
from tests.browser.serving import dashboard_in
from tests.browser.tiles import fit, make_tiles
from tests.places import ROOT

pytestmark = pytest.mark.browser
HOSTILE = '<img src=x onerror="document.documentElement.dataset.harmed=1">&"\u202egnp.png'


@dataclass(frozen=True)
class Made:
    """A store with a run, and the report that the command line has made of it."""

    folder: Path
    run: str
    page: Path
    said: dict[str, object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("report")
    tiles = make_tiles(folder / "data" / "tile")
    (tiles / "test" / "hole" / "003.png").rename(tiles / "test" / "hole" / HOSTILE)
    fit(tiles, folder / "runs", "--coreset-ratio", "0.2")
    (run,) = RunStore(folder / "runs").list()
    command = [sys.executable, "-m", "patchcore_core", "report", run.id, "--runs", str(folder / "runs"), "--json",
               "--out", str(folder / "report.html"), "--pdf"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Made(folder, run.id, folder / "report.html", json.loads(done.stdout))


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, made: Made, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The report, opened from disk with the network off; a word on the console fails the test."""
    context = browser.new_context(offline=True, color_scheme=request.param, viewport={"width": 1400, "height": 900})
    opened, said = context.new_page(), []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda asked: said.append(asked.url) if asked.url.startswith("http") else None)
    opened.goto(made.page.as_uri())
    expect(opened.locator(".viewer[data-drawn]")).to_be_visible()
    yield opened
    context.close()
    assert said == []


def test_the_whole_of_it_works_without_a_network(page: Page, made: Made) -> None:
    expect(page.get_by_text("Of 100 defective parts")).to_be_visible()
    expect(page.get_by_text("What this does not tell you")).to_be_visible()
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator(".card img").first).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.harmed") is None
    assert page.locator("img[src=x]").count() == 0
    handle = page.get_by_role("slider", name="threshold").first
    before = float(handle.get_attribute("aria-valuenow") or "nan")
    missed = page.locator(".tally .cell.miss b")
    handle.focus()
    page.keyboard.press("End")  # above all scores: every defect is missed
    expect(missed).to_have_text("6")
    assert float(handle.get_attribute("aria-valuenow") or "nan") > before
    expect(page.locator(".card[data-outcome='missed defect']").first).to_be_visible()
    missed.click()
    expect(page.locator(".card:not([data-outcome='missed defect'])")).to_have_count(0)
    shown = page.locator(".viewer").get_attribute("data-picture")
    page.locator(".card[aria-selected=false]").last.click()
    expect(page.locator(".viewer")).not_to_have_attribute("data-picture", str(shown))
    assert made.page.stat().st_size == made.said["bytes"]
    assert made.page.stat().st_size < 15_000_000


def test_a_point_of_a_curve_sets_the_threshold_of_its_level(page: Page) -> None:
    fields = {"image": page.get_by_label("NG threshold"), "pixel": page.get_by_label("Pixel threshold").last}
    for level, title in (("image", "ROC of images"), ("pixel", "ROC of pixels")):
        before = fields[level].input_value()
        curve = page.get_by_role("slider", name=title)
        curve.focus()
        for key in ("End", "ArrowLeft", "Enter"):
            page.keyboard.press(key)
        expect(fields[level]).not_to_have_value(before)
    ring = page.locator("svg[data-x]").nth(2)
    told = str(ring.get_attribute("data-x"))
    fields["pixel"].fill("21.5")
    fields["pixel"].press("Enter")
    expect(ring).not_to_have_attribute("data-x", told)  # the point follows the viewer
    page.locator(".card[aria-selected=false]").first.click()
    expect(fields["pixel"]).to_have_value(re.compile(r"21\.5"))  # and stays for another image


def test_the_map_of_the_file_is_the_map_of_the_run(page: Page, made: Made) -> None:
    store = RunStore(made.folder / "runs")
    run = store.get(made.run)
    script = """async () => {
      const given = JSON.parse(document.getElementById('data').textContent);
      const [picture] = given.explored[0].pictures;
      const layer = picture.layers[0];
      const bytes = Uint8Array.from(atob(given.parts[layer.values]), (letter) => letter.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
      return [picture.id, layer.shape, [...new Uint8Array(await new Response(stream).arrayBuffer())]];
    }"""
    name, shape, planes = page.evaluate(script)
    low, high = np.array(planes, np.int64).reshape(2, *shape)
    folded = low | high << 8
    bits = ((folded >> 1) ^ -(folded & 1)).cumsum(0).cumsum(1) % 65536
    images = store.images(run)
    row = next(row for row, path in enumerate(images["path"]) if path.endswith(name))
    stored = np.asarray(store.anomaly_maps(run)[images.at[row, "map_index"]])
    assert np.array_equal(bits.astype(np.uint16).view(np.float16), stored)


def test_light_and_dark_at_a_click(page: Page) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.locator(".theme").click()
    assert page.evaluate(ground) != before


def test_it_was_printed_too(made: Made) -> None:
    content = Path(str(made.said["pdf"])).read_bytes()
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") + content.count(b"/Type /Page/") > 2


def test_from_a_run_to_a_file_that_a_manager_opens(
    made: Made, open_browser: Callable[[], Page], tmp_path: Path
) -> None:
    with dashboard_in(made.folder) as address:
        page = open_browser()
        page.goto(f"{address}/present?run={made.run}")
        expect(page.locator(".present .heading")).to_have_text("tile")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_text("Of 100 defective parts it finds")).to_be_visible()
        page.wait_for_url("**screen=found**")
        with page.expect_download() as downloading:
            page.get_by_role("button", name="Report").click()
        downloading.value.save_as(tmp_path / "report.html")
    manager = open_browser()
    manager.context.set_offline(True)
    manager.goto((tmp_path / "report.html").as_uri())
    expect(manager.get_by_text("Of 100 defective parts it finds")).to_be_visible()
    expect(manager.locator(".viewer[data-drawn]")).to_be_visible()


def test_the_evidence_of_an_example_is_in_the_file(page: Page) -> None:
    first = page.locator("details.more").first
    first.locator("summary").click()
    expect(first.locator(".patch figure")).to_have_count(6)
    wide = first.locator(".patch img").evaluate_all(
        "all => Promise.all(all.map((one) => one.decode().then(() => one.naturalWidth)))")
    assert wide == [160] * 6
    expect(first.get_by_role("row", name=re.compile("^Image score"))).to_be_visible()
    first.get_by_role("button", name="Next hottest patch").click()
    expect(first.locator(".bar .place")).to_contain_text("hot patch 2 of")
