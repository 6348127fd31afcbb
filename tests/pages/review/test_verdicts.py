"""Verdicts on Review: who speaks, what was given, and what another visitor does."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages.ui.review.events import author as review_author
from pages.ui.review.events.desk import Desk
from patchcore_core.reviews.verdicts import Photo, Verdicts
from tests.pages.reading import told, workspace
from tests.pages.ui.review.events.asking import HOLE, SCRATCH, entry, number_of, question

HOSTILE = "<img src=x onerror=alert(1)> **b** ![x](http_x) $a$ :red[r]"


@pytest.fixture
def run(make_run, monkeypatch):
    monkeypatch.setenv("PATCHCORE_AUTHOR", "Ann")
    return make_run()


@pytest.fixture
def verdicts(store):
    return Verdicts(store.root)


@pytest.fixture
def photo(run, store):
    """The photo of HOLE, as verdicts are kept for it."""
    row = store.images(run).iloc[number_of(run, store.images(run), HOLE)]
    return Photo(Path(row["path"]), 1, "hole", "tile", row["sha256"])


def judge(desk, run, verdict, image=HOLE, box="box", seq=1, **more):
    desk.apply(run, box, [entry(seq, "verdict", image=image, verdict=verdict, **more)])


def judged(desk, run):
    """Row -> verdict, author, note and tags, as a visitor's workspace is told."""
    return {number: (one["verdict"], one["author"], one["note"], tuple(one["tags"]))
            for number, one in desk.told(run)[0]["judged"].items()}


def test_nothing_was_ever_given(run, open_page, verdicts):
    app = open_page("review", run=run.id)
    assert not app.exception
    assert told(app)["judged"] == {}
    offered = workspace(app)["parts"]["verdicts"]
    assert [(one["value"], one["label"], one["key"]) for one in offered] == [
        ("agree", "label correct", "1"), ("label_wrong", "label wrong", "2"), ("mask_wrong", "mask wrong", "3"),
        ("unclear", "unclear", "4")]
    assert all(one["help"] for one in offered)
    assert not (verdicts.root / "verdicts.sqlite").exists()


@pytest.mark.parametrize("what", ["agree", "label_wrong", "mask_wrong", "unclear"])
def test_a_verdict_is_saved_with_author_note_and_tags(run, verdicts, photo, what):
    desk = Desk("Ann")
    judge(desk, run, what, note="dark\ncorner", tags=["edge", "new one"])
    (given,) = verdicts.history(photo)
    assert (given.verdict, given.author, given.note, given.tags) == (what, "Ann", "dark\ncorner", ("edge", "new one"))
    assert (given.category, given.label, given.defect_type) == ("tile", 1, "hole")
    assert list(judged(desk, run).values()) == [(what, "Ann", "dark\ncorner", ("edge", "new one"))]


def test_the_author_is_that_of_the_environment_until_a_name_is_typed(run, open_page, verdicts):
    assert told(open_page("review", run=run.id))["author"] == "Ann"
    desk = Desk("Ann")
    desk.apply(run, "box", [entry(1, "author", author=" Bob ")])
    judge(desk, run, "agree", seq=2)
    assert desk.told(run)[0]["author"] == "Bob"
    assert verdicts.entries()[0].author == "Bob"


def test_without_a_name_nothing_can_be_given(run, verdicts):
    desk = Desk()
    judge(desk, run, "agree")
    assert "author" in desk.told(run)[0]["refused"][1]
    assert verdicts.entries() == ()


@pytest.mark.parametrize(("address", "name"), [(None, "login"), ("192.168.1.7", "")])
def test_the_login_name_is_offered_to_visitors_on_this_machine_alone(monkeypatch, address, name):
    monkeypatch.delenv("PATCHCORE_AUTHOR", raising=False)
    monkeypatch.setattr("getpass.getuser", lambda: "login")
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.ip_address", address)
    assert review_author.of_visitor() == name


def test_undo_takes_back_and_twice_gives_again(run, verdicts, photo):
    desk = Desk("Ann")
    judge(desk, run, "label_wrong")
    desk.apply(run, "box", [entry(2, "note", image=HOLE, note="it is a hole", tags=[]),
                            entry(3, "undo", image=HOLE), entry(4, "undo", image=HOLE)])
    assert [given.note for given in verdicts.history(photo)] == ["", "it is a hole", "", "it is a hole"]
    judge(desk, run, "agree", SCRATCH, seq=5)
    desk.apply(run, "box", [entry(6, "undo", image=SCRATCH)])
    assert [one[0] for one in judged(desk, run).values()] == ["label_wrong"]


def test_the_note_alone_is_saved_under_the_verdict_that_counts(run, verdicts, photo):
    desk = Desk("Ann")
    judge(desk, run, "mask_wrong")
    verdicts.give(photo, "unclear", "Bob")
    desk.apply(run, "box", [entry(2, "note", image=HOLE, note="look closer", tags=[])])
    newest = verdicts.history(photo)[-1]
    assert (newest.verdict, newest.author, newest.note) == ("unclear", "Ann", "look closer")


def test_tags_that_were_used_are_offered_the_most_frequent_first(run, verdicts, photo):
    verdicts.give(photo, "agree", "Bob", tags=("edge", HOSTILE))
    verdicts.give(photo, "unclear", "Bob", tags=("edge",))
    assert Desk().told(run)[0]["tags"] == ["edge", HOSTILE]


def test_two_people_at_the_same_time(run, verdicts, photo):
    ann, bob = Desk("Ann"), Desk("Bob")
    judge(bob, run, "label_wrong", note="seen by Bob", tags=[])
    seen = next(iter(bob.told(run)[0]["judged"].values()))["given_at"]
    judge(ann, run, "agree")  # has typed nothing: Bob's note stays
    first, second = verdicts.history(photo)
    assert (first.verdict, first.author, first.note) == ("label_wrong", "Bob", "seen by Bob")
    assert (second.verdict, second.author, second.note) == ("agree", "Ann", "seen by Bob")
    bob.apply(run, "box", [entry(2, "undo", image=HOLE, **{"with": {"given_at": seen}})])  # of his own
    assert "Somebody has judged this image since" in bob.told(run)[0]["refused"][2]
    assert len(verdicts.history(photo)) == 2


def test_an_open_page_sees_what_another_visitor_gives(run, verdicts, photo, open_page, store):
    app = open_page("review", run=run.id)
    verdicts.give(photo, "unclear", "Bob", "Bob's", ("edge",))
    app.run()  # as the fragment does by itself
    number = number_of(run, store.images(run), HOLE)
    one = told(app)["judged"][str(number)]
    assert (one["verdict"], one["author"], one["note"], one["tags"]) == ("unclear", "Bob", "Bob's", ["edge"])
    assert told(app)["tags"] == ["edge"]


def test_the_history_says_who_when_and_what(run, verdicts, photo, store):
    for number in range(60):
        verdicts.give(photo, "unclear" if number % 2 else "agree", f"Person {number}", f"note {number}")
    found = question(Desk(), run, "history", number=number_of(run, store.images(run), HOLE))
    assert [(one["author"], one["note"]) for one in found] == [(f"Person {n}", f"note {n}") for n in range(60)]
    assert all(one["given_at"].startswith("20") for one in found)


def test_verdicts_are_read_once_for_every_revision(run, verdicts, photo, monkeypatch):
    asked, ask = [], Verdicts.entries
    monkeypatch.setattr(Verdicts, "entries", lambda self, after=0: asked.append(after) or ask(self, after))
    desk = Desk("Ann")
    assert judged(desk, run) == {}
    verdicts.give(photo, "label_wrong", "Bob")
    for _ in range(3):
        found, _ = desk.told(run)
        assert [one["verdict"] for one in found["judged"].values()] == ["label_wrong"]
        found["judged"].clear()
    verdicts.give(photo, "agree", "Bob")
    assert [one[0] for one in judged(desk, run).values()] == ["agree"]
    assert asked == [0, 1]


def test_hostile_words_go_in_and_out_as_they_are(run, verdicts, photo):
    """The widget sets them as text (tests/browser)."""
    desk = Desk("Ann")
    desk.apply(run, "box", [entry(1, "author", author=HOSTILE)])
    judge(desk, run, "agree", seq=2, note=HOSTILE, tags=[HOSTILE])
    (given,) = verdicts.history(photo)
    assert (given.author, given.note, given.tags) == (HOSTILE, HOSTILE, (HOSTILE,))
    assert list(judged(desk, run).values()) == [("agree", HOSTILE, HOSTILE, (HOSTILE,))]
