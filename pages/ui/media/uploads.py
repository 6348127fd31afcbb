"""Uploads within bounds: Streamlit keeps them in memory and bounds only each file.

A middleware refuses what would exceed the memory of one visitor or of all, before anything of it is read, and names
with a NUL character, which would end every later run of the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import psutil
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

VISITOR = 2**30  # bytes of the uploads of one session
ALL = psutil.virtual_memory().total // 4  # bytes of the uploads of all sessions
UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/([^/]+)/?$")
NUL, HEAD = re.compile(rb"filename[^\r\n]*\0"), 2**16  # bytes, of the part that names the file
NAME = "a file name has a NUL character, which no file can have"
REFUSED = "too many uploads at a time ({} MiB for {}); remove some, or name a folder"


class BoundedUploads:
    """Answers 413 with a sentence to an upload for which there is no room, 400 to one with a name that cannot be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._coming: dict[tuple[str, str], int] = {}  # bytes of uploads at work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; all but uploads pass."""
        found = UPLOAD.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        key = found[1], found[2]
        size = _length(scope)
        why, status = self._why_not(key, size), 413
        self._coming[key] = 0 if why else size
        try:
            if not why:
                named, receive = await _peeked(receive)
                why, status = (NAME if named else None), 400
            if why:
                _note(found[1], why)
                await PlainTextResponse(why, status)(scope, receive, send)
            else:
                await self._app(scope, receive, send)
        finally:
            self._coming.pop(key, None)

    def _why_not(self, key: tuple[str, str], size: int) -> str | None:
        """Why an upload of this size has no room, None if it has."""
        held = stored()
        coming = {other: count for other, count in self._coming.items() if other != key}
        own = held.get(key[0], 0) + sum(count for (session, _), count in coming.items() if session == key[0])
        if own + size > VISITOR:
            return REFUSED.format(VISITOR // 2**20, "one visitor")
        if sum(held.values()) + sum(coming.values()) + size > ALL:
            return REFUSED.format(ALL // 2**20, "all visitors")
        return None


def stored() -> Mapping[str, int]:
    """Bytes of the uploads that Streamlit holds, by session."""
    from streamlit import runtime

    if not runtime.exists():
        return {}
    files: dict[str, dict[str, Any]] = getattr(runtime.get_instance().uploaded_file_mgr, "file_storage", {})
    return {session: sum(len(one.data) for one in list(of.values())) for session, of in list(files.items())}


async def _peeked(receive: Receive) -> tuple[bool, Receive]:
    """Whether the file's name, in the head of the body, has a NUL; and what receives the body from its beginning."""
    messages, head = list[Message](), b""
    while b"\r\n\r\n" not in head and len(head) < HEAD:
        messages.append(await receive())
        head += messages[-1].get("body", b"")
        if not messages[-1].get("more_body"):
            break

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return NUL.search(head.partition(b"\r\n\r\n")[0]) is not None, again


def _note(session: str, why: str) -> None:
    from pages.ui.media.refused import refusals  # Streamlit's caches have to be made after the server

    refusals().note(session, why)


def _length(scope: Scope) -> int:
    """Bytes of the body as its header says; without one as many as Streamlit takes of one file."""
    from streamlit import config

    said = dict(scope["headers"]).get(b"content-length", b"")
    return int(said) if said.isdigit() else int(config.get_option("server.maxUploadSize")) * 2**20
