"""Where a visitor comes to after the sign-in: the page that they wanted, and never another server."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pages.ui.sign_in.way_back import COOKIE, WayBack, page_of

HERE = "http://localhost:8501"


async def _begin(_request):
    return RedirectResponse("https://provider/authorize", 302)


async def _end(_request):
    return RedirectResponse("/", 302)


async def _page(_request):
    return PlainTextResponse("page")


@pytest.fixture
def client():
    """A server with Streamlit's routes of the sign-in."""
    routes = [Route("/auth/login", _begin), Route("/oauth2callback", _end), Route("/{path:path}", _page)]
    app = Starlette(routes=routes, middleware=[Middleware(WayBack)])
    return TestClient(app, base_url=HERE, follow_redirects=False)


@pytest.mark.parametrize("wanted", ["/review?run=a&image=b%2Fc.png", "/compare?runs=a,b", "/fit"])
def test_the_visitor_comes_to_the_page_that_was_wanted(client, wanted):
    begun = client.get("/auth/login?provider=x", headers={"referer": HERE + wanted})
    assert begun.headers["location"] == "https://provider/authorize"
    assert "HttpOnly; SameSite=Lax" in begun.headers["set-cookie"]
    assert client.get("/oauth2callback?code=1").headers["location"] == wanted
    assert COOKIE not in client.cookies
    assert client.get("/oauth2callback").headers["location"] == "/"  # of a later sign-out


@pytest.mark.parametrize("referer", [
    "", HERE, f"{HERE}/", f"{HERE}/account", f"{HERE}//elsewhere/review", f"{HERE}/elsewhere//review",
    f"{HERE}/review/../..//elsewhere", "javascript:alert(1)", "http://[", f"{HERE}/review?{'x' * 2000}", "review",
])  # fmt: skip
def test_other_addresses_lead_to_the_first_page(client, referer):
    assert "set-cookie" not in client.get("/auth/login", headers={"referer": referer}).headers
    assert client.get("/oauth2callback").headers["location"] == "/"


@pytest.mark.parametrize("kept", ["https%3A//elsewhere/x", "//elsewhere", "%0d%0aLocation%3A%20x",
                                  "/review?a%0d%0aSet-Cookie%3A%20b"])
def test_a_cookie_that_somebody_else_has_set_leads_nowhere_else(client, kept):
    client.cookies.set(COOKIE, kept)
    assert client.get("/oauth2callback").headers["location"] == "/"


def test_only_the_path_of_an_address_counts(monkeypatch):
    monkeypatch.setattr("pages.ui.sign_in.way_back.prefix", lambda: "/tools")
    assert page_of("https://elsewhere/tools/review?run=a") == "/tools/review?run=a"
    assert page_of("https://elsewhere/review?run=a") == ""


def test_all_else_passes(client):
    answer = client.get("/review", headers={"referer": f"{HERE}/compare"})
    assert (answer.text, "set-cookie" in answer.headers) == ("page", False)


def test_the_dashboard_is_served_so():
    from app import app

    assert WayBack in [one.cls for one in app._user_middleware]
