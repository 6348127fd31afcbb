"""The Memory bank page in every state, with the figures of a true bank."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from streamlit.testing.v1 import AppTest

from patchcore_core.model.bank_rows import read_banks
from patchcore_core.model.evidence import bank_map
from patchcore_core.runs.bank.row_use import read_row_use
from patchcore_core.runs.folder import ROW_USE
from patchcore_core.runs.record import Run
from patchcore_core.views.web.packed import unpacked
from tests.pages.reading import component, components, read, wait
from tests.places import files_in

Open = Callable[..., AppTest]
ALL = ("Coverage", "Map of the rows", "Rows per training photo", "Unused rows", "Size and precision")


def headings(app: AppTest) -> list[str]:
    assert not app.exception
    return [heading.value for heading in app.subheader]


def ask(app: AppTest, label: str, until: str) -> str:
    """Press the button and follow the progress to its end; all text then."""
    next(button for button in app.button if button.label == label).click()
    app.run()
    wait(app, lambda app: until in read(app))
    return read(app)


def test_a_bank_is_shown_at_once(run: Run, open_page: Open) -> None:
    app, (rows,) = open_page("memory_bank", run=run.id), read_banks(run.folder / "memory_bank").scales
    assert headings(app) == list(ALL)
    text = read(app)
    count = len(rows)
    assert f"{count:,} rows of {rows.patches.shape[1]} values · float16" in text
    assert count == 76
    assert "19.79 % of the 384 patches of 6 training photos · grid 8 x 8" in text
    use = read_row_use(run.folder, [count])
    assert use is not None
    none = int((use.scales[0] == 0).sum())
    assert f"{none} of {count} rows" in text
    assert "6 test images" in text
    table = app.dataframe[0].value
    expected = np.bincount(rows.origin[:, 0], minlength=6)
    assert table["rows"].tolist() == sorted(expected, reverse=True)
    assert table["unused"].sum() == none
    assert table["photo"].str.startswith("data:image/jpeg;base64,").all()
    assert set(table["name"]) == {f"train/good/{number:03d}.png" for number in range(6)}
    assert len(app.get("plotly_chart")) == 1


def test_the_map_has_a_point_for_each_row_and_colours_by_use_or_photo(run: Run, open_page: Open) -> None:
    app, (rows,) = open_page("memory_bank", run=run.id), read_banks(run.folder / "memory_bank").scales
    given = component(app, "bank_map")
    use = read_row_use(run.folder, [len(rows)])
    assert use is not None
    assert unpacked(given["places"]).size == 2 * len(rows)
    assert unpacked(given["origins"]).reshape(-1, 3).tolist() == rows.origin.tolist()
    assert unpacked(given["uses"]).tolist() == use.scales[0].tolist()
    assert np.isnan(unpacked(given["shades"])).tolist() == (use.scales[0] == 0).tolist()
    app.segmented_control(key="bank_colour").set_value("photo").run()
    shades = unpacked(component(app, "bank_map")["shades"])
    np.testing.assert_allclose(shades, rows.origin[:, 0] / 5, atol=1e-6)


def test_distances_and_losses_are_measured_on_request(run: Run, open_page: Open) -> None:
    app = open_page("memory_bank", run=run.id)
    text = ask(app, "Measure distances", "Distances of patches of 6 training photos")
    assert re.search(r"The curve is not flat yet|Flat from about", text)
    ask(app, "Measure the losses", "Measured on 6 test images")
    table = next(element.value for element in app.dataframe if "dtype" in element.value)
    assert table["dtype"].tolist() == ["float32", "float16 (this bank)", "int8"]
    assert table["auroc"][0] == run.metrics["image_auroc"]
    assert table["change"][0] == "baseline"


def test_a_run_without_counts_says_so_and_counts_on_request(run: Run, open_page: Open) -> None:
    (run.folder / ROW_USE).unlink()
    app = open_page("memory_bank", run=run.id)
    assert "did not count which rows its test patches use" in read(app)
    assert component(app, "bank_map")["uses"] is None
    assert "unused" not in app.dataframe[0].value
    ask(app, "Count the use", "test images. The most used row")
    assert (run.folder / ROW_USE).exists()


def test_in_a_read_only_installation_nothing_is_kept_and_no_process_started(
    run: Run, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run.folder / ROW_USE).unlink()
    monkeypatch.setenv("PATCHCORE_READ_ONLY", "1")
    monkeypatch.setattr(bank_map, "METHODS", {"json": "Installed"})
    before = files_in(run.folder.parent, Path(run.dataset))
    app = open_page("memory_bank", run=run.id)
    assert "kept with the run" not in read(app)
    assert [control.key for control in app.segmented_control] == ["bank_colour", "bank_order"]
    ask(app, "Count the use", "test images. The most used row")
    ask(app, "Measure the losses", "Measured on 6 test images")
    assert files_in(run.folder.parent, Path(run.dataset)) == before


@pytest.mark.parametrize("file", ["bank.json", "patches.safetensors"])
def test_a_damaged_bank_is_a_sentence(run: Run, open_page: Open, file: str) -> None:
    path = run.folder / "memory_bank" / file
    path.write_bytes(b"{" * path.stat().st_size)  # of the same size: the run is listed as finished
    app = open_page("memory_bank", run=run.id)
    assert headings(app) == []
    assert file in app.error[0].value
    assert "cannot be read" in read(app)


def test_damaged_counts_hide_nothing_else(run: Run, open_page: Open) -> None:
    (run.folder / ROW_USE).write_bytes(b"no archive")
    app = open_page("memory_bank", run=run.id)
    assert f"{ROW_USE}: cannot be read" in read(app)
    assert headings(app) == list(ALL)


def test_a_bank_without_origin_has_no_photos_but_all_else(run: Run, open_page: Open) -> None:
    path = run.folder / "memory_bank" / "patches.safetensors"
    size = path.stat().st_size
    save_file({"patches": load_file(path)["patches"]}, path)
    record = run.folder / "run.json"
    record.write_text(record.read_text().replace(f"patches.safetensors\": {size}",
                                                 f"patches.safetensors\": {path.stat().st_size}"))  # fmt: skip
    app = open_page("memory_bank", run=run.id)
    assert headings(app) == list(ALL)
    assert "does not record which training photos its rows come from" in read(app)
    assert component(app, "bank_map")["origins"] is None


def test_photos_that_are_gone_or_not_allowed_leave_the_figures(
    run: Run, open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "empty"))
    app = open_page("memory_bank", run=run.id)
    assert headings(app) == list(ALL)
    assert app.dataframe[0].value["photo"].isna().all()
    text = ask(app, "Measure distances", "none of 6 training photos is there")
    assert "outside the folders the dashboard may read" in text


def test_a_neighbour_map_is_offered_where_a_package_is_installed(
    run: Run, open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "umap.py").write_text(
        "class UMAP:\n    def __init__(self, **given): pass\n"
        "    def fit_transform(self, rows): return rows[:, 1:3] * 2\n"
    )
    monkeypatch.syspath_prepend(tmp_path / "packages")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    monkeypatch.setattr(bank_map, "METHODS", {"umap": "UMAP"})
    app = open_page("memory_bank", run=run.id)
    app.segmented_control(key="bank_plane").set_value("umap").run()
    assert "bank_map" not in dict(components(app))
    ask(app, "Compute UMAP", "placed by UMAP")
    (rows,) = read_banks(run.folder / "memory_bank").scales
    expected = rows.patches[:, 1:3].astype(np.float32) * 2
    np.testing.assert_array_equal(unpacked(component(app, "bank_map")["places"]).reshape(-1, 2), expected)


def test_a_patch_is_cut_from_its_photo(run: Run, open_page: Open) -> None:
    app = open_page("memory_bank", run=run.id)
    given = dict(components(app))["bank_map_patches"]
    assert (given["row"], given["picture"], given["album"]) == ("", "", f"{run.id} 0")
