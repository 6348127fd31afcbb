"""Several runs as one file and back."""

from __future__ import annotations

import io
import zipfile

import pytest

from patchcore_core.errors import DataError, PatchCoreError, StoreError
from patchcore_core.exports.run_file import several
from patchcore_core.exports.run_file.pack import packed as pieces
from patchcore_core.exports.run_file.several import import_runs, pack_runs, packed_runs
from patchcore_core.reviews.run_labels import RunLabelsOf
from tests.exports.run_file.test_run_file import contents


@pytest.fixture
def runs(store, draft, finish):
    return [finish(store.begin(draft(identity=str(number))), metrics={"image_auroc": 0.5}) for number in range(3)]


@pytest.fixture
def bundle(store, runs, tmp_path):
    pack_runs(store, runs, tmp_path / "runs.zip")
    return tmp_path / "runs.zip"


def rewritten(place, change, method=zipfile.ZIP_STORED):
    """The file with its members changed by `change(name, data) -> (name, data) or None`."""
    with zipfile.ZipFile(place) as archive:
        members = [made for name in archive.namelist() if (made := change(name, archive.read(name)))]
    with zipfile.ZipFile(place, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return place


def test_runs_come_over_to_the_bit_with_their_labels(store, runs, other, tmp_path):
    RunLabelsOf(store.root).change(runs[1].id, "Ann", name="Line 3")
    place = tmp_path / "runs.zip"
    pack_runs(store, runs, place)
    assert place.read_bytes() == b"".join(packed_runs(store, runs))
    with zipfile.ZipFile(place) as archive:  # each is the file of a run as it is exported alone
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"{run.id}.zip": b"".join(pieces(store, run)) for run in runs}
    came = list(import_runs(other, place, "Ben"))
    assert [run.id for run in came] == [run.id for run in runs]
    for run in runs:
        assert contents(other.get(run.id).folder) == {name: data for name, data in contents(run.folder).items()
                                                      if name != "progress.json"}
    assert RunLabelsOf(other.root).current(runs[1].id).name == "Line 3"


def test_one_run_is_the_file_of_a_run(store, runs, other):
    data = b"".join(packed_runs(store, runs[:1]))
    assert data == b"".join(pieces(store, runs[0]))
    (came,) = import_runs(other, io.BytesIO(data), "Ben", "one.zip")
    assert came.id == runs[0].id


def test_what_the_store_has_is_named_and_the_others_are_taken(store, runs, bundle, other):
    list(import_runs(other, io.BytesIO(b"".join(packed_runs(store, runs[1:2]))), "Ben"))
    first, second, third = import_runs(other, bundle, "Ben")
    assert (first.id, third.id) == (runs[0].id, runs[2].id)
    assert isinstance(second, StoreError)
    assert str(second) == (f"{bundle}: {runs[1].id}.zip: run {runs[1].id} is in the store already, and nothing is "
                           "overwritten")


def test_a_damaged_run_is_named_and_the_others_are_taken(runs, bundle, other):
    def change(name, data):
        middle = len(data) // 2
        return name, data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1:] if name == f"{runs[0].id}.zip" \
            else data

    first, *rest = import_runs(other, rewritten(bundle, change), "Ben")
    assert isinstance(first, DataError)
    assert str(first).startswith(f"{bundle}: {runs[0].id}.zip: ")
    assert {run.id for run in other.list()} == {run.id for run in rest} == {run.id for run in runs[1:]}


@pytest.mark.parametrize(("named", "said"), [
    ("../{}", "is no file of a run; nothing was imported"), ("a/{}", "is no file of a run"),
    ("x.zip", "x.zip is no file of a run"), ("evil.py", "evil.py is no file of a run"),
])
def test_other_names_are_refused_before_anything_is_written(named, said, runs, bundle, other):
    def change(name, data):
        return named.format(name) if name == f"{runs[2].id}.zip" else name, data

    with pytest.raises(DataError, match=said):
        list(import_runs(other, rewritten(bundle, change), "Ben"))
    assert other.list() == ()


def test_a_file_of_files_of_runs_is_no_run(store, runs, bundle, other, tmp_path):
    """Not read into any depth."""
    nested = tmp_path / "nested.zip"
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr(f"{runs[0].id}.zip", bundle.read_bytes())
    (said,) = import_runs(other, nested, "Ben")
    assert isinstance(said, PatchCoreError)
    assert "contents.json is missing" in str(said)
    assert other.list() == ()
    assert len(store.list()) == 3


def test_a_file_that_is_packed_once_more_or_cut_off_or_something_else_is_refused(runs, bundle, other, tmp_path):
    whole = bundle.read_bytes()
    rewritten(bundle, lambda name, data: (name, data), zipfile.ZIP_DEFLATED)
    with pytest.raises(DataError, match="packed once more"):
        list(import_runs(other, bundle, "Ben"))
    bundle.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="no ZIP file, or cut off at its end"):
        list(import_runs(other, bundle, "Ben"))
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("a.png", b"x")
    with pytest.raises(DataError, match="holds no run"):
        list(import_runs(other, tmp_path / "photos.zip", "Ben"))
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr(f"{runs[0].id}.zip", b"x")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(f"{runs[0].id}.zip", b"y")
    with pytest.raises(DataError, match="lists a run twice"):
        list(import_runs(other, tmp_path / "twice.zip", "Ben"))
    assert other.list() == ()


def test_a_file_holds_no_more_than_can_be_read(store, runs, bundle, other, monkeypatch):
    monkeypatch.setattr(several, "MOST_RUNS", 2)
    with pytest.raises(StoreError, match="3 runs were asked for, and a file holds at most 2"):
        list(packed_runs(store, runs))
    with pytest.raises(DataError, match="more than 2"):
        list(import_runs(other, bundle, "Ben"))


def test_the_table_of_as_many_as_may_be_is_not_too_long():
    """Names of runs have at most 255 bytes on any file system; those of ours far fewer."""
    from patchcore_core.exports.run_file.unpack import MOST_LISTED

    longest = len("20260101-000000--0000.zip") + 100
    assert several.MOST_RUNS * (46 + longest + 28) < MOST_LISTED  # the entry, its name, sizes of 64 bits


def test_another_import_that_has_just_ended_disturbs_none(runs, bundle, other):
    other.root.mkdir()
    (other.root / ".import-0123abcd").symlink_to(other.root / "gone")  # is listed, and is not there
    assert [run.id for run in import_runs(other, bundle, "Ann")] == [run.id for run in runs]
