"""Secrets of a server with a sign-in, and the cookie that Streamlit sets at it."""

from __future__ import annotations

import json

from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

ORIGIN = "http://localhost:8501"
SECRET = "a secret for tests alone"
PROVIDER = {"client_id": "id", "client_secret": "of the client", "server_metadata_url": "http://localhost:1/about"}
AUTH = {"redirect_uri": f"{ORIGIN}/oauth2callback", "cookie_secret": SECRET, **PROVIDER}
NAME = "_streamlit_user"


def cookie(secret: str = SECRET, name: str = NAME, **claims: object) -> str:
    """The value of the cookie, signed with this secret."""
    told = {"is_logged_in": True, "origin": ORIGIN, "name": "Ann", "email": "ann@example.org"} | claims
    return create_signed_value(secret, name, json.dumps(told)).decode()
