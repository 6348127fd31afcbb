"""What the README tells people to run is what CI runs, and its Python example works as written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

README = (ROOT / "README.md").read_text()
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


def test_there_are_two_set_up_commands_and_ci_runs_both() -> None:
    installing = [line for block in SHELL for line in block.splitlines() if line.startswith("pip install")]
    assert installing == [
        "pip install -r requirements.txt && streamlit run app.py",
        "pip install -r requirements-dev.txt && pytest",
    ]
    ci = (ROOT / ".ci" / "run").read_text()
    for command in installing:
        first, second = command.replace("pip install", "pip install --quiet").split(" && ")
        assert first in ci
        assert second in ci


def test_every_file_it_names_exists() -> None:
    named = re.findall(r"\]\((docs/[^)]+)\)", README)
    assert named
    assert all((ROOT / name).is_file() for name in named)


@pytest.mark.parametrize("command", re.findall(r"python -m patchcore_core ([\w-]+)", README))
def test_every_command_it_names_exists(command: str) -> None:
    shown = subprocess.run([sys.executable, "-m", "patchcore_core", command, "--help"], cwd=ROOT, capture_output=True)
    assert shown.returncode == 0


def test_the_python_example_runs(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert "coreset_ratio=0.01)" in example
    quick = example.replace("coreset_ratio=0.01)", "coreset_ratio=0.01, image_size=64)")
    sample = "from pathlib import Path; from patchcore_core.data.sample import sample_set\n"
    sample += "sample_set.TRAIN, sample_set.TEST_GOOD, sample_set.SEVERITIES = 6, 2, (1.0,)\n"
    sample += "sample_set.write_sample(Path('data/sample'))\n"
    check = "\nassert len(predictions.image_scores) == len(predictions.anomaly_maps) == len(dataset.test)"
    command = [sys.executable, "-c", sample + quick + check]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
