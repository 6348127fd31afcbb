"""The settings of a fit: preset, main fields, and the rest in an expander."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui.fit.more_settings import more_settings, whole_number
from pages.ui.markdown import plain
from patchcore_core.cli.fits.sweep_request import FIELDS, typed_values
from patchcore_core.config import PRESETS, SAMPLERS, PatchCoreConfig
from patchcore_core.errors import ConfigError, PatchCoreError
from patchcore_core.jobs.sweep import members, said
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
MORE = tuple(name for name in FIELDS if name not in ("image_size", "coreset_ratio", "sampler", "num_neighbors",
                                                     "weights"))  # fmt: skip
EXAMPLES = {"layers": "blocks.2+blocks.4, blocks.3", "scales": "224+448, 320", "seed": "0, 1, 2"}


@dataclass(frozen=True)
class Grid:
    """The configurations of all combinations that make one, how many more were the same as an earlier one, and a
    sentence for each that cannot work."""

    configs: tuple[PatchCoreConfig, ...] = ()
    repeated: int = 0
    impossible: tuple[str, ...] = ()


def pick_configurations() -> Grid:
    """All combinations of the chosen values; an empty grid with an error shown where none is valid."""
    preset = st.segmented_control(
        "Preset", list(PRESETS), default="quick", required=True, key="fit_preset",
        help="  \n".join(PRESET_NOTES.get(name, name) for name in PRESETS),
    )
    base = PatchCoreConfig.preset(preset)
    try:
        network = _network_fields(preset, base)
        varied = _varied_fields(preset, base)
        rest = more_settings(preset, base)
        more = _more_varied(preset)
        fixed = {name: value for name, value in {**network, **rest}.items() if name not in more}
        grid, repeated = members(fixed, {**varied, **more})
    except PatchCoreError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return Grid()
    several = {name for name, values in {**varied, **more}.items() if len(values) > 1}
    impossible = [f"{said({name: value for name, value in each.settings.items() if name in several})}: {each.refused}"
                  for each in grid if each.config is None]  # fmt: skip
    return Grid(tuple(each.config for each in grid if each.config is not None), repeated, tuple(impossible))


def differing(configs: Sequence[PatchCoreConfig]) -> tuple[str, ...]:
    """Names of the fields that differ between these configurations."""
    return tuple(name for name in FIELDS if len({getattr(config, name) for config in configs}) > 1)


def _more_varied(preset: str) -> dict[str, list[Any]]:
    """Several values of any other field, typed as for `sweep`."""
    chosen = st.multiselect(
        "Vary", MORE, key=f"fit_{preset}_vary", placeholder="another setting", format_func=_words,
        help="Fit every combination of several values of these settings, too: they take the place of those above.",
    )  # fmt: skip
    found = {}
    for name in chosen:
        text = st.text_input(f"Values of {_words(name)}", key=f"fit_{preset}_vary_{name}",
                             placeholder=EXAMPLES.get(name, ""),
                             help="With commas between them, and + between the parts of a list.")  # fmt: skip
        if not text.strip():
            raise ConfigError(f"enter values of {_words(name)}, with commas between them")
        found[name] = typed_values(name, text)
    return found


def _words(name: str) -> str:
    return name.replace("_", " ")


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
        "image_size": [whole_number("image_size", text) for text in sizes],
        "coreset_ratio": [_ratio(text) for text in percents],
        "sampler": samplers,
        "num_neighbors": [whole_number("num_neighbors", text) for text in neighbours],
    }


def _values(place: Any, label: str, key: str, default: object, more: Sequence[str], note: str) -> list[str]:
    options = sorted({str(default), *more}, key=float)
    chosen: list[str] = place.multiselect(label, options, default=[str(default)], key=key, accept_new_options=True,
                                          help=note)
    return chosen


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
