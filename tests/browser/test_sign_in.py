"""A sign-in at a local provider: pages and pictures open with it, verdicts have its name, signing out closes them."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from benchmarks.review.store import Case, make_run
from patchcore_core.reviews.verdicts import Verdicts
from tests.browser.serving import served
from tests.places import ROOT

oidc: Any = pytest.importorskip("oidc_provider_mock", reason="oidc-provider-mock is not installed")
pytestmark = pytest.mark.browser
SECRETS = """[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "a secret for this test alone"
client_id = "tests"
client_secret = "of the client"
server_metadata_url = "http://localhost:{port}/.well-known/openid-configuration"
"""


@pytest.fixture
def address(tmp_path: Path, browser: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:  # noqa: ARG001
    """A dashboard with a run, at which visitors sign in."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    make_run(tmp_path, Case(8, 64))
    ann = oidc.User(sub="ann", claims={"name": "Ann", "email": "ann@example.org"})
    with oidc.run_server_in_thread(user_claims=[ann]) as provider:
        (tmp_path / "secrets.toml").write_text(SECRETS.format(port=provider.server_port))
        places = {"PATCHCORE_RUNS": tmp_path / "runs", "PATCHCORE_DATA": tmp_path / "data",
                  "PATCHCORE_SAMPLE": tmp_path / "sample", "PATCHCORE_AUTHOR": "nobody",
                  "STREAMLIT_SECRETS_FILES": tmp_path / "secrets.toml"}  # fmt: skip
        with served(ROOT / "app.py", tmp_path, **places) as dashboard:
            yield dashboard


def refused(address: str) -> int:
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(address, timeout=20)
    return error.value.code


def test_sign_in_verdict_and_the_way_out(address: str, open_browser: Callable[[], Page], tmp_path: Path) -> None:
    page = open_browser()
    pictures: list[str] = []
    page.on("response", lambda answer: pictures.append(answer.url) if "/pictures/" in answer.url else None)
    page.goto(f"{address}/review?q=0000")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="ann", exact=True).click()  # at the provider
    expect(page.get_by_role("link", name="Ann (ann@example.org)")).to_be_visible()
    page.wait_for_url(lambda url: urlsplit(url).path == "/review" and "q=" in url)  # where the visitor wanted to go
    assert parse_qs(urlsplit(page.url).query)["q"] == ["0000"]
    author = page.get_by_label("Your name, recorded with each verdict")
    expect(author).to_have_value("Ann (ann@example.org)")
    assert author.get_attribute("readonly") is not None
    page.get_by_label("then next image").uncheck()
    page.get_by_role("button", name="Label correct").click()
    expect(page.get_by_text("saved · Ann (ann@example.org)")).to_be_visible()
    assert [one.author for one in Verdicts(tmp_path / "runs").entries()] == ["Ann (ann@example.org)"]
    assert pictures
    assert {refused(one) for one in pictures[:3]} == {401}  # of somebody who has only the address
    page.get_by_role("link", name="Ann (ann@example.org)").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/end_session?**")  # of the provider
    page.goto(f"{address}/review")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert {page.request.get(one).status for one in pictures[:3]} == {401}
