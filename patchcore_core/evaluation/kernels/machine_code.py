"""Whether loops can be compiled here."""

from __future__ import annotations

import logging
from functools import lru_cache

import numpy as np

logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def machine_code() -> bool:
    """Whether the functions of `counting` and `bins` run; False where numba is missing or cannot compile."""
    try:
        from patchcore_core.evaluation.kernels.counting import keys  # brings numba

        keys(np.zeros(1, np.uint32))
    except Exception as error:  # in one of its many ways
        logger.info("Counting is slower here, since no machine code can be made: %s", error)
        return False
    return True
