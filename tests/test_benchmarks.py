"""The benchmarks run, and both ways that they compare find the same."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("line", [
    ["embed", "--backbones", "efficientnet_lite0", "--size", "64", "--repeats", "1"],
    ["predict", "--size", "64", "--rows", "40", "--repeats", "1"],
], ids=lambda line: line[0])  # fmt: skip
def test_both_ways_find_the_same(line: list[str], tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    command = [sys.executable, "-m", "benchmarks", *line, "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    (result,) = json.loads(file.read_text())
    assert result["largest_difference"] < 1e-4
    assert result["ways"]["ours"]["embedding"]["median"] < result["ways"]["plain"]["embedding"]["median"]
    assert "Largest difference of the results" in done.stdout


def test_ours_and_the_libraries_find_the_same_metrics(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    command = [sys.executable, "-m", "benchmarks", "metrics", "--images", "12", "--size", "48", "--repeats", "1"]
    done = subprocess.run([*command, "--json", str(file)], cwd=ROOT, capture_output=True, text=True, check=True)
    outcomes = json.loads(file.read_text())
    ours = outcomes["ours"][0]["values"]
    plain = outcomes["scikit-learn and plain AUPRO"][0]["values"]
    assert plain == pytest.approx({name: ours[name] for name in plain}, abs=1e-9)
    assert "values - ours" in done.stdout


def test_an_unknown_benchmark_is_refused() -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks", "x"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "usage: python -m benchmarks" in done.stderr
