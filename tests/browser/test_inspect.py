"""Inspect at work, in a real browser: many files, good and hostile, become results to take away."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from patchcore_core.runs.store import RunStore
from tests.browser.reading import expect_idle
from tests.browser.tiles import fit
from tests.exports.test_coco import check
from tests.pages.inspect.uploading import header_of_png

pytestmark = pytest.mark.browser
SCORED = 12 + 12 + 1


def test_many_files_are_scored_filtered_and_taken_away(
    dashboard: str, tiles: Path, tmp_path: Path, open_browser: Callable[[], Page]
) -> None:
    fit(tiles, tmp_path / "runs")
    run = RunStore(tmp_path / "runs").list()[0]
    dropped = tmp_path / "dropped"
    dropped.mkdir()
    for path in (*tiles.glob("t*/good/*.png"), *tiles.glob("test/hole/*.png")):
        (dropped / f"{path.parent.parent.name} {path.parent.name} {path.name}").write_bytes(path.read_bytes())
    (dropped / "bomb.png").write_bytes(header_of_png(30_000, 30_000))
    (dropped / "text.png").write_text("no image")
    packed = dropped / "more.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../<b>out.png", (tiles / "test/hole/000.png").read_bytes() + b" ")
        archive.writestr("inner.zip", b"PK")
    page = open_browser()
    page.goto(f"{dashboard}/inspect_image?run={run.id}")
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(sorted(dropped.iterdir()))
    every = page.get_by_role("radio", name=f"all {SCORED}")
    expect(every).to_be_visible()
    expect(page.get_by_text("bomb.png: 30000 x 30000 pixels are more than the 80 million")).to_be_visible()
    expect(page.get_by_text("text.png: not an image in a known format")).to_be_visible()
    expect(page.get_by_text("archives in the archive are not opened, left out: inner.zip")).to_be_visible()

    expect_idle(page)  # what is offered is of all of them
    link = page.get_by_role("link", name="Pictures as ZIP")
    answer = page.request.get(f"{dashboard}{link.get_attribute('href')}")
    assert answer.headers["content-disposition"] == f'attachment; filename="{run.id}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.body())) as archive:
        names = archive.namelist()
        regions = json.loads(archive.read("coco.json"))
    check(regions)
    assert len(regions["images"]) == len([name for name in names if name.endswith("_mask.png")]) == SCORED
    assert "out_mask.png" in "".join(names)
    assert not [name for name in names if ".." in name or name.startswith("/")]

    ng = page.get_by_role("radio", name=re.compile(r"^NG \d+"))
    assert int((ng.text_content() or "").split()[1]) >= 6  # the holes
    ng.click()
    expect(ng).to_be_checked()
    assert "threshold" not in page.url  # the sliders' range has grown with the results, and nobody has moved them
    page.reload()
    expect(page.locator("[data-testid=stFileUploader]")).to_be_visible()  # a new session: uploads are gone with the old
    expect(every).to_have_count(0)
