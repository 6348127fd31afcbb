"""Verdicts on Review in every state: who speaks, what was given, what cannot be, and what another visitor does."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.review.verdicts import verdicts as review_verdicts
from pages.ui.review.verdicts.words import NEXT, Desk
from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import StoreError
from patchcore_core.reviews import verdict_file
from patchcore_core.reviews.verdicts import Photo, Verdicts
from patchcore_core.reviews.words import LABEL_WRONG
from patchcore_core.runs.record import Run
from tests.pages.reading import read
from tests.places import ROOT

HOSTILE = "<img src=x onerror=alert(1)> **b** ![x](http_x) $a$ :red[r]"
PAGE = str(ROOT / "tests/browser/review/verdicts_page.py")
TILE = "20260101-000000-tile-abcd"


@pytest.fixture
def verdicts(tmp_path, monkeypatch):
    """An empty store, and the photos 0_good.png, 1_hole.png and 2_hole.png, which the page shows."""
    for number, name in enumerate(("0_good.png", "1_hole.png", "2_hole.png")):
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / name).write_bytes(bytes([number]) * 100)
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PATCHCORE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("PATCHCORE_AUTHOR", "Ann")
    return Verdicts(tmp_path / "runs")


@pytest.fixture
def photo(tmp_path):
    """The photo that is shown first."""
    return Photo(tmp_path / "data" / "0_good.png", 0, "good", "tile")


def opened(**state):
    app = AppTest.from_file(PAGE, default_timeout=30)
    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    return app


def press(app, what, index=0):
    button(app, what, index).click().run()
    assert not app.exception
    return app


def button(app, what, index=0):
    return app.button(key=f"verdict_{what}_{TILE}_{index}")


def note(app, index=0):
    return app.text_area(key=f"verdict_note_{TILE}_{index}")


def tags(app, index=0):
    return app.multiselect(key=f"verdict_tags_{TILE}_{index}")


def told(app):
    return json.loads(app.text[-1].value)


def marked(app, index=0):
    """The verdicts whose button is marked as given."""
    return [what for what in review_verdicts.KEYS if button(app, what, index).proto.type == "primary"]


def test_nothing_was_ever_given(verdicts):
    app = opened()
    assert "No verdict yet." in read(app)
    assert marked(app) == []
    assert button(app, "undo").disabled
    assert button(app, "save").disabled
    assert [button(app, what).proto.shortcut for what in review_verdicts.KEYS] == ["1", "2", "3", "4"]
    assert all(f"Key: {key}." in button(app, what).help for what, key in review_verdicts.KEYS.items())
    assert not verdicts.root.exists()


@pytest.mark.parametrize("what", ["agree", "label_wrong", "mask_wrong", "unclear"])
def test_a_verdict_is_saved_with_author_note_and_tags_and_marked(verdicts, photo, what):
    app = opened()
    note(app).set_value("dark\ncorner")
    tags(app).set_value(["edge", "new one"])
    press(app, what)
    (entry,) = verdicts.history(photo)
    assert (entry.verdict, entry.author, entry.note, entry.tags) == (what, "Ann", "dark\ncorner", ("edge", "new one"))
    assert (entry.category, entry.label, entry.defect_type) == ("tile", 0, "good")
    assert marked(app) == [what]
    assert told(app)["verdicts"] == {"0": what}
    assert told(app)["index"] == 0
    assert note(app).value == "dark\ncorner"
    press(app, what)
    assert len(verdicts.entries()) == 1  # the same words by the same person say nothing new


def test_without_a_name_nothing_can_be_given_until_there_is_one(verdicts, photo, monkeypatch):
    monkeypatch.delenv("PATCHCORE_AUTHOR")
    monkeypatch.setattr("getpass.getuser", lambda: "")
    app = opened()
    assert all(button(app, what).disabled for what in review_verdicts.KEYS)
    app.text_input(key="verdict_author").set_value(" Bob ").run()
    press(app, "agree")
    assert verdicts.history(photo)[0].author == "Bob"


@pytest.mark.parametrize(("address", "name"), [(None, "login"), ("192.168.1.7", "")])
@pytest.mark.usefixtures("verdicts")
def test_the_login_name_is_offered_to_visitors_on_this_machine_alone(monkeypatch, address, name):
    monkeypatch.delenv("PATCHCORE_AUTHOR")
    monkeypatch.setattr("getpass.getuser", lambda: "login")
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.ip_address", address)
    assert opened().text_input(key="verdict_author").value == name


def test_undo_takes_back_and_twice_gives_again(verdicts, photo):
    app = press(opened(), "label_wrong")
    note(app).set_value("it is a hole")
    press(app, "save")
    press(app, "undo")
    assert note(app).value == ""
    assert marked(app) == ["label_wrong"]
    press(app, "undo")
    assert note(app).value == "it is a hole"
    assert [entry.note for entry in verdicts.history(photo)] == ["", "it is a hole", "", "it is a hole"]
    other = press(opened(index=1), "agree", 1)
    press(other, "undo", 1)
    assert marked(other, 1) == []
    assert "Taken back" in read(other)
    assert button(other, "save", 1).disabled
    assert told(other)["verdicts"] == {"0": "label_wrong"}


def test_the_note_alone_is_saved_under_the_verdict_that_counts(verdicts, photo):
    app = press(opened(), "mask_wrong")
    verdicts.give(photo, "unclear", "Bob")
    note(app).set_value("look closer")
    press(app, "save")
    newest = verdicts.history(photo)[-1]
    assert (newest.verdict, newest.author, newest.note) == ("unclear", "Ann", "look closer")


def test_a_verdict_leads_to_the_next_image_if_wanted_and_notes_stay_with_their_image(verdicts):
    app = opened(verdict_go_on=NEXT)
    note(app).set_value("first")
    press(app, "agree")
    assert told(app) == {"index": 1, "verdicts": {"0": "agree"}, "reruns": 2}
    assert note(app, 1).value == ""
    note(app, 1).set_value("a draft")
    app.button[0].click().run()  # back, without a verdict
    assert note(app).value == "first"
    app.button[1].click().run()
    assert note(app, 1).value == "a draft"
    press(app, "unclear", 1)
    assert told(app)["index"] == 2
    assert [entry.note for entry in verdicts.entries()] == ["first", "a draft"]


def test_a_key_pressed_again_before_the_next_image_came_is_for_none(verdicts, photo):
    app = opened(verdict_go_on=NEXT)
    stale = button(app, "label_wrong")
    press(app, "agree")
    app.session_state["verdict_desk"] = Desk()  # the next one is on its way
    stale.click().run()
    assert told(app)["index"] == 1
    assert [entry.verdict for entry in verdicts.entries()] == [entry.verdict for entry in verdicts.history(photo)]
    assert [entry.verdict for entry in verdicts.entries()] == ["agree"]


def test_tags_that_were_used_are_offered(verdicts, photo):
    verdicts.give(photo, "agree", "Bob", tags=("edge", HOSTILE))
    verdicts.give(photo, "agree", "Bob", tags=("edge",))
    app = opened(index=1)
    assert tags(app, 1).options == ["edge", HOSTILE]
    assert tags(app, 1).value == []


def test_two_people_at_the_same_time(verdicts, photo):
    ann, bob = opened(), opened(verdict_author="Bob")
    note(bob).set_value("seen by Bob")
    press(bob, "label_wrong")
    press(ann, "agree")  # has not seen Bob's, has typed nothing: his note stays
    first, second = verdicts.history(photo)
    assert (first.verdict, first.author, first.note) == ("label_wrong", "Bob", "seen by Bob")
    assert (second.verdict, second.author, second.note) == ("agree", "Ann", "seen by Bob")
    note(bob).set_value("Bob again")
    press(bob, "undo")  # of his own, which is no longer the newest
    assert "somebody has judged this image since" in read(bob)
    assert note(bob).value == "Bob again"
    assert len(verdicts.history(photo)) == 2
    assert marked(bob) == ["agree"]
    press(bob, "unclear")
    assert "judged this image since" not in read(bob)
    assert verdicts.history(photo)[-1].note == "Bob again"


def test_an_open_page_sees_what_another_visitor_gives(verdicts, photo):
    app = opened()
    note(app).set_value("I am still writing").run()
    verdicts.give(photo, "unclear", "Bob", "Bob's", ("edge",))
    app.run()  # as `watch` asks for
    assert told(app)["verdicts"] == {"0": "unclear"}
    assert marked(app) == ["unclear"]
    assert "Bob" in read(app)
    assert note(app).value == "I am still writing"
    app.button[1].click().run()
    app.button[0].click().run()
    assert note(app).value == "I am still writing"


def test_words_nobody_changed_follow_the_store_when_the_image_comes_back(verdicts, photo):
    app = opened()
    app.button[1].click().run()
    verdicts.give(photo, "unclear", "Bob", "Bob's", ("edge",))
    app.button[0].click().run()
    assert (note(app).value, tags(app).value) == ("Bob's", ["edge"])


def test_watch_asks_for_a_rerun_only_when_there_is_something_new(verdicts, photo, monkeypatch):
    asked = []
    monkeypatch.setattr(review_verdicts.st, "rerun", lambda: asked.append(1))
    look = review_verdicts.watch.__wrapped__
    look(review_verdicts.revision())
    assert asked == []
    verdicts.give(photo, "agree", "Bob")
    look(0)
    assert asked == [1]
    look(review_verdicts.revision())
    assert asked == [1]


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


def test_the_history_says_who_when_and_what(verdicts, photo):
    for number in range(60):
        verdicts.give(photo, "unclear" if number % 2 else "agree", f"Person {number}", f"note {number}")
    app = opened()
    assert "Person 59" in read(app)
    assert "note 10" in read(app)
    assert "note 9\n" not in read(app)
    assert "The newest 50 of 60" in read(app)


def test_latest_is_made_once_for_every_revision(verdicts, photo, monkeypatch):
    run = Run(TILE, "finished", "tile", "", PatchCoreConfig(), photo.path.parent, updated_at="now")
    images = pd.DataFrame({"path": [str(photo.path)] * 3, "label": [0, 1, 0], "defect_type": ["good", "hole", "good"]})
    asked = []
    ask = Verdicts.latest
    monkeypatch.setattr(Verdicts, "latest", lambda *given: asked.append(1) or ask(*given))
    assert review_verdicts.latest(run, images) == {}
    entry = verdicts.give(photo, LABEL_WRONG, "Bob")
    for _ in range(3):
        found = review_verdicts.latest(run, images)
        assert found == {0: entry, 2: entry}
        found.clear()
    assert len(asked) == 2
    shutil.rmtree(verdicts.root)
    os.mkdir(verdicts.root)
    (verdicts.root / verdict_file.FILE).write_bytes(b"no database" * 50)
    with pytest.raises(StoreError):
        verdicts.revision()
    assert review_verdicts.latest(run, images) == {}
    assert review_verdicts.revision() == 0
