"""Many loads of Review in a row: each must be whole, whatever the server and the browser have kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response
from playwright.sync_api import Error as BrowserError

from benchmarks.review.server import Server, served
from benchmarks.review.visit import SCREEN, at_rest, review_of, visit

SERVERS = 5  # the server is started anew so often: what comes first then is cold
PATIENCE = 30_000  # ms, for each part of a page: beyond that it will never come
STREAMLITS = ("/_stcore/health", "/_stcore/host-config")  # looked for below a page's address first, in vain


def failures(browser: Browser, folder: Path, run: str, count: int) -> list[str]:
    """What was wrong with `count` loads by two visitors at a time: one whose browser knows the page, and a new one."""
    found: list[str] = []
    each = 2 * -(-count // (2 * SERVERS))  # on one server
    for first in range(0, count, each):
        with served(folder) as server, browser.new_context(viewport=SCREEN) as known:
            for place in range(first, min(count, first + each), 2):
                found += _two_loads(browser, server, run, known, place)
    return found


def _two_loads(browser: Browser, server: Server, run: str, known: BrowserContext, place: int) -> list[str]:
    address, said = review_of(server, run), ([], [])
    with (visit(browser, address, known, partial(listen, said=said[0])) as one,
          visit(browser, address, None, partial(listen, said=said[1])) as other):  # fmt: skip
        for page, of_page in zip((one, other), said, strict=True):
            note_lacking(page, of_page)
    return [f"load {place + which}: {line}" for which, lines in enumerate(said, 1) for line in lines]


def note_lacking(page: Page, said: list[str]) -> None:
    """Note what does not work on this page, or does not come."""
    page.set_default_timeout(PATIENCE)
    page.evaluate(f"seen.patience = {PATIENCE}")
    try:
        said += lacking(page)
    except BrowserError as error:
        said.append(" ".join(str(error).split())[:400])


def lacking(page: Page) -> Iterator[str]:
    """What does not work on this page: its parts, the list of keys, a filter, a verdict."""
    at_rest(page)
    keys = page.get_by_role("dialog")
    for key, state in (("?", "visible"), ("Escape", "hidden")):
        page.keyboard.press(key)
        keys.first.wait_for(state=state)
    count = page.locator(".filter-bar .count")
    before = count.text_content()
    page.locator(".outcomes button", has_text="good").click()
    if count.text_content() == before:
        yield "a filter changes nothing"
    page.locator(".outcomes button", has_text="all").click()
    page.keyboard.press("2")
    page.keyboard.press("u")
    at_rest(page)
    if (told := page.evaluate("seen.told")) < 2:
        yield f"{told} of 2 keys were told to Python"
    if page.evaluate("document.scrollingElement.scrollHeight > innerHeight"):
        yield "the page can be scrolled"


def listen(page: Page, said: list[str]) -> None:
    """Note what the browser's console says of errors, without what Streamlit itself asks in vain."""

    def spoke(message: ConsoleMessage) -> None:
        if (message.type == "error" or "fragmentId" in message.text) and not _is_streamlits(message.location["url"]):
            said.append(message.text)

    def answered(response: Response) -> None:
        if response.status >= 400 and not _is_streamlits(response.url):
            said.append(f"{response.status} {response.url}")

    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", spoke)
    page.on("response", answered)


def _is_streamlits(address: str) -> bool:
    return address.endswith(STREAMLITS)
