"""Verdicts on Review: who speaks, what was given, and what another visitor does."""

from __future__ import annotations

import os
import shutil

import pandas as pd
import pytest

from pages.ui.review.verdicts import verdicts as review_verdicts
from pages.ui.review.verdicts.words import NEXT, Desk
from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import StoreError
from patchcore_core.reviews import verdict_file
from patchcore_core.reviews.verdicts import Verdicts
from patchcore_core.reviews.words import LABEL_WRONG
from patchcore_core.runs.record import Run
from tests.pages.reading import read
from tests.pages.review.judging import HOSTILE, TILE, button, marked, note, opened, press, tags, told


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
