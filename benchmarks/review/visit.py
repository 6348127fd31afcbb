"""A visitor of Review: the page from its address to all that there is on it, and what it notes of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from benchmarks.review import watch
from benchmarks.review.server import SECONDS, Server

SCREEN: ViewportSize = {"width": 1400, "height": 900}


@contextmanager
def visit(browser: Browser, address: str, known: BrowserContext | None = None,
          listen: Callable[[Page], None] | None = None) -> Iterator[Page]:  # fmt: skip
    """A page on its way to this address: a new visitor's, or of one who is `known`. `listen` is called before."""
    context = known or browser.new_context(viewport=SCREEN)
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    page.add_init_script(watch.SCRIPT)
    if listen is not None:
        listen(page)
    page.goto(address, wait_until="commit")
    try:
        yield page
    finally:
        page.close()
        if known is None:
            context.close()


def load(browser: Browser, server: Server, run: str, known: BrowserContext | None = None) -> dict[str, float]:
    """Milliseconds to the `pictures` and to all (`complete`), the server's CPU milliseconds, and the layout shift."""
    before = server.cpu()
    with visit(browser, review_of(server, run), known) as page:
        times = {name: page.evaluate(f"seen.painted({test})") for name, test in
                 (("pictures", watch.PICTURES), ("complete", watch.COMPLETE))}  # fmt: skip
        at_rest(page)
        return {**times, "cpu": server.cpu() - before, "shift": page.evaluate("seen.shifts")}


def review_of(server: Server, run: str) -> str:
    """The address of the run's workspace."""
    return f"{server.address}/review?run={run}"


def at_rest(page: Page) -> None:
    """Wait until all is there, the images that may come next too, and Python has done what it was asked."""
    page.evaluate(f"seen.painted({watch.AT_REST})")


def count_bytes(page: Page, sent: dict[str, int]) -> None:
    """Add to `sent` the bytes of what the page gets: by `socket`, as `pictures`, and the `rest`, Streamlit's."""
    kinds: dict[str, str] = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def finished(event: dict[str, Any]) -> None:
        sent[kinds.get(event["requestId"], "rest")] += int(event["encodedDataLength"])

    network.on("Network.requestWillBeSent", lambda event: kinds.update(
        {event["requestId"]: "pictures" if "/pictures/" in event["request"]["url"] else "rest"}))  # fmt: skip
    network.on("Network.loadingFinished", finished)
    page.on("websocket", lambda opened: opened.on(
        "framereceived", lambda frame: sent.update(socket=sent["socket"] + len(frame))))  # fmt: skip
