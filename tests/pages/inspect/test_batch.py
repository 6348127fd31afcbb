"""Many images: progress, cancel, what stays, and what is kept on disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.inspect import batch, kept
from pages.ui.inspect import input as inspect_input
from pages.ui.inspect.batch import Desk
from pages.ui.inspect.kept import Kept
from pages.ui.inspect.scores import Scored
from patchcore_core.errors import DataError, StoreError
from patchcore_core.model.results import ImageResult, Nearest
from tests.pages.inspect.uploading import MakeRun, photo
from tests.pages.reading import read

MANY = [photo(20 * number + 5, name=f"{number}.png") for number in range(12)]


@pytest.fixture
def let(bank: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """`let(3)`: the pretended bank may score three more images."""
    permits, score_image = threading.Semaphore(0), bank.score_image

    def waits(rgb: np.ndarray) -> ImageResult:
        assert permits.acquire(timeout=60)
        return score_image(rgb)

    bank.score_image = waits
    monkeypatch.setattr(batch, "PATIENCE", 0.0)
    yield permits.release
    permits.release(1000)


def desk_of(app: AppTest) -> Desk:
    return app.session_state["inspect_desk"]


def until(app: AppTest, done: int) -> AppTest:
    """The page once so many images are scored."""
    end = time.monotonic() + 60
    while desk_of(app).done[0] < done and time.monotonic() < end:
        time.sleep(0.005)
    return app.run()


def ended(app: AppTest) -> AppTest:
    """The page once nothing is being scored."""
    desk_of(app)._work.wait()  # type: ignore[union-attr]
    return app.run()


def test_results_so_far_are_listed_while_others_are_scored(make_run: MakeRun, let: Any, drop: Any) -> None:
    let(3)
    app = until(drop(make_run(), *MANY, threshold="1.0"), 3)
    assert not app.exception
    assert "Scoring · 3 of 12" in app.get("progress")[0].proto.text
    assert app.dataframe[0].value["image"].tolist() == ["2.png", "1.png", "0.png"]
    let(9)
    app = ended(app)
    assert not app.get("progress")
    assert len(app.dataframe[0].value) == 12
    assert app.dataframe[0].value["prediction"].tolist() == ["NG"] * 7 + ["OK"] * 5


def test_a_cancelled_batch_keeps_its_results_and_goes_on_when_asked(make_run: MakeRun, let: Any, drop: Any) -> None:
    let(3)
    app = until(drop(make_run(), *MANY, threshold="1.0"), 3)
    app.button("inspect_cancel").click().run()
    let(1)  # the image at hand
    app = ended(app)
    assert "4 of 12 images are done; cancelled." in read(app)
    assert len(app.dataframe[0].value) == 4
    app.segmented_control("inspect_show").set_value("OK").run()
    assert len(app.dataframe[0].value) == 4
    let(1000)
    app = ended(app.button("inspect_go_on").click().run())
    assert app.segmented_control("inspect_show").value == "OK"
    assert len(app.dataframe[0].value) == 5
    assert "cancelled" not in read(app)


def test_nothing_is_scored_twice_and_files_added_join(
    make_run: MakeRun, bank: SimpleNamespace, drop: Any
) -> None:
    scored, score_image = list[float](), bank.score_image
    bank.score_image = lambda rgb: scored.append(float(rgb.max())) or score_image(rgb)
    app = ended(drop(make_run(), *MANY[:10]))
    app.file_uploader[0].set_value(MANY)
    app = ended(app.run()).run()
    assert len(scored) == 12
    assert len(app.dataframe[0].value) == 12


def test_the_image_that_is_looked_at_stays_when_others_come(make_run: MakeRun, let: Any, drop: Any) -> None:
    let(6)
    app = until(drop(make_run(), *MANY, threshold="1.0"), 6)
    app.session_state["inspect_chosen"] = _key("3.png")  # its row is the one that is looked at
    let(1000)
    app = ended(app)
    assert app.session_state["inspect_chosen"] == _key("3.png")
    assert next(one.value for one in app.markdown if one.value.startswith("### ")).endswith("3.png")


def test_thresholds_stay_when_the_range_of_scores_grows(make_run: MakeRun, let: Any, drop: Any) -> None:
    let(5)
    app = until(drop(make_run(), *MANY), 5)
    before = [slider.value for slider in app.slider]
    let(1000)
    app = ended(app)
    assert len(before) == 2
    assert [slider.value for slider in app.slider] == before
    assert not {"threshold", "pixel_threshold"} & set(app.query_params)


def test_a_threshold_that_the_browser_rounds_is_not_moved(make_run: MakeRun, bank: Any, drop: Any) -> None:  # noqa: ARG001
    app = drop(make_run(), *MANY[:2])
    slider = app.slider[0]
    slider.set_value(round(slider.value, 3)).run()
    assert "threshold" not in app.query_params
    slider.set_value(slider.max).run()
    assert "threshold" in app.query_params


def test_many_notes_are_in_the_list(make_run: MakeRun, bank: Any, drop: Any, data_root: Path) -> None:  # noqa: ARG001
    photos = sorted((data_root / "tile/train/good").iterdir())
    app = ended(drop(make_run(), *((path.name, path.read_bytes(), "image/png") for path in photos)))
    assert "6 images have a note, which is in the list." in read(app)
    assert not app.warning
    assert app.dataframe[0].value["note"].str.startswith("a training photo").all()


def test_images_that_cannot_be_read_are_named_and_the_rest_is_scored(
    make_run: MakeRun, bank: Any, drop: Any  # noqa: ARG001
) -> None:
    broken = [(f"bad{number}.png", b"nothing" + bytes([number]), "image/png") for number in range(7)]
    app = ended(drop(make_run(), *MANY[:3], *broken))
    assert len(app.dataframe[0].value) == 3
    assert sum("not an image" in one.value for one in app.warning) == batch.MOST_SAID
    assert "2 more images cannot be read" in app.expander[-1].label
    assert "bad6.png: not an image" in read(app)


def test_a_full_disk_is_a_sentence_and_is_not_tried_again_by_itself(
    make_run: MakeRun, bank: SimpleNamespace, drop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored, score_image, run = list[int](), bank.score_image, make_run()
    bank.score_image = lambda rgb: scored.append(1) or score_image(rgb)

    def full(path: Path, **_: Any) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(kept.np, "savez_compressed", full)
    app = ended(drop(run, *MANY[:2]))
    assert "No space left on device" in read(app)
    app.run()
    assert len(scored) == 1


def test_a_batch_ends_with_its_session(make_run: MakeRun, let: Any, drop: Any) -> None:
    let(1)
    app = until(drop(make_run(), *MANY), 1)
    work = desk_of(app)._work
    assert work is not None
    desk_of(app).__del__()
    let(1)
    work.wait()
    assert work.stopped.is_set()
    assert work.done < 12


def test_five_hundred_files_at_once(make_run: MakeRun, bank: Any, drop: Any) -> None:  # noqa: ARG001
    files = [photo(number % 250 + 1, size=(8 + number // 250, 8), name=f"{number}.png") for number in range(500)]
    app = ended(drop(make_run(), *files, threshold="1.0"))
    assert not app.exception
    assert len(app.dataframe[0].value) == 500


def _key(name: str) -> str:
    data = next(data for title, data, _ in MANY if title == name)
    return inspect_input.upload(name, data).key


# what is kept


def result(number: float, nearest: bool = True) -> Scored:
    grid = np.full((2, 3), number, np.float32)
    near = Nearest(grid.astype(int), grid, grid.astype(int), ((1, 2), (2, 3)), np.ones((2, 3, 3), np.int32))
    return Scored("data:", 20, 30, number, np.full((4, 6), number, np.float16), grid, near if nearest else None,
                  note="a note", unlike=True)  # fmt: skip


@pytest.mark.parametrize("nearest", [True, False])
def test_a_result_comes_back_as_it_was(nearest: bool) -> None:
    stored, key, scored = Kept(), ("run", "now", "a"), result(2.5, nearest)
    stored.put(key, scored)
    back, brief = stored.load(key), stored.brief(key)
    assert brief is not None
    assert not [name for name, value in vars(brief).items() if isinstance(value, np.ndarray)]
    for name, value in vars(scored).items():
        if name != "nearest":
            np.testing.assert_array_equal(getattr(back, name), value)
    assert (back.nearest is None) == (not nearest)
    if nearest:
        assert back.nearest.grids == scored.nearest.grids  # type: ignore[union-attr]
        np.testing.assert_array_equal(back.nearest.origin, scored.nearest.origin)  # type: ignore[union-attr]
    assert back.anomaly_map.dtype == np.float16


def test_only_so_many_results_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    stored = Kept()
    for number in range(5):
        stored.put(("run", "now", str(number)), result(number))
    folder = Path(stored._folder.name)
    assert len(list(folder.iterdir())) == 3
    assert ("run", "now", "1") not in stored
    with pytest.raises(DataError, match="no longer kept"):
        stored.load(("run", "now", "1"))
    assert stored.load(("run", "now", "4")).image_score == 4
    del stored
    assert not folder.exists()


def test_a_result_whose_file_is_gone_is_a_sentence() -> None:
    stored = Kept()
    stored.put(("run", "now", "a"), result(1))
    for path in Path(stored._folder.name).iterdir():
        path.unlink()
    with pytest.raises(StoreError, match="the file is missing"):
        stored.load(("run", "now", "a"))
