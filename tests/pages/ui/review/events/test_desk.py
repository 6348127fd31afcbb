"""What Python does for the workspace: in order, once, refused with a reason, answered under its key."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PIL import Image

from pages.ui.review.events import desk as review_desk
from pages.ui.review.events.desk import MOST_ANSWERS
from patchcore_core.reviews.verdicts import Verdicts
from patchcore_core.runs.store import RunStore
from tests.pages.ui.review.events.asking import HOLE, SCRATCH, asked, entry


def given(store: RunStore) -> list[tuple[str, str, str, str, tuple[str, ...]]]:
    """All verdicts of the store, read from its file."""
    return [(Path(one.path).parent.name, one.verdict, one.author, one.note, one.tags)
            for one in Verdicts(store.root).entries()]


def test_entries_are_applied_in_order_and_each_once(run, desk, store):
    entries = [entry(1, "verdict", image=HOLE, verdict="agree"), entry(2, "verdict", image=HOLE, verdict="unclear"),
               entry(5, "verdict", image=SCRATCH, verdict="agree", note="deep", tags=["edge"])]
    for _ in range(3):  # as Streamlit may send them again
        desk.apply(run, "box", entries)
    assert given(store) == [("hole", "agree", "Ann", "", ()), ("hole", "unclear", "Ann", "", ()),
                            ("scratch", "agree", "Ann", "deep", ("edge",))]
    told, _ = desk.told(run)
    assert (told["id"], told["acked"], told["refused"], told["tags"]) == ("box", 5, {}, ["edge"])
    names = store.images(run)["path"].tolist()
    judged = {Path(names[number]).parent.name: one["verdict"] for number, one in told["judged"].items()}
    assert judged == {"hole": "unclear", "scratch": "agree"}


def test_an_outbox_that_comes_back_is_not_applied_again(run, desk, store):
    first = [entry(1, "verdict", image=HOLE, verdict="agree")]
    desk.apply(run, "first", first)
    desk.apply(run, "second", [entry(1, "verdict", image=SCRATCH, verdict="agree")])
    desk.apply(run, "first", first)
    assert [one[0] for one in given(store)] == ["hole", "scratch"]


def test_two_runs_of_the_page_at_once_apply_each_entry_once(run, desk, store):
    entries = [entry(seq, "verdict", image=HOLE, verdict=("agree", "unclear")[seq % 2]) for seq in range(1, 21)]
    both = [threading.Thread(target=desk.apply, args=(run, "box", entries)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [one[1] for one in given(store)] == ["unclear", "agree"] * 10


def test_the_same_verdict_again_adds_nothing_and_words_are_kept(run, desk, store):
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, verdict="agree", note="n", tags=["t"]),
                            entry(2, "verdict", image=HOLE, verdict="agree"),
                            entry(3, "verdict", image=HOLE, verdict="unclear"),
                            entry(4, "note", image=HOLE, note="later", tags=[])])
    assert [one[1:] for one in given(store)] == [
        ("agree", "Ann", "n", ("t",)), ("unclear", "Ann", "n", ("t",)), ("unclear", "Ann", "later", ())]


def test_undo_goes_back_and_not_over_what_others_said_since(run, desk, store):
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, verdict="agree"), entry(2, "undo", image=HOLE)])
    assert [one[1] for one in given(store)] == ["agree", ""]
    seen = Verdicts(store.root).entries()[-1].given_at
    desk.apply(run, "box", [entry(3, "verdict", image=HOLE, verdict="unclear"),
                            entry(4, "undo", image=HOLE, **{"with": {"given_at": seen}})])
    assert desk.told(run)[0]["refused"] == {4: "Somebody has judged this image since; look at it again"}


def test_a_name_holds_for_what_follows(run, desk, store):
    desk.apply(run, "box", [entry(1, "author", author="Bo"), entry(2, "verdict", image=HOLE, verdict="agree"),
                            entry(3, "verdict", image=SCRATCH, verdict="agree", author="Cy")])
    assert [one[2] for one in given(store)] == ["Bo", "Cy"]
    assert desk.told(run)[0]["author"] == "Bo"


@pytest.mark.parametrize(("wrong", "says"), [
    ({"kind": "verdict", "image": "none.png", "verdict": "agree"}, "no image 'none.png'"),
    ({"kind": "verdict", "image": HOLE, "verdict": "fine"}, "verdict must be one of"),
    ({"kind": "verdict", "image": ["x"], "verdict": "agree"}, "image must be a text, got list"),
    ({"kind": "verdict", "image": HOLE, "verdict": "agree", "tags": "x"}, "tags must be texts"),
    ({"kind": "verdict", "image": HOLE, "verdict": "agree", "note": "x" * 10_001}, "at most 10000 characters"),
    ({"kind": "note", "image": HOLE, "note": "x"}, "no verdict that a note could belong to"),
    ({"kind": "undo", "image": HOLE}, "no verdict to take back"),
    ({"kind": "view_save", "with": {"name": " ", "query": "a=1"}}, "name must not be empty"),
    ({"kind": "view_undo", "with": {"name": "x", "id": 7}}, "nothing to undo"),
    ({"kind": "use", "with": {"threshold": "x"}}, "threshold must be a number, got str"),
    ({"kind": "use", "with": {}}, "No threshold"),
    ({"kind": "use", "with": {"threshold": 1, "review_from": 2}}, "must start below"),
    ({"kind": "export", "with": {"form": "csv", "numbers": [99]}}, "numbers must be those of images"),
    ({"kind": "export", "with": {"form": "exe", "numbers": []}}, "must be one of csv, zip, verdicts"),
    ({"kind": "ask", "key": "everything"}, "is no question"),
    ({"kind": "ask", "key": "why", "with": {"number": 0.5}}, "number must be that of an image"),
    ({"kind": "ask", "key": "why", "with": [1]}, "'with' must be an object, got list"),
    ({"kind": "dance"}, "'dance' is nothing"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_and_the_rest_done(run, desk, store, wrong, says):
    desk.apply(run, "box", [{"seq": 1, **wrong}, entry(2, "verdict", image=SCRATCH, verdict="agree")])
    told, _ = desk.told(run)
    assert says in told["refused"][1]
    assert told["acked"] == 2
    assert [one[0] for one in given(store)] == ["scratch"]
    if "key" in wrong:
        assert says in told["answers"][wrong["key"]]["error"]


def test_no_verdict_on_a_photo_that_may_not_be_read(run, desk, store, monkeypatch, tmp_path):
    monkeypatch.setenv("PATCHCORE_DATA", str(tmp_path / "elsewhere"))
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, verdict="agree")])
    assert "PATCHCORE_DATA" in desk.told(run)[0]["refused"][1]
    assert not given(store)


def test_no_verdict_on_another_photo_than_was_scored(run, desk, store, data_root):
    Image.new("RGB", (32, 32)).save(data_root / "tile" / HOLE)
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, verdict="agree")])
    assert "was changed after the run" in desk.told(run)[0]["refused"][1]
    assert not given(store)


def test_verdicts_that_cannot_be_read_are_said_and_refused(run, desk, store):
    (store.root / "verdicts.sqlite").write_bytes(b"no database" * 100)
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, verdict="agree")])
    told, trouble = desk.told(run)
    assert (told["acked"], told["judged"]) == (1, {})
    assert "verdicts.sqlite" in trouble
    assert "verdicts.sqlite" in told["refused"][1]


def test_views_are_saved_deleted_and_brought_back(run, desk):
    saved = asked(desk, run, "view_save", "1", **{"with": {"name": "<b>", "query": f"run={run.id}&image=x"}})
    assert [(one["name"], one["query"], one["author"], one["own"], one["gone"]) for one in saved["views"]] == [
        ("<b>", f"run={run.id}&image=x", "Ann", True, False)]
    gone = asked(desk, run, "view_delete", "2", **{"with": {"name": "<b>"}})
    assert (gone["views"], gone["done"]["saved"]) == ([], False)
    back = asked(desk, run, "view_undo", "3", **{"with": {"name": "<b>", "id": gone["done"]["id"]}})
    assert back["views"] == saved["views"] or back["views"][0]["name"] == "<b>"
    assert asked(desk, run, "ask", "views") == back["views"]


def test_thresholds_are_stored_with_the_run_until_it_is_released(run, desk):
    assert asked(desk, run, "ask", "used") is None
    wanted = {"threshold": 0.5, "review_from": 0.25, "pixel_threshold": None}
    used = asked(desk, run, "use", "1", **{"with": wanted})
    assert {name: used[name] for name in wanted} == wanted
    assert (used["author"], used["at"][:2]) == ("Ann", "20")
    assert used["sentence"] == f"Chosen by Ann on {used['at'][:10]}."
    assert asked(desk, run, "ask", "used 1") == used
    assert asked(desk, run, "release", "2") is None
    assert asked(desk, run, "ask", "used 2") is None


def test_only_so_many_answers_are_kept(run, desk):
    desk.apply(run, "box", [entry(seq, "ask", key=f"used {seq}") for seq in range(1, MOST_ANSWERS + 6)])
    assert list(desk.told(run)[0]["answers"]) == [f"used {seq}" for seq in range(6, MOST_ANSWERS + 6)]


def test_the_browser_keeps_answers_that_it_was_told(run, desk, monkeypatch):
    asked(desk, run, "ask", "used 1")
    monkeypatch.setattr(review_desk, "LASTING", -1.0)
    assert desk.told(run, every=False)[0]["answers"] == {}
    assert list(desk.told(run)[0]["answers"]) == ["used 1"]  # as after a lost connection


def test_what_is_meant_for_a_run_that_is_gone_is_refused(run, desk, store):
    desk.refuse("gone", "box", [entry(1, "verdict", image=HOLE, verdict="agree")], "It is gone.")
    told, _ = desk.told(run)
    assert (told["id"], told["acked"], told["refused"]) == ("box", 1, {1: "It is gone."})
    assert not given(store)


def test_only_what_has_changed_of_the_verdicts_is_told(run, desk):
    everything, _ = desk.told(run)
    assert (everything["since"], everything["judged"]) == ("", {})
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, verdict="agree")])
    first, _ = desk.told(run, known=everything["state"])
    desk.apply(run, "box", [entry(2, "verdict", image=SCRATCH, verdict="unclear")])
    second, _ = desk.told(run, known=first["state"])
    assert [sorted(one["verdict"] for one in told["judged"].values()) for told in (first, second)] == [
        ["agree"], ["unclear"]]  # fmt: skip
    again, _ = desk.told(run, known=second["state"])
    assert (again["state"], again["judged"]) == (second["state"], {})
    desk.apply(run, "box", [entry(3, "undo", image=SCRATCH)])
    third, _ = desk.told(run, known=second["state"])
    assert third["judged"].keys() == second["judged"].keys()
    strange, _ = desk.told(run, known="a state of another session")
    assert (strange["since"], len(strange["judged"])) == ("", len(desk.told(run)[0]["judged"]))


def test_a_verdict_that_came_and_went_since_the_state_that_is_known_is_told_as_gone(run, desk, store):
    known = desk.told(run)[0]["state"]
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, verdict="agree")])
    (number,) = desk.told(run, known=known)[0]["judged"]  # the browser shows it, and has nothing new to say
    Verdicts(store.root).undo(Verdicts(store.root).entries()[-1], "Bob")
    assert desk.told(run, known=known)[0]["judged"] == {number: None}


def test_answers_that_were_heard_are_not_told_again(run, desk):
    desk.apply(run, "box", [entry(1, "ask", key="used"), entry(2, "ask", key="views")])
    assert set(desk.told(run)[0]["answers"]) == {"used", "views"}
    for every in (True, False):
        assert set(desk.told(run, every=every, heard=frozenset({1}))[0]["answers"]) == {"views"}
    desk.apply(run, "box", [entry(3, "ask", key="used")])  # asked again
    assert set(desk.told(run, heard=frozenset({1, 2}))[0]["answers"]) == {"used"}
