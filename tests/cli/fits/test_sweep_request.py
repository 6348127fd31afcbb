"""What a sweep is asked for, by options and by a file, and what is said where it cannot be understood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from patchcore_core.cli.fits.sweep_request import Request, request
from patchcore_core.cli.main import parser
from patchcore_core.config import PRESETS
from patchcore_core.errors import ConfigError

FILE = """
datasets = ["data"]   # beside this file
categories = ["tile"]
preset = "paper"
exclude = ["tile/train/good/000.png"]

[set]
layers = ["layer2+layer3", ["layer3"]]
coreset_ratio = [0.01, 0.1]
num_neighbors = 3
memory_limit = "2GB"
"""


def asked(*arguments: object) -> Request:
    return request(parser().parse_args(["sweep", *map(str, arguments)]))


@pytest.mark.parametrize(("text", "values"), [
    ("layers=blocks.2+blocks.4,blocks.3", [("blocks.2", "blocks.4"), ("blocks.3",)]),
    ("coreset_ratio=0.01,0.1", [0.01, 0.1]), ("coreset-ratio=0.01,0.1", [0.01, 0.1]),
    ("reweight_neighbors=none,3", [None, 3]), ("scales=224+448,none", [(224, 448), ()]),
    ("region_trim=true,false", [True, False]), ("seed=0,1,2", [0, 1, 2]),
    ("sampler=greedy,random", ["greedy", "random"]),
])  # fmt: skip
def test_values_are_typed_with_commas_and_lists_with_plus(text: str, values: list[Any]) -> None:
    name = text.partition("=")[0].replace("-", "_")
    assert asked("data", "--set", text).varied == {name: values}


def test_a_field_with_one_value_is_fixed_and_options_hold_for_all() -> None:
    found = asked(
        "data", "more", "--set", "seed=4", "sampler=random,greedy", "--num-neighbors", 2, "--preset", "careful"
    )
    assert found.datasets == ("data", "more")
    assert found.fixed == {**PRESETS["careful"], "seed": 4, "num_neighbors": 2}
    assert found.varied == {"sampler": ["random", "greedy"]}


def test_a_file_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "sweep.toml"
    path.write_text(FILE)
    found = asked("--file", path)
    assert found.datasets == (str(tmp_path / "data"),)
    assert (found.categories, found.exclude) == (("tile",), ("tile/train/good/000.png",))
    assert found.varied == {"layers": [("layer2", "layer3"), ("layer3",)], "coreset_ratio": [0.01, 0.1]}
    assert found.fixed == {**PRESETS["paper"], "num_neighbors": 3, "memory_limit": pytest.approx(2e9 / 2**30)}
    changed = asked("other", "--file", path, "--set", "coreset_ratio=0.5", "--category", "plate", "--seed", 2)
    assert (changed.datasets, changed.categories) == (("other",), ("plate",))
    assert changed.fixed["coreset_ratio"] == 0.5
    assert changed.fixed["seed"] == 2
    assert list(changed.varied) == ["layers"]


@pytest.mark.parametrize(("replaced", "by", "words"), [
    ("coreset_ratio", "coreset_ration", "line 9: there is no field 'coreset_ration'; did you mean coreset_ratio?"),
    ("categories", "category", "line 3: there is no key 'category'; did you mean categories?"),
    ("num_neighbors = 3", 'num_neighbors = "three"', "line 10: num_neighbors: expected a whole number, got 'three'"),
    ("[0.01, 0.1]", "[]", "line 9: coreset_ratio must have at least one value"),
    ('["data"]', '"data"', "line 2: datasets must be a list of texts, got 'data'"),
    ("coreset_ratio = [0.01, 0.1]", "coreset_ratio = true",
     "line 9: coreset_ratio: expected a number, got 'True'"),
    ("coreset_ratio = [0.01, 0.1]", "coreset_ratio = [0.01, [0.1]]",
     "line 9: coreset_ratio: expected one value, got [0.1]"),
    ('["layer3"]]', '["layer3", 3]]', "line 8: layers: expected names of layers, got ['layer3', 3]"),
    ('["layer3"]]', "3]", "line 8: layers: expected names of layers, got 3"),
    ("num_neighbors = 3", "num_neighbors = 3.0", "line 10: num_neighbors: expected a whole number, got '3.0'"),
    ("num_neighbors = 3", "sampler = 3", "line 10: sampler: expected a text, got 3"),
    ("num_neighbors = 3", "scales = [160, 224]", "line 10: scales: one size alone is no value, got 160; sizes that "
     'are used together are written 160+224, in a file "160+224" or [[160, 224]]'),
    ("num_neighbors = 3", "scales = [[160, true]]", "line 10: scales: expected image sizes, got [160, True]"),
    ("[set]", "[set", "line 7"),
    ("= 3", "== 3", "line 10"),
    ('"paper"', '"papers"', "line 4: preset must be one of quick, careful, paper, patchcore-inspection, got 'papers'; "
     "did you mean paper?"),
])  # fmt: skip
def test_a_typo_in_the_file_is_named_with_its_line(tmp_path: Path, replaced: str, by: str, words: str) -> None:
    path = tmp_path / "sweep.toml"
    path.write_text(FILE.replace(replaced, by, 1))
    with pytest.raises(ConfigError) as refused:
        asked("--file", path)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("setting", "words"), [
    ("layer=a", "there is no field 'layer'; did you mean layers?"),
    ("zzz=1", "there is no field 'zzz'; there are backbone"),
    ("seed", "expected seed=VALUE"), ("seed=", "expected seed=VALUE"),
    ("seed=x", "seed: expected a whole number, got 'x'"), ("seed=0,,1", "a value is missing beside a comma"),
    ("seed=0,", "a value is missing beside a comma"), ("scales=160,224", "scales: one size alone is no value, got 160"),
])  # fmt: skip
def test_an_option_that_cannot_be_understood_is_said(setting: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        asked("data", "--set", setting)
    assert words in str(refused.value)


@pytest.mark.parametrize(("options", "words"), [
    (["--set", "seed=0", "--set", "seed=1"], "--set seed=1: seed is set by another --set, too"),
    (["--set", "seed=0,1", "--seed", 3], "--set seed=0,1: seed is set by --seed, too"),
    (["--set", "coreset-ratio=0.1", "coreset_ratio=0.2"], "coreset_ratio is set by another --set, too"),
    (["--set", "image-size=64", "--image-size", 128], "image_size is set by --image-size, too"),
])  # fmt: skip
def test_a_field_that_is_set_twice_is_refused(options: list[object], words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        asked("data", *options)
    assert words in str(refused.value)


def test_values_of_the_right_kind_in_a_file_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "sweep.toml"
    path.write_text('datasets = ["d"]\n[set]\nscales = [[224, 448], "none", "160+320"]\nregion_trim = [true, false]\n'
                    'memory_limit = [1, 2.5]\nreweight_neighbors = ["none", 3]\nweights = ["none", "w"]\n')
    assert asked("--file", path).varied == {
        "scales": [(224, 448), (), (160, 320)], "region_trim": [True, False], "memory_limit": [1, 2.5],
        "reweight_neighbors": [None, 3], "weights": [None, "w"],
    }  # fmt: skip


def test_a_file_that_is_not_there_and_no_dataset_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: No such file or directory"):
        asked("--file", tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="needs the folder of a dataset"):
        asked("--set", "seed=1,2")
