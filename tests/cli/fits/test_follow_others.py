"""What becomes of a sweep that is followed when somebody else pauses, cancels or removes its fits."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from patchcore_core.cli.fits import follow as followed
from patchcore_core.jobs import jobs, queue
from patchcore_core.jobs.job import WITH_SWEEP, Wanted
from patchcore_core.runs.store import RunStore
from tests.tiny import write_category

LINE = ("sweep", "tile", "--set", "seed=0,1,2", "--runs", "here", "--json")


pytestmark = pytest.mark.usefixtures("stand_in")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    write_category(tmp_path / "tile")
    return tmp_path


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`between(a, b)`: what happens after the first look of whoever follows a sweep, the second one, and so on."""

    sleep = followed.time.sleep

    def take(*steps: Callable[[], object]) -> None:
        left = [*steps]
        monkeypatch.setattr(followed.time, "sleep", lambda _: left.pop(0)() if left else sleep(0.02))

    return take


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_spawn", lambda _: 0)


def names(store: RunStore) -> list[str]:
    return [job.run for job in sorted(queue.jobs_of(store), key=lambda job: job.number)]


@pytest.mark.usefixtures("nobody")
def test_jobs_that_are_cancelled_are_said_so_even_while_their_runs_still_wait(here, asked, between) -> None:
    store = RunStore(here / "here")
    between(lambda: queue.cancel(store, names(store)))  # the first half of what cancels them
    code, out, err = asked(here, *LINE)
    assert code == 2
    assert [record["error"] for record in json.loads(out)] == ["cancelled"] * 3
    assert err.splitlines() == [*(f"[{n + 1} of 3] tile seed={n}: cancelled" for n in range(3)),
                                "error: 3 of 3 fits were cancelled"]


@pytest.mark.usefixtures("worker_here")
def test_a_run_that_is_removed_is_one_failed_row(here, asked, between, monkeypatch) -> None:
    store, spawn = RunStore(here / "here"), jobs._spawn
    monkeypatch.setattr(jobs, "_spawn", lambda _: 0)

    def remove() -> None:
        gone.append(names(store)[1])
        shutil.rmtree(store.root / ".jobs" / gone[0])
        spawn(store)

    gone: list[str] = []
    between(remove)
    code, out, err = asked(here, *LINE)
    records = json.loads(out)
    assert code == 2
    assert [record["run"] is None for record in records].count(True) == 1
    assert f"no run '{gone[0]}'" in next(record["error"] for record in records if record["error"])
    assert err.splitlines()[-1] == "error: 1 of 3 fits failed"


@pytest.mark.usefixtures("nobody")
def test_paused_jobs_are_said_once_and_what_was_not_cancelled_is_not_said_to_be(here, asked, between) -> None:
    store = RunStore(here / "here")

    def stop() -> None:
        raise KeyboardInterrupt

    between(lambda: queue.pause(store, names(store)), lambda: None, lambda: None, stop)
    code, _, err = asked(here, *LINE)
    assert code == 130
    assert err.splitlines() == ["paused: 3 of 3 fits; `queue resume --all` has them computed", "error: cancelled"]
    jobs.retry(store, names(store))
    between(stop)
    code, _, err = asked(here, *LINE)
    assert (code, err) == (130, "error: nothing was cancelled; 3 of 3 fits were asked for before, "
                           "and stay in the queue (see `queue`)\n")  # fmt: skip
    assert {job.state for job in queue.jobs_of(store)} == {"waiting"}


@pytest.fixture
def of_others(store: RunStore, draft: Callable) -> list[str]:
    """Two runs that another sweep has asked for."""
    runs = [store.begin(draft(identity=name, status="queued")).run.id for name in "ab"]
    queue.add(store, [Wanted(name) for name in runs], "theirs")
    return runs


@pytest.mark.usefixtures("nobody")
def test_what_only_another_sweep_has_cancelled_is_asked_for_again(
    store, of_others, between, finish, capsys
) -> None:
    first, second = of_others

    def theirs() -> None:
        jobs.cancel_all(store, of_others, WITH_SWEEP)

    def done() -> None:
        assert {(job.state, job.sweep) for job in queue.jobs_of(store)} == {("waiting", "ours")}
        for name in of_others:
            finish(store.writer(name))
            queue.end(store, name, "finished")

    between(theirs, lambda: None, done)
    followed.follow(store, {first: "a", second: "b"}, of_others, "ours")
    assert capsys.readouterr().err.splitlines()[0] == "asked for again, since another sweep was cancelled: 2 fits"
    assert [store.get(name).status for name in of_others] == ["finished"] * 2


@pytest.mark.usefixtures("nobody")
def test_what_somebody_has_cancelled_by_its_name_is_not_asked_for_again(
    store, of_others, between, capsys
) -> None:
    first, second = of_others
    between(lambda: jobs.cancel_all(store, of_others))
    followed.follow(store, {first: "a", second: "b"}, of_others, "ours")
    assert capsys.readouterr().err.splitlines() == ["[1 of 2] a: cancelled", "[2 of 2] b: cancelled"]
