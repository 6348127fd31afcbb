"""The Fit page with folders as people have them: wrong ones, unclear ones, hostile names, links that lead out."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from patchcore_core.jobs import jobs, queue
from patchcore_core.runs.store import RunStore
from tests.pages.reading import read

READ = "Read are train/good/ with test/good/"


@pytest.fixture
def secret(tmp_path: Path, data_root: Path) -> Path:  # noqa: ARG001
    """A photo outside the folders that the dashboard may read."""
    place = tmp_path / "secret" / "photo.png"
    place.parent.mkdir()
    Image.fromarray(np.full((32, 32, 3), 9, np.uint8)).save(place)
    return place


def fits(app: Any) -> bool:
    return any(button.label == "Fit" for button in app.button)


@pytest.mark.parametrize(("change", "said"), [
    (lambda tile: (tile / "train").rename(tile / "Data"), "found Data/good (6 images), ground_truth/hole"),
    (lambda tile: shutil.copytree(tile / "test" / "good", tile / "test" / "ok"), "good and ok all mean"),
    (lambda tile: (tile / "test" / "good").rename(tile / "test" / "good_shift2"), "the name does not say whether"),
    (lambda tile: shutil.copytree(tile / "train", tile / "Training"), "train and Training all mean"),
])  # fmt: skip
def test_an_unclear_folder_is_told_what_was_found_and_what_is_read(
    change: Any, said: str, data_root: Path, store: RunStore, open_page: Any  # noqa: ARG001
) -> None:
    change(data_root / "tile")
    app = open_page("fit", path=str(data_root / "tile"))
    assert not app.exception
    assert said in read(app)
    assert READ in read(app)
    assert not fits(app)


def test_what_is_read_is_told_once_for_several_unclear_categories(
    data_root: Path, store: RunStore, open_page: Any  # noqa: ARG001
) -> None:
    (data_root / "tile" / "test" / "good").rename(data_root / "tile" / "test" / "good_shift2")
    shutil.copytree(data_root / "tile", data_root / "wood")
    said = read(open_page("fit", path=str(data_root)))
    assert said.count("the name does not say whether") == 2
    assert said.count(READ) == 1


@pytest.mark.parametrize("part", ["tile/test", "tile/test/hole"])
def test_a_part_of_a_category_names_the_category(
    part: str, data_root: Path, store: RunStore, open_page: Any  # noqa: ARG001
) -> None:
    app = open_page("fit", path=str(data_root / part))
    assert "which is the folder to give" in read(app)
    assert not fits(app)


def test_other_words_are_read_and_what_is_not_used_is_told(
    data_root: Path, store: RunStore, open_page: Any  # noqa: ARG001
) -> None:
    tile = data_root / "tile"
    (tile / "train").rename(tile / "Training")
    (tile / "test" / "good").rename(tile / "test" / "OK")
    shutil.copytree(tile / "test" / "hole", tile / "Training" / "good" / "day2")
    app = open_page("fit", path=str(tile))
    counts = app.dataframe[0].value.iloc[0]
    assert (counts["Train good"], counts["Test good"], counts["Test defective"]) == (6, 4, 5)
    assert any(line.startswith("- Training/good/day2: 3 images are not used") for line in read(app).splitlines())
    assert fits(app)


@pytest.mark.parametrize(("query", "said"), [
    ({"path": "~nosuchuser/x"}, "~nosuchuser/x: outside the folders"), ({"path": "a\0b"}, "x00b: not a usable path"),
    ({"path": "x" * 5000}, "outside the folders"), ({"dataset": "a\0b"}, "no images found in this folder"),
    ({"dataset": "~nosuchuser/x"}, "no images found in this"), ({"path": "<script>alert(1)</script>"}, "<script>"),
])  # fmt: skip
def test_hostile_addresses_get_a_sentence(
    query: dict[str, str], said: str, store: RunStore, open_page: Any  # noqa: ARG001
) -> None:
    app = open_page("fit", **query)
    assert not app.exception
    assert said in read(app)


def test_neither_the_page_nor_its_job_follows_a_link_that_leads_out(
    data_root: Path, store: RunStore, open_page: Any, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tile, commands = data_root / "tile", []
    (tile / "train" / "good" / "x.png").symlink_to(secret)
    (tile / "test" / "all").symlink_to(secret.parent)

    def no_process(command: list[str], **_: Any) -> None:
        commands.append(command)
        raise OSError("not in this test")

    monkeypatch.setattr(jobs.subprocess, "Popen", no_process)
    app = open_page("fit", path=str(tile))
    assert app.dataframe[0].value.iloc[0]["Train good"] == 6
    assert read(app).count("is not followed") == 2
    next(button for button in app.button if button.label == "Fit").click().run()
    (run,) = store.list()
    assert run.counts.train == 6
    assert len(commands) == 1
    assert str(data_root) in queue.job(store, run.id).within
