"""Visitors whose browser has Streamlit's files already, and nothing else of who came before."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Frame, Page


class Visitors:
    """Contexts of a browser that are used again: to read the files anew takes a seventh of each visit's processor time.

    Who arrives finds no cookie, stored value or permission of who left.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[BrowserContext] = []
        self._origins: dict[BrowserContext, set[str]] = {}

    def arrive(self) -> Page:
        """The page of a new visitor; it goes with `leave`."""
        if not self._free:
            self._free.append(self._browser.new_context(viewport={"width": 1400, "height": 900}))
        context = self._free.pop()
        seen = self._origins[context] = set()
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("framenavigated", lambda frame: seen.update(_origin(frame)))
        return page

    def leave(self, context: BrowserContext) -> None:
        """Close the pages of this visitor and forget what he left."""
        last, *others = context.pages or [context.new_page()]
        for page in others:
            page.close()
        last.goto("about:blank")  # what is stored when a page goes is forgotten too
        context.clear_cookies()
        context.clear_permissions()
        context.set_offline(False)
        session = context.new_cdp_session(last)
        for origin in self._origins.pop(context):
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        last.close()
        self._free.append(context)


def _origin(frame: Frame) -> set[str]:
    parts = urlsplit(frame.url)
    return {f"{parts.scheme}://{parts.netloc}"} if parts.scheme.startswith("http") else set()
