"""Backbones: the bundled networks know a picture, layers are found, trouble is said in one sentence."""

from pathlib import Path

import numpy as np
import pytest
import timm
import torch
import torchvision
from safetensors.torch import save_file
from sklearn.datasets import load_sample_image
from torch import nn

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.transforms import Transform
from patchcore_core.errors import ConfigError, WeightsError
from patchcore_core.model.network import backbone as module
from patchcore_core.model.network.backbone import Backbone, layer_names, load_backbone, resolve_device
from patchcore_core.model.network.weights import BUNDLED, weights_identity

PALACE = 698  # ImageNet class; scikit-learn's sample picture china.jpg shows the Summer Palace


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_network_knows_a_palace(name: str) -> None:
    network = load_backbone(name, ["classifier"], engine="torch")
    logits = {}
    network.network.classifier.register_forward_pre_hook(lambda _module, inputs: logits.update(x=inputs[0]))
    photo = Transform(256, 224, network.mean, network.std).image(load_sample_image("china.jpg"))
    with pytest.raises(ConfigError, match="does not give a feature map"):
        network(torch.from_numpy(photo)[None])
    scores = network.network.classifier.weight @ logits["x"][0] + network.network.classifier.bias
    assert int(scores.argmax()) == PALACE


def test_feature_maps_of_the_bundled_network_have_strides_8_and_16() -> None:
    maps = load_backbone("efficientnet_lite0", ["blocks.2", "blocks.4"])(torch.zeros(2, 3, 256, 256))
    assert {name: tuple(value.shape) for name, value in maps.items()} == {
        "blocks.2": (2, 40, 32, 32),
        "blocks.4": (2, 112, 16, 16),
    }


def test_runs_only_as_deep_as_asked_for(backbone: Backbone) -> None:
    maps = backbone(torch.zeros(1, 3, 32, 32))  # the tiny network's last module raises when it runs
    assert list(maps) == ["0", "1"]


def test_an_in_place_layer_behind_does_not_reach_the_map() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 1), torch.nn.ReLU(inplace=True), torch.nn.Conv2d(2, 2, 1))
    images = torch.randn(1, 3, 8, 8)
    expected = network[0](images)
    maps = Backbone(network, ["0", "2"])(images)
    torch.testing.assert_close(maps["0"], expected)
    assert (maps["0"] < 0).any()


@pytest.mark.parametrize(("name", "layers", "shape"), [
    ("vit_b_16", ["encoder.layers.encoder_layer_2"], (1, 768, 14, 14)),
    ("swin_t", ["features.3"], (1, 192, 28, 28)),
    ("timm/resnet18", ["layer2"], (1, 128, 28, 28)),
    ("densenet121", ["features.denseblock2"], (1, 512, 28, 28)),
])  # fmt: skip
def test_other_architectures_give_grids(name: str, layers: list[str], shape: tuple[int, ...]) -> None:
    network, mean, std = module.build_network(name, published=False)
    maps = Backbone(network, layers, mean=mean, std=std)(torch.zeros(1, 3, 224, 224))
    assert maps[layers[0]].shape == shape


def test_tokens_become_the_grid_row_by_row() -> None:
    class Tokens(torch.nn.Module):
        num_prefix_tokens = 1

        def __init__(self) -> None:
            super().__init__()
            self.last = torch.nn.Identity()

        def forward(self, _images: torch.Tensor) -> torch.Tensor:
            return self.last(torch.arange(10.0).reshape(1, 10, 1))  # a class token, then 3 x 3 patches

    grid = Backbone(Tokens(), ["last"])(torch.zeros(1, 3, 8, 8))["last"]
    assert grid[0, 0].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_unknown_layer_names_the_ones_that_exist() -> None:
    with pytest.raises(
        ConfigError, match=r"efficientnet_lite0 has no layer 'block\.2'; did you mean blocks\.2\?.*blocks\.4"
    ):
        load_backbone("efficientnet_lite0", ["block.2"])


def test_unknown_backbone_names_near_ones() -> None:
    with pytest.raises(
        ConfigError, match=r"no backbone 'wide_resnet50'; did you mean wide_resnet50_2.*efficientnet_lite0"
    ):
        load_backbone("wide_resnet50", ["layer2"])


def test_a_size_the_network_cannot_take_is_said() -> None:
    network, _, _ = module.build_network("vit_b_16", published=False)
    with pytest.raises(ConfigError, match="vit cannot process images of 100x100 pixels"):
        Backbone(network, ["encoder.layers.encoder_layer_2"], name="vit")(torch.zeros(1, 3, 100, 100))


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_weights_from_a_local_file(tmp_path: Path, suffix: str) -> None:
    network = torchvision.models.resnet18(weights=None)
    path = tmp_path / f"weights{suffix}"
    state = {f"module.{key}": value for key, value in network.state_dict().items()}
    save_file(state, path) if suffix == ".safetensors" else torch.save({"state_dict": state}, path)
    loaded = load_backbone("resnet18", ["layer1"], weights=str(path))
    images = torch.randn(1, 3, 64, 64)
    expected = Backbone(network, ["layer1"])(images)["layer1"]
    assert torch.equal(loaded(images)["layer1"], expected)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "resnet34.pth"
    torch.save(torchvision.models.resnet34(weights=None).state_dict(), path)
    with pytest.raises(WeightsError, match=r"resnet34\.pth: these weights belong to another network than ResNet"):
        load_backbone("resnet50", ["layer1"], weights=str(path))


def test_a_weights_file_that_runs_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.pth"
    torch.save({"run": print}, path)
    with pytest.raises(WeightsError, match=r"evil\.pth: the weights file cannot be read"):
        load_backbone("resnet18", ["layer1"], weights=str(path))


@pytest.mark.parametrize("content", [b"", b"no weights at all"])
def test_a_broken_weights_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.pth"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"broken\.pth: the weights file cannot be read"):
        load_backbone("resnet18", ["layer1"], weights=str(path))


def test_a_missing_weights_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"none\.pth: there is no such weights file"):
        load_backbone("resnet18", ["layer1"], weights=str(tmp_path / "none.pth"))


def test_a_failed_download_says_where_to_put_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError("no connection")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", fail)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(WeightsError) as error:
        load_backbone("wide_resnet50_2", ["layer2"])
    assert str(tmp_path / "checkpoints" / "wide_resnet50_2-95faca4d.pth") in str(error.value)
    assert "no connection" in str(error.value)
    assert "--weights" in str(error.value)


def test_a_failed_timm_download_says_what_to_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    build = timm.create_model

    def offline(name: str, pretrained: bool) -> nn.Module:
        if pretrained:
            raise OSError("no network.")
        return build(name, pretrained=False)

    monkeypatch.setattr(timm, "create_model", offline)
    with pytest.raises(WeightsError) as refusal:
        load_backbone("timm/resnet18", ["layer2"])
    assert "from https://huggingface.co/timm/resnet18." in str(refusal.value)
    assert "(no network); without a connection fetch model.safetensors" in str(refusal.value)


def test_torchvision_weights_are_the_ones_of_the_published_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    state = torchvision.models.resnet18(weights=None).state_dict()
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", lambda url, **_options: asked.append(url) or state)
    load_backbone("resnet18", ["layer1"])
    assert asked == [torchvision.models.ResNet18_Weights.IMAGENET1K_V1.url]


def test_layer_names_need_no_weights() -> None:
    assert {"layer1", "layer2", "layer3", "layer3.0"} <= set(layer_names("wide_resnet50_2"))


def test_identity_follows_the_content_of_a_weights_file(tmp_path: Path) -> None:
    first, second = tmp_path / "a.pth", tmp_path / "b.pth"
    first.write_bytes(b"one")
    second.write_bytes(b"one")
    config = PatchCoreConfig(backbone="resnet18", layers=("layer1",), weights=str(first))
    same = PatchCoreConfig(backbone="resnet18", layers=("layer1",), weights=str(second))
    assert weights_identity(config) == weights_identity(same)
    second.write_bytes(b"two")
    assert weights_identity(config) != weights_identity(same)


def test_a_device_that_is_not_here_is_refused() -> None:
    assert resolve_device("auto") in ("cpu", "cuda")
    with pytest.raises(ConfigError, match="device 'cuda:99' cannot be used here"):
        resolve_device("cuda:99")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device; this machine has none")
def test_a_gpu_gives_the_cpus_maps() -> None:
    images = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 3, 64, 64)).astype(np.float32))
    cpu, gpu = (load_backbone("efficientnet_lite0", ["blocks.2"], device=device)(images) for device in ("cpu", "cuda"))
    torch.testing.assert_close(gpu["blocks.2"].cpu(), cpu["blocks.2"], rtol=1e-3, atol=1e-3)
