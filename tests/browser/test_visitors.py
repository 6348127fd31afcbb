"""Who visits finds nothing of who was there before, though the browser's context is the same."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visitors import Visitors

pytestmark = pytest.mark.browser
LEFT = """async () => [
  document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
  await caches.keys(), window.name, history.length, navigator.onLine,
  (await navigator.permissions.query({ name: "geolocation" })).state,
]"""
LEAVE = """async () => {
  document.cookie = "seen=1";
  localStorage.setItem("seen", "1");
  sessionStorage.setItem("seen", "1");
  window.name = "seen";
  await caches.open("seen");
  await new Promise((done) => { indexedDB.open("seen").onsuccess = done; });
  addEventListener("pagehide", () => localStorage.setItem("gone", "1"));
}"""


@pytest.mark.parametrize("closed", [False, True])
def test_a_visitor_finds_nothing_of_the_one_before(browser: Browser, closed: bool) -> None:
    visitors = Visitors(browser)
    one = _arrived(visitors)
    before, context = one.evaluate(LEFT), one.context
    one.evaluate(LEAVE)
    context.grant_permissions(["geolocation"])
    context.set_offline(True)
    assert one.evaluate(LEFT) != before
    if closed:
        one.close()
    visitors.leave(context)
    other = _arrived(visitors)
    assert other.context is context
    assert other.evaluate(LEFT) == before
    context.close()


def test_two_at_a_time_share_nothing(browser: Browser) -> None:
    visitors = Visitors(browser)
    one, other = _arrived(visitors), _arrived(visitors)
    before = other.evaluate(LEFT)
    one.evaluate(LEAVE)
    assert other.evaluate(LEFT) == before
    for page in (one, other):
        page.context.close()


def _arrived(visitors: Visitors) -> Page:
    page = visitors.arrive()
    page.route("**/*", lambda route: route.fulfill(body="<!doctype html><title>t</title>", content_type="text/html"))
    page.goto("http://localhost")
    return page
