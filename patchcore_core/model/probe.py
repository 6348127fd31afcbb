"""What a network would give for a configuration, found without its weights and without computing anything.

The networks that most fits use are known here, so that asking costs nothing; torch is loaded only for others, for a
weights file and for a device by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from patchcore_core.config import PatchCoreConfig
from patchcore_core.errors import ConfigError

Layers = dict[str, tuple[int, int]]  # layer -> (stride, channels)


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
class PatchShape:
    """`grid` = (rows, columns) of patches per image, `dim` = values per patch."""

    grid: tuple[int, int]
    dim: int

    @property
    def patches(self) -> int:
        """Number of patches per image."""
        return self.grid[0] * self.grid[1]


def layers_of(backbone: str) -> tuple[str, ...]:
    """Layers of a network worth asking for, in order; ConfigError for an unknown network."""
    if backbone in KNOWN:
        return tuple(KNOWN[backbone])
    from patchcore_core.model.backbone import layer_names

    return layer_names(backbone)


def probe(config: PatchCoreConfig) -> PatchShape:
    """Shape of the patches that this configuration works on.

    ConfigError for an unknown backbone or layer (naming those that exist), a size the network cannot take, or one
    that leaves fewer than 2 x 2 patches.
    """
    known = KNOWN.get(config.backbone, {})
    if set(config.layers) <= set(known):
        stride, _ = known[config.layers[0]]
        height = width = -(-config.input_size // stride)
        channels = sum(known[layer][1] for layer in config.layers)
    else:
        height, width, channels = _ask(config)
    cut = config.patch_size - 1 - 2 * ((config.patch_size - 1) // 2)  # an even patch size loses one row and column
    if min(height, width) < 2:
        size = "image_size" if config.center_crop is None else "center_crop"
        raise ConfigError(f"{size} must give at least 2 x 2 patches, got {config.input_size} pixels, which give "
                          f"{height} x {width} with layer {config.layers[0]}")
    if config.patch_size > min(height, width) or min(height, width) - cut < 2:
        raise ConfigError(f"patch_size must be at most the {height} x {width} cells of the feature map and leave "
                          f"2 x 2 patches, got {config.patch_size}")
    return PatchShape((height - cut, width - cut), config.target_dim or channels)


def check(config: PatchCoreConfig) -> None:
    """Refuse what would end a fit before its first image: all that `probe` refuses, and more.

    WeightsError for a weights file that is missing, unreadable or of another network, ConfigError for a device or
    an engine that is not here.
    """
    probe(config)
    if config.weights is not None:
        import torch

        from patchcore_core.model.backbone import build_network
        from patchcore_core.model.checkpoint import check_state, read_state

        with torch.device("meta"):  # names and shapes only
            network, _, _ = build_network(config.backbone, published=False)
        path = Path(config.weights).expanduser()
        check_state(network, read_state(path), path)
    if config.device not in ("auto", "cpu") or config.engine == "openvino":
        from patchcore_core.model.backbone import resolve_device
        from patchcore_core.model.engine import check_engine

        check_engine(config.engine, resolve_device(config.device))


def _ask(config: PatchCoreConfig) -> tuple[int, int, int]:
    """(rows, columns, channels) of the layers' maps, from the network itself."""
    import torch

    from patchcore_core.model.backbone import Backbone, build_network

    side = config.input_size
    with torch.device("meta"):  # shapes only
        network, _, _ = build_network(config.backbone, published=False)
        backbone = Backbone(network, config.layers, name=config.backbone, weights_sha256="none", device="meta")
        maps = list(backbone(torch.empty(1, 3, side, side)).values())
    return maps[0].shape[-2], maps[0].shape[-1], sum(layer.shape[1] for layer in maps)
