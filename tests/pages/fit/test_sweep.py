"""A sweep on the Fit page: several values of any field, what they cost together, and what cannot work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from patchcore_core.jobs import jobs, queue
from patchcore_core.runs.store import Run, RunStore
from tests.pages.fit.test_fit import press
from tests.pages.reading import read


def test_several_values_of_any_field_are_a_grid(
    store: RunStore, open_page: Any, started: list[Any]  # noqa: ARG001
) -> None:
    app = open_page("fit")
    app.multiselect("fit_quick_vary").set_value(["layers", "seed"]).run()
    assert "enter values of layers" in read(app)
    app.text_input("fit_quick_vary_layers").set_value("blocks.2+blocks.4, blocks.2").run()
    app.text_input("fit_quick_vary_seed").set_value("1,2,x").run()
    assert "seed: expected a whole number, got 'x'" in read(app)
    app.text_input("fit_quick_vary_seed").set_value("1,2,1").run()
    assert "2 more combinations are the same fit as another one" in read(app)
    grid = app.dataframe[1].value
    assert grid["layers"].tolist() == ["blocks.2 + blocks.4"] * 2 + ["blocks.2"] * 2
    assert grid["seed"].tolist() == ["1", "2"] * 2
    press(app, "Fit 4 runs")
    assert [(config.layers, config.seed) for _, config in started] == [
        (layers, seed) for layers in (("blocks.2", "blocks.4"), ("blocks.2",)) for seed in (1, 2)]


def test_combinations_that_cannot_work_are_named_and_the_others_fitted_only_when_told_so(
    store: RunStore, open_page: Any, started: list[Any]  # noqa: ARG001
) -> None:
    app = open_page("fit")
    app.multiselect("fit_quick_coreset").set_value(["1", "10", "150"]).run()
    app.multiselect("fit_quick_k").set_value(["3", "100"]).run()
    said = read(app)
    assert "3 of 6 combinations cannot work" in said
    assert "coreset_ratio=1.5 num_neighbors=3: coreset_ratio must be in (0, 1], got 1.5" in said
    assert "Coreset 1 % · k 100: num_neighbors must be at most the 96 rows" in said
    button = next(one for one in app.button if one.label == "Fit 3 runs")
    assert button.disabled
    app.checkbox("fit_others").set_value(True).run()
    press(app, "Fit 3 runs")
    assert [(config.coreset_ratio, config.num_neighbors) for _, config in started] == [
        (0.01, 3), (0.1, 3), (0.1, 100)]  # fmt: skip


def test_the_forecast_of_a_grid_counts_once_what_its_runs_share(make_run: Callable[..., Run], open_page: Any) -> None:
    make_run()
    app = open_page("fit")
    app.multiselect("fit_quick_k").set_value(["1", "3", "5"]).run()
    assert "for all, with what they share computed once" in read(app)
    assert "about" in app.caption[-1].value


def test_a_click_puts_the_sweep_into_the_queue(store: RunStore, open_page: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(jobs, "start_workers", lambda _: None)
    app = open_page("fit")
    app.multiselect("fit_quick_k").set_value(["1", "3"]).run()
    press(app, "Fit 2 runs")
    assert not app.exception
    assert "0 of 2 finished, 2 waiting" in read(app)
    waiting = queue.jobs_of(store)
    assert {job.state for job in waiting} == {"waiting"}
    assert [store.get(job.run).config.num_neighbors for job in waiting] == [3, 1]  # in the order in which they share
    assert all(job.within and job.memory > 0 for job in waiting)
