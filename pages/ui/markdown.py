"""Text from outside (file names, categories, causes) in places where Streamlit reads Markdown."""

from __future__ import annotations

MARKS = "\\`*_{}[]<>()#+!|~$:^=&"


def plain(text: str) -> str:
    """Text that Markdown shows as it stands, on one line; half characters, which no browser takes, as `\\udc80`."""
    one_line = " ".join(text.encode("utf-8", "backslashreplace").decode().splitlines())
    return "".join(f"\\{character}" if character in MARKS else character for character in one_line)
