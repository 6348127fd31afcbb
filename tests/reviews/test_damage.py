"""Verdicts and saved views that nobody can have written: named, and the rest stays."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from patchcore_core.errors import StoreError
from patchcore_core.reviews.saved_views import SavedViews
from patchcore_core.reviews.verdicts import Photo, Verdicts
from tests.runs.mutate import HOSTILE
from tests.tiny import save_grey

# what reviewers wrote

@pytest.fixture
def judged(tmp_path) -> tuple[Path, Photo]:
    (tmp_path / "store").mkdir()
    photo = Photo(save_grey(tmp_path / "photo.png"), 1, "hole")
    Verdicts(tmp_path / "store").give(photo, "agree", "A", "note", ["tag"])
    SavedViews(tmp_path / "store").save("name", "run=1", "A")
    return tmp_path / "store", photo


ENTRY_COLUMNS = ("verdict", "note", "tags", "author", "given_at", "label", "defect_type", "content", "category", "path")


@pytest.mark.parametrize("column", ENTRY_COLUMNS)
def test_an_entry_that_nobody_can_have_given_is_named(judged, column):
    root, photo = judged
    with sqlite3.connect(root / "verdicts.sqlite") as connection:
        connection.execute("DROP TRIGGER entries_stay")
        connection.execute(f"UPDATE entries SET {column} = ?", (b"\xff[",))
    with pytest.raises(StoreError, match=rf"verdicts.sqlite: the verdicts cannot be read: .*damaged: .*{column}"):
        Verdicts(root).entries()
    for read in (Verdicts(root).latest, lambda photos: Verdicts(root).history(photos[0])):
        try:
            read([photo])
        except StoreError as error:
            assert "damaged" in str(error)  # noqa: PT017 - where it is found at all
    assert Verdicts(root).revision() == 1


@pytest.mark.parametrize("column", ["verdict", "tags", "given_at"])
@pytest.mark.parametrize("value", [value for value in HOSTILE if isinstance(value, str) and value.isascii() and value])
def test_words_that_nobody_can_have_given_are_named(judged, column, value):
    root, _ = judged
    with sqlite3.connect(root / "verdicts.sqlite") as connection:
        connection.execute("DROP TRIGGER entries_stay")
        connection.execute(f"UPDATE entries SET {column} = ?", (value,))
    with pytest.raises(StoreError, match=r"verdicts.sqlite: the verdicts cannot be read: entry 1 is damaged"):
        Verdicts(root).entries()


def test_a_view_that_nobody_can_have_saved_is_named(judged):
    root, _ = judged
    with sqlite3.connect(root / "verdicts.sqlite") as connection:
        connection.execute("DROP TRIGGER views_stay")
        connection.execute("UPDATE views SET query = ?", (b"\xff",))
    with pytest.raises(StoreError, match=r"the saved views cannot be read: entry 1 is damaged: query is no text"):
        SavedViews(root).list()


def test_a_photo_noted_wrongly_is_read_anew(judged):
    root, photo = judged
    with sqlite3.connect(root / "verdicts.sqlite") as connection:
        connection.execute("UPDATE photos SET bytes = 'x', content = 5")
        connection.execute("INSERT INTO photos VALUES (10000000000000, 1, 1, 'x')")
    assert Verdicts(root).latest([photo])[0].verdict == "agree"
