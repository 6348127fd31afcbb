"""`--mlflow`: what is logged, to a real server where MLflow is installed, and what is said where it is not."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from patchcore_core.cli.mlflow_log import Log, metrics_of, without_password
from patchcore_core.runs.store import RunStore
from tests.places import ROOT

NAN = float("nan")
SERVER = find_spec("mlflow") is not None and find_spec("sqlalchemy") is not None
needs_server = pytest.mark.skipif(not SERVER, reason="MLflow with its server is not installed: pip install mlflow")


def test_without_mlflow_it_is_said_before_anything_is_computed(
    place: Path, run_id: str, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    for line in (("fit", "data/tile"), ("sweep", "data", "--set", "seed=1,2"), ("evaluate", run_id, "data/tile")):
        refused(place, (*line, "--mlflow", "sqlite:///x.db", "--runs", "runs"), ("pip install mlflow-skinny",))
    assert len(RunStore(place / "runs").list()) == 1


def test_the_password_of_a_server_is_not_repeated() -> None:
    said = "http://ann:s3cret@host:5000/x: refused (http://ann:s3cret@host:5000)"
    assert without_password(said) == "http://…@host:5000/x: refused (http://…@host:5000)"
    assert without_password("sqlite:///a@b.db: no") == "sqlite:///a@b.db: no"


def test_every_defined_figure_is_a_metric_with_its_interval() -> None:
    record = {"metrics": {"aupro": 0.5, "image_auroc": NAN, "pixel_auroc": None}, "intervals": {"aupro": [0.25, None]},
              "seconds": {"total": 2.0}, "bank": {"rows": 7}}  # fmt: skip
    assert metrics_of(record) == {"aupro": 0.5, "aupro_low": 0.25, "seconds_total": 2.0, "bank_rows": 7.0}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of MLflow with an empty database."""
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
            "--artifacts-destination", str(folder / "artefacts"), "--host", "127.0.0.1", "--port", str(port),
            "--workers", "1"]  # fmt: skip
    with open(folder / "log.txt", "wb") as log, subprocess.Popen(line, stdout=log, stderr=log, cwd=folder) as process:
        deadline, address = time.monotonic() + 120, f"http://127.0.0.1:{port}"
        while True:
            try:
                urllib.request.urlopen(f"{address}/health", timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log.txt").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.2)
        yield address
        process.terminate()


def asked_of(server: str, path: str, **values: Any) -> Any:
    """What the server answers over HTTP, without MLflow's client."""
    data = json.dumps(values).encode() if values else None
    request = urllib.request.Request(f"{server}/api/2.0/mlflow/{path}", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


@needs_server
def test_a_run_is_logged_once_and_an_evaluation_each_time(
    server: str, store: RunStore, draft: Any, finish: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run = finish(store.begin(draft()), metrics={"image_auroc": 0.75, "aupro": NAN},
                 intervals={"image_auroc": (0.5, 1.0)}, seconds={"total": 3.0})  # fmt: skip
    for _ in range(2):  # the second log finds the first one's run
        log = Log(server)
        log.fit(run)
    record = {"dataset": "elsewhere", "category": "tile", "metrics": {"aupro": 0.25}, "intervals": {},
              "seconds": {"predict": 1.0}}  # fmt: skip
    log.evaluation(run, record)
    assert not log.failed
    experiment = asked_of(server, "experiments/get-by-name?experiment_name=PatchCore%20Explorer")["experiment"]
    logged = asked_of(server, "runs/search", experiment_ids=[experiment["experiment_id"]])["runs"]
    by_kind = {next(tag["value"] for tag in each["data"]["tags"] if tag["key"] == "patchcore.kind"): each
               for each in logged}  # fmt: skip
    assert (len(logged), set(by_kind)) == (2, {"fit", "evaluate"})
    fit = by_kind["fit"]
    assert {each["key"]: each["value"] for each in fit["data"]["metrics"]} == {
        "image_auroc": 0.75, "image_auroc_low": 0.5, "image_auroc_high": 1.0, "seconds_total": 3.0,
        "peak_rss_bytes": 0.0,
    }  # fmt: skip
    parameters = {each["key"]: each["value"] for each in fit["data"]["params"]}
    assert parameters["layers"] == "+".join(run.config.layers)
    assert parameters["category"] == "tile"
    assert fit["info"]["status"] == "FINISHED"
    files = asked_of(server, f"artifacts/list?run_id={fit['info']['run_id']}")["files"]
    assert {each["path"] for each in files} == {"run.json", "images.csv", "curves.npz"}
    assert capsys.readouterr().err == ""


@needs_server
def test_a_place_that_mlflow_does_not_take_is_refused_in_a_sentence(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "patchcore_core", "fit", "nowhere", "--mlflow", str(tmp_path / "folder")]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --mlflow ")
