"""Fixtures of runs made by hand."""

from tests.made_runs import draft, finish, store

__all__ = ["draft", "finish", "store"]
