"""The settings of a fit: preset, main fields, and the rest in an expander."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.ui.access import allowed
from pages.ui.markdown import plain
from patchcore_core.config import (
    BANK_DTYPES,
    DISTANCES,
    IMAGE_SCORE_NAMES,
    IMAGE_SCORES,
    PRESETS,
    PROPORTIONS,
    SAMPLERS,
    PatchCoreConfig,
)
from patchcore_core.errors import ConfigError, PatchCoreError
from patchcore_core.evaluation.explain import TRIMMED
from patchcore_core.jobs.sweep import configurations
from patchcore_core.memory_size import gib_of
from patchcore_core.model.network.probe import layers_of
from patchcore_core.model.network.weights import BUNDLED

BACKBONES = (*BUNDLED, "resnet18", "resnet50", "wide_resnet50_2", "wide_resnet101_2", "densenet201", "convnext_tiny")
PRESET_NOTES = {
    "quick": "quick: EfficientNet-Lite0, weights included; runs anywhere.",
    "careful": "careful: the same network at two image sizes, 224 and 448 pixels, with a memory bank each; about 2.4 "
               "times as long, finds more large and hairline defects.",
    "paper": "paper: WideResNet-50 as in Roth et al. 2022; weights are downloaded once.",
    "patchcore-inspection": "patchcore-inspection: the same with the settings of the authors' code.",
}
VARIED = ("image_size", "coreset_ratio", "sampler", "num_neighbors")


def pick_configurations() -> tuple[PatchCoreConfig, ...]:
    """All combinations of the chosen values; () with an error shown where they are invalid."""
    preset = st.segmented_control(
        "Preset", list(PRESETS), default="quick", required=True, key="fit_preset",
        help="  \n".join(PRESET_NOTES.get(name, name) for name in PRESETS),
    )
    base = PatchCoreConfig.preset(preset)
    try:
        network = _network_fields(preset, base)
        varied = _varied_fields(preset, base)
        rest = _other_fields(preset, base)
        return configurations({**network, **rest}, varied)
    except PatchCoreError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return ()


def differing(configs: Sequence[PatchCoreConfig]) -> tuple[str, ...]:
    """Names of the fields that differ between these configurations."""
    return tuple(name for name in VARIED if len({getattr(config, name) for config in configs}) > 1)


def _network_fields(preset: str, base: PatchCoreConfig) -> dict[str, Any]:
    left, right = st.columns(2)
    backbone = left.selectbox(
        "Backbone", dict.fromkeys([base.backbone, *BACKBONES]), key=f"fit_{preset}_backbone", accept_new_options=True,
        help="Choose one, or type the name of any torchvision or timm network.",
    )
    if not backbone:
        raise ConfigError("choose a backbone")
    names = layer_names(backbone)
    default = list(base.layers) if backbone == base.backbone else usual_layers(names)
    chosen = right.multiselect(
        "Layers", list(dict.fromkeys([*names, *default])), default=default, key=f"fit_{preset}_{backbone}_layers",
        accept_new_options=True, help="Patches are on the grid of the first; coarser layers are interpolated to it.",
    )
    order = {name: place for place, name in enumerate(names)}
    return {"backbone": backbone, "layers": sorted(chosen, key=lambda name: order.get(name, len(order)))}


def _varied_fields(preset: str, base: PatchCoreConfig) -> dict[str, list[Any]]:
    cells = st.grid(4, min_column_width=130)
    note = "Several values give several runs."
    sizes = _values(cells, "Image size, px", f"fit_{preset}_size", base.image_size, ("224", "256", "320", "512"), note)
    percents = _values(cells, "Coreset, %", f"fit_{preset}_coreset", f"{base.coreset_ratio * 100:g}",
                       ("1", "5", "10", "25"), f"Percentage of patches kept in the memory bank. {note}")
    samplers = cells.multiselect("Sampler", SAMPLERS, default=[base.sampler], key=f"fit_{preset}_sampler",
                                    help=f"How these patches are selected. {note}")
    neighbours = _values(cells, "k", f"fit_{preset}_k", base.num_neighbors, ("1", "3", "5", "9"),
                         f"Number of nearest neighbours averaged for a patch score. {note}")
    return {
        "image_size": [_whole("image_size", text) for text in sizes],
        "coreset_ratio": [_ratio(text) for text in percents],
        "sampler": samplers,
        "num_neighbors": [_whole("num_neighbors", text) for text in neighbours],
    }


def _other_fields(preset: str, base: PatchCoreConfig) -> dict[str, Any]:
    def key(name: str) -> str:
        return f"fit_{preset}_{name}"

    def optional(label: str, name: str, empty: str) -> int | None:
        value: int | None = cells.number_input(label, min_value=1, value=getattr(base, name), key=key(name),
                                               placeholder=empty, step=1)
        return value

    with st.expander("More settings"):
        cells = st.grid(4, min_column_width=130)
        values: dict[str, Any] = {
            "proportions": cells.selectbox(
                "Proportions", PROPORTIONS, PROPORTIONS.index(base.proportions), key=key("proportions"),
                help="keep: one input size for all photos, near the aspect ratio of the training photos, with about as "
                     "many pixels as the square of the image size. stretch: that square.",
            ),
            "center_crop": optional("Centre crop, px", "center_crop", "whole image"),
            "scales": _sizes(cells.text_input(
                "Scales, px", " ".join(map(str, base.scales)), key=key("scales"), placeholder="image size alone",
                help="Two or more image sizes, such as 224 448: each gets a memory bank, and their patch scores are "
                     "averaged into one anomaly map at the image size above.",
            )),
            "patch_size": cells.number_input("Patch size", 1, 15, base.patch_size, key=key("patch_size")),
            "pretrain_dim": optional("Pretrain dim", "pretrain_dim", "local mean"),
            "target_dim": optional("Target dim", "target_dim", "all channels"),
            "projection_dim": optional("Projection dim", "projection_dim", "full"),
            "reweight_neighbors": optional("Re-weighting b", "reweight_neighbors", "off"),
            "distance": cells.selectbox("Distance", DISTANCES, DISTANCES.index(base.distance), key=key("distance")),
            "blur_sigma": cells.number_input("Blur sigma", 0.0, 64.0, base.blur_sigma, 0.5, key=key("blur_sigma")),
            "image_score": cells.selectbox(
                "Image score", IMAGE_SCORES, IMAGE_SCORES.index(base.image_score), key=key("image_score"),
                format_func=IMAGE_SCORE_NAMES.__getitem__,
                help="Highest patch score, as in the paper, or maximum of the anomaly map, which depends less on "
                     "single patches.",
            ),
            "region_trim": cells.selectbox(
                "Region trim", (False, True), int(base.region_trim), key=key("region_trim"),
                format_func={False: "off", True: "on"}.__getitem__,
                help=f"The predicted segmentation. Off: all pixels at or above the pixel threshold. On: {TRIMMED}",
            ),
            "bank_dtype": cells.selectbox("Bank precision", BANK_DTYPES, BANK_DTYPES.index(base.bank_dtype),
                                          key=key("bank_dtype")),
            "memory_limit": _memory(cells.text_input(
                "Memory limit", "" if base.memory_limit is None else f"{base.memory_limit:g}", key=key("memory_limit"),
                placeholder="automatic",
                help="Such as 512MiB, 1.5GB, or 2 for 2 GiB. Empty: a fraction of the free memory. Beyond it, "
                     "temporary files are used: slower, same result.",
            )),
            "ignore_value": cells.number_input(
                "Ignored in masks", 1, 2**32 - 1, base.ignore_value, 1, key=key("ignore_value"),
                placeholder="automatic",
                help="Mask pixels of this value count in no figure, neither as defect nor as good. Empty: only a value "
                     "that the masks imply, such as 255 beside class numbers.",
            ),
            "seed": cells.number_input("Seed", 0, 2**32 - 1, base.seed, key=key("seed")),
            "device": cells.selectbox("Device", ("auto", "cpu", "cuda"), key=key("device")),
        }
        weights = st.text_input("Weights file", key=key("weights"), placeholder="the backbone's own",
                                help="A state dict on this machine, in a folder the dashboard may read.")
    return {**values, "weights": str(allowed(weights)) if weights else None}


def _values(place: Any, label: str, key: str, default: object, more: Sequence[str], note: str) -> list[str]:
    options = sorted({str(default), *more}, key=float)
    chosen: list[str] = place.multiselect(label, options, default=[str(default)], key=key, accept_new_options=True,
                                          help=note)
    return chosen


def _memory(text: str) -> float | None:
    return gib_of(text) if text.strip() else None


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(_whole("scales", part) for part in text.replace(",", " ").split())


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ConfigError(f"{name} must be a whole number, got {text!r}") from None


def _ratio(text: str) -> float:
    try:
        return float(text.strip().rstrip("%").replace(",", ".")) / 100
    except ValueError:
        raise ConfigError(f"the coreset must be a percentage, got {text!r}") from None


def usual_layers(names: Sequence[str]) -> list[str]:
    """The middle layers that PatchCore is used with, where the network has them."""
    known = (["layer2", "layer3"], ["blocks.2", "blocks.4"])
    return next((pair for pair in known if set(pair) <= set(names)), [])


@st.cache_data(max_entries=64, show_spinner="Reading the network's layers …")
def layer_names(backbone: str) -> tuple[str, ...]:
    """Layers of a backbone; ConfigError for an unknown one."""
    return layers_of(backbone)
