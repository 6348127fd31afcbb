"""How long work reports how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # stage, done, total
Report = Callable[[int, int], None]  # done, total of one stage


def silent(_stage: str, _done: int, _total: int) -> None:
    """A progress callback that does nothing."""
