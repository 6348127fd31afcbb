"""Names of runs by their configurations: the main settings, and how they differ from similar ones."""

from __future__ import annotations

from collections.abc import Sequence

from patchcore_core.config import PatchCoreConfig
from patchcore_core.data.images import shown

NAMED = ("backbone", "layers", "scales", "coreset_ratio", "sampler", "image_size")  # stand in the name of every run
USUAL = PatchCoreConfig()


def name_of(config: PatchCoreConfig, among: Sequence[PatchCoreConfig] = ()) -> str:
    """`settings`, and what tells the configuration from those of like settings among the others of its category."""
    main = settings(config)
    return _joined(main, size_and_more(config, [other for other in among if settings(other) == main]))


def names_of(configs: Sequence[PatchCoreConfig]) -> list[str]:
    """`name_of` each configuration of a category among all of them."""
    main = [settings(config) for config in configs]
    alike: dict[str, list[PatchCoreConfig]] = {}
    for config, name in zip(configs, main, strict=True):
        alike.setdefault(name, []).append(config)
    fields = {name: differing(group) for name, group in alike.items()}
    return [_joined(name, _with_size(config, more(config, fields[name])))
            for config, name in zip(configs, main, strict=True)]


def settings(config: PatchCoreConfig) -> str:
    """The main settings: `efficientnet_lite0 · blocks.2 + blocks.4 · 10 %`, with its sizes where there are several."""
    coreset = "all patches" if config.sampler == "identity" else percent(config.coreset_ratio)
    scales = f" · {scales_words(config)} px" if config.scales else ""
    return shown(f"{config.backbone} · {' + '.join(config.layers)}{scales} · {coreset}")


def scales_words(config: PatchCoreConfig) -> str:
    """`224 + 448`: the image sizes with a memory bank each; "" if there is one."""
    return " + ".join(map(str, config.scales))


def percent(ratio: float) -> str:
    """A ratio in percent with up to four digits: `10 %`, `0.5 %`."""
    return f"{ratio * 100:.4g} %"


def size_and_more(config: PatchCoreConfig, among: Sequence[PatchCoreConfig] = ()) -> str:
    """`320 px · patch 5 · seed 3 · num neighbors 1`: the image size where there are no scales, patch size and seed if
    they are not the usual ones, and every other field in which the configurations listed differ."""
    return _with_size(config, more(config, differing((*among, config))))


def differing(configs: Sequence[PatchCoreConfig]) -> list[str]:
    """The fields, beside those in `settings` and the image size, that are not the same in all configurations."""
    every = [vars(config) for config in configs]
    return [name for name in vars(USUAL) if name not in NAMED and any(one[name] != every[0][name] for one in every)]


def more(config: PatchCoreConfig, fields: Sequence[str]) -> list[str]:
    """A word for each of these fields, and for patch size and seed if they are not the usual ones."""
    words = []
    for name, said in {"patch_size": "patch", "seed": "seed"}.items():
        if name in fields or getattr(config, name) != getattr(USUAL, name):
            words.append(f"{said} {getattr(config, name)}")
    words += [f"{name.replace('_', ' ')} {_value(getattr(config, name))}" for name in fields
              if name not in ("patch_size", "seed")]
    return [shown(word) for word in words]


def _with_size(config: PatchCoreConfig, words: Sequence[str]) -> str:
    return " · ".join([*([] if config.scales else [f"{config.image_size} px"]), *words])


def _joined(*words: str) -> str:
    return " · ".join(filter(None, words))


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)
