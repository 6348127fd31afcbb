"""Scores and names as text."""

from __future__ import annotations


def score_text(score: float) -> str:
    """A score or threshold with five significant digits: `52.989`, `0.012346`."""
    return f"{score:#.5g}"


def short(name: str, length: int = 22) -> str:
    """A long name with its middle elided."""
    half = (length - 1) // 2
    return name if len(name) <= length else f"{name[:half]}…{name[-half:]}"
