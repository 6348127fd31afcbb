"""What the layers of a network give, by size of the input: (channels, rows, columns) and the strides behind them.

The networks that most fits use are known here, so that asking costs nothing; torch is loaded only for others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import Lock

from patchcore_core.errors import ConfigError

Layers = dict[str, tuple[int, int]]  # layer -> (stride, channels)
_ONE_AT_A_TIME = Lock()  # two threads that load torch and torchvision at once may each find half a module
PROBED = 256  # pixels of the input by which an unknown network's strides are found


def _lite(*channels: int) -> Layers:
    strides = (2, 4, 8, 16, 16, 32, 32)
    return {f"blocks.{i}": facts for i, facts in enumerate(zip(strides, channels, strict=True))}


def _resnet(*channels: int) -> Layers:
    return {f"layer{i}": facts for i, facts in enumerate(zip((4, 8, 16, 32), channels, strict=True), start=1)}


KNOWN: dict[str, Layers] = {
    "efficientnet_lite0": _lite(16, 24, 40, 80, 112, 192, 320),
    "efficientnet_lite1": _lite(16, 24, 40, 80, 112, 192, 320),
    "efficientnet_lite2": _lite(16, 24, 48, 88, 120, 208, 352),
    "resnet18": _resnet(64, 128, 256, 512),
    "resnet50": _resnet(256, 512, 1024, 2048),
    "wide_resnet50_2": _resnet(256, 512, 1024, 2048),
}


@dataclass(frozen=True)
class Steps:
    """Strides in pixels of the input: of the first layer (`finest`), and the largest of all layers."""

    finest: int
    coarsest: int


def steps_of(backbone: str, layers: tuple[str, ...]) -> Steps:
    """The strides of some layers of a network; ConfigError for an unknown network or layer."""
    known = KNOWN.get(backbone, {})
    if set(layers) <= set(known):
        return Steps(known[layers[0]][0], max(known[layer][0] for layer in layers))
    return _asked_steps(backbone, layers)


@lru_cache(maxsize=64)
def whole_of(backbone: str) -> int:
    """The number of pixels by which both sides of the input must be divisible: 1 except for vision transformers."""
    if backbone in KNOWN:
        return 1
    with _ONE_AT_A_TIME:
        import torch

        from patchcore_core.model.network.backbone import build_network, whole_patch

        with torch.device("meta"):
            return whole_patch(build_network(backbone, published=False)[0])


@lru_cache(maxsize=64)
def _asked_steps(backbone: str, layers: tuple[str, ...]) -> Steps:
    return steps_by(partial(maps_of, backbone, layers), whole_of(backbone))


def steps_by(maps: Callable[[tuple[int, int]], Sequence[tuple[int, int, int]]], whole: int) -> Steps:
    """The steps of layers whose `maps` are (channels, rows, columns) for an input of (height, width): how many cells
    more an input of twice the size gives."""
    side = -(-PROBED // whole) * whole
    try:
        once, twice = (maps((size, size)) for size in (side, 2 * side))
    except ConfigError:  # it takes one size only, or has no such layer; reported where it is used
        return Steps(whole, whole)
    strides = [max(1, round(side / max(1, more[1] - few[1]))) for few, more in zip(once, twice, strict=True)]
    return Steps(strides[0], math.lcm(max(strides), whole))


@lru_cache(maxsize=64)
def maps_of(backbone: str, layers: tuple[str, ...], size: tuple[int, int]) -> tuple[tuple[int, int, int], ...]:
    """(channels, rows, columns) of each layer's map for an input of (height, width)."""
    with _ONE_AT_A_TIME:
        import torch

        from patchcore_core.model.network.backbone import Backbone, build_network

        with torch.device("meta"):  # shapes only
            network, _, _ = build_network(backbone, published=False)
            asked = Backbone(network, layers, name=backbone, weights_sha256="none", device="meta")
            maps = asked(torch.empty(1, 3, *size)).values()
    return tuple((layer.shape[1], layer.shape[2], layer.shape[3]) for layer in maps)
