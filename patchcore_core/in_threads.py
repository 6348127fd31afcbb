"""Processing items in a few threads: numpy and decoders release the interpreter lock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

WORKERS = 2
AHEAD = 2  # items per thread that are started ahead
Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(work: Callable[[Item], Result], items: Iterable[Item], workers: int = WORKERS) -> Iterator[Result]:
    """`work` applied to each item, in order; an error is raised where its result would come, and stops the rest.

    Items are drawn in the caller's thread, a few ahead of the results. `work` must be independent for each item. With
    one worker, the caller does it.
    """
    if workers == 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(workers, "in_threads") as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > AHEAD * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
