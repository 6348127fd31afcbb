"""The benchmarks run at toy sizes, their figures are finite, and the ways that they compare find the same."""

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import results
from benchmarks.fits.faults import write_photos
from benchmarks.harness import material, svg
from benchmarks.harness.alone import alone
from benchmarks.inspect import uploads
from benchmarks.ways import peers, plain, plain_fit
from patchcore_core.model import coreset
from tests.places import ROOT


@pytest.fixture
def result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """What a benchmark writes as JSON and what it prints."""
    threads = torch.get_num_threads()

    def run(name: str, *arguments: str) -> tuple[Any, str]:
        file = tmp_path / "result.json"
        import_module(f"benchmarks.{name}").main([*arguments, "--json", str(file)])
        return json.loads(file.read_text()), capsys.readouterr().out

    yield run
    torch.set_num_threads(threads)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that `teach` and `fits.sweep` do in processes of their own is done in this one, which has loaded torch."""

    def work_here(work: str, settings: dict[str, Any], _threads: int | None = None) -> dict[str, Any]:
        (module, function), wall, cpu = work.split(":"), time.perf_counter(), time.process_time()
        with patch.dict(os.environ):
            found = getattr(import_module(module), function)(json.loads(json.dumps(settings)))
        return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "result": found}

    monkeypatch.setattr("benchmarks.teach.alone", work_here)
    monkeypatch.setattr("benchmarks.fits.sweep.alone", work_here)


@pytest.fixture(scope="module")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six good photos to learn from, three good and three defective ones to judge, 64 pixels a side."""
    root = tmp_path_factory.mktemp("tiles")
    write_photos(root, 6)
    return root


def numbers(value: Any) -> list[float]:
    """Every number in a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for each in value for number in numbers(each)]
    return [value] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


@pytest.mark.parametrize("line", [
    ["embed", "--backbones", "efficientnet_lite0", "--size", "64", "--repeats", "1"],
    ["predict", "--size", "64", "--rows", "40", "--repeats", "1"],
], ids=lambda line: line[0])  # fmt: skip
def test_both_ways_find_the_same(line: list[str], result: Any) -> None:
    (figures,), printed = result(*line)
    assert figures["largest_difference"] < 1e-4
    assert min(numbers([way["embedding"] for way in figures["ways"].values()])) > 0
    assert "Largest difference of the results" in printed


def test_the_coreset_benchmark_compares_the_same_picks(result: Any) -> None:
    figures, printed = result("coreset", "--rows", "600", "--dim", "16", "--repeats", "1", "--loop-picks", "9")
    assert figures["same_first_picks"]
    assert min(numbers(figures["ways"])) > 0
    assert "extrapolated" in printed


def test_the_search_benchmark_compares_the_same_neighbours(result: Any) -> None:
    figures, _ = result("search", "--rows", "300", "--count", "200", "--dim", "64", "--repeats", "1", "--k", "1", "3")
    for each in figures["results"]:
        assert set(each["same"].values()) == {1.0}
        assert min(numbers(each["seconds"])) > 0


def test_the_published_selection_picks_as_ours_from_the_same_starting_points() -> None:
    features = torch.from_numpy(material.made_features(400, 24))
    torch.manual_seed(3)
    theirs = list(islice(plain.approximate_greedy(features), 60))
    torch.manual_seed(3)
    starts = torch.randperm(len(features))[:10].numpy()
    assert theirs == coreset.approx_greedy(features, 60, start_points=starts).tolist()


@pytest.mark.parametrize("made", [2, 7, 40])
def test_a_plain_selection_has_its_size_whatever_part_of_it_is_made(made: int) -> None:
    picks, extra = plain_fit._select(material.made_features(200, 160), 40, made, seed=0)
    assert len(set(picks.tolist())) == 40
    assert (extra["wall"] > 0) == (made < 40)


def test_photos_of_another_part_are_counted_beside_changed_ones(tiles: Path, result: Any) -> None:
    figures, printed = result("inspect.unlike", str(tiles), "--photos", "2", "--coreset-ratio", "0.01")
    (found,) = figures["results"].values()
    assert found["held_out"] == 6
    assert [found["groups"][name]["unlike"][1] for name in ("good", "defective", "of another category")] == [3, 3, 0]
    assert found["groups"]["black"]["unlike"] == [2, 2]
    assert "| black | 2 of 2 | 2 of 2: 100.0 % [" in printed


def test_hostile_uploads_are_what_they_say() -> None:
    with Image.open(io.BytesIO(uploads._png(37, 21))) as image:
        assert (image.size, image.mode) == ((37, 21), "1")
        image.load()
    (name, data), = uploads._bomb(1)
    assert (name, len(data) < 200_000) == ("bomb.png", True)
    with zipfile.ZipFile(io.BytesIO(dict(uploads._images_in_zip(2))["photos.zip"])) as archive:
        assert archive.namelist() == ["0.jpg", "1.jpg"]


def test_a_fit_is_measured_in_both_ways(tiles: Path, result: Any) -> None:
    figures, printed = result("fit", str(tiles), "--size", "64", "--crop", "0", "--dim", "32", "--ratio", "0.1",
                              "--loop-picks", "1000", "--threads", "1")  # fmt: skip
    plain_way, ours = figures["ways"]["plain"], figures["ways"]["ours"]
    assert figures["patches"] == 6 * 8 * 8
    assert plain_way["picks"] == ours["picks"] == 38
    assert plain_way["metrics"]["image_auroc"] == ours["metrics"]["image_auroc"] == 1.0
    assert not figures["extrapolated"]
    assert "extrapolated" not in printed
    for way in (plain_way, ours):
        assert min(numbers([way["wall"], way["cpu"], way["peak_bytes"], way["stages"]["total"]])) > 0


@pytest.mark.usefixtures("here")
def test_teaching_is_measured_against_a_whole_fit_with_the_photo(tiles: Path, result: Any) -> None:
    figures, printed = result("teach", str(tiles), "--ratio", "0.2", "--repeats", "1", "--threads", "1")
    ways = figures["ways"]
    assert figures["ratio"]["teach"]["cpu"] == ways["fit, no cache"]["cpu"]["median"] / ways["teach"]["cpu"]["median"]
    assert min(numbers(ways)) >= 0
    for one in ("teach", "fit"):  # with a cache or without
        assert ways[one]["found"] == ways[f"{one}, no cache"]["found"]
    assert ways["teach"]["found"]["score"] < figures["before"]["score"]
    assert ways["teach"]["found"]["rows"] >= figures["before"]["rows"]
    assert printed.count("the photo scores") == 6


@pytest.mark.usefixtures("here")
def test_a_sweep_is_measured_against_its_fits_alone(tiles: Path, result: Any) -> None:
    grid = ("--layers", "blocks.2", "blocks.3", "--ratios", "0.1", "0.3", "--neighbours", "1", "2")
    found, text = result("fits.sweep", str(tiles), *grid, "--threads", "1")
    assert (found["fits"], found["compared"], found["differing"]) == (8, 8, [])
    assert found["ratio"] == pytest.approx(found["cpu"] / max(one["seconds"] for one in found["alone"]))
    assert "all the same to the bit" in text


def test_memory_is_measured_per_fit(tiles: Path, result: Any) -> None:
    figures, printed = result("memory", str(tiles), "--size", "64", "--crop", "0", "--dim", "32", "--images", "4")
    (unlimited,) = figures[0]["fits"]
    assert figures[0]["patches"] == 4 * 64
    assert 2**27 < unlimited["peak_bytes"] < 2**33
    assert len(printed.splitlines()) == 2


def test_starts_are_measured(result: Any) -> None:
    figures, _ = result("imports", "--repeats", "1")
    assert len(figures) == 4
    assert all(each["wall"]["median"] > 0 for each in figures.values())


def test_growth_is_measured_and_drawn(tmp_path: Path, result: Any) -> None:
    picture = tmp_path / "growth.svg"
    figures, _ = result("curves", "--scale", "small", "--repeats", "1", "--out", str(picture))
    assert [each["unit"] for each in figures] == ["patches", "picks", "images", "bank rows"]
    assert min(numbers([each["y"] for each in figures])) > 0
    root = ElementTree.parse(picture).getroot()
    assert len(root.findall(".//{*}circle")) == sum(len(each["x"]) for each in figures)


def test_linear_growth_is_a_straight_line_on_the_dashed_one() -> None:
    drawn = ElementTree.fromstring(svg.chart([svg.Panel("a < b", "rows", [10, 100, 1000], [2, 20, 200])], "s"))
    spots = [(float(each.attrib["cx"]), float(each.attrib["cy"])) for each in drawn.findall(".//{*}circle")]
    across, up = np.diff(np.array(spots), axis=0).T
    assert across[0] == pytest.approx(across[1], abs=0.2)
    assert up[0] == pytest.approx(up[1], abs=0.2)
    assert up[0] < 0 < across[0]
    (dashed,) = drawn.findall(".//{*}path[@class='linear']")
    assert dashed.attrib["d"].split()[0] == "M{:.1f},{:.1f}".format(*spots[0])


def test_work_alone_gives_its_result_and_its_cost() -> None:
    cost = alone("json:dumps", {"rows": 3}, threads=1)
    assert cost["result"] == '{"rows": 3}'
    assert cost["cpu"] > 0
    assert cost["wall"] > 0
    assert cost["peak_bytes"] > 2**20


def test_an_interpreter_without_the_peer_is_a_sentence(tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'anomalib'\" >&2\nexit 1\n")
    bare.chmod(0o755)
    with pytest.raises(RuntimeError, match=r"anomalib's search failed: .*No module named 'anomalib'"):
        peers.Anomalib(bare, 1, bank=np.zeros((1, 1))).ask("search", k=1)


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


def cells(table: str) -> list[dict[str, str]]:
    """The rows of a Markdown table by heading."""
    head, line, *rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]
    assert set(line) == {"---"}
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_tables_of_the_results_are_what_fits_say(
    tiles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "sets"
    root.mkdir()
    for name in ("one", "two"):
        (root / name).symlink_to(tiles)
    places = ["--runs", str(tmp_path / "runs"), "--json", str(tmp_path / "result.json")]
    results.main([str(root), *places, "--coreset-ratio", "0.1", "1", "--", "--image-size", "64"])
    records = json.loads((tmp_path / "result.json").read_text())
    shown, costs = capsys.readouterr().out.strip().split("\n\n")
    rows = cells(shown)
    assert [(row["category"], row["coreset"]) for row in rows] == [
        ("one", "10 %"), ("two", "10 %"), ("one", "100 %"), ("two", "100 %"), ("**mean**", "10 %"),
        ("**mean**", "100 %")]  # fmt: skip
    for row, record in zip(rows[:4], records, strict=True):
        assert row["Image AUROC"] == f"{record['metrics']['image_auroc']:.4f}"
        assert row["Pixel F1-max"] == f"{record['metrics']['pixel_f1_max']:.3f}"
        counts = record["found"]
        assert row["found"].startswith(f"{counts['found']} of 3 (")
        assert row["false alarms"].startswith(f"{counts['false_alarms']} of 3 (")
    aupro = np.mean([record["metrics"]["aupro"] for record in records[:2]])
    assert rows[4]["AUPRO (FPR ≤ 0.3)"] == f"{aupro:.4f}"
    for row, record in zip(cells(costs), records, strict=True):
        assert row["bank rows"] == f"{record['bank']['rows']:,}"
        assert row["coreset"] == f"{record['ratio']:.0%}".replace("%", " %")
        for heading, stage in (("selection", "coreset"), ("scoring", "predict"), ("total", "total")):
            assert float(row[heading]) == pytest.approx(record["seconds"][stage], abs=0.06)


def test_what_a_run_does_not_have_is_a_dash_and_no_number() -> None:
    record = {"category": "one", "preset": "quick", "ratio": 0.1, "shape": [64, 32], "found": {},
              "metrics": {"image_auroc": None}}
    (row,) = cells(results.figures([record]))
    assert (row["input"], row["category"]) == ("64 x 32", "one")
    assert {value for name, value in row.items() if name not in ("input", "category", "coreset")} == {"—"}
    more = [record | {"preset": name, "category": each} for name in ("quick", "careful") for each in ("one", "two")]
    assert [row["preset"] for row in cells(results.figures(more))] == ["quick"] * 2 + ["careful"] * 2 + [
        "quick", "careful"]  # fmt: skip


def test_a_fit_that_failed_is_no_row_and_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        results.main([str(tmp_path / "nothing"), "--runs", str(tmp_path / "runs")])
    assert cells(capsys.readouterr().out.split("\n\n")[0]) == []


def test_evidence_is_what_faiss_finds(result: Any) -> None:
    figures, printed = result("evidence", "--rows", "900", "--dim", "24", "--grid", "6", "--covered", "20",
                              "--repeats", "1")  # fmt: skip
    assert set(figures["results"]) == {"nearest", "receipt", "coverage"}
    for each in figures["results"].values():
        assert each["largest_difference"] < 1e-4
        assert min(numbers([each["wall"]])) > 0
    assert "900 rows of 24 values" in printed
