"""The Training photos page: ranking, evidence, exclusion, and every state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.training_photos.excluding import excluded, reused
from patchcore_core.evaluation.values import TrainingImage
from patchcore_core.jobs import jobs
from patchcore_core.runs.folder import TRAINING_IMAGES
from patchcore_core.runs.record import Run
from patchcore_core.runs.store import RunStore
from tests.pages.reading import read, wait
from tests.places import files_in

Open = Callable[..., AppTest]
NAMES = [f"train/good/{number:03d}.png" for number in range(6)]


def ranking(run: Run) -> list[TrainingImage]:
    images = RunStore(run.folder.parent).training_images(run)
    assert images is not None
    return sorted(images, key=lambda image: -image.score)


def listed(app: AppTest) -> list[str]:
    assert not app.exception
    rows = [element.value for element in app.markdown if element.value[:1].isdigit()]
    return [row.split("**")[1].replace("\\", "") for row in rows]


def test_photos_are_ranked_by_their_held_out_scores(run: Run, open_page: Open) -> None:
    app, images = open_page("training_photos", run=run.id), ranking(run)
    assert listed(app) == [image.path for image in images]
    text = read(app)
    assert "6 of 6 training photos scored, each without its own rows" in text
    middle = (images[2].score + images[3].score) / 2
    assert f"score {images[0].score:.4g}, {images[0].score / middle:.2f} times the median" in text


def test_the_first_photo_is_explained_and_any_other_on_request(run: Run, open_page: Open) -> None:
    app, images = open_page("training_photos", run=run.id), ranking(run)
    assert app.subheader[0].value.replace("\\", "") == images[0].path
    text = read(app)
    assert [f"Patch {number}" in text for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert f"nearest patch of another photo: {images[0].path[-7:]}" not in text  # its own rows are left out
    app.button(key="training_show_3").click().run()
    assert app.subheader[0].value.replace("\\", "") == images[3].path
    assert app.query_params["photo"] in (images[3].path, [images[3].path])
    again = open_page("training_photos", run=run.id, photo=images[3].path)
    assert again.subheader[0].value.replace("\\", "") == images[3].path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, dict[str, Any]]]:
    """What jobs were asked for; none is started."""
    calls: list[tuple[Any, dict[str, Any]]] = []

    def start(*given: Any, **more: Any) -> str:
        calls.append((given, more))
        return "20260101-000000-tile-abcd"

    monkeypatch.setattr(jobs, "start", start)
    return calls


def test_ticked_photos_lead_to_a_fit_without_them(
    run: Run, open_page: Open, started: list[tuple[Any, dict[str, Any]]]
) -> None:
    app, images = open_page("training_photos", run=run.id), ranking(run)
    assert not [button for button in app.button if "Fit again" in button.label]
    app.checkbox(key="training_exclude_0").check().run()
    app.checkbox(key="training_exclude_2").check().run()
    assert app.query_params["exclude"] == [images[0].path, images[2].path]
    next(button for button in app.button if button.label == "Fit again without 2 photos").click().run()
    ((given, more),) = started
    assert (given[1], given[3]) == (Path(run.dataset), run.config)
    assert more["excluded"] == [images[0].path, images[2].path]
    assert app.title[0].value == "Fit"
    assert app.query_params["exclude"] == [images[0].path, images[2].path]


def test_in_a_read_only_installation_nothing_can_be_ticked_or_fitted(
    run: Run, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ranking(run)[0].path
    before = files_in(run.folder.parent, Path(run.dataset))
    drawn = open_page("training_photos", run=run.id, exclude=path)
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    next(button for button in drawn.button if button.label == "Fit again without 1 photo").click().run()
    app = open_page("training_photos", run=run.id, exclude=path)
    for each in (drawn, app):
        assert listed(each)
        assert "No fit can be started: this is a read-only installation (PATCHCORE_READ_ONLY)." in read(each)
        assert not each.checkbox
        assert not [button for button in each.button if "Fit again" in button.label]
    assert files_in(run.folder.parent, Path(run.dataset)) == before


def test_a_tick_can_be_taken_back_and_the_address_names_only_training_photos(run: Run, open_page: Open) -> None:
    images = ranking(run)
    app = open_page("training_photos", run=run.id, exclude=images[0].path)
    assert app.checkbox(key="training_exclude_0").value
    app.checkbox(key="training_exclude_0").uncheck().run()
    assert not app.query_params.get("exclude")
    assert not [button for button in app.button if "Fit again" in button.label]
    app = open_page("training_photos", run=run.id, exclude="../../etc/passwd")
    assert not app.query_params.get("exclude")


def image(path: str, copies: Sequence[str] = ()) -> TrainingImage:
    return TrainingImage(path, "", 1.0, copies=tuple(copies))


def test_near_copies_are_excluded_together_and_earlier_exclusions_stay(run: Run) -> None:
    earlier = replace(run, excluded=("old.png", "b.png"))
    assert excluded(earlier, [image("a.png", ["b.png", "c.png"]), image("d.png")]) == [
        "old.png", "b.png", "a.png", "c.png", "d.png"]  # fmt: skip
    taught = replace(run, taught=("/photos/x.png",))
    assert excluded(taught, [image("/photos/x.png"), image("a.png")]) == ["a.png"]


def test_an_older_run_scores_its_photos_on_request(run: Run, open_page: Open) -> None:
    images = ranking(run)
    (run.folder / TRAINING_IMAGES).unlink()
    record = run.folder / "run.json"
    record.write_text(record.read_text().replace(f'"{TRAINING_IMAGES}"', '"log.txt"'))
    app = open_page("training_photos", run=run.id)
    assert "did not record which training photo has which held-out score" in read(app)
    assert listed(app) == []
    next(button for button in app.button if button.label == "Score the training photos").click()
    app.run()
    wait(app, listed)
    assert listed(app) == [one.path for one in images]


def test_damage_is_a_sentence(run: Run, open_page: Open) -> None:
    path = run.folder / TRAINING_IMAGES
    path.write_text("{" * path.stat().st_size)
    app = open_page("training_photos", run=run.id)
    assert listed(app) == []
    assert f"{TRAINING_IMAGES}: cannot be read" in app.error[0].value.replace("\\", "")


def test_photos_that_are_gone_stay_listed_and_say_so(
    run: Run, open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "empty"))
    app = open_page("training_photos", run=run.id)
    assert len(listed(app)) == 6
    assert "outside the folders the dashboard may read" in read(app)
    assert "not there" in read(app)


@pytest.mark.parametrize(("size", "said"), [
    ("", "Only photos whose features are not in the feature cache go through the network"),
    ("off", "There is no feature cache, so everything is computed again"),
    ("much", "PATCHCORE_FEATURE_CACHE must be"),
])
def test_the_bar_says_what_a_new_fit_reuses(monkeypatch: pytest.MonkeyPatch, size: str, said: str) -> None:
    monkeypatch.setenv("PATCHCORE_FEATURE_CACHE", size)
    assert said in reused().replace("\\", "")
