"""A run as one file and back: the same to the bit, and nothing else gets in."""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from contextlib import suppress

import pytest

from patchcore_core.errors import DataError, ReadOnlyError, StoreError
from patchcore_core.exports.run_file import unpack
from patchcore_core.exports.run_file.pack import pack_run
from patchcore_core.exports.run_file.pack import packed as pieces
from patchcore_core.exports.run_file.unpack import import_run
from patchcore_core.reviews.run_labels import RunLabelsOf
from patchcore_core.runs.keeping.dropped import drop_maps
from patchcore_core.runs.keeping.trash import delete_run
from tests.places import files_in


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rewritten(place, change, names=None):
    """The file with its members changed by `change(name, data) -> (ZipInfo or name, data) or None`."""
    with zipfile.ZipFile(place) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            if (made := change(name, data)) is not None:
                archive.writestr(*made)
        for name, data in (names or {}).items():
            archive.writestr(name, data)
    return place


def listing(change):
    """A change of contents.json alone, as plain values."""
    def changed(name, data):
        if name != "contents.json":
            return name, data
        values = json.loads(data)
        change(values)
        return name, json.dumps(values)
    return changed


def test_a_run_comes_over_to_the_bit_with_its_labels(store, run, other, tmp_path):
    RunLabelsOf(store.root).change(run.id, "Ann", name="Line 3", tags=["good", "lamp"], note="n", star=True)
    place = tmp_path / "run.zip"
    pack_run(store, run, place)
    assert place.read_bytes() == b"".join(pieces(store, run))
    came = import_run(other, place, "Ben")
    assert contents(came.folder) == {name: data for name, data in contents(run.folder).items()
                                     if name != "progress.json"}
    assert (came.id, came.metrics, came.status) == (run.id, run.metrics, "finished")
    given = RunLabelsOf(other.root).current(run.id)
    assert (given.name, given.tagged, given.note) == ("Line 3", ("good", "lamp"), "n")
    assert (given.author, given.star) == ("Ben", 0)
    assert [path.name for path in other.root.iterdir() if path.name.startswith(".import")] == []


def test_labels_that_cannot_be_stored_are_refused_before_the_run_is_there(packed, other):
    place = rewritten(packed, listing(lambda values: values["labels"].update(name="x" * 300)))
    with pytest.raises(DataError, match=r"contents.json: a run's name must have at most 200 characters"):
        import_run(other, place, "Ben")
    assert other.list() == ()


def test_a_run_without_maps_comes_over_too(store, run, other, tmp_path):
    less = drop_maps(store, run.id)
    pack_run(store, less, tmp_path / "less.zip")
    came = import_run(other, tmp_path / "less.zip", "Ben")
    assert came.dropped == less.dropped
    assert other.images(came).equals(store.images(less))


def test_nothing_is_overwritten(store, run, packed, other):
    with pytest.raises(StoreError, match="is in the store already, and nothing is overwritten"):
        import_run(store, packed, "Ben")
    with pytest.raises(StoreError, match="exists already, and nothing is overwritten"):
        pack_run(store, run, packed)
    import_run(other, packed, "Ben")
    before = files_in(other.root / run.id)
    with pytest.raises(StoreError, match="nothing is overwritten"):
        import_run(other, packed, "Ben")
    assert files_in(other.root / run.id) == before


def test_the_same_fit_under_another_id_is_refused(store, run, packed, draft, finish):
    delete_run(store.root, run.id)
    again = finish(store.begin(draft()))
    with pytest.raises(StoreError, match=f"{again.id} is the same fit and is finished"):
        import_run(store, packed, "Ben")
    assert store.list() == (again,)


def test_only_finished_runs_are_exported_and_read_only_stores_take_none(
    store, draft, packed, other, tmp_path, monkeypatch
):
    writer = store.begin(draft(identity="other"))
    with pytest.raises(StoreError, match="is running, and only a finished run"):
        pack_run(store, writer.run, tmp_path / "new.zip")
    assert not (tmp_path / "new.zip").exists()
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    with pytest.raises(ReadOnlyError, match="no run can be imported"):
        import_run(other, packed, "Ben")
    assert not other.root.exists()


def link(name, data):
    if name != "log.txt":
        return name, data
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry, b"/etc/passwd"


def first_byte_turned(name, data):
    return name, bytes([data[0] ^ 1]) + data[1:] if name == "anomaly_maps.npy" else data


EVIL = {
    "another path": (lambda name, data: (name, data), {"../evil.txt": b"x"}, "is no file of a run"),
    "an absolute path": (lambda name, data: (name, data), {"/etc/evil": b"x"}, "is no file of a run"),
    "a program": (lambda name, data: (name, data), {"memory_bank/run.py": b"x"}, "is no file of a run"),
    "a pickle": (lambda name, data: (name, data), {"memory_bank/patches.pkl": b"x"}, "is no file of a run"),
    "a link": (link, None, "log.txt is no ordinary file"),
    "a changed byte": (first_byte_turned, None, "anomaly_maps.npy is damaged: its SHA-256"),
    "a longer file": (lambda name, data: (name, data + b"x" * (name == "log.txt")), None, "log.txt has another size"),
    "a file left out": (lambda name, data: None if name == "curves.npz" else (name, data), None, "curves.npz is in"),
    "no contents": (lambda name, data: None if name == "contents.json" else (name, data), None, "holds no run"),
    "a newer version": (listing(lambda values: values.update(version=2)), None, "version 2"),
    "another kind": (listing(lambda values: values.update(kind="x")), None, "kind must be one of"),
    "an id that is a path": (listing(lambda values: values.update(run="../../evil")), None, "is no id of a run"),
    "a size that fits nowhere": (
        listing(lambda values: values["files"]["log.txt"].update(bytes=2**52)), None, "GB are free"),
    "a file listed elsewhere": (
        listing(lambda values: values["files"].update({"../x": values["files"]["log.txt"]})), None, "no file of a run"),
    "no record": (listing(lambda values: values["files"].pop("run.json")), None, "run.json is missing"),
    "contents that are no JSON": (
        lambda name, data: (name, b"{" if name == "contents.json" else data), None, "contents.json"),
}


@pytest.mark.parametrize("kind", EVIL)
def test_what_was_not_exported_is_refused_in_a_sentence_and_leaves_nothing(kind, packed, other, tmp_path):
    change, more, said = EVIL[kind]
    rewritten(packed, change, more)
    before = {name for name in os.listdir(tmp_path) if name != "other"}
    with pytest.raises((DataError, StoreError), match=said) as refused:
        import_run(other, packed, "Ben")
    assert "\n" not in str(refused.value)
    assert str(packed) in str(refused.value)
    assert other.list() == ()
    assert {name for name in os.listdir(tmp_path) if name != "other"} == before
    assert not other.root.exists() or {path.name for path in other.root.iterdir()} <= {".jobs"}


def test_a_run_that_is_damaged_inside_is_refused_though_its_hashes_are_right(store, run, other, tmp_path):
    table = run.folder / "images.csv"
    table.write_text(table.read_text().replace("test/0.png", "/etc/passwd"))
    pack_run(store, run, tmp_path / "bad.zip")
    with pytest.raises(DataError, match=r"holds a run that cannot be read: images\.csv.*no path within the dataset"):
        import_run(other, tmp_path / "bad.zip", "Ben")
    assert other.list() == ()


@pytest.mark.parametrize("cut", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(cut, packed, other):
    data = packed.read_bytes()
    packed.write_bytes(data[: int(len(data) * cut)])
    with pytest.raises(DataError, match="no ZIP file, or cut off at its end"):
        import_run(other, packed, "Ben")


@pytest.mark.parametrize("place", range(0, 100, 7))
def test_no_turned_bit_gets_in(place, run, packed, other):
    """A damaged file is refused, or the run is the one that was exported: bytes between the files mean nothing."""
    data = bytearray(packed.read_bytes())
    data[len(data) * place // 100] ^= 0x10
    with suppress(DataError, StoreError):
        import_run(other, io.BytesIO(bytes(data)), "Ben")
    exported = {name: data for name, data in contents(run.folder).items() if name != "progress.json"}
    assert [contents(came.folder) for came in other.list()] in ([], [exported])


def test_a_bomb_is_not_unpacked(packed, other, monkeypatch):
    """Whatever the headers say, no more is written than contents.json announces, and a long table is not read."""
    def bomb(name, data):
        return (name, b"\0" * 50_000_000) if name == "log.txt" else (name, data)

    rewritten(packed, bomb)
    with pytest.raises(DataError, match=r"log\.txt has another size"):
        import_run(other, packed, "Ben")
    monkeypatch.setattr(unpack, "MOST_LISTED", 100)
    with pytest.raises(DataError, match="lists too many files"):
        import_run(other, packed, "Ben")
