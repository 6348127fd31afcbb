"""After a sign-in, the page that the visitor wanted to see.

Streamlit's sign-in always ends at the first page. The request that begins it names the address it comes from (Referer);
that is kept in a cookie until the provider sends the visitor back. Of an address only a page of ours and its parameters
are kept, so that nobody is led elsewhere.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui.frame import PAGES
from pages.ui.media.address import prefix

BEGINS, ENDS = "auth/login", "oauth2callback"  # Streamlit's routes
COOKIE, SECONDS = "patchcore_wanted", 600
PLAIN = re.compile(r"[!-~]{1,2000}")  # of an address that is kept: a cookie holds 4096 bytes


class WayBack:
    """Remembers where a visitor was when the sign-in began, and sends them there when it ends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; all but those of the sign-in pass."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path == f"{prefix()}/{BEGINS}":
            wanted = page_of(Request(scope).headers.get("referer", ""))
            await self._app(scope, receive, _remembering(send, wanted))
        elif path == f"{prefix()}/{ENDS}":
            wanted = page_of(unquote(Request(scope).cookies.get(COOKIE, "")))
            await self._app(scope, receive, _leading(send, wanted))
        else:
            await self._app(scope, receive, send)


def page_of(address: str) -> str:
    """Path and parameters of an address, from the root of the server; "" unless it is one of our pages."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    name = parts.path.removeprefix(f"{prefix()}/")
    wanted = f"{parts.path}?{parts.query}" if parts.query else parts.path
    known = name in PAGES and parts.path == f"{prefix()}/{name}"
    return wanted if known and PLAIN.fullmatch(wanted) else ""


def _remembering(send: Send, wanted: str) -> Send:
    async def answer(message: Message) -> None:
        if wanted and message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", _cookie(quote(wanted, safe=""), SECONDS))
        await send(message)

    return answer


def _leading(send: Send, wanted: str) -> Send:
    """Where the answer leads to the first page, it leads to `wanted`."""
    async def answer(message: Message) -> None:
        if wanted and message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("location", "?").rstrip("/") == prefix():
                headers["location"] = wanted
            headers.append("set-cookie", _cookie("", 0))
        await send(message)

    return answer


def _cookie(value: str, seconds: int) -> str:
    return f"{COOKIE}={value}; Path={prefix() or '/'}; Max-Age={seconds}; HttpOnly; SameSite=Lax"
