"""What the workspace asks Python, against answers counted by other ways."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from patchcore_core.evaluation.published import reference
from patchcore_core.reviews.verdicts import Verdicts
from patchcore_core.views.web.packed import unpacked
from tests.pages.ui.review.events.asking import HOLE, SCRATCH, asked, entry, number_of, question


def pairs(images) -> float:
    """The share of pairs of a defective and a good image in which the defective one scores higher."""
    bad, good = (images["image_score"][images["label"] == label].to_numpy() for label in (1, 0))
    higher = bad[:, None] - good[None]
    return float((higher > 0).mean() + (higher == 0).mean() / 2)


def heads(table) -> list[str]:
    return [name for name, _ in table["heads"]]


def test_overlap_is_that_of_the_maps_and_masks(run, desk, store):
    found = question(desk, run, "overlap 0.5", pixel=0.5)
    images, maps = store.images(run), store.anomaly_maps(run)
    for number, row in images.iterrows():
        if not row["mask_paths"]:
            continue
        mask = np.asarray(Image.open(row["mask_paths"][0])) > 0
        seen = maps[row["map_index"]].astype(np.float32) >= 0.5
        assert unpacked(found["overlooked"])[number] == (mask & ~seen).sum()
        assert unpacked(found["iou"])[number] == pytest.approx((mask & seen).sum() / (mask | seen).sum())


def test_causes_and_pixels_are_told_in_words(run, desk, store):
    number = number_of(run, store.images(run), SCRATCH)
    missed = question(desk, run, "why 1", number=number, threshold=99)
    assert all(isinstance(said, str) for said in missed.values())
    said = question(desk, run, "pixel", number=number, row=21, column=8)
    assert said.startswith("Pixel at row 21, column 8: score ")
    assert said.endswith(", defect.")


def test_figures_stand_with_intervals_per_type_and_beside_published_ones(make_run, desk, store):
    run = make_run(trusted=True, seed=1)
    whole, kinds, *published = question(desk, run, "figures")["tables"]
    assert heads(whole) == ["figure", "value", "95 % interval", "meaning"]
    rows = {row[0]: row[1:] for row in whole["rows"]}
    images = store.images(run)
    assert rows["Image AUROC"][0] == f"{pairs(images):.3f}"
    assert rows["Image AUROC"][1].startswith("[")
    good = images["label"] == 0
    of_type = {row[0]: row[1:] for row in kinds["rows"]}
    for kind in ("hole", "scratch"):
        chosen = images[good | (images["defect_type"] == kind)]
        assert of_type[kind][0] == str((images["defect_type"] == kind).sum())
        assert of_type[kind][1].split()[0] == f"{pairs(chosen):.3f}"
    with (Path(reference.__file__).parent / "published.csv").open() as file:
        known = [row for row in csv.DictReader(file) if row["category"] == "tile" and row["metric"] == "image_auroc"]
    table = next(one for one in published if one["title"].startswith("Image AUROC"))
    assert sorted(row[1] for row in table["rows"]) == sorted(f"{float(row['value']):.3f}" for row in known)
    assert [float(row[2]) for row in table["rows"]] == pytest.approx(
        [float(rows["Image AUROC"][0]) - float(row[1]) for row in table["rows"]], abs=0.0011)


def test_figures_of_the_images_listed_are_theirs_alone(run, desk, store):
    images = store.images(run)
    numbers = [int(number) for number in images.index[:7]]
    (table,) = question(desk, run, "listed x", numbers=numbers, threshold=2.0, pixel=0.5)["tables"]
    some = images.loc[numbers]
    caught, bad = some["image_score"] >= 2.0, some["label"] == 1
    rows = dict(table["rows"])
    assert table["note"] == f"Figures of the 7 of {len(images)} test images that are shown."
    assert rows["Good / defective"] == f"{(some['label'] == 0).sum()} / {bad.sum()}"
    assert rows["Image AUROC"] == f"{pairs(some):.3f}"
    assert rows["Recall"] == f"{(caught & bad).sum() / bad.sum():.3f}"
    overlap = question(desk, run, "overlap 0.5", pixel=0.5)
    assert rows["Mean pixel IoU"] == f"{np.nanmean(unpacked(overlap['iou'])[numbers]):.3f}"
    assert rows["Missed defect area (px)"] == f"{np.nansum(unpacked(overlap['overlooked'])[numbers]):,.0f}"


def test_an_older_run_says_why_it_has_no_intervals(run, desk, store):
    record = json.loads((run.folder / "run.json").read_text())
    (run.folder / "run.json").write_text(json.dumps(record | {"reasons": {}}))
    run = store.get(run.id)
    whole = question(desk, run, "figures")["tables"][0]
    assert whole["note"].startswith("This run predates intervals")
    rows = {row[0]: row[1:] for row in whole["rows"]}
    assert rows["Image AUROC"][1] == "—"
    assert rows["Recall at the default threshold"][1].startswith("[")  # counted from the stored scores


@pytest.mark.parametrize(("name", "label", "level"), [
    ("f1_max", "oracle threshold", "warning"), ("", "threshold set manually", "note"),
    ("good_p99", "threshold set manually", "note"),  # another value than that of this name
])
def test_checks_are_those_of_the_threshold(run, desk, name, label, level):
    threshold = run.thresholds["f1_max"]
    found = question(desk, run, f"checks {threshold}", threshold=threshold, name=name)
    item = found["findings"]["groups"][0]["items"][0]
    assert (item["label"], item["level"]) == (label, level)
    assert {"level": level, "label": label, "sentence": item["sentence"]} in found["checks"]


def test_a_threshold_by_other_parameters_keeps_its_source(make_run, desk):
    run = make_run(trusted=True, seed=1)
    level = question(desk, run, "costs", quantile=90, threshold=1, review_from=None)["image"]
    point = next(one for one in level["points"] if one["name"] == "heldout_p90")
    assert point["value"] == pytest.approx(np.quantile(np.linspace(0.3, 0.6, 24), 0.9), abs=0.02)
    found = question(desk, run, "checks", threshold=point["value"], name="heldout_p90", quantile=90)
    assert found["findings"]["groups"][0]["items"][0]["label"] == "held-out threshold"


def test_curves_hold_the_rates_at_every_threshold(run, desk, store):
    found = question(desk, run, "curves")
    assert found["limit"] == 0.3
    roc = next(panel for panel in found["panels"] if panel["name"] == "image_roc")
    images = store.images(run)
    for x, y, threshold in zip(*(unpacked(roc[name]) for name in ("x", "y", "thresholds")), strict=True):
        called = images["image_score"] >= threshold
        assert x == pytest.approx(called[images["label"] == 0].mean())
        assert y == pytest.approx(called[images["label"] == 1].mean())
    pro = next(panel for panel in found["panels"] if panel["name"] == "pro")
    assert (pro["level"], pro["undefined"]) == ("pixel", "")


def test_a_curve_that_is_not_defined_has_its_reason(make_run, data_root, desk):
    for kind in ("hole", "scratch"):
        for path in (data_root / "tile/test" / kind).iterdir():
            path.unlink()
    panels = question(desk, make_run(), "curves")["panels"]
    assert all(panel["undefined"].startswith("Not defined for this run: ") for panel in panels)


def test_the_tally_holds_scores_by_type(run, desk, store):
    found = question(desk, run, "tally 0.5", pixel=0.5)
    images = store.images(run)
    assert unpacked(found["good"]).tolist() == sorted(images["image_score"][images["label"] == 0])
    assert {kind["name"]: unpacked(kind["scores"]).tolist() for kind in found["kinds"]} == {
        kind: sorted(images["image_score"][images["defect_type"] == kind]) for kind in ("hole", "scratch")}
    assert found["sizes"] == ("This run predates recorded defect sizes: delete and fit it again to get them.")


def test_regions_are_those_of_map_and_mask(run, desk, store):
    images = store.images(run)
    number = number_of(run, images, HOLE)
    found = question(desk, run, f"regions {number} 0.5", number=number, pixel=0.5)
    scores = store.anomaly_maps(run)[number].astype(np.float32)
    mask = np.asarray(Image.open(images.at[number, "mask_paths"][0])) > 0
    sizes = []
    for marked in (mask, scores >= 0.5):
        regions, count = ndimage.label(marked, np.ones((3, 3)))
        sizes += [int((regions == one).sum()) for one in range(1, count + 1)]
    rows = found["table"]["rows"]
    assert sorted(int(row[2].split(" ")[0].replace(",", "")) for row in rows) == sorted(sizes)
    kind, outcome, *_ = rows[0]
    assert (kind, outcome) == ("true defect", "found")
    top, left, bottom, right = found["boxes"][0]
    assert top <= 10 < 16 <= bottom
    assert left <= 12 < 18 <= right
    assert question(desk, run, "regions 99", number=number, pixel=99)["table"]["rows"] == [
        [*rows[0][:1], "missed", *rows[0][2:4], "0.0%"]]


def test_costs_are_those_of_the_zones(run, desk, store):
    needs = {"escape": 100, "overkill": 5, "look": 1, "defect_rate": 2, "review_from": 0.5, "threshold": 0.8}
    found = question(desk, run, "costs", **needs)
    images = store.images(run)
    low, high = (images["image_score"] >= needs[name] for name in ("review_from", "threshold"))
    bad = images["label"] == 1
    share = {name: {label: (zone & (bad == label)).sum() / (bad == label).sum() for label in (True, False)}
             for name, zone in {"OK": ~low, "review": low & ~high, "NG": high}.items()}
    costs = {"OK": 0.02 * 100 * share["OK"][True],
             "review": 1 * (0.02 * share["review"][True] + 0.98 * share["review"][False]),
             "NG": 0.98 * 5 * share["NG"][False]}
    assert [name for name, _ in found["zones"]["heads"]] == ["zone", "share", "good", "defective", "expected",
                                                            "cost per part"]
    assert {row[0]: float(row[5]) for row in found["zones"]["rows"]} == pytest.approx(costs, abs=1e-4)
    assert f"all zones: {sum(costs.values()):.4f}." in found["sentence"]
    assert sum(int(row[2]) + int(row[3]) for row in found["zones"]["rows"]) == len(images)
    assert "cost_weighted" in [point["name"] for point in found["image"]["points"]]
    assert all(start["value"] < 0.8 for start in found["starts"])


def test_without_costs_the_zones_have_their_shares(run, desk, store):
    scores = store.images(run)["image_score"]
    found = question(desk, run, "costs", threshold=0.8, review_from=0.5)
    assert found["zones"] is None
    shares = [(scores < 0.5).mean(), ((scores >= 0.5) & (scores < 0.8)).mean(), (scores >= 0.8).mean()]
    assert found["sentence"].startswith("OK {:.1f} % · review {:.1f} % · NG {:.1f} % of the test images.".format(
        *(100 * share for share in shares)))


def test_what_reviewers_said_of_an_image_is_told_in_full(run, desk, store):
    desk.apply(run, "box", [entry(1, "verdict", image=HOLE, verdict="agree"),
                            entry(2, "verdict", image=HOLE, verdict="unclear", note="<b>", tags=["edge"]),
                            entry(3, "undo", image=HOLE), entry(4, "verdict", image=SCRATCH, verdict="agree")])
    number = number_of(run, store.images(run), HOLE)
    found = question(desk, run, "history", number=number)
    assert [(one["verdict"], one["note"], one["tags"], one["author"]) for one in found] == [
        ("agree", "", [], "Ann"), ("unclear", "<b>", ["edge"], "Ann"), ("agree", "", [], "Ann")]
    assert [one["id"] for one in found] == [one.id for one in Verdicts(store.root).entries()][:3]


def test_a_second_run_brings_its_pixel_thresholds(make_run, run, desk):
    other = make_run(image_size=48)
    level = question(desk, run, f"beside {other.id}", run=other.id)["level"]
    named = {point["name"]: point["value"] for point in level["points"] if point["value"] is not None}
    assert named == {name: value for name, value in other.thresholds.items() if name.startswith("pixel_")}


def test_figures_without_wrong_labels_come_later_and_are_those_of_the_rest(run, desk, store):
    images = store.images(run)
    wrong = [number_of(run, images, HOLE)]
    desk.apply(run, "box", [entry(1, "ask", key="without x", **{"with": {"numbers": wrong}}),
                            entry(2, "verdict", image=SCRATCH, verdict="agree")])
    assert desk.told(run)[0]["acked"] == 2  # nothing waits for the figures
    found = question(desk, run, "without y", numbers=wrong)
    assert not desk.waits
    assert found["sentence"] == f"Figures on {len(images) - 1} of {len(images)} test images: 1 wrong label excluded."
    rest = images.drop(index=wrong)
    headline = {one["label"]: one["value"] for one in found["figures"]}
    assert headline["Image AUROC"] == f"{pairs(rest):.3f}"
    assert headline["Good / defective"] == "4 / 4"
    assert dict(row[:2] for row in found["tables"][0]["rows"])["Image AUROC"] == f"{pairs(rest):.3f}"


@pytest.mark.parametrize(("key", "needs", "says"), [
    ("costs", {"quantile": 12, "threshold": 1}, "quantile must be a number from 50 to 99.99, got 12"),
    ("costs", {"escape": -1, "threshold": 1}, "escape must be a number at least 0"),
    ("costs", {}, "threshold must be a number"), ("regions", {"number": 0}, "pixel must be a number"),
    ("regions", {"number": 9, "pixel": 1}, "0 to 8"), ("history", {"number": -1}, "0 to 8"),
    ("without", {}, "numbers must be those of images"), ("without", {"numbers": [True]}, "numbers must be those"),
    ("beside", {"run": "../x"}, "not in this store"), ("beside", {}, "not in this store"),
    ("pixel", {"number": 0, "row": 0.5, "column": 1}, "whole numbers"), ("overlap", {}, "pixel must be a number"),
])  # fmt: skip
def test_what_cannot_be_answered_is_refused(run, desk, key, needs, says):
    with pytest.raises(AssertionError, match=says):
        question(desk, run, key, **needs)


def test_export_and_questions_know_their_run(run, desk):
    with pytest.raises(AssertionError, match="beside itself"):
        question(desk, run, "beside", run=run.id)
    assert asked(desk, run, "ask", "used") is None
