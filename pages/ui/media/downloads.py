"""Files made for one visitor, offered at an address that nobody can guess until newer ones take their place."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock

import streamlit as st

from pages.ui.media import address

MOST_BYTES = 64 * 2**20  # of all files that are offered
MOST_FILES = 200


@dataclass(frozen=True)
class Download:
    """A file: its name, its media type and its content."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Made:
    """A file that is made while it is fetched, as often as it is; piece by piece, so it may have any size."""

    name: str
    kind: str
    make: Callable[[], Iterator[bytes]]


class Offered:
    """Files by their secret, the oldest first. Safe for concurrent threads."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, Download | Made] = OrderedDict()
        self._lock = Lock()

    def add(self, file: Download | Made) -> str:
        """Offer the file, and let go of the oldest where there is too much; returns its secret."""
        secret = secrets.token_urlsafe(24)
        with self._lock:
            self._files[secret] = file
            while len(self._files) > MOST_FILES or (len(self._files) > 1 and self._bytes() > MOST_BYTES):
                self._files.popitem(last=False)
        return secret

    def get(self, secret: str) -> Download | Made | None:
        """The file, None where it is no longer offered."""
        return self._files.get(secret)

    def _bytes(self) -> int:
        return sum(len(one.content) for one in self._files.values() if isinstance(one, Download))


@st.cache_resource(show_spinner=False)
def offered() -> Offered:
    """The files that this server offers."""
    return Offered()


def offer(file: Download | Made) -> dict[str, str]:
    """Offer a file; returns its address and its name."""
    return {"address": f"{address.prefix()}/{address.ROOT}/downloads/{offered().add(file)}", "name": file.name}
