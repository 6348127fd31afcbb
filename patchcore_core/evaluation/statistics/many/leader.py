"""Which of several runs on the same images is best, and from which of the others that can be told."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from patchcore_core.evaluation.statistics.compare import LEVEL
from patchcore_core.evaluation.statistics.differences import PairedTest, holm

BEST, TIED, WORSE, UNTESTED, ALONE = "best", "tied", "worse", "not tested", "only run"


@dataclass(frozen=True)
class Leader:
    """The run with the best value of R runs, by index, and the paired test of each other one against it.

    tests (R,): None for itself and for runs without a value. corrected (R,): their p values after Holm, NaN without
    one. standings (R,): of the leader BEST if it is significantly better (5 %) than every other run, TIED if some may
    be as good; of the others WORSE or TIED; UNTESTED where no test can say; ALONE without others; "" without a value.
    """

    first: int
    tests: tuple[PairedTest | None, ...]
    corrected: tuple[float, ...]
    standings: tuple[str, ...]


def leader(
    values: Sequence[float], test: Callable[[int, int], PairedTest], higher_is_better: bool = True
) -> Leader | None:
    """values (R,), NaN where a run has none; `test(first, second)` compares two runs by index. None without a value.

    Each run is tested against the one with the best value, corrected for the number of tests (Holm). Of equally good
    ones the first leads.
    """
    row = np.asarray(values, np.float64)
    defined = np.flatnonzero(~np.isnan(row))
    if not len(defined):
        return None
    signed = row[defined] if higher_is_better else -row[defined]
    first = int(defined[np.argmax(signed)])
    tests = [test(first, int(place)) if place != first and place in defined else None for place in range(len(row))]
    corrected = holm([math.nan if one is None else one.p_value for one in tests])
    standings = [_standing(one, p_value) for one, p_value in zip(tests, corrected, strict=True)]
    standings[first] = _of_leader(standings)
    return Leader(first, tuple(tests), tuple(corrected.tolist()), tuple(standings))


def _standing(test: PairedTest | None, corrected: float) -> str:
    if test is None:
        return ""
    if math.isnan(corrected):
        return TIED if test.difference == 0 else UNTESTED
    return WORSE if corrected < LEVEL else TIED


def _of_leader(others: Sequence[str]) -> str:
    """Where it stands, from the standings of the others."""
    if not any(others):
        return ALONE
    return next((standing for standing in (TIED, UNTESTED) if standing in others), BEST)
