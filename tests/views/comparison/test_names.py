"""Short names of configurations."""

from patchcore_core.config import PatchCoreConfig
from patchcore_core.views.comparison.names import short_names, value_words


def test_only_what_differs_is_named():
    configs = [PatchCoreConfig(coreset_ratio=ratio, seed=seed) for ratio, seed in ((0.1, 0), (0.01, 0), (0.01, 1))]
    assert short_names(configs) == ["10 %", "1 %", "1 %"]
    assert short_names(configs, seeds=True) == ["10 % · seed 0", "1 % · seed 0", "1 % · seed 1"]
    alike = short_names(configs, without=("coreset_ratio",))
    assert set(alike) == {"efficientnet_lite0 · blocks.2 + blocks.4 · 10 %",
                          "efficientnet_lite0 · blocks.2 + blocks.4 · 1 %"}


def test_a_default_beside_another_value_is_named():
    assert short_names([PatchCoreConfig(), PatchCoreConfig(image_score="map")]) == ["image_score patch",
                                                                                    "image_score map"]


def test_values_on_an_axis():
    assert value_words("coreset_ratio", 0.25) == "25 %"
    assert value_words("layers", ("a", "b")) == "a + b"
    assert value_words("network", ("resnet18", ("layer2", "layer3"))) == "resnet18 · layer2 + layer3"
    assert value_words("reweight_neighbors", None) == "none"
