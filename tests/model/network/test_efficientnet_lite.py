"""The bundled networks compute what timm's networks of the same name compute, and take the same weights."""

from __future__ import annotations

import subprocess
import sys

import pytest
import timm
import torch
from torch import nn

from patchcore_core.model.network.efficientnet_lite import EfficientNetLite


@pytest.mark.parametrize("size", [0, 1, 2])
def test_it_is_timms_network_bit_for_bit(size: int) -> None:
    torch.manual_seed(size)
    theirs = _lively(timm.create_model(f"tf_efficientnet_lite{size}", pretrained=False)).eval()
    ours = EfficientNetLite(size).eval()
    ours.load_state_dict(theirs.state_dict())
    assert list(ours.state_dict()) == list(theirs.state_dict())
    kept = {network: _keep(network) for network in (ours, theirs)}
    for height, width in ((64, 64), (97, 130)):
        images = torch.randn(2, 3, height, width)
        with torch.inference_mode():
            assert torch.equal(ours(images), theirs(images))
        assert kept[ours].keys() == kept[theirs].keys()
        assert all(torch.equal(maps, kept[theirs][name]) for name, maps in kept[ours].items())


def test_a_bundled_network_loads_neither_timm_nor_torchvision() -> None:
    script = ("import sys; from patchcore_core.model.network.backbone import load_backbone;"
              "load_backbone('efficientnet_lite0', ['blocks.2']);"
              "sys.exit(', '.join({'timm', 'torchvision', 'torch._dynamo'} & set(sys.modules)))")
    assert subprocess.run([sys.executable, "-c", script], check=False, capture_output=True).stderr.strip() == b""


def _lively(network: nn.Module) -> nn.Module:
    """With batch norms that change something."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
    return network


def _keep(network: nn.Module) -> dict[str, torch.Tensor]:
    """What each stage gave last."""
    kept: dict[str, torch.Tensor] = {}
    for name, module in network.named_modules():
        if name.startswith("blocks.") and name.count(".") == 1:
            module.register_forward_hook(lambda _m, _i, output, name=name: kept.update({name: output.clone()}))
    return kept
