"""Present in each state, and its address."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.runs.store import Run, RunStore
from tests.pages.reading import component, read

MakeRun = Callable[..., Run]


def screens(app: Any) -> list[dict[str, Any]]:
    assert not app.exception
    assert not app.error
    return component(app, "present")["screens"]


def test_a_run_in_plain_words(make_run: MakeRun, open_page: Any) -> None:
    run = make_run(trusted=True)
    app = open_page("present")
    found = screens(app)
    assert app.query_params["run"] in (run.id, [run.id])  # a copied link names its run
    assert [screen["kind"] for screen in found][:5] == ["title", "rate", "rate", "rate", "cost"]
    assert found[-1]["kind"] == "limits"
    assert found[1]["words"][0].startswith("Of 100 defective parts it finds ")
    assert found[2]["words"][0].startswith("Of 1,000 good parts it stops ")
    assert "AUROC" not in str(found)
    assert [len(screen["figures"]) for screen in found if screen["kind"] == "example"] == [3] * 6
    assert "The evidence is left out: " in read(app)  # there is no memory bank in this run


def test_the_examples_their_order_the_screen_and_the_prices_are_in_the_link(make_run: MakeRun, open_page: Any) -> None:
    names = ["test/good/001.png", "test/hole/002.png"]
    app = open_page("present", run=make_run(trusted=True).id, example=names, screen="cost", escape="7", overkill="x",
                    defect_rate="300")
    given = component(app, "present")
    assert given["chosen"] == names
    assert [screen["name"] for screen in given["screens"] if screen["kind"] == "example"] == \
        [f"example {name}" for name in names]
    assert given["at"] == "cost"
    assert given["costs"] == {"escape": 7, "overkill": 5, "rate": 1}  # what is none is the usual one
    assert len(given["candidates"]) == 9
    assert all(one["thumbnail"].startswith("/pictures/") for one in given["candidates"])


def test_several_runs_of_a_category(make_run: MakeRun, open_page: Any) -> None:
    one, other = make_run(trusted=True), make_run(seed=1)
    found = screens(open_page("present", run=one.id, **{"with": f"{other.id},nobody,{one.id}"}))
    assert [bar["label"] for bar in found[1]["bars"]] == ["Run A", "Run B"]
    assert len(found[1]["words"]) == 2


def test_chosen_thresholds_are_followed_at_once(make_run: MakeRun, open_page: Any, store: RunStore) -> None:
    run = make_run(trusted=True)
    app = open_page("present", run=run.id)
    assert "chosen by Ann" not in str(screens(app))
    ChosenThresholdsOf(store.root).use(run.id, "Ann", image=100.0)
    app.run()
    assert "chosen by Ann" in str(screens(app))
    assert "it finds none" in str(screens(app))


def test_a_photo_that_is_gone_is_a_sentence(make_run: MakeRun, open_page: Any) -> None:
    run = make_run(trusted=True)
    shutil.rmtree(Path(run.dataset, "test", "hole"))
    assert "gone or has changed" in str(screens(open_page("present", run=run.id, example="test/hole/000.png")))


# states


def test_an_empty_store_leads_to_a_fit(store: RunStore, open_page: Any) -> None:  # noqa: ARG001
    app = open_page("present")
    assert "There is no finished run yet." in read(app)
    assert not app.exception


@pytest.mark.parametrize(("status", "words"), [
    ("running", "reading images"), ("failed", "there is no space left on the device"),
    ("cancelled", "was cancelled"), ("lost", "was lost"),
])  # fmt: skip
def test_a_run_that_is_not_finished_says_how_it_stands(
    make_run: MakeRun, open_page: Any, status: str, words: str
) -> None:
    app = open_page("present", run=make_run(status).id)
    assert not app.exception
    assert words in read(app)


def test_an_unknown_run(make_run: MakeRun, open_page: Any) -> None:
    make_run()
    app = open_page("present", run="nobody")
    assert not app.exception
    assert "There is no run nobody in this store" in read(app)


def test_without_test_images(make_run: MakeRun, open_page: Any, data_root: Path) -> None:
    shutil.rmtree(data_root / "tile" / "test")
    shutil.rmtree(data_root / "tile" / "ground_truth")
    found = screens(open_page("present", run=make_run(trusted=True).id))
    assert [screen["kind"] for screen in found] == ["title", "rate", "rate", "limits"]
    assert "It has not been tested on other parts." in found[0]["words"]


def test_a_run_deleted_meanwhile(make_run: MakeRun, open_page: Any) -> None:
    run = make_run(trusted=True)
    app = open_page("present", run=run.id)
    shutil.rmtree(run.folder)
    app.run()
    assert not app.exception
    assert f"There is no run {run.id} in this store" in read(app)
