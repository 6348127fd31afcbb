"""`--mlflow URI`: finished runs and evaluations logged to MLflow, for those who have it.

Logged are the configuration and the data as parameters, every defined figure with its interval, seconds, bank and
memory as metrics, and the record, the table of images and the curves as artefacts. A run that was logged there before
is not logged again.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from patchcore_core.errors import ConfigError
from patchcore_core.runs.folder import CURVES, IMAGES, RECORD
from patchcore_core.runs.record import Run

EXPERIMENT = "PatchCore Explorer"  # unless MLFLOW_EXPERIMENT_NAME says another one
MISSING = "--mlflow needs MLflow, which is not installed here: pip install mlflow-skinny (for a server), or mlflow"
QUIET = {  # a server that does not answer is said after seconds, and nothing is reported to others
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20", "MLFLOW_DISABLE_TELEMETRY": "true",
}  # fmt: skip
LONGEST_PARAMETER = 500  # characters: what every version of MLflow takes
RUN_TAG, KIND_TAG = "patchcore.run", "patchcore.kind"


class Log:
    """Where `--mlflow` says, or nowhere without it. `failed`: whether something could not be logged, which is said on
    standard error and stops nothing."""

    def __init__(self, uri: str | None) -> None:
        """ConfigError where MLflow is missing, or does not answer."""
        self.failed = False
        self._client: Any = None
        self._experiment = ""
        if uri is not None:
            self._client, self._experiment = _connected(uri)

    def fit(self, run: Run) -> None:
        """Log a finished run with its files."""
        if self._client is None:
            return
        with _saying(self, run.id):
            if self._known(run.id):
                return
            values = {"seconds": run.seconds, "intervals": run.intervals, "metrics": run.metrics, "bank": run.bank}
            more = {"peak_rss_bytes": float(run.peak_rss_bytes)}
            begun = self._begin(run, "fit", run.dataset, run.category, {"patchcore.fingerprint": run.fingerprint})
            self._write(begun, {**metrics_of(values), **more})
            for name in (RECORD, IMAGES, CURVES):
                if (run.folder / name).is_file():
                    self._client.log_artifact(begun, str(run.folder / name))
            self._client.set_terminated(begun, "FINISHED")

    def evaluation(self, run: Run, record: Mapping[str, Any]) -> None:
        """Log what `evaluate` found with a run's memory bank on another dataset."""
        if self._client is None:
            return
        with _saying(self, run.id):
            begun = self._begin(run, "evaluate", record["dataset"], record["category"], {})
            self._write(begun, metrics_of(record))
            self._client.log_text(begun, json.dumps(record, indent=1, ensure_ascii=False), "evaluation.json")
            self._client.set_terminated(begun, "FINISHED")

    def _known(self, run_id: str) -> bool:
        found = self._client.search_runs(
            [self._experiment], f"tags.`{RUN_TAG}` = '{run_id}' and tags.`{KIND_TAG}` = 'fit' "
            "and attributes.status = 'FINISHED'", max_results=1,
        )  # fmt: skip
        return bool(found)

    def _begin(self, run: Run, kind: str, dataset: str, category: str, tags: Mapping[str, str]) -> str:
        """Begin an MLflow run with its parameters; its id."""
        from mlflow.entities import Param

        begun = self._client.create_run(
            self._experiment, start_time=_milliseconds(run.created_at) if kind == "fit" else None,
            tags={RUN_TAG: run.id, KIND_TAG: kind, "mlflow.runName": f"{category} {run.id}", **tags},
        ).info.run_id  # fmt: skip
        values = {**run.config.to_dict(), "dataset": dataset, "category": category}
        parameters = [Param(name, _short(value)) for name, value in values.items()]
        self._client.log_batch(begun, params=parameters)
        return str(begun)

    def _write(self, begun: str, values: Mapping[str, float]) -> None:
        from mlflow.entities import Metric

        now = round(datetime.now().timestamp() * 1000)
        self._client.log_batch(begun, metrics=[Metric(name, value, now, 0) for name, value in values.items()])


@contextmanager
def _saying(log: Log, run_id: str) -> Iterator[None]:
    """What goes wrong in the block is said, and the log has failed."""
    try:
        yield
    except _errors() as error:
        log.failed = True
        print(f"error: run {run_id} is finished, but was not logged to MLflow: {_sentence(error)}", file=sys.stderr)


def metrics_of(values: Mapping[str, Any]) -> dict[str, float]:
    """The defined figures of a record by name, the ends of their intervals as `_low` and `_high`, `seconds_STAGE` and
    `bank_rows`, `bank_dim`, `bank_bytes`."""
    found = dict(values["metrics"])
    for name, (low, high) in values["intervals"].items():
        found |= {f"{name}_low": low, f"{name}_high": high}
    found |= {f"seconds_{name}": value for name, value in values["seconds"].items()}
    found |= {f"bank_{name}": value for name, value in values.get("bank", {}).items()}
    return {name: float(value) for name, value in found.items() if value is not None and math.isfinite(value)}


def _connected(uri: str) -> tuple[Any, str]:
    """A client and the id of the experiment there, which is made where it is missing."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        from mlflow import MlflowClient
    except ImportError as error:
        raise ConfigError(MISSING) from error
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
    try:
        client = MlflowClient(tracking_uri=uri)
        found = client.get_experiment_by_name(name)
        return client, client.create_experiment(name) if found is None else found.experiment_id
    except _errors() as error:
        plain = "://" not in uri or uri.startswith("file:")
        hint = "; plain folders are refused since MLflow 3.13, sqlite:///FILE keeps runs in a file" if plain else ""
        raise ConfigError(f"--mlflow {without_password(uri)}: {_sentence(error)}{hint}") from error


def _errors() -> tuple[type[BaseException], ...]:
    """What MLflow raises where it cannot log: its own errors, those of connections, packages that are missing."""
    found: tuple[type[BaseException], ...] = (OSError, ImportError, ValueError)
    with suppress(ImportError):
        from mlflow.exceptions import MlflowException

        found = (*found, MlflowException)
    return found


def _sentence(error: BaseException) -> str:
    """The first line of what an error says."""
    return without_password(next(iter(str(error).strip().splitlines()), type(error).__name__))


def without_password(text: str) -> str:
    """The text with the name and password of each URI in it left out."""
    return re.sub(r"://[^/@\s]*@", "://…@", text)


def _short(value: Any) -> str:
    text = "+".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST_PARAMETER else f"{text[: LONGEST_PARAMETER - 1]}…"


def _milliseconds(moment: str) -> int | None:
    try:
        return round(datetime.fromisoformat(moment).timestamp() * 1000)
    except ValueError:
        return None
