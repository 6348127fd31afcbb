"""Whether loops are compiled: where that pays, and can be done here."""

from __future__ import annotations

import logging
import sys
from functools import lru_cache

import numpy as np

logger = logging.getLogger(__name__)


ENOUGH_TO_LOAD = 1 << 24  # scores; fewer take numpy 0.6 s as float32 and 0.05 s as float16


def machine_code(scores: int) -> bool:
    """Whether the functions of `counting` pay for so many scores and run; the counts are the same without them."""
    return (scores >= ENOUGH_TO_LOAD or "numba" in sys.modules) and _runs()


@lru_cache(maxsize=1)
def _runs() -> bool:
    """Whether the functions of `counting` run; False where numba is missing or cannot compile."""
    try:
        from patchcore_core.evaluation.kernels.counting import keys  # brings numba

        keys(np.zeros(1, np.uint32))
    except Exception as error:  # in one of its many ways
        logger.info("Counting is slower here, since no machine code can be made: %s", error)
        return False
    return True
