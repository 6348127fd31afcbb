"""An option for every field of the configuration, and how values are read from words."""

from __future__ import annotations

import argparse
import dataclasses
import math
from collections.abc import Callable
from typing import Any

from patchcore_core.config import BANK_DTYPES, DISTANCES, SAMPLERS, PatchCoreConfig
from patchcore_core.errors import ConfigError
from patchcore_core.memory_size import gib_of

FIELD_HELP = {
    "backbone": "network: an efficientnet_lite0|1|2 installed with this package, or a torchvision or timm name",
    "layers": "layers whose features are used, by name",
    "weights": "local weights file for the backbone",
    "image_size": "side to which images are resized, pixels",
    "proportions": "stretch photos to a square, or keep: one height and width for a run, near the proportions of the "
                   "training photos, with about as many pixels as the square",
    "center_crop": "side of the centre that is kept of the resized image, pixels; none keeps the whole image",
    "scales": "image sizes with a memory bank each, whose maps of image_size are added; none takes image_size alone",
    "patch_size": "side of the neighbourhood of a patch, in feature map cells",
    "pretrain_dim": "values per patch and layer; none takes local means of the channels",
    "target_dim": "values per patch after joining the layers; none concatenates them",
    "sampler": f"how the coreset is chosen: {', '.join(SAMPLERS)}",
    "coreset_ratio": "share of the patches that the memory bank keeps, in (0, 1]",
    "projection_dim": "dimension in which the coreset is selected; none selects in the full one",
    "num_neighbors": "neighbours that decide a patch's score",
    "reweight_neighbors": "neighbours b of the image score's re-weighting, eq. 7; none leaves it out",
    "distance": f"{' or '.join(DISTANCES)}",
    "blur_sigma": "Gaussian sigma of the anomaly map, pixels",
    "image_score": "an image's score: patch, the highest patch score, or map, the highest value of the anomaly map",
    "region_trim": "true or false: whether the predicted segmentation leaves out the halo of its peaks",
    "bank_dtype": f"precision of the stored memory bank, {' or '.join(BANK_DTYPES)}",
    "seed": "seed of everything drawn at random",
    "ignore_value": "value of mask pixels that count in no figure, beside those that masks tell; none names none",
    "device": "auto, cpu or cuda",
    "memory_limit": "memory that a fit may take, such as 512MiB, 1.5GB or 2 (GiB); none takes a share of what is free",
    "engine": "what runs the network on a CPU: auto takes OpenVINO where it is installed, torch, or openvino",
}


def add_configuration(fit: argparse.ArgumentParser) -> None:
    """Options that are absent from the parsed arguments unless they are given."""
    group = fit.add_argument_group("configuration")
    for field in dataclasses.fields(PatchCoreConfig):
        flag, text = "--" + field.name.replace("_", "-"), FIELD_HELP[field.name]
        if field.name == "layers":
            group.add_argument(flag, nargs="+", metavar="NAME", default=argparse.SUPPRESS, help=text)
            continue
        if field.name == "scales":
            group.add_argument(flag, nargs="+", type=_sizes, metavar="SIZE", default=argparse.SUPPRESS, help=text)
            continue
        kind = _kind(field)
        group.add_argument(flag, type=kind, metavar=field.name.upper(), default=argparse.SUPPRESS, help=text)


def add_tables(command: argparse.ArgumentParser) -> None:
    """What is printed of figures."""
    command.add_argument("--all", action="store_true", help="print every figure, threshold and data check")
    command.add_argument("--csv", metavar="FILE", help="write runs, figures and means over categories as CSV, too")


def add_mlflow(command: argparse.ArgumentParser) -> None:
    """Where else finished runs are logged."""
    command.add_argument("--mlflow", metavar="URI", help="log runs to MLflow, too: http://… or sqlite:///FILE")


def read_field(name: str, text: str) -> Any:
    """One value of a field as it is typed, lists with + between their parts; ArgumentTypeError for what is none."""
    if name == "layers":
        return tuple(part for part in text.split("+") if part)
    if name == "scales":
        return _sizes(text.replace("+", ","))
    return _kind(next(field for field in dataclasses.fields(PatchCoreConfig) if field.name == name))(text)


def _kind(field: dataclasses.Field[Any]) -> Callable[[str], Any]:
    """Reads the values of a field that is no list."""
    name, optional = str(field.type).split(" ")[0], "None" in str(field.type)
    kinds = {"int": number(int), "float": number(float), "str": number(str), "bool": _switch}
    kind = _memory if field.name == "memory_limit" else kinds[name]
    return _or_none(kind) if optional else kind


def number(kind: type) -> Callable[[str], Any]:
    """Reads an int, a finite float or text."""
    def convert(text: str) -> Any:
        try:
            value = kind(text)
            if isinstance(value, float) and not math.isfinite(value):  # not valid in JSON
                raise ValueError
            return value
        except ValueError:
            wanted = "a whole number" if kind is int else "a number"
            raise argparse.ArgumentTypeError(f"expected {wanted}, got {text!r}") from None

    return convert


def _sizes(text: str) -> tuple[int, ...]:
    """One image size, or several separated by commas as in `layers`; none for the word."""
    read = _or_none(number(int))
    sizes = (read(part) for part in text.strip(",").split(","))
    return tuple(size for size in sizes if size is not None)


def _memory(text: str) -> float:
    try:
        return gib_of(text)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _switch(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"expected true or false, got {text!r}")
    return text.lower() == "true"


def _or_none(convert: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: None if text.lower() == "none" else convert(text)
