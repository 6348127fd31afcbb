"""Work in several threads, with a limit on torch's own threads in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch
from threadpoolctl import threadpool_limits

Part = TypeVar("Part")
Result = TypeVar("Result")
MOST = 8  # parts at a time


def side_by_side(work: Callable[[Part], Result], parts: Sequence[Part]) -> Iterator[Result]:
    """`work` of each part, in their order, as many at once as torch may use threads, each with one thread of torch's.

    What of the work uses one thread only then keeps no other waiting.
    """
    workers = min(torch.get_num_threads(), MOST, len(parts))
    if workers < 2:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(workers, "part", limit_threads, (1,)) as pool:
        waiting = [pool.submit(work, part) for part in parts]
        try:
            for future in waiting:
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def limit_threads(threads: int) -> None:
    """Limit torch's threads for the calling thread; others are unaffected."""
    torch.get_num_threads()  # torch sets up a thread at its first use; after that the limit holds
    threadpool_limits(threads, user_api="openmp")
