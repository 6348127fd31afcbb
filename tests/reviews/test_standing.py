"""What counts now, against reading the whole store."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from hashlib import sha256

import pytest

from patchcore_core.errors import StoreError
from patchcore_core.reviews.standing import Standing
from patchcore_core.reviews.verdict_file import FILE
from patchcore_core.reviews.verdicts import Verdicts


@pytest.fixture
def recorded(photos):
    """The photos as a run that keeps their contents has them."""
    return [replace(photo, content=sha256(photo.path.read_bytes()).hexdigest()) for photo in photos.values()]


def test_it_says_what_the_whole_store_says_after_each_entry(verdicts, recorded):
    standing, choose = Standing(verdicts.root), random.Random(0)
    assert standing.latest(recorded) == {}
    for _ in range(30):
        photo = choose.choice(recorded)
        history = verdicts.history(photo)
        if history and choose.random() < 0.4:
            verdicts.undo(history[-1], "Bob")
        else:
            verdicts.give(photo, choose.choice(["agree", "unclear"]), "Ann", tags=choose.sample(["x", "y", "z"], 2))
        assert standing.latest(recorded) == verdicts.latest(recorded)
        counted = Counter(tag for entry in verdicts.entries() for tag in entry.tags)
        assert [counted[tag] for tag in standing.tags()] == sorted(counted.values(), reverse=True)
        assert set(standing.tags()) == set(counted)


def test_only_what_is_new_is_read(verdicts, recorded, monkeypatch):
    standing, asked = Standing(verdicts.root), []
    for _ in range(3):
        verdicts.give(recorded[0], "agree", "Ann")
    standing.latest(recorded)
    read = Verdicts.entries
    monkeypatch.setattr(Verdicts, "entries", lambda self, after=0: asked.append(after) or read(self, after))
    verdicts.give(recorded[0], "unclear", "Ann")
    assert standing.latest(recorded)[0].verdict == "unclear"
    assert asked == [3]


def test_photos_without_a_recorded_content_are_read(verdicts, photos):
    verdicts.give(photos["a"], "agree", "Ann")
    found = Standing(verdicts.root).latest(list(photos.values()))
    assert found == verdicts.latest(list(photos.values())) != {}


def test_another_file_in_its_place_begins_anew(verdicts, recorded):
    standing = Standing(verdicts.root)
    for _ in range(3):
        verdicts.give(recorded[0], "agree", "Ann", tags=["old"])
    standing.latest(recorded)
    for file in verdicts.root.glob(f"{FILE}*"):
        file.unlink()
    assert standing.latest(recorded) == {}
    verdicts.give(recorded[1], "unclear", "Bob")
    assert (list(standing.latest(recorded)), standing.tags()) == ([1], [])


def test_a_damaged_store_is_a_sentence(verdicts):
    verdicts.root.mkdir(parents=True, exist_ok=True)
    (verdicts.root / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(StoreError):
        Standing(verdicts.root).tags()
