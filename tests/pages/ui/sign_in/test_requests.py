"""Pictures and files without a sign-in: refused where one is required, whatever cookie comes."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from pages.ui.sign_in.requests import OnlySignedIn
from tests.pages.ui.sign_in.secrets import AUTH, NAME, SECRET, cookie

KEPT = ("/pictures/RUN/test/0/KEY/photo", "/pictures/downloads/SECRET", "/media/abc.jpg", "/_stcore/upload_file/a/b")
OPEN = ("/", "/review", "/_stcore/health", "/static/media/font.woff2")


async def _served(_request):
    return PlainTextResponse("here")


@pytest.fixture
def client():
    return TestClient(Starlette(routes=[Route("/{path:path}", _served)], middleware=[Middleware(OnlySignedIn)]))


@pytest.fixture
def required(monkeypatch):
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": AUTH})


@pytest.mark.parametrize("path", [*KEPT, *OPEN])
def test_everything_is_open_where_no_sign_in_is_required(client, monkeypatch, path):
    monkeypatch.setattr(secrets_singleton, "_secrets", {"other": {}})
    assert client.get(path).text == "here"


@pytest.mark.parametrize("path", KEPT)
@pytest.mark.usefixtures("required")
def test_pictures_and_files_need_a_sign_in(client, path):
    refused = client.get(path)
    assert (refused.status_code, refused.text) == (401, "Sign in first.")
    assert refused.headers["cache-control"] == "no-store"
    assert client.get(path, headers={"cookie": f"{NAME}={cookie()}"}).text == "here"


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.usefixtures("required")
def test_what_the_sign_in_itself_needs_is_open(client, path):
    assert client.get(path).text == "here"


FORGED = {
    "another secret": lambda: cookie("another secret"),
    "not signed in": lambda: cookie(is_logged_in=False),
    "another address": lambda: cookie(origin="http://elsewhere"),
    "another name": lambda: cookie(name="another"),
    "cut off": lambda: cookie()[:-2],
    "empty": lambda: "",
    "no signature": lambda: "x",
    "no JSON": lambda: create_signed_value(SECRET, NAME, "no JSON").decode(),
    "parts that are missing": lambda: create_signed_value(SECRET, NAME, "chunks-3").decode(),
    "a text": lambda: create_signed_value(SECRET, NAME, '"text"').decode(),
}


@pytest.mark.parametrize("forged", FORGED)  # a signature holds the time, so it is no name of a test
@pytest.mark.usefixtures("required")
def test_a_cookie_that_this_server_has_not_signed_for_a_sign_in_opens_nothing(client, forged):
    assert client.get(KEPT[0], headers={"cookie": f"{NAME}={FORGED[forged]()}"}).status_code == 401


@pytest.mark.usefixtures("required")
def test_a_cookie_in_parts_is_put_together(client):
    whole = '{"is_logged_in": true, "origin": "http://localhost:8501"}'
    parts = {NAME: "chunks-2", f"{NAME}_1": whole[:20], f"{NAME}_2": whole[20:]}
    signed = "; ".join(f"{name}={create_signed_value(SECRET, name, value).decode()}" for name, value in parts.items())
    assert client.get(KEPT[0], headers={"cookie": signed}).text == "here"


def test_secrets_that_cannot_be_read_open_nothing(client, monkeypatch):
    monkeypatch.setattr("pages.ui.sign_in.setting._unreadable", lambda: True)
    monkeypatch.setattr(secrets_singleton, "_secrets", {})
    assert client.get(KEPT[0], headers={"cookie": f"{NAME}={cookie()}"}).status_code == 401


def test_the_dashboard_is_served_so():
    from app import app

    assert app._user_middleware[0].cls is OnlySignedIn  # before all others
