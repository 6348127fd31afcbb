"""The configuration refuses at the door what cannot work, and says what was expected and what came."""

import dataclasses
import hashlib
import json
import math

import pytest

from patchcore_core.config import PRESETS, SINCE, PatchCoreConfig
from patchcore_core.errors import ConfigError


@pytest.mark.parametrize(("field", "value", "words"), [
    ("coreset_ratio", 0, "in (0, 1], got 0"),
    ("coreset_ratio", 1.5, "in (0, 1], got 1.5"),
    ("coreset_ratio", -0.1, "in (0, 1], got -0.1"),
    ("coreset_ratio", math.nan, "in (0, 1], got nan"),
    ("coreset_ratio", "0.1", "in (0, 1], got '0.1'"),
    ("coreset_ratio", True, "in (0, 1], got True"),
    ("layers", (), "at least one layer name"),
    ("layers", ("a", "a"), "each layer once"),
    ("backbone", "", "a network name"),
    ("image_size", 0, "a positive integer, got 0"),
    ("image_size", 25.6, "a positive integer, got 25.6"),
    ("image_size", 4097, "at most 4096 pixels, got 4097"),
    ("patch_size", -1, "a positive integer, got -1"),
    ("num_neighbors", 0, "a positive integer, got 0"),
    ("reweight_neighbors", 0, "a positive integer, got 0"),
    ("projection_dim", 0, "a positive integer, got 0"),
    ("center_crop", 300, "at most image_size 256, got 300"),
    ("target_dim", 64, "a number exactly when pretrain_dim is one, got 64"),
    ("sampler", "best", "one of greedy, approx_greedy, streaming_greedy, kmeans, random, identity, got 'best'"),
    ("distance", "cosine", "one of euclidean, squared_euclidean, got 'cosine'"),
    ("image_score", "mean", "one of patch, map, got 'mean'"),
    ("blur_sigma", -1.0, "0 or more, got -1.0"),
    ("blur_sigma", math.nan, "0 or more, got nan"),
    ("seed", -1, "an integer in [0, 2^32), got -1"),
    ("region_trim", 1, "true or false, got 1"),
    ("ignore_value", 0, "an integer in [1, 2^32), for 0 is what is good, got 0"),
    ("ignore_value", -1, "got -1"),
    ("ignore_value", 2**32, "got 4294967296"),
    ("ignore_value", True, "got True"),
    ("ignore_value", 128.0, "got 128.0"),
    ("device", "", "auto, cpu or cuda, got ''"),
])  # fmt: skip
def test_a_value_that_cannot_work_is_refused(field, value, words):
    with pytest.raises(ConfigError) as refusal:
        PatchCoreConfig(**{field: value})
    assert str(refusal.value).startswith(f"{field} must be ")
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_eq_7_weights_the_highest_patch_and_no_map():
    with pytest.raises(ConfigError, match=r"reweight_neighbors must be none with image_score map, .*got 3"):
        PatchCoreConfig(image_score="map", reweight_neighbors=3)


def test_a_misspelt_field_is_answered_with_the_nearest():
    with pytest.raises(ConfigError, match="no field 'coreset_ration'; did you mean coreset_ratio"):
        PatchCoreConfig.preset("quick", coreset_ration=0.1)


def test_an_unknown_preset_is_answered_with_those_that_exist():
    with pytest.raises(ConfigError, match=f"one of {', '.join(PRESETS)}, got 'fast'"):
        PatchCoreConfig.preset("fast")


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_json(name):
    config = PatchCoreConfig.preset(name, coreset_ratio=1.0)
    assert PatchCoreConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_identity_is_all_that_decides_the_result():
    config = PatchCoreConfig()
    here = dataclasses.replace(config, device="cpu", weights="/here/weights.pth")
    assert here.identity() == config.identity()
    for field, value in {"seed": 1, "coreset_ratio": 0.2, "distance": "squared_euclidean", "blur_sigma": 2.0}.items():
        assert dataclasses.replace(config, **{field: value}).identity() != config.identity()


def test_the_identity_of_runs_of_earlier_versions_is_what_it_was():
    """Else their fits would be made again."""
    for config, then in (
        (PatchCoreConfig(), "4d5e6aeba895ad6d5f314146aadcfc49f5eb3de254810f6ab071ea4d9530f364"),
        (PatchCoreConfig.preset("paper"), "4c5d8d4261edc9e0022ad7b3e41279b2c6717f5200da1cd7f542715efe4188c7"),
    ):  # fmt: skip
        assert hashlib.sha256(json.dumps(config.identity(), sort_keys=True).encode()).hexdigest() == then
        for name, value in {"ignore_value": 128, "image_score": "map", "region_trim": True}.items():
            named = dataclasses.replace(config, **{name: value})
            assert named.identity() == config.identity() | {name: value}
        before = {name: value for name, value in config.to_dict().items() if name not in SINCE}
        assert PatchCoreConfig.from_dict(before) == config


def test_it_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        PatchCoreConfig().seed = 3
