"""A run as plain JSON values and back."""

from __future__ import annotations

import json
import math
import re
from dataclasses import fields
from pathlib import Path

import pytest

from patchcore_core.codec import plain
from patchcore_core.data.values import CropLoss, PhotoCounts, PixelReading
from patchcore_core.evaluation.badges.badge import unreadable_badge
from patchcore_core.evaluation.thresholds.operating_point import GoodScores, mean_plus_sd, quantile
from patchcore_core.evaluation.trim import Trim
from patchcore_core.evaluation.values import HeldOut, SizeRecall
from patchcore_core.runs.process import ProcessRecord
from patchcore_core.runs.record import Run, from_json, to_json

TRUST = ("intervals", "per_defect_intervals", "region_recall", "per_defect_region_recall", "operating_points",
         "badges", "heldout", "trim")  # fmt: skip


def through_a_file(run, folder: Path):
    return from_json(json.loads(json.dumps(to_json(run), allow_nan=False)), folder)


def test_how_far_figures_can_be_trusted_survives_the_file(draft, tmp_path):
    size = SizeRecall(3.0, 9.0, 2.0, found=0.5, found_low=math.nan, found_high=1.0)
    point, undefined = (rule(GoodScores.of(scores, "held-out"))
                        for rule, scores in ((quantile, [1.0, 2.0]), (mean_plus_sd, [])))
    run = draft(
        intervals={"aupro": (0.25, 0.75), "image_auroc": (math.nan, math.nan)},
        per_defect_intervals={"hole": {"aupro": (0.5, 1.0)}},
        region_recall=(size,),
        per_defect_region_recall={"hole": (size,)},
        operating_points=(point, undefined),
        badges=(unreadable_badge([("a.png", "cut short")], 7),),
        heldout=HeldOut("leave one image out", 6, 2, 6),
        trim=Trim.of(1.5, 8).settings(),
    )
    back = through_a_file(run, tmp_path)
    assert back.intervals["aupro"] == (0.25, 0.75)
    assert all(math.isnan(end) for end in back.intervals["image_auroc"])
    assert back.per_defect_intervals == run.per_defect_intervals
    assert back.region_recall[0] == size
    assert back.per_defect_region_recall["hole"][0] == size
    assert back.operating_points[0] == point
    assert math.isnan(back.operating_points[1].value)
    assert back.operating_points[1].reason == undefined.reason
    assert (back.badges, back.heldout) == (run.badges, run.heldout)
    assert Trim.read(back.trim) == Trim.of(1.5, 8)


def test_a_run_made_before_these_fields_has_them_empty(draft, tmp_path):
    record = {name: value for name, value in to_json(draft()).items() if name not in TRUST}
    old = from_json(record, tmp_path)
    assert not any(getattr(old, name) for name in TRUST)


@pytest.mark.parametrize(("trim", "words"), [
    ({"good": 1.0}, "trim.halo is missing"),
    ({"halo": []}, "trim.good is missing"),
    ({"good": 1.0, "halo": [{"share": 2, "reach": 3}]}, "trim.halo[0].share must be a number from 0 to 1, got 2"),
    ({"good": 1.0, "halo": [{"share": 0.5, "reach": -1}]}, "trim.halo[0].reach must be a whole number"),
])  # fmt: skip
def test_a_trim_that_no_run_has_is_refused(draft, tmp_path, trim, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        from_json(to_json(draft()) | {"trim": trim}, tmp_path)


def test_values_for_json_at_any_depth():
    values = {"a": (math.nan, 1, {"b": [math.inf, 0.5]}), 7: None, "words": "x", "yes": True}
    assert plain(values) == {"a": [None, 1, {"b": [None, 0.5]}], "7": None, "words": "x", "yes": True}
    assert plain(values)["yes"] is True


def test_all_that_is_written_is_read(draft, tmp_path):
    record = to_json(draft())
    within = {"fingerprint", "counts"}, {"folder", "unknown_settings", "broken"}  # the dataset's, and not in the file
    assert set(record) == {one.name for one in fields(Run)}.difference(*within)
    for name in set(record) - {"id"}:
        with pytest.raises(ValueError, match=name):
            from_json({**record, name: object()}, tmp_path)


def test_what_a_run_keeps_of_its_data_and_process_is_the_json_of_earlier_versions(draft, tmp_path):
    run = draft(
        counts=PhotoCounts(6, 4, 3, 1, {"hole": 3}), crop_loss={"hole": CropLoss(3, 1, 2)},
        pixels=PixelReading(12, ("255",), "upright"), process=ProcessRecord(7, 1.5, "here", True),
    )  # fmt: skip
    record = to_json(run)
    assert json.dumps([record["dataset"]["counts"], record["crop_loss"], record["pixels"], record["process"]]) == (
        '[{"train": 6, "test_good": 4, "test_defective": 3, "test_unknown": 1, "defect_types": {"hole": 3}}, '
        '{"hole": {"total": 3, "wholly_lost": 1, "partly_lost": 2}}, '
        '{"bits": 12, "reserved": ["255"], "drawn": "upright"}, '
        '{"pid": 7, "started": 1.5, "host": "here", "computes": true, "birth": ""}]')
    back = through_a_file(run, tmp_path)
    assert (back.counts, back.crop_loss, back.pixels, back.process) == (
        run.counts, run.crop_loss, run.pixels, run.process)


@pytest.mark.parametrize(("pixels", "bits", "trained", "reading"), [
    (None, 16, 16, None),  # before photos of more than 8 bits were read on one scale
    ({}, 16, 16, None),
    ({"bits": 12}, 12, 12, PixelReading(12)),  # before masks were read together
    ({"bits": None, "reserved": [], "drawn": "stored"}, 16, None, PixelReading(None, ())),
])  # fmt: skip
def test_how_the_photos_of_older_runs_were_read(draft, tmp_path, pixels, bits, trained, reading):
    record = {name: value for name, value in to_json(draft()).items() if name != "pixels"}
    run = from_json(record if pixels is None else {**record, "pixels": pixels}, tmp_path)
    assert (run.bits, run.trained_bits, run.pixels) == (bits, trained, reading)
    assert to_json(run)["pixels"] == (plain(reading) or {})


def test_older_records_lack_counts_and_whether_a_process_computes(draft, tmp_path):
    record = to_json(draft())
    record["dataset"]["counts"] = {}
    record["process"] = {"pid": 7, "started": 1.5, "host": "here"}
    run = from_json(record, tmp_path)
    assert (run.counts, run.counts.tested) == (PhotoCounts(), 0)
    assert run.process == ProcessRecord(7, 1.5, "here", computes=False)


def test_a_record_in_the_format_of_2026_is_read_and_written_as_it_is():
    stored = json.loads(Path(__file__).with_name("run_of_2026.json").read_text())
    run = from_json(stored, Path("runs", stored["id"]))
    since = {"parent": "", "taught": [], "taught_scores": {}, "shortened": [], "alone": {}, "sweep": "", "dropped": {}}
    since["process"] = {**stored["process"], "birth": ""}
    assert to_json(run) == {name: value for name, value in stored.items() if name != "files"} | since
    assert run.operating_points[0].source == "held-out"
    assert (run.found.found, run.found.defective) == (3, 3)
    assert [badge.key for badge in run.badges if badge.level == "warning"] == ["identical", "near_duplicates"]
    assert run.heldout.thresholds["pixel"].without_odd == run.thresholds["pixel_heldout_p999"]
    assert [step.reach for step in run.trim.halo] == [8, 32]
    assert sum(row.regions for row in run.region_recall) == 3
