"""What Python does for the workspace: in order, once, refused with a reason, answered under its key."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui.media.routes import routes
from pages.ui.review.events.desk import MOST_ANSWERS, THREAD, Desk
from patchcore_core.reviews.verdicts import Verdicts
from patchcore_core.runs.store import Run, RunStore
from patchcore_core.views.web.packed import unpacked

HOLE, SCRATCH = "test/hole/000.png", "test/scratch/000.png"


@pytest.fixture
def run(make_run: Callable[..., Run]) -> Run:
    return make_run()


@pytest.fixture
def desk(run: Run) -> Desk:  # noqa: ARG001  (in its store)
    return Desk("Ann")


def entry(seq: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"seq": seq, "kind": kind, **more}


def given(store: RunStore) -> list[tuple[str, str, str, str, tuple[str, ...]]]:
    """All verdicts of the store, read from its file."""
    return [(Path(one.path).parent.name, one.verdict, one.author, one.note, one.tags)
            for one in Verdicts(store.root).entries()]


def asked(desk: Desk, run: Run, kind: str, key: str = "a", **more: Any) -> Any:
    """The answer to one entry of an outbox of its own; AssertionError with the reason where it was refused."""
    desk.apply(run, key + kind, [entry(1, kind, key=key, **more)])
    answer = desk.told(run)[0]["answers"][key]
    assert not answer["error"], answer["error"]
    return answer["value"]


def pairs(images: Any) -> float:
    """The share of pairs of a defective and a good image in which the defective one scores higher."""
    bad, good = (images["image_score"][images["label"] == label].to_numpy() for label in (1, 0))
    higher = bad[:, None] - good[None]
    return float((higher > 0).mean() + (higher == 0).mean() / 2)


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
    ({"kind": "export", "with": {"form": "exe", "numbers": []}}, "must be csv"),
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


def test_an_export_holds_the_images_listed_in_their_order(run, desk, store):
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, verdict="label_wrong", note="=1+1", author="@Bo")])
    images = store.images(run)
    numbers = [images["path"].tolist().index(str(Path(run.dataset) / name)) for name in (SCRATCH, HOLE)]
    file = asked(desk, run, "export", "1", **{"with": {"form": "csv", "numbers": numbers, "threshold": 0.7}})
    answer = TestClient(Starlette(routes=routes())).get(file["address"])
    assert answer.headers["content-disposition"] == f'attachment; filename="{run.id}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["image"], row["verdict"], row["note"], row["author"]) for row in rows] == [
        (SCRATCH, "", "", ""), (HOLE, "label wrong", "'=1+1", "'@Bo")]
    assert [float(row["score"]) for row in rows] == images["image_score"][numbers].tolist()
    found = ["true positive" if float(row["score"]) >= 0.7 else "missed defect (FN)" for row in rows]
    assert [(row["outcome"], row["image_threshold"]) for row in rows] == [(one, "0.7") for one in found]


def test_a_file_that_is_not_offered_is_not_found(store):  # noqa: ARG001
    answer = TestClient(Starlette(routes=routes())).get("/pictures/downloads/guess")
    assert (answer.status_code, answer.text) == (404, "This file is no longer offered; export it again.")


def test_overlap_is_that_of_the_maps_and_masks(run, desk, store):
    found = asked(desk, run, "ask", "overlap 0.5", **{"with": {"pixel": 0.5}})
    images, maps = store.images(run), store.anomaly_maps(run)
    for number, row in images.iterrows():
        if not row["mask_paths"]:
            continue
        mask = np.asarray(Image.open(row["mask_paths"][0])) > 0
        seen = maps[row["map_index"]].astype(np.float32) >= 0.5
        assert unpacked(found["overlooked"])[number] == (mask & ~seen).sum()
        assert unpacked(found["iou"])[number] == pytest.approx((mask & seen).sum() / (mask | seen).sum())


def test_causes_and_pixels_are_told_in_words(run, desk, store):
    number = int(store.images(run)["path"].tolist().index(str(Path(run.dataset) / SCRATCH)))
    missed = asked(desk, run, "ask", "why 1", **{"with": {"number": number, "threshold": 99}})
    assert all(isinstance(said, str) for said in missed.values())
    said = asked(desk, run, "ask", "pixel", **{"with": {"number": number, "row": 21, "column": 8}})
    assert said.startswith("Pixel at row 21, column 8: score ")
    assert said.endswith(", defect.")


def test_figures_without_wrong_labels_come_later_and_are_those_of_the_rest(run, desk, store):
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, verdict="label_wrong"),
                            entry(2, "ask", key="without 1"), entry(3, "verdict", image=SCRATCH, verdict="agree")])
    assert desk.told(run)[0]["acked"] == 3  # nothing waits for the figures
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join()
    assert not desk.waits
    found = desk.told(run)[0]["answers"]["without 1"]["value"]
    images = store.images(run)
    rest = ~images["path"].str.endswith(HOLE)
    assert (found["left_out"], found["total"]) == (1, len(images))
    assert found["figures"]["metrics"]["image_auroc"] == pytest.approx(pairs(images[rest]))


def test_only_so_many_answers_are_kept(run, desk):
    desk.apply(run, "box", [entry(seq, "ask", key=f"used {seq}") for seq in range(1, MOST_ANSWERS + 6)])
    assert list(desk.told(run)[0]["answers"]) == [f"used {seq}" for seq in range(6, MOST_ANSWERS + 6)]
