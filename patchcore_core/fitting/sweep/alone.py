"""What the fits of a sweep would have taken alone, so that later forecasts can be scaled from them."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence

from patchcore_core.config import PatchCoreConfig
from patchcore_core.fitting.forecast import selection_growth
from patchcore_core.model.shared.fields import CORESET, EMBEDDING, NETWORK, values
from patchcore_core.model.shared.shared import Shared

SEARCHES = ("held-out", "predict")


class Alone:
    """Keeps what the stages of fits took, one fit after the other in the order of `in_order`, and what those took that
    were done for several fits at once."""

    def __init__(self) -> None:
        self._networks: dict[Hashable, float] = {}  # seconds a photo
        self._took: dict[tuple[str, Hashable], float] = {}  # a whole stage, by what fits share of it
        self._rows: dict[tuple[str, Hashable], int] = {}  # of the bank that it was done for

    @classmethod
    def of(cls, shared: Shared) -> Alone:
        """That of the fits that share this."""
        return shared.once("alone", (), cls)[0]

    def network(self, config: PatchCoreConfig, seconds: float) -> None:
        """A network with these settings took so many seconds a photo, for several fits; NaN: not known."""
        self._networks[values(config, NETWORK)] = seconds

    def stages(
        self, config: PatchCoreConfig, fingerprint: str, photos: tuple[int, int], rows: int, selected: int,
        seconds: Mapping[str, float], shortened: Sequence[str],
    ) -> dict[str, float]:
        """Estimated seconds alone of those stages of a fit that took less, since others had done a part of it, or more,
        since it selected for others, too; "network" is the start-up.

        photos: to learn from and to test on; rows: of the bank; selected: for the largest bank that begins with it.
        A stage in `shortened` is missing where what it would have taken is not known.
        """
        of = {name: (fingerprint, *values(config, fields)) for name, fields in
              {"network": (*NETWORK, "layers"), "features": EMBEDDING, "coreset": CORESET}.items()}  # fmt: skip
        once = max(0.0, seconds["total"] - math.fsum(value for name, value in seconds.items() if name != "total"))
        found = {
            "network": max(once, self._took.setdefault(("network", of["network"]), once)),
            "features": self._features(config, of["features"], photos, seconds, shortened),
            "coreset": self._selected(of["coreset"], rows, selected, seconds, shortened),
            "index": self._indexed((of["coreset"], rows), seconds, shortened),
            **{name: self._searched(name, config, of["coreset"], photos[1], rows, seconds, shortened)
               for name in SEARCHES},
        }  # fmt: skip
        return {name: value for name, value in found.items()
                if math.isfinite(value) and value != seconds.get(name, once if name == "network" else math.nan)}

    def _features(
        self, config: PatchCoreConfig, of: Hashable, photos: tuple[int, int], seconds: Mapping[str, float],
        shortened: Sequence[str],
    ) -> float:
        """The first fit with these features made them, with the network or from maps that it gave before."""
        if ("features", of) not in self._took or "features" not in shortened:
            network = self._networks.get(values(config, NETWORK), math.nan) if "features" in shortened else 0.0
            self._took["features", of] = seconds.get("features", math.nan) + network * photos[0]
        return self._took["features", of]

    def _selected(
        self, of: Hashable, rows: int, selected: int, seconds: Mapping[str, float], shortened: Sequence[str]
    ) -> float:
        """The first fit with these patches selected the largest coreset that begins with its own."""
        if "coreset" not in shortened:
            self._took["coreset", of] = seconds.get("coreset", math.nan)
        return self._took.get(("coreset", of), math.nan) * selection_growth(1.0, rows / max(1, selected))

    def _indexed(self, of: Hashable, seconds: Mapping[str, float], shortened: Sequence[str]) -> float:
        if "index" not in shortened:
            self._took["index", of] = seconds.get("index", math.nan)
        return self._took.get(("index", of), math.nan)

    def _searched(
        self, name: str, config: PatchCoreConfig, of: Hashable, tested: int, rows: int, seconds: Mapping[str, float],
        shortened: Sequence[str],
    ) -> float:
        """A search in a larger bank goes on from that in the smaller one; another one in the same bank is known."""
        key, took = (name, of), seconds.get(name, math.nan)
        if key not in self._took:
            network = self._networks.get(values(config, NETWORK), 0.0) if name == "predict" else 0.0
            self._took[key] = took + network * tested
        elif name not in shortened:
            self._took[key] = took
        elif rows != self._rows[key]:
            self._took[key] += took
        self._rows[key] = rows
        return self._took[key]
