"""Folded networks give the plain network's maps, or are not used."""

import pytest
import torch
from timm.layers import BatchNormAct2d, Conv2dSame
from torch import Tensor, nn

from patchcore_core.model.network.backbone import build_network
from patchcore_core.model.network.truncated import FOLD_TOLERANCE, Truncated, folded, relative_difference


def lively(network: nn.Module) -> nn.Module:
    """The network with batch norms that do something."""
    generator = torch.Generator().manual_seed(0)
    for module in network.eval().requires_grad_(False).modules():
        if isinstance(module, nn.BatchNorm2d):
            for value, low in ((module.running_mean, -0.5), (module.running_var, 0.5), (module.weight, 0.5)):
                value.copy_(low + torch.rand(value.shape, generator=generator))
    return network


def norms(network: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


@pytest.mark.parametrize(("name", "layers", "unfolded"), [
    ("efficientnet_lite0", ("blocks.2", "blocks.4"), 16),  # behind blocks.4 nothing runs
    ("resnet18", ("layer1", "layer4"), 0),
    ("timm/resnet18", ("layer2",), 10),
])  # fmt: skip
@torch.inference_mode()
def test_folding_keeps_the_maps(name: str, layers: tuple[str, ...], unfolded: int) -> None:
    network = Truncated(lively(build_network(name, published=False)[0]), layers)
    images = torch.randn(2, 3, 64, 64)
    fast = folded(network, images)
    assert norms(fast) == unfolded
    assert relative_difference(fast(images), network(images)) <= FOLD_TOLERANCE
    assert norms(network) > unfolded  # which is as it was


def test_a_layer_that_is_itself_a_convolution_or_its_norm_keeps_its_meaning() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3), BatchNormAct2d(4))
    network = Truncated(lively(network), ("0", "1", "3"))
    images = torch.randn(1, 3, 9, 9)
    fast = folded(network, images)
    assert norms(fast) == 1  # the norm of the layer "0" stays
    assert relative_difference(fast(images), network(images)) <= FOLD_TOLERANCE


@pytest.mark.parametrize("size", [(12, 12), (13, 13), (12, 13), (17, 10), (5, 4)])
@pytest.mark.parametrize(("kernel", "stride", "dilation"), [
    (3, 1, 1), (3, 2, 1), (5, 2, 1), (2, 1, 1), (4, 3, 1), ((3, 5), (2, 1), 1), (3, 2, 2), (1, 2, 1),
])  # fmt: skip
@torch.inference_mode()
def test_same_padding_needs_no_padded_copy(
    size: tuple[int, int], kernel: int | tuple[int, int], stride: int | tuple[int, int], dilation: int
) -> None:
    convolution = Conv2dSame(4, 4, kernel, stride, dilation=dilation, groups=4)
    network = Truncated(nn.Sequential(convolution, nn.Identity()).eval(), ("1",))
    images = torch.randn(2, 4, *size)
    fast = folded(network, images)
    assert not any(isinstance(module, Conv2dSame) for module in fast.modules())
    torch.testing.assert_close(fast(images), network(images))


class UsedTwice(nn.Module):
    """The convolution's output is needed without the norm, too."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.last = nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        values = self.conv(images)
        return self.last(self.norm(values) + values)


class OnlyPlainMemory(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.last = nn.Conv2d(3, 4, 1), nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        values = self.conv(images)
        return self.last(values.view(len(values), -1).view(values.shape))


@pytest.mark.parametrize("kind", [UsedTwice, OnlyPlainMemory])
def test_where_it_would_not_be_exact_the_network_stays(kind: type[nn.Module]) -> None:
    network = Truncated(lively(kind()), ("last",))
    assert folded(network, torch.randn(1, 3, 8, 8)) is network


def test_a_twin_has_hooks_of_its_own_on_the_same_parameters() -> None:
    network = Truncated(nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU()), ("0",))
    twin = network.twin()
    assert twin.network[0].weight is network.network[0].weight
    twin(torch.zeros(1, 3, 2, 2))
    assert not hasattr(network._call, "outputs")
