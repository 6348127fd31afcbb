"""Fixtures of runs made by hand, a real run, and the command line within this process."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from patchcore_core.cli.main import main
from patchcore_core.data.dataset import load_dataset
from patchcore_core.fitting.fit import fit_run
from patchcore_core.runs.store import RunStore
from tests.cli.calling import QUICK, command
from tests.made_runs import CONFIG, category, draft, finish, stand_in, store, worker_here
from tests.tiny import write_category, write_stand_in

__all__ = ["category", "draft", "finish", "stand_in", "store", "worker_here"]


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data set `data/{tile,plate}` and a store `runs` with a real run of tile."""
    place = tmp_path_factory.mktemp("place")
    write_category(place / "data" / "tile")
    write_category(place / "data" / "plate", seed=1)
    done = command("fit", "data", "--category", "tile", *QUICK, "--json", cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    (place / "fit.json").write_text(done.stdout)
    return place


@pytest.fixture
def faked(tmp_path: Path) -> dict[str, str]:
    """Environment in which the stand-in takes the place of the network."""
    return {"PYTHONPATH": str(write_stand_in(tmp_path / "stand_in"))}


@pytest.fixture
def run_id(place: Path) -> str:
    return json.loads((place / "fit.json").read_text())[0]["run"]


@pytest.fixture
def asked(capsys, monkeypatch):
    """`asked(folder, *arguments)`: the same within this process; (exit code, standard output, standard error)."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the signals of this process stay as they are

    def ask(folder: Path, *arguments: object) -> tuple[object, str, str]:
        monkeypatch.chdir(folder)
        try:
            code: object = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        return (code, *capsys.readouterr())

    return ask


@pytest.fixture
def refused(asked):
    """`refused(folder, arguments, words)`: the answer is exit code 2 and one sentence with these words."""

    def refuse(folder: Path, arguments: tuple[object, ...], words: tuple[str, ...]) -> None:
        code, out, err = asked(folder, *arguments)
        assert code == 2
        assert out.strip() == ""
        assert err.startswith("error: ")
        assert len(err.splitlines()) == 1
        for word in words:
            assert word in err

    return refuse


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store with a real run, and the run's id."""
    place = tmp_path_factory.mktemp("made")
    dataset = load_dataset(write_category(place / "tile"))
    return place / "runs", fit_run(dataset, CONFIG, RunStore(place / "runs")).run.id


@pytest.fixture
def score(made, tmp_path, capsys, monkeypatch) -> Callable[..., tuple[object, str, str]]:
    """`score(*arguments)` in tmp_path, in this process: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the signals of this process stay as they are

    def ask(*arguments: object) -> tuple[object, str, str]:
        line = ["score", made[1], *map(str, arguments), "--runs", str(made[0]), "--device", "cpu"]
        return (main(line), *capsys.readouterr())

    return ask
