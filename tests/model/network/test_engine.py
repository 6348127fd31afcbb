"""Which engine runs the network, and that a wrong one is never used."""

import json
import logging
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from torch import Tensor

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.dataset import Sample
from patchcore_core.errors import ConfigError
from patchcore_core.model.network.backbone import Backbone, load_backbone
from patchcore_core.model.network.engine import OPENVINO_TOLERANCE, TorchEngine, check_engine, choose_engine
from patchcore_core.model.network.probe import check
from patchcore_core.model.network.truncated import Truncated, relative_difference
from patchcore_core.model.patchcore import BANK_FILE, PatchCore

TINY = PatchCoreConfig(backbone="tiny", layers=("0", "1"), image_size=32, projection_dim=None, device="cpu")
IMAGES = torch.randn(2, 3, 32, 32)
needs_openvino = pytest.mark.skipif(find_spec("openvino") is None, reason="needs OpenVINO: pip install openvino")


class Fake:
    """An engine that is wrong by a factor."""

    name, size = "openvino 0.0", (32, 32)

    def __init__(self, network: Truncated, factor: float) -> None:
        self.network, self.factor = network, factor

    def __call__(self, images: Tensor) -> tuple[Tensor, ...]:
        return tuple(output * self.factor for output in self.network(images))


def converter(factor: float):
    return lambda network, _example: Fake(network, factor)


@pytest.fixture
def network(backbone: Backbone) -> Truncated:
    return backbone.truncated


def test_an_engine_that_agrees_is_taken(network: Truncated) -> None:
    assert choose_engine(network, IMAGES, "auto", converter(1 + OPENVINO_TOLERANCE / 2)).name == "openvino 0.0"


@pytest.mark.parametrize("wanted", ["auto", "openvino"])
@pytest.mark.parametrize("factor", [1 + 2 * OPENVINO_TOLERANCE, float("nan")])
def test_an_engine_that_differs_is_not(
    network: Truncated, wanted: str, factor: float, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        engine = choose_engine(network, IMAGES, wanted, converter(factor))
    assert engine.name == "torch"
    assert "OpenVINO's maps of tiny differ by" in caplog.text


def test_an_engine_that_fails_is_not(network: Truncated, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_network: Truncated, _example: Tensor) -> Fake:
        raise ValueError("no such operation")

    with caplog.at_level(logging.WARNING):
        assert choose_engine(network, IMAGES, "auto", broken).name == "torch"
    assert "OpenVINO cannot run tiny, torch does: no such operation" in caplog.text


def test_asked_for_torch_nothing_is_converted(network: Truncated) -> None:
    assert choose_engine(network, IMAGES, "torch", converter(1.0)).name == "torch"


def test_openvino_on_a_gpu_is_refused() -> None:
    with pytest.raises(ConfigError, match="engine openvino runs on the cpu, got device 'cuda'"):
        check_engine("openvino", "cuda")


@pytest.mark.skipif(find_spec("openvino") is not None, reason="OpenVINO is installed here")
def test_openvino_that_is_not_installed_is_refused() -> None:
    with pytest.raises(ConfigError, match="pip install openvino"):
        load_backbone("efficientnet_lite0", ["blocks.2"], engine="openvino")
    with pytest.raises(ConfigError, match="pip install openvino"):
        check(PatchCoreConfig(engine="openvino", device="cpu"))


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ConfigError, match="engine must be one of auto, torch, openvino, got 'onnx'"):
        PatchCoreConfig(engine="onnx")


def test_the_engine_is_no_part_of_the_identity() -> None:
    assert PatchCoreConfig(engine="torch").identity() == PatchCoreConfig().identity()


def test_the_memory_bank_says_what_ran_the_network(
    backbone: Backbone, photos: tuple[Sample, ...], tmp_path: Path
) -> None:
    model = PatchCore(replace(TINY, coreset_ratio=0.5), backbone).fit(photos)
    model.save(tmp_path)
    assert json.loads((tmp_path / BANK_FILE).read_text())["engine"] == model.engine


@needs_openvino
@torch.inference_mode()
def test_openvino_gives_torchs_maps_for_every_size_and_batch() -> None:
    network = load_backbone("efficientnet_lite0", ["blocks.2", "blocks.4"], engine="openvino")
    for size in (64, 96):
        images = torch.randn(3, 3, size, size)
        found = tuple(network(images).values())
        assert network.engine.startswith("openvino 2")
        expected = TorchEngine(network.truncated, images[:1])(images)
        assert relative_difference(found, expected) < 1e-4
