"""What Inspect takes besides single images: ZIP files good and hostile, folders, test images of the run."""

from __future__ import annotations

import hashlib
import io
import shutil
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pages.ui.inspect import archive
from pages.ui.inspect import input as inspect_input
from pages.ui.inspect import upload as inspect_upload
from pages.ui.inspect.archive import unzipped
from pages.ui.inspect.folder import in_folder
from pages.ui.inspect.tries import spread
from patchcore_core.codec import plain
from patchcore_core.data.files.content import content_keys
from patchcore_core.errors import DataError
from patchcore_core.evaluation.values import TrainingImage, TrainingImages
from patchcore_core.runs.files import write_json
from patchcore_core.runs.store import Run, RunStore
from tests.pages.reading import read


def png(grey: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (8, 6), grey).save(out, "PNG")
    return out.getvalue()


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


# ZIP files


def test_the_images_of_a_zip_keep_their_folders_and_content() -> None:
    files = {"new/a.png": png(1), "new/deep/b.png": png(2), "c.png": png(3)}
    found, total, notes = unzipped("parts.zip", packed(files), 100)
    assert [one.title for one in found] == list(files)
    assert [one.data for one in found] == list(files.values())
    assert (total, notes) == (3, ())


def test_what_is_no_image_is_named_and_hidden_files_are_not() -> None:
    files = {"a.png": png(1), "notes.txt": b"x", "b.csv": b"y", "__MACOSX/._a.png": b"z", ".DS_Store": b"q"}
    found, _, (note,) = unzipped("parts.zip", packed(files), 100)
    assert [one.title for one in found] == ["a.png"]
    assert note.endswith("left out: notes.txt and 1 more")


def test_no_more_than_asked_are_unpacked() -> None:
    found, total, _ = unzipped("parts.zip", packed({f"{n}.png": png(n) for n in range(9)}), 4)
    assert (len(found), total) == (4, 9)


@pytest.mark.parametrize("name", ["../../etc/x.png", "/etc/x.png", "..\\..\\x.png", "C:\\x.png", "a/../../x.png",
                                  "=cmd()/x.png", "<b>/x.png"])
def test_names_that_lead_out_stay_names(name: str) -> None:
    (one,), _, _ = unzipped("parts.zip", packed({name: png(1)}), 100)
    assert ".." not in one.title.split("/")
    assert not one.place.startswith("/")
    assert not set(one.place.split("/")) & {"", ".", ".."}
    assert set(one.place) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/")
    assert one.data == png(1)


def test_a_bomb_is_left_out_and_the_others_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LARGEST", 1000)
    found, _, (note,) = unzipped("parts.zip", packed({"bomb.png": bytes(2_000_000), "a.png": png(1)}), 100)
    assert [one.title for one in found] == ["a.png"]
    assert "bomb.png: unpacks to more than is read" in note


def test_many_small_bombs_are_one_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 250_000)
    found, _, notes = unzipped("parts.zip", packed({f"{n}.png": bytes(100_000 + n) for n in range(5)}), 100)
    assert (len(found), len(notes)) == (2, 3)


def test_a_size_that_is_a_lie_unpacks_no_more() -> None:
    data = bytearray(packed({"a.png": bytes(100_000)}))
    for head, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.find(head) + offset, 10)
    found, _, (note,) = unzipped("parts.zip", bytes(data), 100)
    assert not found
    assert "a.png: is damaged" in note


def test_an_encrypted_file_is_a_sentence() -> None:
    data = bytearray(packed({"a.png": png(1)}))
    for head, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(head) + offset] |= 1
    _, _, (note,) = unzipped("parts.zip", bytes(data), 100)
    assert note == "parts.zip: a.png: is encrypted"


def test_a_method_that_may_take_any_memory_is_not_unpacked() -> None:
    _, _, (note,) = unzipped("parts.zip", packed({"a.png": png(1)}, zipfile.ZIP_LZMA), 100)
    assert "a.png: is packed by a method that is not read" in note


def test_a_link_in_a_zip_is_not_followed() -> None:
    link = zipfile.ZipInfo("secret.png")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(link, "/etc/passwd")
        made.writestr("a.png", png(1))
    found, _, (note,) = unzipped("parts.zip", out.getvalue(), 100)
    assert [one.title for one in found] == ["a.png"]
    assert note == "parts.zip: secret.png: is a link, which is not followed"


def test_an_archive_in_an_archive_is_not_opened() -> None:
    files = {"inner.zip": packed({"b.png": png(2)}), "a.png": png(1), "more/old.tar": b"x", "c.txt": b"y"}
    found, _, notes = unzipped("parts.zip", packed(files), 100)
    assert [one.title for one in found] == ["a.png"]
    assert notes == ("parts.zip: archives in the archive are not opened, left out: inner.zip and 1 more",
                     "parts.zip: not images by their names, left out: c.txt")


def test_two_files_of_one_name_are_two_images() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for grey in (1, 2):
            made.writestr("a.png", png(grey))
    found, total, _ = unzipped("parts.zip", out.getvalue(), 100)
    assert ([one.title for one in found], total) == (["a.png", "a.png"], 2)
    assert [one.data for one in found] == [png(1), png(2)]


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all" * 9, packed({"a.png": png(1)})[:-30],
                                  b"PK\x05\x06" + bytes(17)])
def test_a_file_that_is_no_zip_is_a_sentence(data: bytes) -> None:
    with pytest.raises(DataError, match=r"^x\.zip: not a ZIP file that can be read$"):
        unzipped("x.zip", data, 100)


def test_a_table_of_contents_too_long_is_not_read() -> None:
    with pytest.raises(DataError, match="lists too many files"):
        unzipped("x.zip", b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 9, 9, 2**31, 0, 0), 100)


# folders


def test_a_folder_is_searched_with_those_in_it_and_masks_are_no_photos(store: RunStore, data_root: Path) -> None:  # noqa: ARG001
    found, total, (note,) = in_folder(str(data_root / "tile"), 100)
    assert total == len(found) == 6 + 4 + 3 + 2
    assert "test/hole/000.png" in [one.title for one in found]
    assert note.endswith("5 masks are not scored")
    assert found[0].data == (data_root / "tile" / found[0].title).read_bytes()


@pytest.mark.parametrize("path", ["/etc", "../..", "~/x"])
def test_a_folder_outside_the_allowed_ones_is_refused(path: str, store: RunStore) -> None:  # noqa: ARG001
    with pytest.raises(DataError, match="outside the folders"):
        in_folder(path, 100)


def test_links_that_lead_out_are_not_followed(store: RunStore, data_root: Path, tmp_path: Path) -> None:  # noqa: ARG001
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "x.png").write_bytes(png(1))
    (data_root / "links").mkdir()
    (data_root / "links" / "a.png").write_bytes(png(2))
    (data_root / "links" / "x.png").symlink_to(tmp_path / "secret" / "x.png")
    (data_root / "links" / "all").symlink_to(tmp_path / "secret")
    found, _, (note,) = in_folder(str(data_root / "links"), 100)
    assert [one.title for one in found] == ["a.png"]
    assert "2 links out of the allowed folders" in note


def test_a_refused_folder_on_the_page_comes_with_the_command(make_run: Callable[..., Run], open_page: Any) -> None:
    app = open_page("inspect_image", run=make_run().id, folder="/etc")
    assert not app.exception
    assert "outside the folders" in read(app)
    assert app.code[0].value.endswith("streamlit run app.py")


# test images of the run


@pytest.mark.parametrize(("types", "expected"), [
    ([], []), (["good"] * 3, [0, 1, 2]), (["a", "good", "b"], [1, 0, 2]),
    (["good"] * 10 + ["x"] * 10, [0, 3, 6, 9, 10, 13, 16, 19]),
])
def test_test_images_are_spread_over_types(types: list[str], expected: list[int]) -> None:
    assert spread(types, 8) == expected


@pytest.mark.parametrize("seed", range(5))
def test_at_most_eight_are_offered_and_of_as_many_types_as_possible(seed: int) -> None:
    types = [f"t{n}" for n in np.random.default_rng(seed).integers(0, seed * 4 + 1, 40)]
    chosen = spread(types)
    assert len(set(chosen)) == len(chosen) == 8
    assert len({types[place] for place in chosen}) == min(8, len(set(types)))


def test_eight_test_images_are_offered_and_a_click_names_one(make_run: Callable[..., Run], open_page: Any) -> None:
    app = open_page("inspect_image", run=make_run().id)
    offered = [button for button in app.button if button.key.startswith("inspect_try_")]
    assert [button.label for button in offered] == ["good"] * 3 + ["hole"] * 3 + ["scratch"] * 2
    offered[3].click().run()
    assert app.query_params["image"] in ("test/hole/000.png", ["test/hole/000.png"])


@pytest.fixture
def good_only(make_run: Callable[..., Run], data_root: Path) -> Run:
    """A run of good photos alone, which keeps the held-out scores of its training images."""
    for folder in ("test", "ground_truth"):
        shutil.rmtree(data_root / "tile" / folder)
    run = make_run(trusted=True)
    photos = sorted((data_root / "tile" / "train" / "good").iterdir())
    images = tuple(TrainingImage(f"train/good/{one.name}", key, float(number) if number else np.nan)
                   for number, (one, key) in enumerate(zip(photos, content_keys(photos), strict=True)))
    write_json(run.folder / "training_images.json", plain(TrainingImages(images)))
    return run


def test_a_run_of_good_photos_offers_training_images_by_their_held_out_scores(good_only: Run, open_page: Any) -> None:
    app = open_page("inspect_image", run=good_only.id)
    assert not app.exception
    offered = [button for button in app.button if button.key.startswith("inspect_try_")]
    assert [button.label for button in offered] == ["5.000", "4.000", "3.000", "2.000", "1.000", "—"]
    assert "whose own patches are in the memory bank" in read(app)
    offered[0].click().run()
    assert app.query_params["image"] in ("train/good/005.png", ["train/good/005.png"])


def test_a_training_photo_is_called_one(good_only: Run, bank: Any, open_page: Any) -> None:  # noqa: ARG001
    app = open_page("inspect_image", run=good_only.id, image="train/good/004.png")
    assert not app.exception
    assert "train/good/004.png: a training photo, so its own patches are in the memory bank" in read(app)
    assert "held out, it scores 4.000" in read(app)


def test_a_run_whose_training_images_are_unknown_offers_none(good_only: Run, open_page: Any) -> None:
    (good_only.folder / "training_images.json").unlink()  # nor has its memory bank a description
    app = open_page("inspect_image", run=good_only.id)
    assert not app.exception
    assert not app.button


def test_an_image_of_the_address_goes_when_files_are_given(
    make_run: Callable[..., Run], bank: Any, drop: Any  # noqa: ARG001
) -> None:
    app = drop(make_run(), ("new.png", png(9), "image/png"), image="test/hole/000.png")
    assert "image" not in app.query_params
    assert "new.png" in read(app)
    assert "test/hole/000.png" not in read(app)


def test_an_upload_is_hashed_once_while_it_is_there(
    make_run: Callable[..., Run], bank: Any, drop: Any, monkeypatch: pytest.MonkeyPatch  # noqa: ARG001
) -> None:
    hashed = []
    counting = SimpleNamespace(sha256=lambda data: hashed.append(data) or hashlib.sha256(data))
    for module in (inspect_input, inspect_upload, archive):
        monkeypatch.setattr(module, "hashlib", counting)
    archived = packed({"a.png": png(1), "b.png": png(2)})
    app = drop(make_run(), ("new.png", png(9), "image/png"), ("parts.zip", archived, "application/zip"))
    for _ in range(3):
        app.run()
    assert sorted(map(len, hashed)) == sorted(map(len, (png(9), archived, png(1), png(2))))
    assert not app.exception


def test_an_image_of_the_address_that_the_run_lacks_is_said(make_run: Callable[..., Run], open_page: Any) -> None:
    app = open_page("inspect_image", run=make_run().id, image="test/<b>gone.png")
    assert "This run has no image 'test/<b>gone.png'." in read(app)


def test_images_that_may_not_be_read_are_said(
    make_run: Callable[..., Run], open_page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run()
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "elsewhere"))
    app = open_page("inspect_image", run=run.id)
    assert "outside the folders the dashboard may read" in read(app)
    assert "(7 more like this)" in read(app)
