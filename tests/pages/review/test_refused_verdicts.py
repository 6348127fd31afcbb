"""Verdicts that cannot be given or read, each with its sentence, and words that mean harm."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from patchcore_core.reviews import verdict_file
from tests.pages.reading import read
from tests.pages.review.judging import HOSTILE, marked, note, opened, press, tags, told


def test_a_photo_that_is_gone_is_one_sentence_and_the_note_stays(verdicts, photo):
    app = opened()
    photo.path.unlink()
    photo.path.symlink_to(photo.path.with_name("nowhere"))  # still listed, as in a run's table
    note(app).set_value("typed")
    press(app, "agree")
    assert len(app.error) == 1
    assert "0_good.png: the photo cannot be read, so no verdict can be given on it" in read(app)
    assert note(app).value == "typed"
    assert verdicts.entries() == ()
    app.button[1].click().run()
    app.button[0].click().run()
    assert not app.error
    assert note(app).value == "typed"


def test_a_verdict_stays_when_its_photo_is_gone_and_another_can_be_given(verdicts, photo):
    press(opened(), "agree")
    photo.path.unlink()
    photo.path.symlink_to(photo.path.with_name("nowhere"))
    app = opened()
    assert marked(app) == ["agree"]
    press(app, "unclear")
    assert marked(app) == ["unclear"]
    assert len(verdicts.history(photo)) == 2


def test_a_photo_outside_the_allowed_folders_is_refused(verdicts, tmp_path):
    (tmp_path / "secret.png").write_bytes(b"secret")
    (tmp_path / "data" / "0_good.png").unlink()
    (tmp_path / "data" / "0_good.png").symlink_to(tmp_path / "secret.png")
    app = press(opened(), "agree")
    assert "outside the folders" in read(app)
    assert verdicts.entries() == ()


@pytest.mark.parametrize(("text", "given", "words"), [
    ("x" * 10_001, [], "note must have at most 10000 characters"),
    ("typed", ["a,b"], "must not contain a comma"),
    ("typed", ["t" * 61], "tag must have at most 60 characters"),
])
def test_what_cannot_be_saved_is_one_sentence_and_nothing_is_lost(verdicts, text, given, words):
    app = opened()
    note(app).set_value(text)
    tags(app).set_value(given)
    press(app, "agree")
    assert words in read(app)
    assert len(app.error) == 1
    assert (note(app).value, tags(app).value) == (text, given)
    assert verdicts.entries() == ()
    note(app).set_value("short")
    tags(app).set_value(["tag"])
    press(app, "agree")
    assert not app.error
    assert len(verdicts.entries()) == 1


def test_a_store_that_can_only_be_read(verdicts, photo, monkeypatch):
    verdicts.give(photo, "agree", "Bob")

    def refuse(_):
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(verdict_file, "_current", refuse)
    monkeypatch.setattr(verdict_file, "_opened", lambda root: verdict_file._connect(root, "mode=ro"))
    app = opened()
    assert marked(app) == ["agree"]
    note(app).set_value("typed")
    press(app, "unclear")
    assert "the verdicts cannot be written: attempt to write a readonly database" in read(app)
    assert note(app).value == "typed"
    assert marked(app) == ["agree"]


def test_verdicts_that_cannot_be_read_are_one_sentence(verdicts, photo):
    verdicts.give(photo, "agree", "Bob")
    with closing(sqlite3.connect(verdicts.root / verdict_file.FILE)) as file:
        file.execute("PRAGMA user_version = 99")
    app = opened()
    assert "newer version of PatchCore Explorer" in read(app)
    assert len(app.error) == 1
    assert told(app)["verdicts"] == {}


def test_hostile_words_are_shown_as_text(verdicts, photo):
    app = opened(verdict_author=HOSTILE)
    note(app).set_value(HOSTILE)
    tags(app).set_value([HOSTILE])
    press(app, "agree")
    (entry,) = verdicts.history(photo)
    assert (entry.author, entry.note, entry.tags) == (HOSTILE, HOSTILE, (HOSTILE,))
    assert HOSTILE in read(app)
    raw = [element.value for kind in (app.markdown, app.caption) for element in kind]
    assert not any("<img" in text.replace("\\<", "") or "**b**" in text or ":red[" in text for text in raw)
    assert [element.value for element in app.text][:1] == [HOSTILE]  # the note, in the history
