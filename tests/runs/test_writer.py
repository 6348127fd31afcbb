from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from patchcore_core.errors import StoreError
from patchcore_core.runs import writer as writer_module
from patchcore_core.runs.files import write_bytes, writing


def test_progress_reaches_the_disk_a_few_times_per_second(store, draft, monkeypatch):
    writer, clock, written = store.begin(draft()), [0.0], []
    monkeypatch.setattr(writer_module.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(writer_module, "write_json",
                        lambda _path, values, **_: written.append((clock[0], values["done"])))
    for step in range(1, 1001):  # ten seconds, a hundred calls each
        clock[0] = step / 100
        writer.progress("features", step, 1000)
    assert 20 <= len(written) <= 36
    assert written[0] == (0.01, 1)
    assert written[-1] == (10.0, 1000)


def test_each_stage_is_shown_at_once(store, draft):
    writer = store.begin(draft())
    for stage in ("features", "coreset", "index"):
        writer.progress(stage, 0, 9)
        assert store.progress(writer.run.id).stage == stage


def test_progress_and_log_that_cannot_be_written_stop_nothing(store, draft, monkeypatch):
    writer = store.begin(draft())

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer_module, "write_json", refuse)
    writer.progress("features", 1, 2)
    store.log_path(writer.run.id).mkdir()
    writer.log("nowhere to go")
    assert store.get(writer.run.id).status == "running"


def test_every_change_has_its_own_time(store, draft):
    writer = store.begin(draft())
    times = [writer.run.updated_at]
    for number in range(5):
        writer.update(peak_rss_bytes=number)
        times.append(store.get(writer.run.id).updated_at)
    assert len(set(times)) == 6


def test_an_end_after_the_run_was_put_in_its_place_changes_nothing(store, draft, finish):
    writer = store.begin(draft())
    run = finish(writer)
    writer.end("cancelled", "a moment too late")
    assert store.list() == (run,)


def test_time_left_is_written_with_the_progress(store, draft, monkeypatch):
    writer, clock = store.begin(draft()), [0.0]
    monkeypatch.setattr(writer_module.time, "monotonic", lambda: clock[0])
    writer.expect({"features": 40.0, "coreset": 7.0})
    writer.progress("features", 0, 100)
    seen = store.progress(writer.run.id)
    assert (seen.seconds_left, seen.run_seconds_left) == (40.0, 47.0)
    for step in range(1, 51):
        clock[0] = float(step)
        writer.progress("features", step, 100)
    seen = store.progress(writer.run.id)
    assert (seen.seconds_left, seen.run_seconds_left) == (50.0, 57.0)


def test_an_unknown_time_is_null(store, draft):
    writer = store.begin(draft())
    writer.progress("features", 1, 100)
    assert '"seconds_left": null' in (writer.run.folder / "progress.json").read_text()
    seen = store.progress(writer.run.id)
    assert (seen.seconds_left, seen.run_seconds_left) == (None, None)


def test_progress_of_an_older_version_is_read(store, draft):
    writer = store.begin(draft())
    (writer.run.folder / "progress.json").write_text(
        '{"stage": "features", "done": 1, "total": 2, "updated_at": "2026-01-01T00:00:00+00:00"}'
    )
    assert store.progress(writer.run.id).seconds_left is None


def test_a_place_that_cannot_be_written_is_named_as_it_was_given(tmp_path):
    place = tmp_path / "missing" / "run.zip"
    with pytest.raises(StoreError, match=f"^{re.escape(str(place))}: cannot be written: No such file"), writing(place):
        write_bytes(place, b"bytes")


def test_what_is_said_is_why_it_could_not_be_written_and_not_why_nothing_could_be_removed(tmp_path, monkeypatch):
    place = tmp_path / "run.json"

    def refuse(path, *_):
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StoreError, match=f"^{re.escape(str(place))}: cannot be written: Read-only"), writing(place):
        write_bytes(place, b"bytes")
