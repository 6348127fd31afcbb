"""The height and width of the network's input, from the configuration and the aspect ratio of the training photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.proportions import Size, in_proportion
from patchcore_core.model.network.layer_shapes import steps_by, steps_of, whole_of


class Network(Protocol):
    """A given network, in place of the one in the configuration: model.network.backbone.Backbone."""

    @property
    def whole(self) -> int: ...
    def maps_of(self, size: Size) -> Sequence[tuple[int, int, int]]: ...


def input_shape(config: PatchCoreConfig, aspect: float | None = None, network: Network | None = None) -> Size:
    """(height, width) of the network's input, pixels.

    aspect: common width / height of the training photos, used if `proportions` is "keep"; None: none or unknown, which
    gives the square. A network that cuts photos into patches of a fixed size, as vision transformers do, gets whole
    ones: a side is rounded to the nearest multiple, a centre crop down to one. ConfigError for an unknown network or
    layer.
    """
    whole = whole_of(config.backbone) if network is None else network.whole
    if config.center_crop is not None:
        side = max(config.center_crop // whole, 1) * whole
        return side, side
    side = max(round(config.image_size / whole), 1) * whole
    if config.proportions == "stretch" or aspect is None:
        return side, side
    steps = steps_of(config.backbone, config.layers) if network is None else steps_by(network.maps_of, whole)
    least = -(-fewest_cells(config.patch_size) * steps.finest // steps.coarsest) * steps.coarsest
    height, width = in_proportion(config.image_size, aspect, steps.coarsest, least)
    return (side, side) if height == width else (height, width)


def scale_shapes(config: PatchCoreConfig, shape: Size, network: Network | None = None) -> tuple[Size, ...]:
    """(height, width) of the network's input at each scale, ascending, where that of the maps is `shape`."""
    if not config.scales:
        return (shape,)
    aspect = shape[1] / shape[0]
    return tuple(input_shape(replace(config, image_size=side, scales=()), aspect, network) for side in config.scales)


def rounding_note(config: PatchCoreConfig, shape: Size) -> str:
    """A sentence where the network cannot take the size that was asked for; "" where it can, or none was asked for."""
    asked, name = config.input_size, "image_size" if config.center_crop is None else "center_crop"
    if shape[0] != shape[1] or shape[0] == asked:
        return ""
    return (f"{config.backbone} takes whole patches only: {name} {asked} was asked for, {shape[0]} x {shape[1]} pixels "
            "are used")


def lost_cells(patch_size: int) -> int:
    """Rows and columns of a feature map that an even patch size loses."""
    return patch_size - 1 - 2 * ((patch_size - 1) // 2)


def fewest_cells(patch_size: int) -> int:
    """The fewest rows or columns of the first layer that patches of this size need."""
    return max(patch_size, 2 + lost_cells(patch_size))
