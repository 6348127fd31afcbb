"""What a visitor of Review waits for in the evidence panel, on a run with a memory bank of so many rows."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from benchmarks.harness.figures import Spread, spread
from benchmarks.review.server import chromium, served
from benchmarks.review.steps import IMAGE, timed
from benchmarks.review.store import photos
from benchmarks.review.visit import at_rest, review_of, visit
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.fitting.fit import fit_run
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore

SIDE, GRID, TESTED = 224, 28, 20  # pixels of the input, patches along a side, test images
PLACE = "seen.find('.widget.evidence')?.dataset.place"
BUSY = "seen.find('[data-panel=evidence] .about:not([hidden])')?.textContent.includes('being computed')"
WHOLE = f"seen.find('.widget.evidence')?.ariaBusy === 'false' && !{BUSY}"
PICTURES = "seen.all('.widget.evidence .patch img').every((one) => one.complete && one.naturalWidth > 0)"


def waits(rows: int, dim: int, repeats: int) -> tuple[Run, dict[str, Spread]]:
    """The run, whose bank has at least so many rows, and milliseconds from a key to the frame that shows the answer:
    another patch, also with its pictures, and another image's evidence."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        run = _fitted(Path(folder), rows, dim)
        with served(Path(folder)) as server, chromium() as browser, visit(browser, review_of(server, run.id)) as page:
            at_rest(page)
            page.keyboard.press("w")
            page.evaluate(f"seen.painted(() => {WHOLE})")
            return run, _timed(page, repeats)


def _timed(page: Page, repeats: int) -> dict[str, Spread]:
    found: dict[str, list[float]] = {"patch": [], "patch, its pictures": [], "image": []}
    for _ in range(min(repeats, TESTED - 1)):
        at_rest(page)
        found["patch"].append(timed(page, lambda: page.keyboard.press("s"), PLACE, WHOLE))
        seen = page.evaluate(f"seen.painted(() => {PICTURES}).then((now) => now - seen.acted)")
        found["patch, its pictures"].append(seen)
        found["image"].append(timed(page, lambda: page.keyboard.press("n"), IMAGE, WHOLE))  # never seen before
    return {name: spread(values) for name, values in found.items()}


def _fitted(folder: Path, rows: int, dim: int) -> Run:
    """All patches of the training photos make the bank."""
    root = folder / "data" / "plate"
    photos(root, TESTED, trained=max(2, -(-rows // GRID**2)))
    config = PatchCoreConfig(image_size=SIDE, pretrain_dim=dim, target_dim=dim, coreset_ratio=1.0, reweight_neighbors=9)
    return fit_run(load_dataset(root), config, RunStore(folder / "runs")).run
