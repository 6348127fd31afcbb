"""Inspect in each state, and what it makes of uploads good and bad, with a pretended memory bank."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pages.ui import cache
from pages.ui.inspect import input as inspect_input
from pages.ui.inspect import result as inspect_result
from pages.ui.inspect.export import csv
from patchcore_core.data.files import image_files
from patchcore_core.data.transforms import Transform
from patchcore_core.evaluation.trim import Trim, kept_on_photo
from patchcore_core.runs.store import RunStore
from tests.pages.inspect.uploading import SIDE, MakeRun, header_of_png, hotter_further_down, photo
from tests.pages.reading import read

# states


def test_an_empty_store_says_so(store: RunStore, open_page: Any) -> None:  # noqa: ARG001
    app = open_page("inspect_image")
    assert not app.exception
    assert "There is no finished run yet." in read(app)
    assert not app.file_uploader


def test_an_unknown_run_is_named(make_run: MakeRun, open_page: Any) -> None:
    make_run()
    app = open_page("inspect_image", run="20250101-000000-tile-0000")
    assert not app.exception
    assert "There is no run 20250101-000000-tile-0000 " in read(app)


def test_a_run_at_work_shows_its_progress(make_run: MakeRun, open_page: Any) -> None:
    app = open_page("inspect_image", run=make_run("running").id)
    assert "3 of 6" in app.get("progress")[0].proto.text
    assert not app.file_uploader


@pytest.mark.parametrize("status", ["failed", "cancelled", "lost"])
def test_a_run_that_ended_badly_says_why(status: str, make_run: MakeRun, open_page: Any) -> None:
    run = make_run(status)
    app = open_page("inspect_image", run=run.id)
    assert not app.exception
    assert run.error in read(app)


def test_without_an_upload_it_says_what_to_drop(make_run: MakeRun, open_page: Any) -> None:
    app = open_page("inspect_image", run=make_run().id)
    assert not app.exception
    assert "6 good photos of tile" in read(app)


def test_the_model_is_not_loaded_before_an_upload(
    make_run: MakeRun, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "loaded_model", lambda run: pytest.fail(f"loaded the model of {run.id}"))
    assert not open_page("inspect_image", run=make_run().id).exception


def test_a_missing_memory_bank_is_a_sentence(make_run: MakeRun, drop: Any) -> None:
    app = drop(make_run(), photo(50))  # the runs of these tests have an empty bank folder
    assert not app.exception
    assert "memory bank" in app.error[0].value


# scoring


@pytest.mark.parametrize(("threshold", "word", "margin"), [("1.0", "Defective", "100 % above"),
                                                          ("1.6", "Defective", "25 % above")])
def test_a_score_above_the_threshold_is_defective(
    threshold: str, word: str, margin: str, make_run: MakeRun, bank: Any, drop: Any  # noqa: ARG001
) -> None:
    app = drop(make_run(), photo(200), threshold=threshold)  # score 200 / 100
    assert not app.exception
    assert f"{word}: the score 2.000 is {margin} the threshold" in read(app)


def test_a_score_below_the_threshold_is_ok(make_run: MakeRun, bank: Any, drop: Any) -> None:  # noqa: ARG001
    app = drop(make_run(), photo(60), threshold="0.8")
    assert "OK: the score 0.600 is 25 % below the threshold 0.800." in read(app)


def test_the_mask_to_take_away_is_trimmed_where_the_run_is(make_run: MakeRun) -> None:
    item, run = hotter_further_down(), make_run(region_trim=True)
    (file,) = [file for file in inspect_result.files(run, item, 16.0) if file.name.endswith("_mask.png")]
    mask = np.asarray(Image.open(io.BytesIO(file.make()))) == 255
    whole = Transform(SIDE, None, (0.0,) * 3, (1.0,) * 3)
    kept = kept_on_photo(whole, item.result.anomaly_map, 50, 70, Trim.read(run.trim))
    np.testing.assert_array_equal(mask, kept >= 16.0)
    assert "trimmed to the peaks" in file.about


def test_the_files_to_take_away_have_the_photos_own_size(make_run: MakeRun) -> None:
    item = hotter_further_down()
    made = {file.name: io.BytesIO(file.make()) for file in inspect_result.files(make_run(), item, 16.0)}
    values = np.load(made["my_part_anomaly_map.npy"])
    mask = np.asarray(Image.open(made["my_part_mask.png"]))
    assert (values.shape, values.dtype) == ((50, 70), np.float32)
    assert set(np.unique(mask)) == {0, 255}
    assert ((mask == 255) == (values >= 16.0)).all()
    assert abs((mask == 255).mean() - 0.5) < 0.05
    for picture in ("my_part_anomaly_map.png", "my_part_overlay.png"):
        assert Image.open(made[picture]).size == (70, 50)


def test_there_is_a_button_for_every_file(make_run: MakeRun, bank: Any, drop: Any) -> None:  # noqa: ARG001
    labels = [button.label for button in drop(make_run(), photo(200)).download_button]
    assert labels == ["Map (NPY)", "Map (PNG)", "Overlay (PNG)", "Mask (PNG)"]


def test_several_uploads_are_listed_with_their_predictions(
    make_run: MakeRun, bank: Any, drop: Any  # noqa: ARG001
) -> None:
    app = drop(make_run(), photo(200, name="a.png"), photo(60, name="b.png"), threshold="1.0")
    listed = app.dataframe[0].value
    assert listed["image"].tolist() == ["a.png", "b.png"]
    assert listed["prediction"].tolist() == ["NG", "OK"]
    assert listed["score"].tolist() == pytest.approx([2.0, 0.6], abs=0.01)


def test_the_same_photo_twice_is_scored_once(make_run: MakeRun, bank: Any, drop: Any) -> None:  # noqa: ARG001
    app = drop(make_run(), photo(60, name="a.png"), photo(60, name="copy.png"))
    assert not app.exception
    assert "One more with the content of another one, scored once." in read(app)
    assert not app.dataframe  # one photo needs no list


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "CMYK"])
def test_every_kind_of_image_is_scored(mode: str, make_run: MakeRun, bank: Any, drop: Any) -> None:  # noqa: ARG001
    app = drop(make_run(), photo(255, mode=mode), threshold="1.0")
    assert not app.exception
    assert "Defective: the score" in read(app)


# bad uploads


@pytest.mark.parametrize(
    ("name", "data", "cause"),
    [
        ("text.png", b"not a picture at all", "not an image in a known format"),
        ("empty.png", b"", "0 bytes"),
        ("cut.png", photo(60, size=(300, 300))[1][:150], "broken or truncated"),
        ("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image in a known format"),
        ("bomb.png", header_of_png(30_000, 30_000), "30000 x 30000 pixels are more than the 80 million"),
    ],
)
def test_an_upload_that_is_no_image_is_a_sentence_and_the_others_are_scored(
    name: str, data: bytes, cause: str, make_run: MakeRun, bank: Any, drop: Any  # noqa: ARG001
) -> None:
    app = drop(make_run(), (name, data, "image/png"), photo(60), threshold="1.0")
    assert not app.exception
    assert name in app.warning[0].value
    assert cause in app.warning[0].value.replace("\\", "")
    assert "OK: the score 0.600" in read(app)


def test_an_enormous_image_is_refused_before_it_is_decoded(
    make_run: MakeRun, bank: Any, drop: Any, monkeypatch: pytest.MonkeyPatch  # noqa: ARG001
) -> None:
    monkeypatch.setattr(image_files, "ALWAYS", 1_000_000)
    monkeypatch.setattr(image_files, "free_memory", lambda: 10_000_000)
    app = drop(make_run(), photo(60, size=(1200, 1000)))
    assert not app.exception
    assert "1200 x 1000 pixels need" in app.warning[0].value


def test_a_panorama_is_scored(make_run: MakeRun, bank: Any, drop: Any) -> None:  # noqa: ARG001
    app = drop(make_run(), photo(60, size=(30_000, 200), name="wide.png"), threshold="1.0")
    assert not app.exception
    assert "OK: the score 0.600" in read(app)
    assert "30000 x 200" in [metric.value for metric in app.metric]


def test_of_an_animation_the_first_image_is_scored_and_that_is_said(
    make_run: MakeRun, bank: Any, drop: Any  # noqa: ARG001
) -> None:
    out, frames = io.BytesIO(), [Image.new("L", (40, 24), grey) for grey in (60, 200)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    app = drop(make_run(), ("moves.gif", out.getvalue(), "image/gif"), threshold="1.0")
    assert "OK: the score 0.600" in read(app)
    assert "moves.gif: holds several images, of which the first is scored" in read(app)


def test_two_files_of_one_name_are_both_listed(make_run: MakeRun, bank: Any, drop: Any) -> None:  # noqa: ARG001
    app = drop(make_run(), photo(60, name="a.png"), photo(200, name="a.png"), threshold="1.0")
    assert app.dataframe[0].value["image"].tolist() == ["a.png", "a.png"]
    assert app.dataframe[0].value["prediction"].tolist() == ["NG", "OK"]


@pytest.mark.parametrize("name", ["../../etc/passwd.png", "D:\\..\\x.png",
                                  "/.png", "...png", "x/" * 400 + "y.png",
                                   "<script>alert(1)</script>.png", "a\u202egnp.png",
                                  "x" * 300 + ".png", ":red[x] **y**.png", "C:\\temp\\part.png", "$(rm -rf).png"])
def test_hostile_names_are_harmless(name: str, make_run: MakeRun, bank: Any, drop: Any) -> None:  # noqa: ARG001
    app = drop(make_run(), photo(60, name=name), threshold="1.0")
    assert not app.exception
    assert "OK: the score 0.600" in read(app)
    assert "<script>" not in read(app)
    assert "\u202e" not in read(app)


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_can_be_shown_and_saved(name: str) -> None:
    upload = inspect_input.upload(name, b"")
    assert 0 < len(upload.name) <= inspect_input.LONGEST_NAME
    assert upload.name.isprintable()
    assert 0 < len(upload.stem) <= inspect_input.LONGEST_NAME
    assert upload.stem.isascii()
    assert not set(upload.stem) & set("/\\:*?\"<>| $\n")
    assert upload.stem.strip(".") == upload.stem


def test_too_many_uploads_are_cut_with_a_sentence(
    make_run: MakeRun, bank: Any, drop: Any, monkeypatch: pytest.MonkeyPatch  # noqa: ARG001
) -> None:
    monkeypatch.setattr(inspect_input, "MOST_IMAGES", 2)
    app = drop(make_run(), *(photo(50 + number, name=f"{number}.png") for number in range(3)))
    assert "The first 2 of 3 images are scored" in read(app)
    assert len(app.dataframe[0].value) == 2


def test_no_name_becomes_a_formula_in_a_spreadsheet() -> None:
    table = pd.DataFrame({"image": ["=1+1.png", "@x.png", "part.png"], "score": [1.0, 2.0, 3.0]})
    assert csv(table).decode().splitlines() == ["image,score", "'=1+1.png,1.0", "'@x.png,2.0", "part.png,3.0"]
