"""Verdicts: added only, found again by photo and label."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchcore_core.errors import ConfigError, DataError, StoreError
from patchcore_core.reviews.verdicts import Photo, Verdicts
from patchcore_core.reviews.words import VERDICTS
from patchcore_core.runs.files import for_spreadsheet

HOSTILE = ["<img src=x onerror=alert(1)>", "'; DROP TABLE entries; --", "=1+1", "a\0b", "\ud800half", "𝔘" * 300,
           "\n\r\t,\""]  # fmt: skip


def given_to(verdicts, photos):
    names = list(photos)
    return {names[place]: entry.verdict for place, entry in verdicts.latest(list(photos.values())).items()}


def test_a_verdict_is_about_the_photo_and_its_label_wherever_it_lies(verdicts, photos):
    verdicts.give(photos["a"], "label_wrong", "Ann")
    verdicts.give(photos["b"], "agree", "Bob")
    assert given_to(verdicts, photos) == {"a": "label_wrong", "b": "agree", "copy": "label_wrong"}


def test_a_photo_put_under_another_label_starts_afresh(verdicts, photos):
    verdicts.give(photos["moved"], "label_wrong", "Ann")
    assert given_to(verdicts, photos) == {"moved": "label_wrong"}


def test_a_photo_that_was_changed_or_renamed(verdicts, photos, tmp_path):
    verdicts.give(photos["a"], "agree", "Ann")
    photos["a"].path.rename(tmp_path / "elsewhere.png")
    photos["b"].path.write_bytes(b"a" * 100)
    here = [Photo(tmp_path / "elsewhere.png", 0, "good"), Photo(photos["b"].path, 0, "good")]
    assert set(verdicts.latest(here)) == {0, 1}
    photos["b"].path.write_bytes(b"c" * 100)
    os.utime(photos["b"].path, ns=(1, 1))
    assert set(verdicts.latest(here)) == {0}


def test_verdicts_stay_when_the_photos_are_out_of_reach(verdicts, photos):
    verdicts.give(photos["a"], "agree", "Ann")
    assert "copy" in given_to(verdicts, photos)
    for photo in photos.values():
        photo.path.unlink()
    assert given_to(verdicts, photos) == {"a": "agree", "copy": "agree"}
    verdicts.give(photos["copy"], "unclear", "Bob")
    assert given_to(verdicts, photos) == {"a": "unclear", "copy": "unclear"}


def test_nobody_can_judge_a_photo_that_nobody_has_read(verdicts, tmp_path):
    with pytest.raises(DataError, match=r"none\.png: the photo cannot be read"):
        verdicts.give(Photo(tmp_path / "none.png", 0, "good"), "agree", "Ann")


def test_history_keeps_author_time_note_and_tags(verdicts, photos):
    first = verdicts.give(photos["a"], "unclear", " Ann ", "dark\ncorner", ("edge", "edge", "dust"))
    second = verdicts.give(photos["copy"], "agree", "Bob")
    assert verdicts.history(photos["a"]) == (first, second) == verdicts.entries()
    assert (first.author, first.note, first.tags, first.category) == ("Ann", "dark\ncorner", ("edge", "dust"), "bottle")
    assert first.given_at < second.given_at
    assert first.given_at.endswith("+00:00")


def test_undo_adds_what_stood_before(verdicts, photos):
    first = verdicts.give(photos["a"], "unclear", "Ann", "note", ("tag",))
    second = verdicts.give(photos["a"], "agree", "Ann")
    third = verdicts.undo(second, "Bob")
    assert (third.verdict, third.note, third.tags, third.author) == ("unclear", "note", ("tag",), "Bob")
    assert verdicts.undo(third, "Bob").verdict == "agree"
    with pytest.raises(StoreError, match="judged this image since"):
        verdicts.undo(first, "Cy")
    alone = verdicts.give(photos["b"], "agree", "Ann")
    assert verdicts.undo(alone, "Ann").verdict == ""
    assert given_to(verdicts, photos) == {"a": "agree", "copy": "agree"}
    assert len(verdicts.entries()) == 6


def test_the_revision_moves_with_every_entry(verdicts, photos):
    assert verdicts.revision() == 0
    assert not verdicts.root.exists()  # reading writes nothing
    seen = [verdicts.revision()]
    for _ in range(3):
        verdicts.give(photos["a"], "agree", "Ann")
        seen.append(Verdicts(verdicts.root).revision())
    assert seen == sorted(set(seen))
    given_to(verdicts, photos)
    assert verdicts.revision() == seen[-1]


@pytest.mark.parametrize(("changes", "words"), [
    ({"verdict": "fine"}, "verdict must be one of agree, label_wrong, mask_wrong, unclear"),
    ({"author": " "}, "author must not be empty"),
    ({"note": "x" * 10_001}, "note must have at most 10000 characters, got 10001"),
    ({"tags": ["a,b"]}, "must not contain a comma"),
    ({"tags": [str(n) for n in range(21)]}, "at most 20 tags, got 21"),
    ({"tags": [""]}, "tag must not be empty"),
])
def test_what_cannot_be_a_verdict_is_refused(verdicts, photos, changes, words):
    with pytest.raises(ConfigError, match=words):
        verdicts.give(**{"photo": photos["a"], "verdict": "agree", "author": "Ann"} | changes)
    assert verdicts.revision() == 0


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_kept_as_they_are(verdicts, photos, text):
    photo = Photo(photos["a"].path, 0, text, text)
    entry = verdicts.give(photo, "agree", text[:200].replace("\0", "x"), text)
    assert verdicts.history(photo) == (entry,)
    assert verdicts.latest([photo]) == {0: entry}
    if "\0" not in text and "\ud800" not in text:
        assert entry.note == text.strip()
    assert len(list(csv.reader(io.StringIO(verdicts.to_csv().decode(), newline="")))) == 2


def test_a_hostile_file_name(verdicts, tmp_path):
    path = tmp_path / os.fsdecode(b"<img src=x>\xff\n.png")
    path.write_bytes(b"x")
    entry = verdicts.give(Photo(path, 0, "good"), "agree", "Ann")
    assert entry.path.isprintable()
    assert verdicts.latest([Photo(path, 0, "good")]) == {0: entry}


@pytest.mark.parametrize(("text", "cell"), [
    ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"),
    ("a=1", "a=1"), ("", ""),
])
def test_no_cell_begins_as_a_formula(text, cell):
    assert for_spreadsheet(text) == cell


def test_the_csv_holds_every_entry_and_no_formula(verdicts, photos):
    verdicts.give(photos["a"], "agree", "=Ann", "-5 °C, \"cold\"\nhere", ("@x", "y"))
    verdicts.give(photos["b"], "unclear", "Bob")
    rows = list(csv.DictReader(io.StringIO(verdicts.to_csv().decode(), newline="")))
    assert [row["author"] for row in rows] == ["'=Ann", "Bob"]
    assert (rows[0]["note"], rows[0]["tags"]) == ("'-5 °C, \"cold\"\nhere", "'@x, y")


STEPS = st.lists(st.tuples(
    st.sampled_from(["a", "b", "copy", "moved"]), st.sampled_from([*VERDICTS, "undo"]), st.text(max_size=20),
), max_size=12)  # fmt: skip


@settings(max_examples=25)
@given(STEPS)
def test_a_plain_list_says_the_same(steps):
    """The model: a list of (key, verdict, note), of which the newest of a key counts."""
    with tempfile.TemporaryDirectory() as folder:
        label = {"a": 0, "b": 1, "copy": 0, "moved": 1}
        photos = {name: Photo(Path(folder, name), said, "t") for name, said in label.items()}
        for name, photo in photos.items():
            photo.path.write_text("b" if name == "b" else "a")
        key = {"a": 0, "copy": 0, "b": 1, "moved": 2}
        verdicts, model = Verdicts(folder), []
        for name, verdict, note in steps:
            mine = [row for row in model if row[0] == key[name]]
            if verdict != "undo":
                entry = verdicts.give(photos[name], verdict, "Ann", note)
                model.append((key[name], verdict, entry.note))
            elif mine:
                verdicts.undo(verdicts.history(photos[name])[-1], "Bob")
                model.append(mine[-2] if len(mine) > 1 else (key[name], "", ""))
        assert [(entry.verdict, entry.note) for entry in verdicts.entries()] == [row[1:] for row in model]
        newest = {row[0]: row[1] for row in model}
        expected = {name: newest[key[name]] for name in photos if newest.get(key[name])}
        assert given_to(verdicts, photos) == expected
        assert verdicts.revision() == len(model)
