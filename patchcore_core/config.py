"""The configuration of fitting and scoring: frozen, and validated on creation."""

from __future__ import annotations

import dataclasses
import difflib
import math
from dataclasses import dataclass
from typing import Any, Self

from patchcore_core.errors import ConfigError

SAMPLERS = ("greedy", "approx_greedy", "streaming_greedy", "kmeans", "random", "identity")
DISTANCES = ("euclidean", "squared_euclidean")
ENGINES = ("auto", "torch", "openvino")
BANK_DTYPES = ("float16", "float32")
PROPORTIONS = ("stretch", "keep")
BESIDE_THE_RESULT = ("device", "engine", "memory_limit", "weights")
IMAGE_SCORES = ("patch", "map")
IMAGE_SCORE_NAMES = {"patch": "highest patch", "map": "highest of the map"}
SINCE: dict[str, Any] = {  # fields that earlier versions lacked, with the values that reproduce their fits
    "ignore_value": None, "image_score": "patch", "proportions": "stretch", "region_trim": False, "scales": [],
}  # fmt: skip
DEPTHS = (8, 10, 12, 14, 16)  # bit depths of cameras with more than 8 bits
MAX_SIDE = 4096  # largest side of a resized image, pixels: a batch of larger ones fills the memory of a usual computer


@dataclass(frozen=True)
class PatchCoreConfig:
    """All settings that determine the result of a fit.

    Sizes are pixels, `coreset_ratio` a fraction of the patches of the training images. `device`, `engine` and
    `memory_limit` determine only where and how it is computed, so they are not in `identity()`: they change scores by
    rounding at most. The defaults are the plain algorithm on a bundled network; the command line and the Fit page start
    from the preset `quick`, which averages three neighbours.
    """

    backbone: str = "efficientnet_lite0"
    layers: tuple[str, ...] = ("blocks.2", "blocks.4")
    weights: str | None = None  # path of a local weights file; None = the backbone's own
    image_size: int = 256
    proportions: str = "stretch"  # to a square; "keep" = one height and width per run, with as many pixels
    center_crop: int | None = None
    scales: tuple[int, ...] = ()  # image sizes with a memory bank each, their scores averaged in one map; () = one
    patch_size: int = 3
    pretrain_dim: int | None = None  # None = local mean of each channel
    target_dim: int | None = None  # None = concatenate the layers
    sampler: str = "greedy"
    coreset_ratio: float = 0.1
    projection_dim: int | None = None  # None = select in the full dimension
    num_neighbors: int = 1
    reweight_neighbors: int | None = None  # b of eq. 7; None = no re-weighting
    distance: str = "euclidean"
    blur_sigma: float = 4.0
    image_score: str = "patch"  # the highest patch score; or "map": the highest value of the anomaly map
    bank_dtype: str = "float16"  # precision of the memory bank, in memory and on disk
    seed: int = 0
    region_trim: bool = False  # the predicted segmentation without the halo of its peaks (evaluation.trim)
    ignore_value: int | None = None  # of masks: pixels of exactly this value count in no figure
    device: str = "auto"
    engine: str = "auto"  # OpenVINO where it is installed and the device is a CPU, else torch
    memory_limit: float | None = None  # GiB that a fit may take; None = half of what is free

    def __post_init__(self) -> None:
        _expect(isinstance(self.layers, list | tuple), "layers", "a list of layer names", self.layers)
        object.__setattr__(self, "layers", tuple(self.layers))
        self._check_network()
        self._check_input()
        object.__setattr__(self, "scales", tuple(sorted(self.scales)))
        self._check_together()
        self._check_method()
        self._check_computing()

    def _check_network(self) -> None:
        _expect(_is_name(self.backbone), "backbone", "a network name", self.backbone)
        named = len(self.layers) > 0 and all(map(_is_name, self.layers))
        _expect(named, "layers", "at least one layer name", self.layers)
        _expect(self.weights is None or _is_name(self.weights), "weights", "the path of a file", self.weights)
        _expect(len(set(self.layers)) == len(self.layers), "layers", "each layer once", self.layers)

    def _check_input(self) -> None:
        for name in ("image_size", "patch_size", "num_neighbors"):
            _expect_count(name, getattr(self, name))
        for name in ("center_crop", "pretrain_dim", "target_dim", "projection_dim", "reweight_neighbors"):
            if getattr(self, name) is not None:
                _expect_count(name, getattr(self, name))
        _expect(self.image_size <= MAX_SIDE, "image_size", f"at most {MAX_SIDE} pixels", self.image_size)
        crop = self.center_crop
        _expect(crop is None or crop <= self.image_size, "center_crop", f"at most image_size {self.image_size}", crop)
        _expect(isinstance(self.scales, list | tuple), "scales", "a list of image sizes", self.scales)
        for size in self.scales:
            _expect_count("scales", size)
            _expect(size <= MAX_SIDE, "scales", f"at most {MAX_SIDE} pixels each", size)

    def _check_together(self) -> None:
        """Fields that allow or forbid one another."""
        crop = self.center_crop
        _expect(len(self.scales) != 1 and len(set(self.scales)) == len(self.scales), "scales",
                "two or more different image sizes, or none", list(self.scales))
        for name in ("center_crop", "reweight_neighbors"):
            _expect(not self.scales or getattr(self, name) is None, name, "none with several scales",
                    getattr(self, name))
        _expect(self.proportions in PROPORTIONS, "proportions", f"one of {', '.join(PROPORTIONS)}", self.proportions)
        _expect(crop is None or self.proportions == "stretch", "center_crop",
                "none where proportions is keep, which takes the whole photo (stretch goes with a crop)", crop)
        _expect((self.pretrain_dim is None) == (self.target_dim is None), "target_dim",
                "a number exactly when pretrain_dim is one", self.target_dim)

    def _check_method(self) -> None:
        _expect(self.sampler in SAMPLERS, "sampler", f"one of {', '.join(SAMPLERS)}", self.sampler)
        _expect(self.image_score in IMAGE_SCORES, "image_score", f"one of {', '.join(IMAGE_SCORES)}", self.image_score)
        _expect(self.image_score == "patch" or self.reweight_neighbors is None, "reweight_neighbors",
                "none with image_score map, as eq. 7 weights the highest patch (image_score patch)",
                self.reweight_neighbors)
        _expect(self.distance in DISTANCES, "distance", f"one of {', '.join(DISTANCES)}", self.distance)
        _expect(self.bank_dtype in BANK_DTYPES, "bank_dtype", f"one of {', '.join(BANK_DTYPES)}", self.bank_dtype)
        _expect(_is_number(self.coreset_ratio) and 0 < self.coreset_ratio <= 1, "coreset_ratio", "in (0, 1]",
                self.coreset_ratio)
        _expect(_is_number(self.blur_sigma) and self.blur_sigma >= 0, "blur_sigma", "0 or more", self.blur_sigma)
        _expect(self.blur_sigma <= MAX_SIDE, "blur_sigma", f"at most {MAX_SIDE} pixels", self.blur_sigma)
        _expect(isinstance(self.seed, int) and 0 <= self.seed < 2**32, "seed", "an integer in [0, 2^32)", self.seed)
        _expect(isinstance(self.region_trim, bool), "region_trim", "true or false", self.region_trim)
        _expect_mask_value("ignore_value", self.ignore_value)

    def _check_computing(self) -> None:
        _expect(isinstance(self.device, str) and bool(self.device), "device", "auto, cpu or cuda", self.device)
        _expect(self.engine in ENGINES, "engine", f"one of {', '.join(ENGINES)}", self.engine)
        limit = self.memory_limit
        _expect(limit is None or (_is_number(limit) and 0 < limit < math.inf), "memory_limit", "more than 0 GiB", limit)

    @classmethod
    def preset(cls, name: str, /, **changes: Any) -> Self:
        """The preset of this name with some fields changed; ConfigError lists the presets for an unknown name."""
        if name not in PRESETS:
            raise ConfigError(f"preset must be one of {', '.join(PRESETS)}, got {name!r}")
        return cls.from_dict({**PRESETS[name], **changes})

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Build from plain values; ConfigError for an unknown field, with the nearest known one."""
        names = [field.name for field in dataclasses.fields(cls)]
        for name in values:
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                hint = f"; did you mean {near[0]}?" if near else f"; the fields are {', '.join(names)}"
                raise ConfigError(f"the configuration has no field {name!r}{hint}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, `layers` and `scales` as lists."""
        return {**dataclasses.asdict(self), "layers": list(self.layers), "scales": list(self.scales)}

    def identity(self) -> dict[str, Any]:
        """The fields that determine the result: not where it is computed, and no path of the weights."""
        return {name: value for name, value in self.to_dict().items()
                if name not in BESIDE_THE_RESULT and not (name in SINCE and value == SINCE[name])}  # fmt: skip

    @property
    def squared(self) -> bool:
        """Whether distances are squared."""
        return self.distance == "squared_euclidean"

    @property
    def sizes(self) -> tuple[int, ...]:
        """The image size of each memory bank, ascending."""
        return self.scales or (self.input_size,)

    @property
    def input_size(self) -> int:
        """Side of the square network input, pixels; with `proportions` "keep", of a square of about as many pixels."""
        return self.center_crop or self.image_size


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value) and "\0" not in value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _expect(holds: bool, name: str, expected: str, got: object) -> None:
    if not holds:
        raise ConfigError(f"{name} must be {expected}, got {got!r}")


def _expect_count(name: str, value: object) -> None:
    _expect(isinstance(value, int) and not isinstance(value, bool) and value >= 1, name, "a positive integer", value)
    _expect(value < 2**31, name, "below 2^31", value)  # type: ignore[operator]


def _expect_mask_value(name: str, value: object) -> None:
    """0 is refused: it means good in nearly all masks."""
    number = isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 2**32
    _expect(value is None or number, name, "an integer in [1, 2^32), for 0 is what is good", value)


PRESETS: dict[str, dict[str, Any]] = {
    "quick": {
        "image_size": 320, "proportions": "keep", "num_neighbors": 3, "image_score": "map", "region_trim": True,
    },
    "careful": {
        "image_size": 320, "proportions": "keep", "scales": (224, 448), "num_neighbors": 3, "image_score": "map",
        "region_trim": True,
    },
    "paper": {
        "backbone": "wide_resnet50_2", "layers": ("layer2", "layer3"), "image_size": 256, "center_crop": 224,
        "pretrain_dim": 1024, "target_dim": 1024, "sampler": "greedy", "projection_dim": 128,
    },
    "patchcore-inspection": {
        "backbone": "wide_resnet50_2", "layers": ("layer2", "layer3"), "image_size": 256, "center_crop": 224,
        "pretrain_dim": 1024, "target_dim": 1024, "sampler": "approx_greedy", "projection_dim": 128,
        "distance": "squared_euclidean",
    },
}
