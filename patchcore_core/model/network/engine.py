"""The engines for a backbone on a CPU: torch, or OpenVINO if it is installed and gives the same maps."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec
from typing import Any, Protocol

import torch
from torch import Tensor

from patchcore_core.errors import ConfigError
from patchcore_core.model.network.truncated import Truncated, folded, relative_difference

log = logging.getLogger(__name__)

OPENVINO_TOLERANCE = 1e-3  # of each layer's largest value; a larger difference means torch


class Engine(Protocol):
    """Runs a truncated network: images (B, 3, H, W) float32 -> one tensor per layer, on the same device.

    `name` is what a run records; `size` is the only (H, W) it takes, None = any. Engines of equal `bits` give a layer
    of the same network the same bits, whichever other layers they were made for.
    """

    name: str
    size: tuple[int, int] | None
    bits: str

    def __call__(self, images: Tensor) -> tuple[Tensor, ...]: ...


class TorchEngine:
    """The network itself; on a CPU with batch norms folded and channels-last memory where that is exact."""

    name = "torch"
    size: tuple[int, int] | None = None

    def __init__(self, network: Truncated, example: Tensor) -> None:
        self._fast = example.device.type == "cpu"
        self._network = folded(network, example) if self._fast else network
        whole = network.asked_convolutions() if self._network is not network else []
        self.bits = " ".join(["plain" if self._network is network else "folded", *whole])

    def __call__(self, images: Tensor) -> tuple[Tensor, ...]:
        outputs: tuple[Tensor, ...] = self._network(
            images.contiguous(memory_format=torch.channels_last) if self._fast else images
        )
        return outputs


class OpenVinoEngine:
    """The same network compiled by OpenVINO in float32, one image at a time, which is its fastest on a CPU.

    The torch front end is used directly: `openvino.convert_model` does the same more slowly, and reports its use
    to a server.
    """

    def __init__(self, network: Truncated, example: Tensor) -> None:
        import openvino
        from openvino.frontend import FrontEndManager
        from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

        with torch.inference_mode(False), torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch calls tracing deprecated, and reports every shape it takes as fixed
            traced = torch.jit.trace(network, example.clone(), check_trace=False)
            decoder = TorchScriptPythonDecoder(traced)
        frontend = FrontEndManager().load_by_framework("pytorch")
        model = frontend.convert(frontend.load(decoder))
        model.reshape(list(example.shape))
        settings: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        }
        self._request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
        self._one_at_a_time = threading.Lock()
        self._layers = len(network.layers)
        self.name = f"openvino {metadata.version('openvino')}"
        threads = str(settings["INFERENCE_NUM_THREADS"])  # and what is fused depends on what is asked for
        self.bits = " ".join([self.name, threads, *network.layers])
        self.size: tuple[int, int] | None = (example.shape[-2], example.shape[-1])

    def __call__(self, images: Tensor) -> tuple[Tensor, ...]:
        each = [self._run(image[None]) for image in images]
        return tuple(torch.cat(outputs) for outputs in zip(*each, strict=True))

    def _run(self, image: Tensor) -> list[Tensor]:
        with self._one_at_a_time:
            found = self._request.infer([image.contiguous().numpy()])
            return [torch.from_numpy(found[i].copy()) for i in range(self._layers)]


Convert = Callable[[Truncated, Tensor], Engine]


def check_engine(engine: str, device: str) -> None:
    """ConfigError for OpenVINO if it is not installed, or on another device than the CPU."""
    if engine == "openvino" and torch.device(device).type != "cpu":
        raise ConfigError(f"engine openvino runs on the cpu, got device {device!r}")
    if engine == "openvino" and find_spec("openvino") is None:
        raise ConfigError("engine openvino needs a package that is not installed; run: pip install openvino")


def choose_engine(network: Truncated, images: Tensor, wanted: str, convert: Convert = OpenVinoEngine) -> Engine:
    """The engine for images of this size, on their device.

    `wanted` is "torch", "openvino" or "auto": OpenVINO where it is installed and the device is a CPU. It is checked
    on a random image first: where it fails, or differs from torch by more than `OPENVINO_TOLERANCE` of a layer's
    largest value, a warning is logged and torch does the work.
    """
    generator = torch.Generator().manual_seed(0)
    example = torch.randn(1, *images.shape[1:], generator=generator).to(images.device)
    plain = TorchEngine(network, example)
    installed = convert is not OpenVinoEngine or find_spec("openvino") is not None
    if wanted == "torch" or images.device.type != "cpu" or not installed:
        return plain
    try:
        engine = convert(network, example)
        difference = relative_difference(engine(example), plain(example))
    except Exception as error:  # a converter raises many kinds; torch is used instead
        log.warning("OpenVINO cannot run %s, torch does: %s", network.name, error)
        return plain
    if not difference <= OPENVINO_TOLERANCE:
        log.warning("OpenVINO's maps of %s differ by %.2g from torch's; torch does the work", network.name, difference)
        return plain
    return engine
