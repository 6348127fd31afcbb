"""What a network would give for a configuration, found without its weights and without computing anything.

The networks that most fits use are known here, so that asking costs nothing; torch is loaded only for others, for a
weights file and for a device by name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.proportions import pixels_of
from patchcore_core.errors import ConfigError
from patchcore_core.model.network.input_shape import input_shape, lost_cells, scale_shapes
from patchcore_core.model.network.layer_shapes import KNOWN, maps_of


@dataclass(frozen=True)
class PatchShape:
    """`grid` = (rows, columns) of patches per image, `dim` = values per patch; `size` = (height, width) of the
    network's input in pixels, None if not given. Of several scales, `grid` is the finest, `coarser` are the others, and
    `size` is that of the maps."""

    grid: tuple[int, int]
    dim: int
    size: tuple[int, int] | None = None
    coarser: tuple[tuple[int, int], ...] = ()

    @property
    def patches(self) -> int:
        """Number of patches per image, at all scales."""
        return sum(self.at_scales)

    @property
    def at_scales(self) -> tuple[int, ...]:
        """Number of patches per image at each scale, ascending."""
        return tuple(rows * columns for rows, columns in (*self.coarser, self.grid))


def layers_of(backbone: str) -> tuple[str, ...]:
    """Layers of a network to choose from, in order; ConfigError for an unknown network."""
    if backbone in KNOWN:
        return tuple(KNOWN[backbone])
    from patchcore_core.model.network.backbone import layer_names

    return layer_names(backbone)


def probe(config: PatchCoreConfig, size: tuple[int, int] | None = None) -> PatchShape:
    """Shape of the patches that this configuration works on, with an input of `size` (height, width), which of several
    scales is that of the maps; None: a square.

    ConfigError for an unknown backbone or layer (naming those that exist), a size the network cannot take, or one
    that leaves fewer than 2 x 2 patches.
    """
    size = size or input_shape(config)
    *coarser, finest = (_probe(config, each) for each in scale_shapes(config, size))
    return replace(finest, size=size, coarser=tuple(shape.grid for shape in coarser))


def _probe(config: PatchCoreConfig, size: tuple[int, int]) -> PatchShape:
    """With one input of this size."""
    height, width = size
    known = KNOWN.get(config.backbone, {})
    if set(config.layers) <= set(known):
        stride, _ = known[config.layers[0]]
        rows, columns = -(-height // stride), -(-width // stride)
        channels = sum(known[layer][1] for layer in config.layers)
    else:
        rows, columns, channels = _asked(config, (height, width))
    cut = lost_cells(config.patch_size)
    if min(rows, columns) < 2:
        name = "scales" if config.scales else "image_size" if config.center_crop is None else "center_crop"
        raise ConfigError(f"{name} must give at least 2 x 2 patches, got {pixels_of((height, width))}, which give "
                          f"{rows} x {columns} with layer {config.layers[0]}")
    if config.patch_size > min(rows, columns) or min(rows, columns) - cut < 2:
        raise ConfigError(f"patch_size must be at most the {rows} x {columns} cells of the feature map and leave "
                          f"2 x 2 patches, got {config.patch_size}")
    return PatchShape((rows - cut, columns - cut), config.target_dim or channels, (height, width))


def check(config: PatchCoreConfig, size: tuple[int, int] | None = None) -> None:
    """Refuse settings that would fail before the first image: all that `probe` refuses for this size, and more.

    WeightsError for a weights file that is missing, unreadable or of another network, ConfigError for a device or
    an engine that is not here.
    """
    probe(config, size)
    if config.weights is not None:
        import torch

        from patchcore_core.model.network.backbone import build_network
        from patchcore_core.model.network.checkpoint import check_state, read_state

        with torch.device("meta"):  # names and shapes only
            network, _, _ = build_network(config.backbone, published=False)
        path = Path(config.weights).expanduser()
        check_state(network, read_state(path), path)
    if config.device not in ("auto", "cpu") or config.engine == "openvino":
        from patchcore_core.model.network.backbone import resolve_device
        from patchcore_core.model.network.engine import check_engine

        check_engine(config.engine, resolve_device(config.device))


def _asked(config: PatchCoreConfig, size: tuple[int, int]) -> tuple[int, int, int]:
    """(rows, columns, channels) of the layers' maps, from the network itself."""
    try:
        maps = maps_of(config.backbone, config.layers, size)
    except ConfigError as error:
        if size[0] == size[1]:
            raise
        raise ConfigError(f"{error} (its input is square where proportions is stretch)") from error
    return maps[0][1], maps[0][2], sum(channels for channels, _, _ in maps)
