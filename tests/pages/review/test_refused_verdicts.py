"""Verdicts that cannot be given or read, each with its sentence; what was stored before is shown all the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from pages.ui.review.data import test_images as images_of
from pages.ui.review.events.desk import Desk
from patchcore_core.reviews import verdict_file
from patchcore_core.reviews.verdicts import Photo, Verdicts
from tests.pages.reading import told
from tests.pages.ui.review.events.asking import HOLE, SCRATCH, entry


@pytest.fixture
def run(make_run):
    return make_run()


@pytest.fixture
def verdicts(store):
    return Verdicts(store.root)


@pytest.fixture
def photo(run, data_root):  # noqa: ARG001  (of the run)
    return Photo(data_root / "tile" / HOLE, 1, "hole", "tile")


def refused(run, **more):
    """Why a verdict on HOLE is not given."""
    desk = Desk("Ann")
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, **{"verdict": "agree", **more})])
    return desk.told(run)[0]["refused"][1]


def standing(run):
    """The verdicts that a visitor sees."""
    return [one["verdict"] for one in Desk().told(run)[0]["judged"].values()]


def test_a_photo_that_is_gone_is_one_sentence(run, verdicts, photo):
    images_of(run)
    photo.path.unlink()
    assert "000.png: the photo cannot be read, so no verdict can be given on it" in refused(run)
    assert verdicts.entries() == ()


def test_a_verdict_stays_when_its_photo_is_gone(run, verdicts, photo):
    verdicts.give(photo, "agree", "Bob")
    photo.path.unlink()
    assert standing(run) == ["agree"]


def test_a_photo_outside_the_allowed_folders_is_refused(run, verdicts, photo, tmp_path):
    (tmp_path / "secret.png").write_bytes(photo.path.read_bytes())
    photo.path.unlink()
    photo.path.symlink_to(tmp_path / "secret.png")
    assert "outside the folders" in refused(run)
    assert verdicts.entries() == ()


@pytest.mark.parametrize(("more", "words"), [
    ({"note": "x" * 10_001}, "note must have at most 10000 characters"),
    ({"tags": ["a,b"]}, "must not contain a comma"), ({"tags": ["t" * 61]}, "tag must have at most 60 characters"),
])
def test_what_cannot_be_saved_is_one_sentence(run, verdicts, more, words):
    assert words in refused(run, **more)
    assert verdicts.entries() == ()


def test_a_store_that_can_only_be_read(run, verdicts, photo, monkeypatch):
    verdicts.give(photo, "agree", "Bob")

    def refuse(_):
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(verdict_file, "_current", refuse)
    monkeypatch.setattr(verdict_file, "_opened", lambda root: verdict_file._connect(root, "mode=ro"))
    assert "the verdicts cannot be written: attempt to write a readonly database" in refused(run, verdict="unclear")
    assert standing(run) == ["agree"]


def test_verdicts_that_cannot_be_read_are_one_sentence_on_the_page(run, verdicts, photo, open_page):
    verdicts.give(photo, "agree", "Bob")
    with closing(sqlite3.connect(verdicts.root / verdict_file.FILE)) as file:
        file.execute("PRAGMA user_version = 99")
    app = open_page("review", run=run.id)
    assert not app.exception
    assert told(app)["judged"] == {}
    assert [toast.value for toast in app.toast if "newer version of PatchCore Explorer" in toast.value]
    assert not app.run().toast  # once is enough
    desk = Desk("Ann")
    desk.apply(run, "box", [entry(1, "verdict", image=SCRATCH, verdict="agree")])
    assert "newer version of PatchCore Explorer" in desk.told(run)[0]["refused"][1]
