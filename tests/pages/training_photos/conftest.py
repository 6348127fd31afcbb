"""The store with a run that has a true memory bank, as the pages read it."""

from tests.fitting.bank.fitted import fitted
from tests.pages.memory_bank.conftest import run

__all__ = ["fitted", "run"]
