"""Compare's questions: which runs, which is best, what a field does, what quality costs, where two disagree."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pages.ui.compare import choose
from patchcore_core.evaluation.statistics.differences import delong_test
from patchcore_core.evaluation.statistics.paired import NOT_KEPT
from patchcore_core.reviews.run_labels import RunLabelsOf
from patchcore_core.runs.store import Run, RunStore
from tests.pages.compare.test_compare import both
from tests.pages.reading import component, read, wait

MakeRun = Callable[..., Run]
HOLES = [f"test/hole/{number:03d}.png" for number in range(3)]
SCRATCHES = [f"test/scratch/{number:03d}.png" for number in range(2)]
BAD = {"test/good/000.png": 0.115, **dict(zip([*HOLES, *SCRATCHES], (0.1, 0.11, 0.12, 0.13, 0.14), strict=True))}


def brick(data_root: Path) -> None:
    """A second category, the first one inverted."""
    for place in (data_root / "tile").rglob("*.png"):
        target = data_root / "brick" / place.relative_to(data_root / "tile")
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - np.asarray(Image.open(place))).save(target)


# which runs


def test_runs_are_chosen_by_filter_in_the_address(scored_run: MakeRun, data_root: Path, open_page: Any) -> None:
    brick(data_root)
    kept = [scored_run(coreset_ratio=ratio) for ratio in (0.1, 0.2)]
    scored_run(num_neighbors=3), scored_run(category="brick")
    app = open_page("compare", category="tile", k="1")
    assert not app.exception
    assert "2 of 4 finished runs" in read(app)
    assert set(app.dataframe[0].value["id"]) == {run.id for run in kept}
    app.multiselect(key="compare_k").set_value([]).run()
    assert "3 of 4 finished runs" in read(app)
    assert "k" not in app.query_params


def test_figures_that_older_runs_lack_are_those_of_overview(scored_run: MakeRun, open_page: Any) -> None:
    for ratio in (0.1, 0.2):
        record = scored_run(BAD, coreset_ratio=ratio).folder / "run.json"
        older = json.loads(record.read_text())
        older["intervals"]["image_auroc"] = [1.0, 1.0]  # as they wrote it
        record.write_text(json.dumps(older))
    overview = open_page("overview").dataframe[0].value
    app = open_page("compare", category="tile", view="best")
    assert not app.exception
    (said,) = set(overview["image_auroc_interval"])
    assert all(text.endswith(said) for text in app.dataframe[0].value["Image AUROC"])
    assert "Recall" in " ".join(app.selectbox(key="compare_figure").options)


def test_runs_are_chosen_by_what_people_call_them(scored_run: MakeRun, store: RunStore, open_page: Any) -> None:
    runs = [scored_run(coreset_ratio=ratio) for ratio in (0.1, 0.2, 0.3)]
    labels = RunLabelsOf(store.root)
    for run in runs[:2]:
        labels.change(run.id, "Ada", name=f"mine *{run.config.coreset_ratio}*", tags=["line 2"])
    labels.change(runs[2].id, "Ada", archived=True)
    app = open_page("compare", tag="line 2")
    assert not app.exception
    assert "2 of 2 finished runs (1 archived, not counted)" in read(app)
    assert set(app.dataframe[0].value["run"]) == {"mine *0.1* · 10 %", "mine *0.2* · 20 %"}


def test_an_unknown_word_and_too_narrow_a_filter_are_said(scored_run: MakeRun, open_page: Any) -> None:
    scored_run(), scored_run(coreset_ratio=0.5)
    assert "unknown here: Backbone resnet18" in read(open_page("compare", backbone="resnet18"))
    assert "1 finished run with these properties" in read(open_page("compare", coreset="50 %"))
    assert "No finished runs with these properties" in read(open_page("compare", text="nothing like it"))


def test_filter_and_names_turn_into_each_other(scored_run: MakeRun, open_page: Any) -> None:
    runs = [scored_run(seed=seed) for seed in range(3)]
    app = open_page("compare", runs=both(*runs[:2]))
    app.segmented_control(key="compare_by").set_value("filter").run()
    assert not app.exception
    assert "3 of 3 finished runs" in read(app)
    app.segmented_control(key="compare_by").set_value("name").run()
    assert not app.exception
    assert set(app.multiselect(key="compare_runs").value) == {run.id for run in runs}


def test_a_large_store_opens_with_the_newest_category_that_has_several(
    scored_run: MakeRun, data_root: Path, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose, "MOST_RUNS", 1)
    brick(data_root)
    scored_run(), scored_run(seed=1), scored_run(category="brick")  # of which there is nothing to compare
    app = open_page("compare")
    assert not app.exception
    assert app.query_params["category"] in ("tile", ["tile"])
    assert len(app.dataframe[0].value) == 2


# which is best


def test_the_best_is_named_with_its_test_and_price(scored_run: MakeRun, open_page: Any) -> None:
    good, bad = scored_run(coreset_ratio=0.5), scored_run(BAD)
    app = open_page("compare", runs=both(bad, good), view="best")
    assert not app.exception
    assert "tile: 50 %, Image AUROC 1.000: significantly better than the other run." in read(app).replace("**", "")
    table = app.dataframe[0].value.set_index("id")
    test = delong_test([0] * 4 + [1] * 5, [0.2] * 4 + [0.8] * 5, [0.115, 0.2, 0.2, 0.2, 0.1, 0.11, 0.12, 0.13, 0.14])
    assert table.loc[good.id, "standing"] == "best"
    assert table.loc[bad.id, "standing"] == "worse"
    assert table.loc[bad.id, "p (Holm)"] == pytest.approx(test.p_value)
    assert table.loc[bad.id, "Time per image"] == "111.1 ms"  # 1 s for 9 images
    assert table.loc[bad.id, "Bank"] == 1280


def test_pixel_figures_are_tested_where_runs_kept_what_that_needs(scored_run: MakeRun, open_page: Any) -> None:
    one, other = scored_run(coreset_ratio=0.5), scored_run({HOLES[0]: 0.1})
    for run in (one, other):  # as runs were before
        (run.folder / "replicates.npz").unlink()
    app = open_page("compare", runs=both(one, other), view="best", figure="aupro")
    assert not app.exception
    assert set(app.dataframe[0].value["standing"]) == {"not tested"}
    assert NOT_KEPT in read(app)
    next(button for button in app.button if button.label == "Prepare 2 older runs for tests").click().run()
    wait(app, lambda app: "not tested" not in set(app.dataframe[0].value["standing"]))


def test_categories_stand_in_a_heat_map_with_ranks(scored_run: MakeRun, data_root: Path, open_page: Any) -> None:
    brick(data_root)
    for category in ("tile", "brick"):
        for misses, ratio in ((2, 0.1), (0, 0.2), (1, 0.3)):
            scored_run(dict.fromkeys(HOLES[:misses], 0.1), category, coreset_ratio=ratio)
    app = open_page("compare", by="filter")
    assert not app.exception
    assert "Over the categories" in [element.value for element in app.subheader]
    assert "3 configurations" in read(app)
    assert len(app.get("plotly_chart")) == 2


def test_runs_without_figures_say_so(make_run: MakeRun, open_page: Any, data_root: Path) -> None:
    for part in ("test", "ground_truth"):
        shutil.rmtree(data_root / "tile" / part)
    runs = both(make_run(), make_run(num_neighbors=2))
    for view in ("best", "price"):
        app = open_page("compare", runs=runs, view=view)
        assert not app.exception
        assert "need labelled test images" in read(app)


def test_a_run_with_a_damaged_file_is_named_and_the_others_are_compared(scored_run: MakeRun, open_page: Any) -> None:
    runs = [scored_run(seed=seed) for seed in range(3)]
    (runs[0].folder / "images.csv").write_text("nothing")
    app = open_page("compare", runs=both(*runs), view="best")
    assert not app.exception
    assert "images.csv" in read(app)
    assert len(app.dataframe[0].value) == 2


# what a field does, what quality costs


def test_what_a_field_does(scored_run: MakeRun, open_page: Any) -> None:
    runs = [scored_run(dict.fromkeys(HOLES[:misses], 0.1), coreset_ratio=ratio)
            for misses, ratio in ((2, 0.1), (1, 0.2), (0, 0.3))]
    app = open_page("compare", runs=both(*runs), view="field")
    assert not app.exception
    assert "1 line, each of runs that are equal in all other settings" in read(app)
    assert len(app.get("plotly_chart")) == 1
    app = open_page("compare", runs=both(*runs), view="field", figure="bank_bytes")
    assert not app.exception
    app = open_page("compare", runs=both(runs[0], scored_run(coreset_ratio=0.5, num_neighbors=3)), view="field")
    assert "No two of these runs are equal in all settings but one" in read(app)


def test_what_quality_costs(scored_run: MakeRun, open_page: Any) -> None:
    runs = [scored_run(dict.fromkeys(HOLES[:misses], 0.1), coreset_ratio=ratio)
            for misses, ratio in ((2, 0.1), (0, 0.3))]
    app = open_page("compare", runs=both(*runs), view="price", cost="bank_bytes")
    assert not app.exception
    assert "1 of 2 runs are on the Pareto front" in read(app)  # equal banks
    assert app.dataframe[0].value["Settings that differ"].tolist() == ["30 %"]


def without(run: Run, **fields: Any) -> Run:
    """The run as if it had recorded these."""
    record = json.loads((run.folder / "run.json").read_text())
    (run.folder / "run.json").write_text(json.dumps(record | fields))
    return run


def test_costs_that_no_run_recorded_are_not_offered(scored_run: MakeRun, open_page: Any) -> None:
    runs = [without(scored_run(coreset_ratio=ratio), seconds={}) for ratio in (0.1, 0.3)]
    app = open_page("compare", runs=both(*runs), view="price")
    assert not app.exception
    assert app.selectbox(key="compare_cost").value == "bank_bytes"
    assert not any("time" in title for title in app.selectbox(key="compare_cost").options)


def test_runs_that_recorded_no_cost_say_so(scored_run: MakeRun, open_page: Any) -> None:
    nothing: dict[str, Any] = {"seconds": {}, "bank": {}, "peak_rss_bytes": 0}
    runs = [without(scored_run(coreset_ratio=ratio), **nothing) for ratio in (0.1, 0.3)]
    app = open_page("compare", runs=both(*runs), view="price")
    assert not app.exception
    assert "What these runs cost was not recorded." in read(app)


def test_runs_with_neither_figures_nor_costs_have_no_field_to_show(
    make_run: MakeRun, open_page: Any, data_root: Path
) -> None:
    for part in ("test", "ground_truth"):
        shutil.rmtree(data_root / "tile" / part)
    nothing: dict[str, Any] = {"seconds": {}, "bank": {}, "peak_rss_bytes": 0}
    runs = [without(make_run(num_neighbors=count), **nothing) for count in (1, 2)]
    app = open_page("compare", runs=both(*runs), view="field")
    assert not app.exception
    assert "None of these runs has accuracy figures, and what they cost was not recorded." in read(app)


# where two disagree


def test_images_that_one_gets_right_and_the_other_wrong(scored_run: MakeRun, open_page: Any) -> None:
    first = scored_run({HOLES[0]: 0.1})
    second = scored_run({HOLES[1]: 0.1}, seed=1)
    app = open_page("compare", runs=both(first, second), view="images", rule="above all good images",
                    group="only_second")
    assert not app.exception
    assert "A alone is right on 1 of 9 labelled images, B alone on 1" in read(app)
    assert component(app, "gallery")["ids"] == [HOLES[0]]
    shown = component(app, "viewer")
    assert [layer["name"] for layer in shown["picture"]["layers"]] != []
    assert shown["view"]["limits"][0] == shown["view"]["limits"][1]  # one colour scale
    app = open_page("compare", runs=both(first, second), view="images", rule="above all good images", scale="own",
                    group="all", image=SCRATCHES[1])
    assert component(app, "gallery")["selected"] == SCRATCHES[1]
    assert len(component(app, "gallery")["ids"]) == 9


def test_a_box_over_the_scores_is_in_the_address(scored_run: MakeRun, open_page: Any) -> None:
    runs = both(scored_run(dict(zip(HOLES, (0.1, 0.12, 0.18), strict=True))), scored_run(seed=1))
    given = {"runs": runs, "view": "images", "rule": "above all good images"}
    app = open_page("compare", **given, box=["0,0.15,0.7,0.9", "nonsense"])
    assert not app.exception
    assert component(app, "gallery")["ids"] == HOLES[:2]
    assert "2 of 9 images lie in the box" in read(app)
    app.segmented_control(key="compare_group").set_value("both_right").run()  # what lies there is of another kind
    assert "No image of this kind lies there" in read(app)
    next(button for button in app.button if button.label == "Take the box away").click().run()
    assert not app.exception
    assert "box" not in app.query_params
    assert len(component(app, "gallery")["ids"]) == 6


def test_all_photos_stay_listed_when_one_is_chosen_on_which_the_runs_disagree(
    scored_run: MakeRun, open_page: Any
) -> None:
    runs = both(scored_run({HOLES[0]: 0.1}), scored_run(seed=1))
    app = open_page("compare", runs=runs, rule="above all good images", image=SCRATCHES[0])
    for name in (SCRATCHES[0], HOLES[0], SCRATCHES[1]):
        app.query_params["image"] = name
        app.run()
        assert not app.exception
        (listed,) = [one.value for one in app.dataframe if "photo" in one.value]
        assert len(listed) == 9
    app.segmented_control(key="compare_which").set_value("disagree").run()
    (listed,) = [one.value for one in app.dataframe if "photo" in one.value]
    assert listed["photo"].tolist() == HOLES[:1]


def test_another_pair_has_other_scores_so_a_box_means_nothing(scored_run: MakeRun, open_page: Any) -> None:
    runs = [scored_run({HOLES[0]: 0.1}, seed=seed) for seed in range(3)]
    app = open_page("compare", runs=both(*runs), view="images", box="0,1,0,1")
    app.selectbox(key="compare_b").set_value(runs[2].id).run()
    assert not app.exception
    assert "box" not in app.query_params


def test_a_run_is_set_against_one_of_the_same_data_first(scored_run: MakeRun, data_root: Path, open_page: Any) -> None:
    brick(data_root)
    first, other, alike = scored_run(), scored_run(category="brick"), scored_run(seed=1)
    app = open_page("compare", runs=both(first, other, alike), view="images")
    assert not app.exception
    assert app.selectbox(key="compare_b").value == alike.id
    assert "share no test photo" not in read(app)
