"""What tells configurations apart, in words, for names of runs."""

from __future__ import annotations

from collections.abc import Sequence

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.images import shown

NAMED = ("backbone", "layers", "scales", "coreset_ratio", "sampler", "image_size")  # stand in the name of every run
USUAL = PatchCoreConfig()


def size_and_more(config: PatchCoreConfig, among: Sequence[PatchCoreConfig] = ()) -> str:
    """`320 px · patch 5 · seed 3 · num neighbors 1`: the image size where there are no scales, patch size and seed if
    they are not the usual ones, and every other field in which the configurations listed differ."""
    words = [] if config.scales else [f"{config.image_size} px"]
    every = [vars(one) for one in (*among, config)]
    differing = [name for name in vars(config) if name not in NAMED
                 and any(one[name] != every[0][name] for one in every)]  # fmt: skip
    for name, said in {"patch_size": "patch", "seed": "seed"}.items():
        if name in differing or getattr(config, name) != getattr(USUAL, name):
            words.append(f"{said} {getattr(config, name)}")
    words += [f"{name.replace('_', ' ')} {_value(getattr(config, name))}" for name in differing
              if name not in ("patch_size", "seed")]
    return shown(" · ".join(words))


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)
