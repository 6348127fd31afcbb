"""The filters of Review: what they leave, what stands in the address, and what other views make of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.review import filters as review_filters
from patchcore_core.runs.folder import MAP_SUMMARY
from patchcore_core.views.listing import ORDERS
from tests.pages.reading import read

PAGE = Path(__file__).with_name("filters_page.py")


@pytest.fixture
def opened(make_run):
    """`opened(outcome="true positive")`: the page for a run of `tile` with this address."""

    def go(made=None, **query):
        made or make_run()
        app = AppTest.from_file(str(PAGE), default_timeout=120)
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return go


def rows(app):
    assert not app.exception, app.exception
    return json.loads(next(element.value for element in app.text if element.value.startswith("[[")))[0]


def drawn(app):
    kinds = ("button_group", "multiselect", "text_input", "slider", "select_slider", "selectbox")
    return {element.key for kind in kinds for element in app.get(kind)}


def table_of(store):
    images = store.images(store.list()[0])
    wrong = (images["image_score"] >= 0.9).astype(int) != images["label"]
    return images.assign(wrong=wrong, called=images["image_score"] >= 0.9)


def test_nothing_is_filtered_at_first_and_what_can_do_nothing_is_not_drawn(opened, store):
    app = opened()
    scores = table_of(store)["image_score"]
    assert rows(app) == scores.sort_values(ascending=False, kind="stable").index.tolist()
    assert drawn(app) >= {"outcome", "defect", "q", "score", "size", "order"}
    assert not drawn(app) & {"verdict", "tag"}
    assert "All 9 test images" in read(app)
    assert not [button for button in app.button if button.key == "review_clear_filters"]
    assert app.query_params == {}


@pytest.mark.parametrize(("query", "expected"), [
    ({"defect": "hole"}, lambda row: row.defect_type == "hole"),
    ({"defect": ["hole", "scratch"]}, lambda row: row.label == 1),
    ({"outcome": "true positive"}, lambda row: row.label == 1 and row.called),
    ({"outcome": ["missed defect (FN)", "true negative"]}, lambda row: not row.called),
    ({"q": "Scratch 1.PNG"}, lambda row: row.path.endswith("scratch/001.png")),
    ({"q": "<img src=x> .* ["}, lambda _: False),
    ({"score": ["0.95", "1.07"]}, lambda row: 0.95 <= row.image_score <= 1.07),
    ({"size": ["37", "47"]}, lambda _: False),
    ({"size": ["36", "40"]}, lambda row: row.defect_type == "hole"),
])
def test_the_address_filters_as_a_plain_loop_does(opened, store, query, expected):
    app = opened(**query)
    wanted = [row.Index for row in table_of(store).itertuples() if expected(row)]
    assert sorted(rows(app)) == wanted
    assert f"{len(wanted)} of 9" in read(app).replace("*", "")
    assert [button for button in app.button if button.key == "review_clear_filters"]


@pytest.mark.parametrize("query", [
    {"outcome": "nonsense"}, {"outcome": ["<img src=x>", ""]}, {"defect": "dragon"}, {"cause": "magic"},
    {"verdict": "hanged"}, {"tag": "none such"}, {"score": "abc"}, {"score": ["1", "2", "3"]},
    {"score": ["nan", "inf"]}, {"score": ["-1e300", "1e300"]}, {"size": ["-5", "x"]},
    {"size": "9" * 400}, {"size": ["1", "2", "3"]},
    {"size": ""}, {"order": "by magic"}, {"order": ""}, {"q": ""}, {"score": ""}, {"outcome": ""}, {"size": ["²", "³"]},
])
def test_stale_and_hostile_values_are_ignored(opened, query):
    assert len(rows(opened(**query))) == 9


def test_a_very_long_text_is_no_exception(opened):
    assert len(rows(opened(q="a" * 5000))) in (0, 9)


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_that_has_numbers_can_be_chosen(opened, order):
    app = opened(order=order)
    assert app.selectbox(key="order").value == order
    assert sorted(rows(app)) == list(range(9))


def test_clear_shows_all_again_and_empties_the_address(opened):
    app = opened(outcome="true positive", defect="hole", q="test", score=["0.95", "1.07"], size=["36", "36"], image="x")
    assert set(app.query_params) >= {"outcome", "defect", "q", "score", "size", "image"}
    app.button(key="review_clear_filters").click().run()
    assert len(rows(app)) == 9
    assert app.query_params == {}
    assert "All 9 test images" in read(app)


def test_a_changed_filter_forgets_the_image(opened):
    app = opened(image="test/hole/000.png")
    app.multiselect(key="defect").set_value(["scratch"]).run()
    assert "image" not in app.query_params


def test_other_views_toggle_filters_from_within_a_fragment(opened, store):
    app = opened(image="test/hole/000.png", order="by name")
    table = table_of(store)
    app.button(key="do_alarms").click().run()
    assert rows(app) == table.index[table["wrong"] & (table["label"] == 0)].tolist()
    assert app.query_params["outcome"] == "false alarm (FP)"
    assert "image" not in app.query_params
    app.button(key="do_misses").click().run()
    assert rows(app) == table.index[table["wrong"] & (table["label"] == 1)].tolist()
    app.button(key="do_holes").click().run()
    app.button(key="do_misses").click().run()
    assert rows(app) == table.index[table["defect_type"] == "hole"].tolist()
    assert app.query_params == {"defect": "hole", "order": "by name"}
    app.button(key="do_holes").click().run()
    for key in ("do_hostile", "do_nonsense"):
        app.button(key=key).click().run()
        assert rows(app) == list(range(9))
    app.button(key="do_sizes").click().run()
    assert rows(app) == []
    assert app.query_params["size"] == ["37", "47"]
    app.button(key="do_sizes").click().run()
    assert rows(app) == list(range(9))
    assert app.query_params == {"order": "by name"}


def test_causes_can_be_counted_and_filtered(opened, monkeypatch, store):
    monkeypatch.setenv("FILTERS_THRESHOLD", "100")  # everything defective is missed
    app = opened(order="by name")
    said = next(element.value for element in app.caption if "score below the NG threshold" in element.value)
    app = opened(store.list()[0], order="by name", cause="localised; score below the NG threshold")
    kept = rows(app)
    assert f"score below the NG threshold **{len(kept)}**" in said
    assert set(kept) <= set(np.flatnonzero(store.images(store.list()[0])["label"] == 1).tolist())
    assert kept
    assert app.multiselect(key="cause").value == ["below_threshold"]
    help = app.multiselect(key="cause").help
    assert "the anomaly map peaks at the defect" in help
    assert "near-duplicate" not in help  # nobody has looked
    app.multiselect(key="cause").set_value([""]).run()
    assert not set(rows(app)) & set(kept)


def test_verdicts_and_tags_are_offered_once_there_are_any(opened, monkeypatch):
    hostile = "<img src=x onerror=alert(1)> **b**"
    monkeypatch.setenv("FILTERS_SAID", json.dumps({"2": ["label_wrong", [hostile]], "3": ["agree", []]}))
    app = opened(order="by name")
    app.multiselect(key="verdict").set_value(["label_wrong"]).run()
    assert rows(app) == [2]
    app.multiselect(key="verdict").set_value([""]).run()
    assert rows(app) == [0, 1, 4, 5, 6, 7, 8]
    app.multiselect(key="verdict").set_value([]).run()
    app.multiselect(key="tag").set_value([hostile]).run()
    assert rows(app) == [2]


def test_a_verdict_in_the_address_is_drawn_where_there_is_none(opened):
    app = opened(verdict="unclear")
    assert rows(app) == []
    assert app.multiselect(key="verdict").value == ["unclear"]
    del app.query_params["verdict"]  # as the browser does
    app.multiselect(key="verdict").set_value([]).run()
    assert len(rows(app.run())) == 9
    assert "verdict" not in drawn(app)


def test_good_images_alone(opened, data_root):
    for kind in ("hole", "scratch"):
        shutil.rmtree(data_root / "tile/test" / kind)
    app = opened(size=["5", "9"], cause="faint", defect="hole", order="lowest IoU first")
    assert len(rows(app)) == 4
    assert not drawn(app) & {"defect", "size", "verdict", "tag"}
    assert app.button_group(key="outcome").options == ["false alarm (FP)", "true negative"]


def test_without_masks(opened, data_root):
    shutil.rmtree(data_root / "tile/ground_truth")
    app = opened(order="smallest defect first")
    assert len(rows(app)) == 9
    assert "size" not in drawn(app)
    assert "smallest defect first" not in app.selectbox(key="order").options


def test_unknown_labels(opened, make_run, data_root):
    run = make_run()
    text = (run.folder / "images.csv").read_text().splitlines()
    unknown = [text[0], *(line.replace(",0,good,", ",-1,,").replace(",1,hole,", ",-1,,").replace(",1,scratch,", ",-1,,")
                          for line in text[1:])]  # fmt: skip
    (run.folder / "images.csv").write_text("\n".join(unknown) + "\n")
    (run.folder / MAP_SUMMARY).unlink(missing_ok=True)
    shutil.rmtree(data_root / "tile/ground_truth")
    app = opened(run, outcome="unknown")
    assert len(rows(app)) == 9
    assert not drawn(app) & {"defect", "size", "cause"}


def test_a_hostile_defect_type_is_text(opened, data_root):
    hostile = "<img src=x onerror=alert(1)> **b**"
    for room in ("test", "ground_truth"):
        (data_root / "tile" / room / "hole").rename(data_root / "tile" / room / hostile)
    app = opened(defect=hostile, order="by name")
    assert len(rows(app)) == 3
    assert hostile in app.multiselect(key="defect").options


def test_another_run_begins_with_all_its_scores(opened, make_run):
    older, newer = make_run(seed=1), make_run(seed=2)
    images = pd.read_csv(older.folder / "images.csv", keep_default_na=False)
    images.assign(image_score=images["image_score"] * 10).to_csv(older.folder / "images.csv", index=False)
    app = opened(newer, run=newer.id, score=["0.95", "1.07"], size=["36", "36"], defect="hole")
    app.query_params["run"] = older.id
    app.run()
    assert len(rows(app)) == 3
    assert app.slider(key="score").value == (app.slider(key="score").min, app.slider(key="score").max)
    assert app.slider(key="score").max > 9
    assert app.select_slider(key="size").value == (36, 36)  # the defects are the same


def test_figures_of_a_part_say_so(opened):
    app = opened(defect=["hole", "good"])
    said = read(app)
    assert "Figures of the 7 of 9 test images that are shown." in said
    figures = app.table[0].value
    assert "Recall of hole" in figures["figure"].tolist()
    assert "Recall of scratch" not in figures["figure"].tolist()
    assert figures.set_index("figure")["value"]["Good / defective"] == "4 / 3"


def test_toggles_ask_for_what_can_be_undone(monkeypatch):
    state = {}
    monkeypatch.setattr(review_filters.st, "session_state", state)
    monkeypatch.setattr(review_filters.st, "query_params", {"image": "a"})
    review_filters.toggle_sizes(float("-inf"), float("inf"))
    assert state[review_filters.ASKED]["size"] == (0, review_filters.LARGEST)
