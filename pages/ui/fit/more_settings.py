"""The settings of a fit in the expander: the default, the widget and the help of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui.access import allowed
from patchcore_core.config import BANK_DTYPES, DISTANCES, IMAGE_SCORE_NAMES, IMAGE_SCORES, PROPORTIONS, PatchCoreConfig
from patchcore_core.errors import ConfigError
from patchcore_core.evaluation.explain import TRIMMED
from patchcore_core.memory_size import gib_of


def more_settings(preset: str, base: PatchCoreConfig) -> dict[str, Any]:
    """The values of all fields that are not asked for above, by name; ConfigError for what is no value."""
    with st.expander("More settings"):
        cells = _Cells(st.grid(4, min_column_width=130), preset, base)
        values = _input(cells) | _patches(cells) | _scores(cells) | _computing(cells)
        weights = st.text_input("Weights file", key=cells.key("weights"), placeholder="the backbone's own",
                                help="A state dict on this machine, in a folder the dashboard may read.")
    return {**values, "weights": str(allowed(weights)) if weights else None}


def whole_number(name: str, text: str) -> int:
    """The number; ConfigError that names the field for any other text."""
    try:
        return int(text)
    except ValueError:
        raise ConfigError(f"{name} must be a whole number, got {text!r}") from None


@dataclass(frozen=True)
class _Cells:
    """Where the widgets lie, the preset that their keys name, and the values that they begin with."""

    grid: Any
    preset: str
    base: PatchCoreConfig

    def key(self, name: str) -> str:
        return f"fit_{self.preset}_{name}"

    def choice(self, label: str, name: str, options: Sequence[Any], **more: Any) -> Any:
        place = options.index(getattr(self.base, name))
        return self.grid.selectbox(label, options, place, key=self.key(name), **more)

    def optional(self, label: str, name: str, empty: str) -> int | None:
        value: int | None = self.grid.number_input(label, min_value=1, value=getattr(self.base, name),
                                                   key=self.key(name), placeholder=empty, step=1)
        return value

    def number(self, label: str, name: str, *limits: float, **more: Any) -> Any:
        """`limits`: the lowest, the highest, and the step if any."""
        low, high, *step = limits
        return self.grid.number_input(label, low, high, getattr(self.base, name), *step, key=self.key(name), **more)

    def text(self, label: str, name: str, value: str, **more: Any) -> str:
        return str(self.grid.text_input(label, value, key=self.key(name), **more))


def _input(cells: _Cells) -> dict[str, Any]:
    return {
        "proportions": cells.choice(
            "Proportions", "proportions", PROPORTIONS,
            help="keep: one input size for all photos, near the aspect ratio of the training photos, with about as "
                 "many pixels as the square of the image size. stretch: that square.",
        ),
        "center_crop": cells.optional("Centre crop, px", "center_crop", "whole image"),
        "scales": _sizes(cells.text(
            "Scales, px", "scales", " ".join(map(str, cells.base.scales)), placeholder="image size alone",
            help="Two or more image sizes, such as 224 448: each gets a memory bank, and their patch scores are "
                 "averaged into one anomaly map at the image size above.",
        )),
    }


def _patches(cells: _Cells) -> dict[str, Any]:
    return {
        "patch_size": cells.number("Patch size", "patch_size", 1, 15),
        "pretrain_dim": cells.optional("Pretrain dim", "pretrain_dim", "local mean"),
        "target_dim": cells.optional("Target dim", "target_dim", "all channels"),
        "projection_dim": cells.optional("Projection dim", "projection_dim", "full"),
        "reweight_neighbors": cells.optional("Re-weighting b", "reweight_neighbors", "off"),
        "distance": cells.choice("Distance", "distance", DISTANCES),
    }


def _scores(cells: _Cells) -> dict[str, Any]:
    return {
        "blur_sigma": cells.number("Blur sigma", "blur_sigma", 0.0, 64.0, 0.5),
        "image_score": cells.choice(
            "Image score", "image_score", IMAGE_SCORES, format_func=IMAGE_SCORE_NAMES.__getitem__,
            help="Highest patch score, as in the paper, or maximum of the anomaly map, which depends less on "
                 "single patches.",
        ),
        "region_trim": cells.choice(
            "Region trim", "region_trim", (False, True), format_func={False: "off", True: "on"}.__getitem__,
            help=f"The predicted segmentation. Off: all pixels at or above the pixel threshold. On: {TRIMMED}",
        ),
    }


def _computing(cells: _Cells) -> dict[str, Any]:
    limit = cells.base.memory_limit
    return {
        "bank_dtype": cells.choice("Bank precision", "bank_dtype", BANK_DTYPES),
        "memory_limit": _memory(cells.text(
            "Memory limit", "memory_limit", "" if limit is None else f"{limit:g}", placeholder="automatic",
            help="Such as 512MiB, 1.5GB, or 2 for 2 GiB. Empty: a fraction of the free memory. Beyond it, "
                 "temporary files are used: slower, same result.",
        )),
        "ignore_value": cells.number(
            "Ignored in masks", "ignore_value", 1, 2**32 - 1, 1, placeholder="automatic",
            help="Mask pixels of this value count in no figure, neither as defect nor as good. Empty: only a value "
                 "that the masks imply, such as 255 beside class numbers.",
        ),
        "seed": cells.number("Seed", "seed", 0, 2**32 - 1),
        "device": cells.grid.selectbox("Device", ("auto", "cpu", "cuda"), key=cells.key("device")),
    }


def _memory(text: str) -> float | None:
    return gib_of(text) if text.strip() else None


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(whole_number("scales", part) for part in text.replace(",", " ").split())
