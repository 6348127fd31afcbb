"""Network weights from files: read without code execution, renamed where needed, checked before they are loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from patchcore_core.errors import WeightsError


def read_state(path: Path) -> dict[str, Tensor]:
    """A state dict from a file, without pickle's code execution; unwraps `state_dict` or `model`, drops `module.`."""
    try:
        if path.suffix == ".safetensors":
            state: Any = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise WeightsError(f"{path}: there is no such weights file") from None
    except Exception as error:  # torch and safetensors raise many kinds for a broken or unsafe file
        raise WeightsError(f"{path}: the weights file cannot be read ({first_line(error)})") from error
    for key in ("state_dict", "model"):
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            state = state[key]
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise WeightsError(f"{path}: expected a state dict of tensors")
    return {key.removeprefix("module."): value for key, value in state.items()}


def load_state(network: nn.Module, state: dict[str, Tensor], path: Path) -> None:
    """Load all weights or say what does not fit; a missing or other classifier does not matter."""
    check_state(network, state, path)
    own = network.state_dict()
    fitting = {key: state[key] for key in own if key in state and state[key].shape == own[key].shape}
    network.load_state_dict(fitting, strict=False)


def check_state(network: nn.Module, state: dict[str, Tensor], path: Path) -> None:
    """WeightsError where the weights read from `path` are not those of this network, by names and shapes."""
    own = network.state_dict()
    head = set(_unused_names(network))
    wrong = [key for key in own if key not in head and (key not in state or state[key].shape != own[key].shape)]
    if wrong:
        shape = tuple(own[wrong[0]].shape)
        detail = f"has shape {tuple(state[wrong[0]].shape)}, not {shape}" if wrong[0] in state else "is missing"
        raise WeightsError(
            f"{path}: these weights belong to another network than {type(network).__name__}: "
            f"{len(wrong)} of {len(own)} tensors do not fit; the first, {wrong[0]}, {detail}"
        )


def _unused_names(network: nn.Module) -> list[str]:
    """State entries no feature map depends on: the classifier and the counters of batch norms."""
    linears = [name for name, module in network.named_modules() if isinstance(module, nn.Linear)]
    unused = (*(f"{name}." for name in linears[-1:]),)
    return [key for key in network.state_dict() if key.startswith(unused) or key.endswith("num_batches_tracked")]


def rename_lite(state: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """The bundled packages' names as timm's (`_blocks.7._bn0.weight` -> `blocks.3.0.bn1.weight`)."""
    places = [f"blocks.{stage}.{i}" for stage, blocks in enumerate(network.blocks) for i in range(len(blocks))]  # type: ignore[arg-type]
    first = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
    other = {
        "_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2",
        "_project_conv": "conv_pwl", "_bn2": "bn3",
    }  # fmt: skip
    top = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}
    renamed = {}
    for key, value in state.items():
        head, rest = key.split(".", 1)
        if head == "_blocks":
            block, part, tail = rest.split(".", 2)
            place = places[int(block)]
            renamed[f"{place}.{(first if place.startswith('blocks.0.') else other)[part]}.{tail}"] = value
        else:
            renamed[f"{top[head]}.{rest}"] = value
    return renamed


def first_line(error: BaseException) -> str:
    """The first line of an error's message, or its kind where it has none."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
