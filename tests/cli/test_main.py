"""The command line as it is typed: every command in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from patchcore_core.cli.fits.fit import configuration
from patchcore_core.cli.main import parser
from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import load_dataset
from patchcore_core.data.sample import sample_set
from patchcore_core.runs.store import RunStore
from tests.cli.calling import QUICK, command, environment
from tests.tiny import write_category


@pytest.mark.parametrize("arguments", [(), ("fit",), ("score",), ("evaluate",), ("runs",), ("show",), ("sample",)])
def test_help_needs_no_torch(arguments, tmp_path):
    line = [sys.executable, "-X", "importtime", "-m", "patchcore_core", *arguments, "--help"]
    done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path, env=environment())
    assert done.returncode == 0
    assert "usage: patchcore_core" in done.stdout
    loaded = {row.rpartition("|")[2].strip() for row in done.stderr.splitlines()}
    assert "patchcore_core.cli.main" in loaded
    assert not loaded & {"torch", "pandas", "numpy", "timm", "faiss"}
    assert arguments == () or "--json" in done.stdout


def test_every_field_of_the_configuration_is_an_option():
    line = ["fit", "data"]
    values = {"layers": "a", "weights": "w.pth", "pretrain_dim": "7", "target_dim": "9", "blur_sigma": "2.5",
              "scales": "224"}
    for name, default in PatchCoreConfig().to_dict().items():
        line += ["--" + name.replace("_", "-"), values.get(name, str(default))]
    args = vars(parser().parse_args(line))
    assert (args["layers"], args["weights"], args["pretrain_dim"], args["blur_sigma"]) == (["a"], "w.pth", 7, 2.5)
    assert args["center_crop"] is None
    assert args["scales"] == [(224,)]
    assert args["image_size"] == 256
    assert set(PatchCoreConfig().to_dict()) <= set(args)


@pytest.mark.parametrize(("written", "sizes"), [
    (["448", "224"], (224, 448)), (["224,448"], (224, 448)), (["224,", "448"], (224, 448)), (["none"], ()),
])  # fmt: skip
def test_scales_are_written_apart_or_with_commas(written, sizes):
    assert configuration(parser().parse_args(["fit", "x", "--scales", *written])).scales == sizes


@pytest.mark.parametrize(("written", "gib"), [("512MiB", 0.5), ("1.5GB", 1.5e9 / 2**30), ("2", 2.0), ("none", None)])
def test_a_memory_limit_is_written_with_its_unit(written, gib):
    assert parser().parse_args(["fit", "x", "--memory-limit", written]).memory_limit == pytest.approx(gib)


@pytest.mark.parametrize(("arguments", "words"), [
    ((), ("COMMAND",)),
    (("fly",), ("fly", "fit")),
    (("fit",), ("dataset",)),
    (("fit", "nowhere"), ("nowhere: no such folder",)),
    (("fit", "data", "--category", "glass"), ("glass", "tile")),
    (("fit", "data", "--coreset-ratio", "1.5"), ("coreset_ratio must be in (0, 1], got 1.5",)),
    (("fit", "data", "--image-size", "big"), ("--image-size", "expected a whole number, got 'big'")),
    (("fit", "data", "--ignore-value", "0"), ("ignore_value must be an integer in [1, 2^32), for 0 is what is good",)),
    (("fit", "data", "--memory-limit", "2G"), ("--memory-limit", "such as 512MiB or 1.5GB, got '2G'")),
    (("fit", "data", "--memory-limit", "0MB"), ("--memory-limit", "more than 0 GiB, got '0MB'")),
    (("fit", "data", "--region-trim", "yes"), ("--region-trim", "expected true or false, got 'yes'")),
    (("fit", "data", "--ignore-value", "grey"), ("--ignore-value", "expected a whole number, got 'grey'")),
    (("fit", "data", "--preset", "slow"), ("preset must be one of quick, careful",)),
    (("fit", "data", "--sampler", "best"), ("sampler must be one of greedy",)),
    (("fit", "data", "--layer"), ("--layer",)),
    (("show", "20260101-000000-tile-abcd"), ("no run '20260101-000000-tile-abcd'",)),
    (("score", "../..", "x.png"), ("no run '../..'",)),
    (("evaluate", "20260101-000000-tile-abcd", "data"), ("no run",)),
    (("runs", "--runs", "data/tile/test/good/000.png"), ("000.png",)),
    (("sample", "data/tile/test/good/000.png/x"), ("000.png",)),
])  # fmt: skip
def test_bad_input_is_refused_in_one_sentence(place, refused, arguments, words):
    refused(place, arguments, words)


@pytest.mark.parametrize(("arguments", "words"), [
    (("--backbone", "resnet_nope"), ("resnet_nope",)),
    (("--layers", "blocks.77"), ("blocks.77", "blocks.2")),
    (("--weights", "missing.pth"), ("missing.pth",)),
    (("--num-neighbors", "77"), ("at most the 76 rows", "got 77")),  # a fifth of 6 images of 8 x 8 patches
    (("--device", "gpu"), ("device 'gpu'",)),
    (("--patch-size", "50"), ("at most the 8 x 8 cells",)),
])  # fmt: skip
def test_an_unknown_network_or_layer_is_answered_with_those_that_exist(place, refused, arguments, words):
    refused(place, ("fit", "data/tile", *QUICK, *arguments, "--runs", "refused"), words)
    assert RunStore(place / "refused").list() == ()


@pytest.mark.parametrize("arguments", [("empty",), ("empties",), ("empties", "--category", "one")])
def test_an_empty_folder_cannot_be_fitted(tmp_path, refused, arguments):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empties" / "one" / "train" / "good").mkdir(parents=True)
    refused(tmp_path, ("fit", *arguments), ("holds no images", str(tmp_path / arguments[0])))
    assert not (tmp_path / "runs").exists() or RunStore(tmp_path / "runs").list() == ()


def test_a_place_that_cannot_be_written_is_named(place, run_id, refused, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("in the way")
    photo = load_dataset(place / "data" / "tile").test[0].path
    for out in (in_the_way, in_the_way / "below"):
        refused(place, ("score", run_id, photo, "--out", out), (str(out), "cannot be written"))
        refused(place, ("fit", "data/tile", *QUICK, "--runs", out), (f"error: {out}: ", "Not a directory"))
        refused(place, ("runs", "--runs", out), (f"error: {out}: ", "Not a directory"))
    refused(place, ("sample", in_the_way), (f"{in_the_way}: is a file",))
    assert in_the_way.read_text() == "in the way"


def test_bad_input_to_a_finished_run_is_refused(place, run_id, refused):
    refused(place, ("evaluate", run_id, "data"), ("plate", "tile"))
    write_category(place / "untested", good=0, hole=0)
    (place / "untested" / "elsewhere").mkdir()
    shutil.copy(place / "untested/train/good/000.png", place / "untested/elsewhere/a.png")
    refused(place, ("evaluate", run_id, "untested"), ("untested", "no test images", "elsewhere: 1 image is not used"))
    refused(place, ("score", run_id, "x.png", "--threshold", "high"), ("expected a number, got 'high'",))
    refused(place, ("score", run_id, "x.png", "--threshold", "nan"), ("expected a number, got 'nan'",))
    refused(place, ("score", run_id, "x.png", "--threshold", "inf"), ("expected a number, got 'inf'",))


def test_a_refusal_is_the_exit_code_of_the_process(tmp_path):
    done = command("fit", "nowhere", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {tmp_path / 'nowhere'}: no such folder\n"


def test_sample_writes_a_data_set_that_can_be_read(asked, tmp_path, monkeypatch):
    for name, value in (("TRAIN", 1), ("TEST_GOOD", 1), ("SEVERITIES", (1.0,))):  # the whole set has tests of its own
        monkeypatch.setattr(sample_set, name, value)
    code, out, err = asked(tmp_path, "sample", "set", "--json")
    assert code == 0, err
    folders = json.loads(out)["categories"]
    assert len(folders) >= 2
    for folder in folders:
        assert load_dataset(tmp_path / folder).counts().test_defective > 0


def test_a_reader_that_has_seen_enough_is_no_error(place):
    line = f"{sys.executable} -m patchcore_core show $(ls runs | head -1) --json | head -1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, cwd=place, env=environment())
    assert (done.stdout, done.stderr) == ("{\n", "")
