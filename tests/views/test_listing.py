"""The image table of the review workspace, held against answers by hand and a plain loop."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchcore_core.evaluation.causes.causes import evidence
from patchcore_core.evaluation.map_summary import summarise
from patchcore_core.views import listing as ls
from patchcore_core.views.listing import Filters, filtered, listing, ordered, statistics

IMAGES = pd.DataFrame({
    "path": ["/data/hole/a.png", "/data/scratch/Ä b.png", "/data/good/c.png", "/data/good/d.png", "/data/new/e.png"],
    "label": [1, 1, 0, 0, -1],
    "defect_type": ["hole", "scratch", "good", "good", ""],
    "image_score": [0.9, 0.2, 0.6, 0.1, 0.55],
})
SAID = {1: SimpleNamespace(verdict="label_wrong", tags=("dust", "edge")), 3: SimpleNamespace(verdict="agree", tags=())}
ROWS = "abcde"


def table():
    maps = np.zeros((5, 8, 8), np.float16)
    masks = np.zeros((5, 8, 8), bool)
    masks[0, 1:4, 1:4], masks[1, 1:6, 1:6] = True, True
    maps[0, 1:4, 1:5], maps[1, 1:3, 1:3], maps[2, 0, 0] = 3, 3, 2
    summary = summarise(maps, IMAGES["label"], lambda image: masks[image] if image < 4 else None, 2.0)
    causes = evidence(summary, IMAGES["label"].to_numpy(), IMAGES["image_score"].to_numpy(), 2).at(0.5)
    return listing(IMAGES, 0.5, 2.0, summary, causes, SAID)


def letters(rows):
    return "".join(ROWS[row] for row in rows.index)


def test_the_table_by_hand():
    made = table()
    assert made["outcome"].tolist() == ["TP", "FN", "FP", "TN", "?"]
    np.testing.assert_allclose(made["iou"], [9 / 12, 4 / 25, 0, np.nan, np.nan])
    np.testing.assert_allclose(made["overlooked"], [0, 21, 0, 0, np.nan])
    np.testing.assert_allclose(made["region_area"], [9, 25, np.nan, np.nan, np.nan])
    assert made["causes"].tolist() == [(), (), ("border",), (), ()]
    assert made["verdict"].tolist() == ["", "label_wrong", "", "agree", ""]
    assert made["tags"].tolist() == [(), ("dust", "edge"), (), (), ()]


def test_without_masks_causes_and_verdicts():
    plain = listing(IMAGES, np.nan, np.nan)
    assert plain[["iou", "overlooked", "region_area"]].isna().all(axis=None)
    assert set(plain["causes"]) == set(plain["tags"]) == {()}
    assert set(plain["verdict"]) == {""}


@pytest.mark.parametrize(("filters", "expected"), [
    (Filters(), "abcde"),
    (Filters(outcomes=["FN", "FP"]), "bc"),
    (Filters(defect_types=["good"], outcomes=["TN"]), "d"),
    (Filters(verdicts=["label_wrong"]), "b"),
    (Filters(verdicts=["", "agree"]), "acde"),
    (Filters(causes=["border", "faint"]), "c"),
    (Filters(causes=[""]), "b"),
    (Filters(causes=["", "border"]), "bc"),
    (Filters(tags=["edge", "none"]), "b"),
    (Filters(text="GOOD"), "cd"),
    (Filters(text="ä  scratch"), "b"),
    (Filters(text="A\u0308"), "b"),
    (Filters(text=".*"), ""),
    (Filters(text="  "), "abcde"),
    (Filters(scores=(0.2, 0.6)), "bce"),
    (Filters(scores=(0.55, np.inf)), "ace"),
    (Filters(region_area=(9, 24)), "a"),
    (Filters(region_area=(0, np.inf)), "ab"),
    (Filters(outcomes=["TP"], text="good"), ""),
])
def test_filters(filters, expected):
    assert letters(filtered(table(), filters)) == expected


@pytest.mark.parametrize(("ends", "expected"), [((1, 3), "a"), ((4, 8), ""), ((9, 25), "abd"), ((3, 3), "a")])
def test_sizes_are_those_of_any_region(ends, expected):
    areas = ls.region_areas_of(5, [0, 1, 0, 3], [9, 25, 3, 12])
    assert areas == [(9, 3), (25,), (), (12,), ()]
    made = listing(IMAGES, 0.5, 2.0, region_areas=areas)
    assert letters(filtered(made, Filters(region_area=ends))) == expected


def test_the_name_is_searched_where_there_is_one():
    named = table().assign(name=[f"image {row}" for row in ROWS])
    assert letters(filtered(named, Filters(text="good"))) == ""
    assert letters(filtered(named, Filters(text="image c"))) == "c"


@pytest.mark.parametrize(("order", "expected"), [
    ("highest score first", "acebd"),
    ("lowest score first", "dbeca"),
    ("most wrong first", "bcade"),  # missed by 0.3, false alarm by 0.1, right by 0.4 twice, unknown
    ("by name", "cdaeb"),
    ("closest to the threshold first", "ecbad"),  # by 0.05, 0.1, 0.3, 0.4 and 0.4
    ("lowest IoU first", "cbade"),
    ("highest IoU first", "abcde"),
    ("most overlooked area first", "bacde"),
    ("largest defect first", "bacde"),
    ("smallest defect first", "abcde"),
])
def test_orders(order, expected):
    assert letters(ordered(table(), order)) == expected


def test_every_order_works_on_an_empty_table():
    for order in ls.ORDERS:
        assert ordered(table().iloc[:0], order).empty


def test_statistics_of_all_and_of_some():
    everything = statistics(table(), 0.5, 5)
    assert (everything.shown, everything.good, everything.defective) == (5, 2, 2)
    assert everything.sentence == "All 5 test images."
    counts = everything.confusion
    assert (counts.tp, counts.fp, counts.fn, counts.tn) == (1, 1, 1, 1)
    assert everything.recall == {"hole": (1, 1), "scratch": (0, 1)}
    assert everything.image_auroc == 0.75
    assert everything.mean_iou == pytest.approx((9 / 12 + 4 / 25) / 3)
    assert everything.overlooked == 21
    assert everything.causes == {"border": 1}
    assert everything.verdicts == {"": 3, "label_wrong": 1, "agree": 1}
    some = statistics(filtered(table(), Filters(defect_types=["hole"])), 0.5, 5)
    assert some.sentence == "Figures of the 1 of 5 test images that are shown."
    assert np.isnan(some.image_auroc)
    assert some.recall == {"hole": (1, 1)}


def test_statistics_of_nothing():
    nothing = statistics(table().iloc[:0], 0.5, 5)
    assert (nothing.shown, nothing.confusion.tp, nothing.recall) == (0, 0, {})
    assert np.isnan([nothing.image_auroc, nothing.mean_iou, nothing.overlooked]).all()


def test_the_tables_are_left_as_they_were():
    before, made = IMAGES.copy(), table()
    copy = made.copy(deep=True)
    statistics(ordered(filtered(made, Filters(outcomes=["TP"])), "lowest IoU first"), 0.5, 5)
    pd.testing.assert_frame_equal(IMAGES, before)
    pd.testing.assert_frame_equal(made, copy)


@given(st.builds(
    Filters, outcomes=st.sets(st.sampled_from(["TP", "FN", "FP", "TN", "?"])), verdicts=st.sets(
        st.sampled_from(["", "agree", "label_wrong"])), text=st.sampled_from(["", "data", "good", "a b"]),
    scores=st.tuples(st.floats(0, 1), st.floats(0, 1)),
))  # fmt: skip
def test_filters_say_the_same_as_a_plain_loop(filters):
    made = table()
    expected = [
        row for row in made.index
        if (not filters.outcomes or made["outcome"][row] in filters.outcomes)
        and (not filters.verdicts or made["verdict"][row] in filters.verdicts)
        and all(word in made["path"][row].lower() for word in filters.text.split())
        and filters.scores[0] <= made["image_score"][row] <= filters.scores[1]
    ]
    assert filtered(made, filters).index.tolist() == expected
