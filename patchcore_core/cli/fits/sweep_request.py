"""What a sweep shall fit: from the command line, and from a TOML file."""

from __future__ import annotations

import argparse
import dataclasses
import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from patchcore_core.cli.fits.fit import changes
from patchcore_core.cli.options import read_field
from patchcore_core.config import PRESETS, PatchCoreConfig
from patchcore_core.errors import ConfigError

FIELDS = tuple(field.name for field in dataclasses.fields(PatchCoreConfig))
PARTS = {"layers": (str, "names of layers"), "scales": (int, "image sizes")}  # of fields that are lists
TEXTS = tuple(field.name for field in dataclasses.fields(PatchCoreConfig) if str(field.type).startswith("str"))
KEYS = {"datasets": list, "categories": list, "exclude": list, "preset": str, "set": dict}


@dataclasses.dataclass(frozen=True)
class Request:
    """Folders of data, their categories (all where none is named), photos to leave out, and the values: those of all
    fits (`fixed`), and several of each `varied` field."""

    datasets: tuple[str, ...]
    categories: tuple[str, ...]
    exclude: tuple[str, ...]
    fixed: dict[str, Any]
    varied: dict[str, list[Any]]


def request(args: argparse.Namespace) -> Request:
    """What the arguments ask for, on top of their file; ConfigError for what cannot be understood."""
    given = read_file(Path(args.file)) if args.file else {}
    preset = args.preset or given.get("preset", "quick")
    _refuse_unknown_preset(preset)
    values = {**given.get("set", {}), **_set_once(args)}
    datasets = tuple(args.dataset or given.get("datasets", ()))
    if not datasets:
        raise ConfigError("sweep needs the folder of a dataset")
    return Request(
        datasets, tuple(args.category or given.get("categories", ())), (*given.get("exclude", ()), *args.exclude),
        {**PRESETS[preset], **{name: value for name, (value, *more) in values.items() if not more}},
        {name: several for name, several in values.items() if len(several) > 1},
    )  # fmt: skip


def _set_once(args: argparse.Namespace) -> dict[str, list[Any]]:
    """The fields that the arguments set, with their values; ConfigError for one that they set twice."""
    found = {name: [value] for name, value in changes(args).items()}
    options = {*found}
    for text in args.set or ():
        name, values = _setting(text)
        if name in found:
            other = f"--{name.replace('_', '-')}" if name in options else "another --set"
            raise ConfigError(f"--set {text}: {name} is set by {other}, too; give all its values at one place, with "
                              "commas between them")  # fmt: skip
        found[name] = values
    return found


def read_file(path: Path) -> dict[str, Any]:
    """The keys of a sweep's file, the fields under `set` as lists of values; folders are relative to the file.

    ConfigError with the line of what cannot be understood.
    """
    try:
        text = path.read_text(encoding="utf-8")
        given = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    _refuse_unknown(path, text, given, KEYS, "key")
    for name, value in given.items():
        if not isinstance(value, KEYS[name]) or (KEYS[name] is list and not all(isinstance(one, str) for one in value)):
            wanted = {list: "a list of texts", str: "a text", dict: "a table"}[KEYS[name]]
            raise ConfigError(f"{path}, line {_line(text, name)}: {name} must be {wanted}, got {value!r}")
    _refuse_unknown(path, text, given.get("set", {}), FIELDS, "field")
    _refuse_unknown_preset(given.get("preset", "quick"), f"{path}, line {_line(text, 'preset')}: ")
    try:
        given["set"] = {name: _values(name, value) for name, value in given.get("set", {}).items()}
    except _Refused as error:
        raise ConfigError(f"{path}, line {_line(text, error.name)}: {error}") from error
    given["datasets"] = [str(path.parent / folder) for folder in given.get("datasets", ())]
    return given


class _Refused(ConfigError):
    """A value that a field cannot have."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


def _setting(text: str) -> tuple[str, list[Any]]:
    """FIELD=V1,V2 as the field and its values."""
    name, sign, values = text.partition("=")
    name = name.strip().replace("-", "_")
    if name not in FIELDS:
        raise ConfigError(f"--set {text}: there is no field {name!r}{_nearest(name, FIELDS)}")
    if not sign or not values.strip(", "):
        raise ConfigError(f"--set {text}: expected {name}=VALUE, or several values with commas between them")
    if not all(one.strip() for one in values.split(",")):
        raise ConfigError(f"--set {text}: a value is missing beside a comma")
    return name, typed_values(name, values)


def typed_values(name: str, text: str) -> list[Any]:
    """The values of a field, typed with commas between them and + between the parts of a list; ConfigError for what is
    none."""
    return _values(name, [one.strip() for one in text.split(",") if one.strip()])


def _values(name: str, given: object) -> list[Any]:
    """The values of a field, each as text of the command line or as a value of TOML."""
    several = given if isinstance(given, list) else [given]
    if not several:
        raise _Refused(name, f"{name} must have at least one value")
    values = [_value(name, one) for one in several]
    if name == "scales" and any(len(one) == 1 for one in values):
        sizes = [size for one in values for size in one]
        more = sizes if len(sizes) > 1 else [sizes[0], 2 * sizes[0]]
        joined = "+".join(map(str, more))
        raise _Refused(name, f"scales: one size alone is no value, got {sizes[0]}; sizes that are used together are "
                             f'written {joined}, in a file "{joined}" or [{more}]')  # fmt: skip
    return values


def _value(name: str, given: object) -> Any:
    """One value; _Refused for one of another kind than the field's."""
    try:
        if isinstance(given, str):
            return read_field(name, given)
        if name in PARTS:
            kind, words = PARTS[name]
            parts = given if isinstance(given, list) else [given]
            if not all(type(part) is kind for part in parts):
                raise argparse.ArgumentTypeError(f"expected {words}, got {given!r}")
            return tuple(parts)
        if isinstance(given, list | dict) or name in TEXTS:
            raise argparse.ArgumentTypeError(f"expected {'a text' if name in TEXTS else 'one value'}, got {given!r}")
        read_field(name, str(given))
        return given
    except argparse.ArgumentTypeError as error:
        raise _Refused(name, f"{name}: {error}") from None


def _refuse_unknown_preset(preset: str, where: str = "") -> None:
    if preset not in PRESETS:
        near = difflib.get_close_matches(preset, PRESETS, n=1)
        more = f"; did you mean {near[0]}?" if near else ""
        raise ConfigError(f"{where}preset must be one of {', '.join(PRESETS)}, got {preset!r}{more}")


def _refuse_unknown(path: Path, text: str, given: Mapping[str, Any], known: Iterable[str], kind: str) -> None:
    for name in given:
        if name not in known:
            line, near = _line(text, name), _nearest(name, [*known])
            raise ConfigError(f"{path}, line {line}: there is no {kind} {name!r}{near}")


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


def _line(text: str, name: str) -> int:
    """The line on which a key or table of this name stands."""
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(rf"""\s*(\[\s*)?["']?{re.escape(name)}["']?\s*[=\].]""", line):
            return number
    return next((number for number, line in enumerate(text.splitlines(), start=1) if name in line), 1)
