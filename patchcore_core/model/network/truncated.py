"""A network cut after the last requested layer, and its optimised form for a CPU: batch norms folded, no padded copies.
"""

from __future__ import annotations

import copy
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_weights

from patchcore_core.errors import ConfigError
from patchcore_core.model.network.efficientnet_lite import Conv, NormAct

FOLD_TOLERANCE = 1e-5  # of each layer's largest value


class Truncated(nn.Module):
    """Images (B, 3, H, W) -> the outputs of `layers`, a tuple in their order; nothing behind them runs."""

    def __init__(self, network: nn.Module, layers: Sequence[str], name: str = "custom") -> None:
        super().__init__()
        self.network, self.layers, self.name = network, tuple(layers), name
        self._call = threading.local()  # visitors of the dashboard share one network
        modules = dict(network.named_modules())
        for layer in self.layers:
            modules[layer].register_forward_hook(partial(self._keep, layer))

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        self._call.outputs = {}
        with suppress(_DeepEnough):
            self.network(images)
        outputs: dict[str, Tensor] = self._call.outputs
        return tuple(outputs[layer] for layer in self.layers)

    def twin(self) -> Truncated:
        """A copy to be changed module by module, on the same parameters."""
        memo: dict[int, Any] = {id(value): value for value in (*self.parameters(), *self.buffers())}
        return copy.deepcopy(self, memo | {id(self._call): threading.local()})

    def asked_convolutions(self) -> list[str]:
        """The requested layers that are convolutions: these are not folded, which changes the bits behind them."""
        modules = dict(self.network.named_modules())
        return [layer for layer in self.layers if isinstance(modules[layer], nn.Conv2d)]

    def _keep(self, layer: str, _module: nn.Module, _inputs: Any, output: Any) -> None:
        if not isinstance(output, Tensor):
            raise ConfigError(f"layer {layer} of {self.name} gives no feature map but {type(output).__name__}")
        outputs: dict[str, Tensor] = self._call.outputs
        complete = len(outputs.keys() | {layer}) == len(self.layers)
        outputs[layer] = output if complete else output.clone()  # a later in-place ReLU must not reach it
        if complete:
            raise _DeepEnough


class _DeepEnough(Exception):
    """Ends a forward pass once all requested layers have run."""


def folded(network: Truncated, images: Tensor) -> Truncated:
    """The network with batch norms folded into the convolutions before them, in channels-last memory.

    Convolutions that pad as TensorFlow does no longer make a padded copy of their input. `images` (B, 3, H, W) are
    tried on both: where an output differs by more than `FOLD_TOLERANCE` of its largest value, or the folded network
    fails, the answer is the network itself.
    """
    twin = network.twin()
    with _data_flow(twin) as pairs:
        expected = twin(images)
    try:
        for convolution, norm in pairs:
            _fold(twin, convolution, norm)
        for name, module in list(twin.network.named_modules()):
            if type(module) in (nn.Conv2d, *_same()) and name not in twin.layers and _plain(module):
                twin.network.set_submodule(name, _Convolution(module))
        twin.to(memory_format=torch.channels_last)
        found = twin(images.contiguous(memory_format=torch.channels_last))
    except RuntimeError:  # a network that reshapes its maps in a way that only plain memory allows
        return network
    return twin if relative_difference(found, expected) <= FOLD_TOLERANCE else network


def _same() -> tuple[type, ...]:
    """Kinds of convolutions that pad as TensorFlow does: ours, and timm's where it is loaded."""
    return (Conv, *(kind for kind in [getattr(sys.modules.get("timm.layers"), "Conv2dSame", None)] if kind))


def _plain(convolution: nn.Conv2d) -> bool:
    return convolution.padding_mode == "zeros" and not isinstance(convolution.padding, str)


class _Convolution(nn.Module):
    """A convolution by oneDNN, which gives the same bits with any number of threads; SAME padding makes no copy.

    Where SAME pads more behind than in front, the convolution pads one stride more on all sides, which a kernel can do
    by itself: its first row and column of outputs are then of no use, and the next ones are those wanted.
    """

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.weight, self.bias = convolution.weight, convolution.bias
        self.settings = convolution.stride, convolution.dilation, convolution.groups
        self.padding = None if isinstance(convolution, _same()) else tuple(map(int, convolution.padding))

    def forward(self, values: Tensor) -> Tensor:
        if self.padding is not None:
            return self._convolve(values, self.padding)
        stride, dilation, _ = self.settings
        size, sides = values.shape[-2:], self.weight.shape[-2:]
        missing = [
            max(0, (-(-length // step) - 1) * step + (side - 1) * apart + 1 - length)
            for length, side, step, apart in zip(size, sides, stride, dilation, strict=True)
        ]
        if all(pixels % 2 == 0 for pixels in missing):
            return self._convolve(values, (missing[0] // 2, missing[1] // 2))
        found = self._convolve(values, (missing[0] // 2 + stride[0], missing[1] // 2 + stride[1]))
        height, width = (-(-length // step) for length, step in zip(size, stride, strict=True))
        return found[:, :, 1 : 1 + height, 1 : 1 + width]

    def _convolve(self, values: Tensor, padding: tuple[int, ...]) -> Tensor:
        if torch.backends.mkldnn.is_available():
            return torch.mkldnn_convolution(values, self.weight, self.bias, padding, *self.settings)
        stride, dilation, groups = self.settings
        return F.conv2d(values, self.weight, self.bias, stride, padding, dilation, groups)


def relative_difference(found: Sequence[Tensor], expected: Sequence[Tensor]) -> float:
    """Largest difference of two sets of outputs, as a share of the largest expected value of its output."""
    if any(a.shape != b.shape for a, b in zip(found, expected, strict=True)):
        return float("inf")
    return max(
        float((a - b).abs().max() / b.abs().max().clamp(min=1e-30)) for a, b in zip(found, expected, strict=True)
    )


@contextmanager
def _data_flow(network: Truncated) -> Iterator[list[tuple[str, str]]]:
    """From a run of the network: names (convolution, batch norm) where the output of one is the input of the other."""
    pairs: list[tuple[str, str]] = []
    outputs: list[tuple[Tensor, str]] = []
    norms = (nn.BatchNorm2d, NormAct, getattr(sys.modules.get("timm.layers"), "BatchNormAct2d", None))

    def after(name: str, _module: nn.Module, _inputs: Any, output: Tensor) -> None:
        outputs.append((output, name))

    def before(name: str, module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        source = [convolution for output, convolution in outputs if output is inputs[0]]
        if source and type(module) in norms and module.running_mean is not None:
            pairs.append((source[0], name))

    hooks = []
    for name, module in network.network.named_modules():
        if isinstance(module, nn.Conv2d) and name not in network.layers:
            hooks.append(module.register_forward_hook(partial(after, name)))
        elif isinstance(module, nn.BatchNorm2d):
            hooks.append(module.register_forward_pre_hook(partial(before, name)))
    try:
        yield pairs
    finally:
        for hook in hooks:
            hook.remove()


def _fold(network: Truncated, convolution: str, norm: str) -> None:
    """Fold a batch norm (except an activation in it) into its convolution, with new parameters."""
    conv, bn = network.network.get_submodule(convolution), network.network.get_submodule(norm)
    assert isinstance(conv, nn.Conv2d)
    assert isinstance(bn, nn.BatchNorm2d)
    assert bn.running_mean is not None
    assert bn.running_var is not None
    conv.weight, bias = fuse_conv_bn_weights(
        conv.weight, conv.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias
    )
    conv.bias = bias
    rest = getattr(bn, "act", None) or nn.Identity()
    for hook in bn._forward_hooks.values():  # the norm may be a requested layer
        rest.register_forward_hook(hook)
    network.network.set_submodule(norm, rest)
