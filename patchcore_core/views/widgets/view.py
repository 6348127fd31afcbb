"""What a person chose in the viewer, and what the viewer is given beside a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from patchcore_core.evaluation.explain import TRIMMED
from patchcore_core.views.colours import COLOURS, INFERNO
from patchcore_core.views.widgets.picture import Picture, Range

PAINT = ("hit", "miss", "false alarm", "truth", "prediction")
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class View:
    """What is chosen in the viewer; all of it may stand in an address.

    panes: 1 to 4 keys of `Picture.panes`. thresholds: of pixels, one for each layer, NaN predicts nothing. limits: of
    the colour scale for each layer, None = the layer's own. opacity: of the map over the photo, in [0, 1]. box: (top,
    left, bottom, right) that is zoomed to, None = the whole photo. outlines of truth and prediction, pixels coloured
    by hit, miss and false alarm (`judged`), and the mark on the highest score (`peak`).
    """

    thresholds: tuple[float, ...]
    panes: tuple[str, ...] = ("photo", "truth", "map", "prediction")
    limits: tuple[Range | None, ...] | None = None
    opacity: float = 0.7
    box: Box | None = None
    truth_outline: bool = True
    prediction_outline: bool = True
    judged: bool = True
    peak: bool = True

    def fitting(self, picture: Picture) -> View:
        """The same with as many thresholds and limits as there are layers, and only panes that there are."""
        count, known = len(picture.layers), picture.panes()
        thresholds = (*self.thresholds, *[math.nan] * count)[:count]
        limits = (*(self.limits or ()), *[None] * count)[:count]
        panes = tuple(pane for pane in self.panes if pane in known)[:4] or ("photo",)
        return replace(self, thresholds=thresholds, limits=limits, panes=panes)

    def sent(self) -> dict[str, Any]:
        """As JSON knows it: no NaN."""
        finite = [threshold if math.isfinite(threshold) else None for threshold in self.thresholds]
        return asdict(self) | {"thresholds": finite}

    def reported(self, raw: object) -> View:
        """This view with what the browser reported in place of it; what is not of the right kind is passed over."""
        if not isinstance(raw, Mapping):
            return self
        readers = {"thresholds": _thresholds, "panes": _panes, "limits": _limits, "opacity": _opacity, "box": _box}
        flags = dict.fromkeys(("truth_outline", "prediction_outline", "judged", "peak"), _flag)
        read: dict[str, Any] = {}
        for name, reader in (readers | flags).items():
            try:
                read[name] = reader(raw[name])
            except (LookupError, TypeError, ValueError, OverflowError):
                continue
        return replace(self, **read)


def viewer_data(
    view: View, panes: Mapping[str, str], *, label: str, channel: str, follows: str = "", serial: int = 0
) -> dict[str, Any]:
    """The viewer without a picture.

    view: with a threshold and limits for each layer. panes: as `panes_of`. label: of the whole, for screen readers.
    channel: names the viewer to other widgets. follows: the channel of the operating point of pixels, whose handle
    moves the first map's threshold. serial: of the view that was heard last.
    """
    return {
        "label": label, "view": view.sent(), "serial": serial, "panes": dict(panes), "trimmed": TRIMMED,
        "colours": {name: COLOURS[name] for name in PAINT}, "inferno": INFERNO.tobytes().hex(), "follows": follows,
        "channel": channel,
    }  # fmt: skip


def _number(raw: Any) -> float:
    value = float(raw)
    if isinstance(raw, str) or not math.isfinite(value):
        raise ValueError(f"expected a finite number, got {raw!r}")
    return value


def _thresholds(raw: Any) -> tuple[float, ...]:
    return tuple(math.nan if value is None else _number(value) for value in raw)


def _panes(raw: Any) -> tuple[str, ...]:
    known = ("photo", "truth", "map", "prediction", "map2", "prediction2")
    if isinstance(raw, str) or not 1 <= len(raw) <= 4 or any(pane not in known for pane in raw):
        raise ValueError(f"expected 1 to 4 panes, got {raw!r}")
    return tuple(raw)


def _limits(raw: Any) -> tuple[Range | None, ...]:
    read = []
    for pair in raw:
        low, high = (0.0, 1.0) if pair is None else (_number(pair[0]), _number(pair[1]))
        if not low < high:
            raise ValueError(f"limits must ascend, got {pair!r}")
        read.append(None if pair is None else (low, high))
    return tuple(read)


def _opacity(raw: Any) -> float:
    return min(max(_number(raw), 0.0), 1.0)


def _box(raw: Any) -> Box | None:
    if raw is None:
        return None
    top, left, bottom, right = (_number(value) for value in raw)
    if not (top < bottom and left < right):
        raise ValueError(f"expected top, left, bottom, right, got {raw!r}")
    return top, left, bottom, right


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise TypeError(f"expected true or false, got {raw!r}")
    return raw
