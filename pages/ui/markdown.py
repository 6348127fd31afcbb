"""Escaping text from outside (file names, categories, causes) where Streamlit reads Markdown."""

from __future__ import annotations

MARKS = "\\`*_{}[]<>()#+!|~$:^=&"


def plain(text: str) -> str:
    """The text escaped for Markdown, on one line; lone surrogates, which browsers refuse, as `\\udc80`."""
    one_line = " ".join(text.encode("utf-8", "backslashreplace").decode().splitlines())
    return "".join(f"\\{character}" if character in MARKS else character for character in one_line)
