"""What a visitor of Review waits for in the evidence panel, on a run with a memory bank of so many rows."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from benchmarks.harness.figures import Spread, spread
from benchmarks.review.server import Server, chromium, served
from benchmarks.review.steps import IMAGE, timed
from benchmarks.review.store import photos
from benchmarks.review.visit import at_rest, review_of, visit
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.sample import fabric
from patchcore_core.data.sample.sample_set import picture
from patchcore_core.fitting.fit import fit_run
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

SIDE, GRID, TESTED = 224, 28, 20  # pixels of the input, patches along a side, test images
FABRIC, NOISE = "fabric", "noise"  # the built-in sample's woven fabric; noise, which no search can prune
PLACE = "seen.find('.widget.evidence')?.dataset.place"
BUSY = "seen.find('[data-panel=evidence] .head .about')?.textContent.includes('being computed')"
WHOLE = f"seen.find('.widget.evidence')?.ariaBusy === 'false' && !{BUSY}"
PICTURES = "seen.all('.widget.evidence .patch img').every((one) => one.complete && one.naturalWidth > 0)"
REST = 0.5  # seconds after which what a step has begun is done


def waits(rows: int, dim: int, repeats: int, kind: str = FABRIC) -> tuple[Run, dict[str, Spread]]:
    """The run, whose bank has at least so many rows, and milliseconds from a key to the frame that shows the answer:
    the panel opened first; the next of the hottest patches and the one beside, also with their pictures; the next
    image and one further on. `CPU`: the server's milliseconds for the one beside with its pictures."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        run = _fitted(Path(folder), rows, dim, kind)
        with served(Path(folder)) as server, chromium() as browser, visit(browser, review_of(server, run.id)) as page:
            at_rest(page)
            opened = timed(page, lambda: page.keyboard.press("w"), PLACE, WHOLE)
            return run, {"first": spread([opened]), **_timed(page, server, repeats)}


def _timed(page: Page, server: Server, repeats: int) -> dict[str, Spread]:
    found: dict[str, list[float]] = {}
    for _ in range(min(repeats, (TESTED - 1) // 4)):
        _rested(page, server)
        steps = _patch(page, "hot patch", "s")
        used = _rested(page, server)
        page.evaluate("seen.find('.widget.evidence canvas').focus()")
        last = page.evaluate(PLACE).endswith(f" {GRID - 1}")
        steps |= _patch(page, "any patch", "ArrowLeft" if last else "ArrowRight")
        steps["CPU"] = _rested(page, server) - used
        page.evaluate("seen.find('.widget.evidence canvas').blur()")
        steps["next image"] = timed(page, lambda: page.keyboard.press("n"), IMAGE, WHOLE)
        _rested(page, server)
        steps["another image"] = _further_on(page)
        for name, milliseconds in steps.items():
            found.setdefault(name, []).append(milliseconds)
    return {name: spread(values) for name, values in found.items()}


def _patch(page: Page, name: str, key: str) -> dict[str, float]:
    """Another patch of the image by this key: until its words are seen, and its pictures."""
    words = timed(page, lambda: page.keyboard.press(key), PLACE, WHOLE)
    pictures = page.evaluate(f"seen.painted(() => {PICTURES}).then((now) => now - seen.acted)")
    return {name: words, f"{name}, its pictures": pictures}


def _further_on(page: Page) -> float:
    """The evidence of an image three places on, which is chosen by a click."""
    place = int(page.locator("[role=option][aria-selected=true]").get_attribute("aria-posinset") or 1)
    return timed(page, page.locator(f"[role=option][aria-posinset='{place + 3}']").click, IMAGE, WHOLE)


def _rested(page: Page, server: Server) -> float:
    """The CPU milliseconds of the server once it has done what it was asked."""
    at_rest(page)
    time.sleep(REST)
    return server.cpu()


def _fitted(folder: Path, rows: int, dim: int, kind: str) -> Run:
    """All patches of the training photos make the bank."""
    root, trained = folder / "data" / "plate", max(2, -(-rows // GRID**2))
    if kind == NOISE:
        photos(root, TESTED, trained)
    else:
        _woven(root, trained)
    config = PatchCoreConfig(image_size=SIDE, pretrain_dim=dim, target_dim=dim, coreset_ratio=1.0, reweight_neighbors=9)
    return fit_run(load_dataset(root), config, RunStore(folder / "runs")).run


def _woven(root: Path, trained: int) -> None:
    """So many photos of woven fabric to learn from, and `TESTED`, two of each defect."""
    defects = [(f"test/{name}", name, 2) for name in fabric.DEFECTS]
    for place, defect, count in (("train/good", "", trained), ("test/good", "", TESTED - 2 * len(defects)), *defects):
        (root / place).mkdir(parents=True)
        for number in range(count):
            photo: np.ndarray = picture("woven_fabric", defect, number, 0.6, place)[0]
            Image.fromarray(photo).save(root / place / f"{number:03}.jpg", quality=93)
