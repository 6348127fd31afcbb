"""How many threads torch's work in one thread of a pool may use."""

from __future__ import annotations

import torch
from threadpoolctl import threadpool_limits


def limit_threads(threads: int) -> None:
    """Torch's work in the calling thread uses so many threads; that in others stays as it is."""
    torch.get_num_threads()  # torch sets up a thread at its first use; after that the limit holds
    threadpool_limits(threads, user_api="openmp")
