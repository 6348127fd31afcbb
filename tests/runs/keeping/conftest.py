"""The fixtures of runs made by hand, for the tests of this folder."""

from tests.made_runs import category, draft, finish, stand_in, store

__all__ = ["category", "draft", "finish", "stand_in", "store"]
