"""Filters, orders, outcomes, thresholds and the address in the browser, against Python's."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from patchcore_core.evaluation.causes.causes import CAUSES
from patchcore_core.evaluation.thresholds.decision import confusion
from patchcore_core.reviews.words import VERDICTS
from patchcore_core.views.listing import EVERYTHING, ORDERS, Filters, filtered, ordered
from patchcore_core.views.ranking import OUTCOMES
from tests.browser.components.workspace.made_workspace import made, workspace

pytestmark = pytest.mark.browser
WORDS = ("", "strasse", "STRASSE 1", "ÜBER", "abc", "σίσυφος", "png hole", "nothing")
LISTED = """async ([data, judged, thresholds, choices]) => {
  const { tableOf, judgedAt, listed } = await import("/workspace/model/listing.js");
  const table = tableOf(data.images);
  for (const [row, { verdict, tags }] of Object.entries(judged)) {
    table.verdicts[row] = verdict;
    table.tags[row] = tags;
  }
  const keys = data.words.causes.map(([key]) => key);
  return choices.map((chosen, place) =>
    listed(table, judgedAt(table, data.words.causes, { image: thresholds[place] }, data.overlap), chosen, keys));
}"""
ADDRESSES = """async ([data, searches]) => {
  const { stateOf, searchOf, vocabularyOf } = await import("/workspace/model/address.js");
  const vocabulary = vocabularyOf(data);
  const orders = data.words.orders.map(([words]) => words);
  return searches.map((search) => {
    const state = stateOf(search, vocabulary, orders);
    const written = searchOf(data.run.id, state, vocabulary, orders[0]);
    return [state, written, stateOf(written, vocabulary, orders)];
  });
}"""
CARRIED = """async ([data, searches]) => {
  const { carriedOver, stateOf, searchOf, vocabularyOf } = await import("/workspace/model/address.js");
  const vocabulary = vocabularyOf(data);
  const orders = data.words.orders.map(([words]) => words);
  return searches.map((search) =>
    searchOf("run-b", carriedOver(stateOf(search, vocabulary, orders)), vocabulary, orders[0]));
}"""
THRESHOLDS = """async ([data, named]) => {
  const { levelsOf, thresholdsOf, countsAt } = await import("/workspace/model/thresholds.js");
  const { tableOf } = await import("/workspace/model/listing.js");
  const { labels, scores } = tableOf(data.images);
  return named.map((one) => {
    const found = thresholdsOf(levelsOf(data, data.parts.used, null, null), one);
    return [found, countsAt(labels, scores, found)];
  });
}"""


def some(rng: np.random.Generator, values: list[str]) -> list[str]:
    """Mostly none of them, else one or two."""
    return sorted(set(rng.choice(values, rng.integers(0, 3)).tolist())) if rng.random() < 0.3 else []


def choice(rng: np.random.Generator) -> dict[str, Any]:
    """`Chosen` of data.js, at random."""
    ends = sorted(rng.integers(0, 40, 2).tolist())
    return {
        "outcome": some(rng, list(OUTCOMES)), "defect": some(rng, ["good", "hole", "", "scratch"]),
        "cause": some(rng, [*CAUSES, ""]), "verdict": some(rng, list(VERDICTS)), "tag": some(rng, ["a", "b"]),
        "q": str(rng.choice(WORDS)) if rng.random() < 0.4 else "", "order": str(rng.choice(list(ORDERS))),
        "score": [end / 10 for end in ends] if rng.random() < 0.2 else None,
        "size": ends if rng.random() < 0.2 else None,
    }  # fmt: skip


def filters_of(chosen: dict[str, Any]) -> Filters:
    return Filters(
        chosen["outcome"], chosen["defect"], chosen["verdict"], chosen["cause"], chosen["tag"], chosen["q"],
        EVERYTHING if chosen["score"] is None else tuple(chosen["score"]),
        EVERYTHING if chosen["size"] is None else tuple(chosen["size"]),
    )  # fmt: skip


def test_the_same_images_in_the_same_order_as_python(page):
    rng, one = np.random.default_rng(3), made()
    choices = [choice(rng) for _ in range(300)]
    thresholds = (rng.integers(0, 32, 300) / 8).tolist()
    found = page.evaluate(LISTED, [workspace(one), one.judged(), thresholds, choices])
    for chosen, threshold, rows in zip(choices, thresholds, found, strict=True):
        expected = ordered(filtered(one.table(threshold), filters_of(chosen)), chosen["order"])
        assert rows == expected.index.tolist(), (chosen, threshold)
    assert sum(map(bool, found)) > 150


def test_each_order_alone(page):
    one, everything = made(), {key: [] for key in ("outcome", "defect", "cause", "verdict", "tag")}
    choices = [everything | {"q": "", "score": None, "size": None, "order": order} for order in ORDERS]
    found = page.evaluate(LISTED, [workspace(one), {}, [1.75] * len(choices), choices])
    assert dict(zip(ORDERS, found, strict=True)) == {
        order: ordered(one.table(1.75), order).index.tolist() for order in ORDERS
    }


def test_the_thresholds_of_the_address_and_what_they_find(page):
    one = made()
    named = [{"threshold": "", "review_from": "", "pixel_threshold": "", "beside_threshold": ""} | some for some in (
        {}, {"threshold": "f1_max"}, {"threshold": "3.25", "review_from": "heldout_p90"}, {"threshold": "1e9"},
        {"threshold": "no such", "review_from": "7"}, {"threshold": "1.0", "review_from": "heldout_p90"},
        {"pixel_threshold": "-5"}, {"review_from": "0.5", "pixel_threshold": "f1_max"})]  # fmt: skip
    found = page.evaluate(THRESHOLDS, [workspace(one), named])
    assert [(one["image"], one["from"], one["pixel"]) for one, _ in found] == [
        (2.0, 2.0, 2.0), (2.5, 2.5, 2.0), (3.25, 1.5, 2.0), (4.0, 4.0, 2.0), (2.0, 2.0, 2.0), (1.0, 1.0, 2.0),
        (2.0, 2.0, 0.0), (2.0, 0.5, 2.5),
    ]  # fmt: skip
    labels, scores = one.images["label"].to_numpy(), one.images["image_score"].to_numpy()
    for at, counts in found:
        expected = confusion(labels, scores, at["image"])
        assert [counts[name] for name in ("TP", "FN", "FP", "TN")] == [
            expected.tp, expected.fn, expected.fp, expected.tn]  # fmt: skip
        assert counts["review"] == int(((scores >= at["from"]) & (scores < at["image"])).sum())
        assert counts["?"] == int((labels == -1).sum())


def test_the_thresholds_that_were_chosen_for_the_run_are_its_defaults(page):
    used = {"threshold": 3.5, "review_from": 3.0, "pixel_threshold": None, "author": "Ada", "at": "", "sentence": ""}
    data = workspace()
    data["parts"] |= {"used": used}
    named = [{"threshold": "", "review_from": "", "pixel_threshold": "", "beside_threshold": ""} | some for some in (
        {}, {"threshold": "f1_max"}, {"review_from": "none"}, {"review_from": "heldout_p90"})]  # fmt: skip
    found = page.evaluate(THRESHOLDS, [data, named])
    assert [(one["image"], one["from"], one["pixel"]) for one, _ in found] == [
        (3.5, 3.0, 2.0), (2.5, 2.5, 2.0), (3.5, 3.5, 2.0), (3.5, 1.5, 2.0),
    ]  # fmt: skip


def test_what_another_run_is_opened_with(page):
    search = ("?threshold=f1_max&pixel_threshold=2.5&image=a.png&outcome=missed+defect+%28FN%29&score=1&score=2"
              "&zoom=1,2,30,40&opacity=35&limits=1,2&beside=run-b&order=by+name")
    [carried] = page.evaluate(CARRIED, [workspace(), [search]])
    assert carried == ("?run=run-b&image=a.png&threshold=f1_max&outcome=missed+defect+%28FN%29&order=by+name"
                       "&opacity=35")


def test_an_address_written_and_read_again_is_the_same_state(page):
    rng = np.random.default_rng(8)
    searches = []
    for _ in range(60):
        pairs = [("threshold", rng.choice(["2.125", "f1_max"])), ("image", "good/Straße & 1.png"), ("q", "a b&c=d"),
                 ("outcome", rng.choice(list(OUTCOMES.values()))), ("outcome", "missed defect (FN)"),
                 ("defect", rng.choice(["unknown", "hole"])), ("cause", "no cause found"), ("verdict", "label wrong"),
                 ("tag", "<b>"), ("score", "0.5"), ("score", "3.25"), ("size", "2"), ("size", "30"),
                 ("order", "by name"), ("panes", "photo,map"), ("zoom", "1,2.5,30,40"), ("opacity", "35"),
                 ("limits", ";1.5,7"), ("hidden", "truth_outline,peak"), ("beside", "run-b"), ("level", "pixels"),
                 ("without", "label_wrong"), ("escape", "100"), ("other", "kept")]  # fmt: skip
        kept = [pair for pair in pairs if rng.random() < 0.5]
        searches.append("?" + page.evaluate("pairs => String(new URLSearchParams(pairs))", kept))
    for state, written, again in page.evaluate(ADDRESSES, [workspace(), searches]):
        assert json.dumps(state, sort_keys=True) == json.dumps(again, sort_keys=True), written
        assert written.startswith("?run=run-a")


def test_links_of_earlier_versions_and_wrong_ones(page):
    former, wrong = page.evaluate(ADDRESSES, [workspace(), [
        "?outcome=hit&outcome=correctly+good&verdict=agree&cause=peak+outside+the+mask",
        "?outcome=nonsense&score=4&score=1&zoom=9,9,1,1&opacity=x&order=none&panes=evil&limits=3,1&size=1"]])
    chosen = former[0]["chosen"]
    assert (chosen["outcome"], chosen["verdict"], chosen["cause"]) == (["TP", "TN"], ["agree"], ["peak_elsewhere"])
    assert wrong[1] == "?run=run-a"
