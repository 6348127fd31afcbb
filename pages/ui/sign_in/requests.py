"""Pictures and files are for visitors who have signed in, where a sign-in is required.

A picture is fetched by an address of its own, without a session of Streamlit. What tells who asks is the cookie that
Streamlit signs at the sign-in and reads when a session begins; it is read here in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks, get_origin_from_redirect_uri
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from pages.ui.media.address import ROOT, prefix
from pages.ui.sign_in.setting import required

STREAMLITS = ("media", "_stcore/upload_file")  # where Streamlit serves the pictures that a page draws, and takes files


class OnlySignedIn:
    """A server that answers 401 to requests for pictures and files, and to uploads, by visitors who have to sign in
    first."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the app answer."""
        if scope["type"] == "http" and _kept(scope["path"]) and required() and not signed_in(Request(scope).cookies):
            await PlainTextResponse("Sign in first.", 401, headers={"Cache-Control": "no-store"})(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def signed_in(cookies: Mapping[str, str]) -> bool:
    """Whether these are the cookies of somebody who has signed in at this server."""
    secret = get_cookie_secret()

    def read(name: str) -> bytes | None:
        return decode_signed_value(secret, name, cookies[name].encode("latin-1")) if name in cookies else None

    try:
        told = json.loads(get_cookie_with_chunks(read, USER_COOKIE_NAME) or b"{}") if secret else {}
    except ValueError:
        return False
    if not isinstance(told, dict):
        return False
    return told.get("is_logged_in") is True and told.get("origin") == get_origin_from_redirect_uri()


def _kept(path: str) -> bool:
    return path.startswith(tuple(f"{prefix()}/{root}/" for root in (ROOT, *STREAMLITS)))
