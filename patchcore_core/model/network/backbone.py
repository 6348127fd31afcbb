"""Pretrained networks that give feature maps; they run only up to the last requested layer.

torchvision and timm are imported when one of their networks is requested, since that takes seconds and much memory.
"""

from __future__ import annotations

import difflib
import hashlib
import math
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from patchcore_core.errors import ConfigError, WeightsError
from patchcore_core.model.network.allocator import keep_freed_memory
from patchcore_core.model.network.checkpoint import first_line, load_state, read_state, rename_lite
from patchcore_core.model.network.efficientnet_lite import EfficientNetLite
from patchcore_core.model.network.engine import Engine, check_engine, choose_engine
from patchcore_core.model.network.truncated import Truncated
from patchcore_core.model.network.weights import BUNDLED, bundled_file, file_sha256

Rgb = tuple[float, float, float]
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LITE_MEAN, LITE_STD = (127 / 255,) * 3, (128 / 255,) * 3
MOST_ENGINES = 4  # kept for images of different sizes


class Backbone:
    """A frozen network that gives the feature maps of some of its layers for a batch of images.

    `layers` are module names, finest first. `mean` and `std` are per RGB channel on the
    0-1 scale. ConfigError for an unknown layer, with the names of those that exist. `engine` as in the configuration.
    """

    def __init__(
        self,
        network: nn.Module,
        layers: Sequence[str],
        *,
        mean: Rgb = IMAGENET_MEAN,
        std: Rgb = IMAGENET_STD,
        name: str = "custom",
        weights_sha256: str | None = None,
        device: torch.device | str = "cpu",
        engine: str = "auto",
    ) -> None:
        modules = dict(network.named_modules())
        for layer in layers:
            if layer not in modules:
                raise ConfigError(_unknown_layer(name, layer, network))
        self.network = network.eval().requires_grad_(False).to(device)
        self.layers = tuple(layers)
        self.mean, self.std, self.name = mean, std, name
        self.weights_sha256 = weights_sha256 or _state_sha256(network)
        self.device = torch.device(device)
        check_engine(engine, str(device))
        self.wanted, self._choosing = engine, threading.Lock()
        self._engines: list[Engine] = []  # some take images of one size only
        self.known_engine = "torch"  # of maps that are kept, where no image has come yet
        self.truncated = Truncated(self.network, self.layers, name)
        if self.device.type == "cpu":
            keep_freed_memory()

    @property
    def engine(self) -> str:
        """The engine, "torch" or "openvino <version>"; chosen with the first image."""
        return self._engines[-1].name if self._engines else self.known_engine

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        """Feature maps {layer: (B, C, h, w)} of normalised images (B, 3, H, W), on the backbone's device."""
        images = images.to(self.device)
        try:
            outputs = self.engine_for(images)(images)
        except (AssertionError, RuntimeError) as error:
            if isinstance(error, torch.OutOfMemoryError):
                raise
            pixels = "x".join(map(str, images.shape[-2:]))
            raise ConfigError(f"{self.name} cannot process images of {pixels} pixels: {first_line(error)}") from error
        maps = zip(self.layers, outputs, strict=True)
        size = (images.shape[-2], images.shape[-1])
        return {layer: _as_grid(output, layer, self.network, size) for layer, output in maps}

    @property
    def whole(self) -> int:
        """The number of pixels that both sides of an image must be a multiple of."""
        return whole_patch(self.network)

    @torch.inference_mode()
    def maps_of(self, size: tuple[int, int]) -> tuple[tuple[int, int, int], ...]:
        """(channels, rows, columns) of each layer's map for an image of (height, width)."""
        outputs = self.truncated(torch.zeros(1, 3, *size, device=self.device))
        maps = [_as_grid(each, layer, self.network, size) for layer, each in zip(self.layers, outputs, strict=True)]
        return tuple((grid.shape[1], grid.shape[2], grid.shape[3]) for grid in maps)

    def engine_for(self, images: Tensor) -> Engine:
        """The engine for images of this size, on their device; the first ones of a size choose it."""
        with self._choosing:
            for engine in self._engines:
                if engine.size in (None, tuple(images.shape[-2:])):
                    return engine
            self._engines = [*self._engines[1 - MOST_ENGINES :], choose_engine(self.truncated, images, self.wanted)]
            return self._engines[-1]


def load_backbone(
    name: str, layers: Sequence[str], weights: str | None = None, device: str = "cpu", engine: str = "auto"
) -> Backbone:
    """A backbone by name: bundled EfficientNet-Lite, else torchvision, else timm.

    `torchvision/NAME` and `timm/NAME` choose the library. `weights` is a local file (.safetensors, or a state dict
    readable with `weights_only=True`); None takes the bundled weights or downloads the published ones, for
    torchvision IMAGENET1K_V1, which the published PatchCore figures were made with.
    """
    network, mean, std = build_network(name, published=weights is None)
    sha256 = None
    if weights is not None:
        load_state(network, read_state(Path(weights)), Path(weights))
        sha256 = file_sha256(Path(weights))
    elif name in BUNDLED:
        path = bundled_file(name)
        load_state(network, rename_lite(read_state(path), network), path)
        sha256 = file_sha256(path)
    return Backbone(
        network, layers, mean=mean, std=std, name=name, weights_sha256=sha256, device=device, engine=engine
    )


def layer_names(name: str) -> tuple[str, ...]:
    """The layers of a network to choose from: modules down to the second level, in order."""
    with torch.device("meta"):
        network, _, _ = build_network(name, published=False)
    return tuple(_layer_names(network))


def resolve_device(device: str) -> str:
    """`auto` is cuda where there is one, else cpu; a device that is not here is a ConfigError."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(f"device {device!r} cannot be used here: {first_line(error)}") from error
    return device


def build_network(name: str, published: bool) -> tuple[nn.Module, Rgb, Rgb]:
    """(network, mean, std); with `published` weights unless the network is a bundled one."""
    if name in BUNDLED:
        return EfficientNetLite(int(name[-1])), LITE_MEAN, LITE_STD
    import timm
    import torchvision

    library, _, plain = name.rpartition("/")
    if library in ("", "torchvision") and plain in torchvision.models.list_models(torchvision.models):
        return _build_torchvision(plain, published), IMAGENET_MEAN, IMAGENET_STD
    plain = name.removeprefix("timm/")
    if library != "torchvision" and timm.is_model(plain):
        return _build_timm(plain, published)
    raise ConfigError(_unknown_backbone(name))


def _build_torchvision(name: str, published: bool) -> nn.Module:
    import torchvision

    network = torchvision.models.get_model(name, weights=None, **_quiet_init(name))
    if published:
        weights = next(iter(torchvision.models.get_model_weights(name)))  # IMAGENET1K_V1 comes first
        file = Path(torch.hub.get_dir()) / "checkpoints" / Path(weights.url).name
        try:
            state = torch.hub.load_state_dict_from_url(weights.url, progress=False, check_hash=True, weights_only=True)
        except (OSError, RuntimeError) as error:
            advice = f"put the file at {file}, or pass a local file with --weights"
            raise WeightsError(_no_download(name, weights.url, advice, error)) from error
        network.load_state_dict(state)
    return network


def _build_timm(name: str, published: bool) -> tuple[nn.Module, Rgb, Rgb]:
    import timm

    try:
        network = _of_any_size(name, published)
    except Exception as error:  # the hub client raises many kinds; in each case the weights are not available
        source = timm.get_pretrained_cfg(name)
        page = f"https://huggingface.co/{source.hf_hub_id}" if source and source.hf_hub_id else "the Hugging Face hub"
        advice = "fetch model.safetensors from there elsewhere and pass it with --weights"
        raise WeightsError(_no_download(f"timm/{name}", page, advice, error)) from error
    normalisation: dict[str, Any] = network.pretrained_cfg  # type: ignore[assignment]
    return network, tuple(normalisation["mean"]), tuple(normalisation["std"])


def _of_any_size(name: str, published: bool) -> nn.Module:
    """A timm network; vision transformers that support it are set to accept any input size."""
    import timm

    with suppress(TypeError):  # the network has no such setting
        return timm.create_model(name, pretrained=published, dynamic_img_size=True)
    return timm.create_model(name, pretrained=published)


def _quiet_init(name: str) -> dict[str, Any]:
    return {"init_weights": False} if name in ("googlenet", "inception_v3") else {}


def _no_download(name: str, source: str, advice: str, error: Exception) -> str:
    cause = first_line(error).rstrip(".")
    return f"the weights of {name} could not be downloaded from {source} ({cause}); without a connection {advice}"


def whole_patch(network: nn.Module) -> int:
    """Pixels by which the sides of an image must be divisible: the patch of a vision transformer, else 1."""
    ratio = getattr(getattr(network, "patch_embed", None), "feat_ratio", None)
    return max(ratio(as_scalar=False)) if callable(ratio) else 1


def _as_grid(output: Tensor, layer: str, network: nn.Module, size: tuple[int, int]) -> Tensor:
    """(B, C, h, w) from maps, channels-last maps (Swin) or tokens (ViT, prefix tokens dropped) of images of `size`.

    The grid of tokens has the proportions of the images.
    """
    height, width = size
    if output.ndim == 4:
        _, first, second, third = output.shape
        channels_last = first * width == second * height and second * width != third * height
        return output.permute(0, 3, 1, 2) if channels_last else output
    if output.ndim == 3:
        prefix = getattr(network, "num_prefix_tokens", output.shape[1] - math.prod(_cells(output.shape[1], size)))
        tokens = output[:, prefix:]
        rows, columns = _cells(tokens.shape[1], size)
        if rows * columns == tokens.shape[1]:
            return tokens.transpose(1, 2).reshape(len(output), -1, rows, columns)
    raise ConfigError(f"layer {layer} does not give a feature map; its output has the shape {tuple(output.shape)}")


def _cells(tokens: int, size: tuple[int, int]) -> tuple[int, int]:
    """(rows, columns) of the largest grid with the proportions of `size` and at most `tokens` cells."""
    height, width = (side // math.gcd(*size) for side in size)
    times = math.isqrt(tokens // (height * width))
    return times * height, times * width


def _layer_names(network: nn.Module) -> list[str]:
    return [name for name, _ in network.named_modules() if name and name.count(".") <= 1]


def _unknown_layer(backbone: str, layer: str, network: nn.Module) -> str:
    names = _layer_names(network)
    near = difflib.get_close_matches(layer, [n for n, _ in network.named_modules() if n], n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{backbone} has no layer {layer!r}; {hint}it has {', '.join(names[:60])}{' …' if len(names) > 60 else ''}"


def _unknown_backbone(name: str) -> str:
    import timm
    import torchvision

    known = {*BUNDLED, *torchvision.models.list_models(torchvision.models), *timm.list_models()}
    near = difflib.get_close_matches(name.rpartition("/")[2], sorted(known), n=4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return (
        f"there is no backbone {name!r}; {hint}Bundled with their weights are {', '.join(BUNDLED)}; "
        "any torchvision or timm classification network works by its name"
    )


def _state_sha256(network: nn.Module) -> str:
    digest = hashlib.sha256()
    for key, value in sorted(network.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
