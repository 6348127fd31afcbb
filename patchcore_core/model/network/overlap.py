"""Scoring batches while the next ones are read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

from patchcore_core.model.batches import Batch
from patchcore_core.model.network.threads import limit_threads

Found = TypeVar("Found")


def overlapped(
    batches: Iterable[Batch], score: Callable[[Batch], Found], device: str
) -> Iterator[tuple[Batch, Found | None]]:
    """Each batch in order with what `score` makes of it, None where it has none.

    On a CPU two batches are processed at once, each with half of the threads: parts of the work use one thread only,
    and the others then wait less.
    """
    threads = 1 if device.startswith("cuda") else torch.get_num_threads()
    workers = min(2, threads)
    waiting: deque[tuple[Batch, Future[Found] | None]] = deque()

    def done(most: int) -> Iterator[tuple[Batch, Found | None]]:
        """The first of those that wait, until only `most` do."""
        while len(waiting) > most:
            batch, future = waiting.popleft()
            yield batch, None if future is None else future.result()

    with ThreadPoolExecutor(workers, "score", limit_threads, (threads // workers,)) as pool:
        try:
            for batch in batches:
                waiting.append((batch, pool.submit(score, batch) if batch.samples else None))
                yield from done(workers)
            yield from done(0)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
