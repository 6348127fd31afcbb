"""What a visitor of Review does, and how long the page takes to answer, as it says itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from benchmarks.review.server import SECONDS, Server

QUIET = 600  # ms
SCREEN: ViewportSize = {"width": 1400, "height": 900}

# What the page says of itself. Components draw into shadow roots, so these are noted as they are made.
WATCH = """() => {
  const roots = (window.roots = [document]);
  const attach = Element.prototype.attachShadow;
  const watch = (root) => new MutationObserver((seen) => {
    if (seen.some(({ target }) => !target.closest?.("[data-testid=stStatusWidget], [data-testid=stApp] > header")))
      window.changed = performance.now();
  }).observe(root, { subtree: true, childList: true, characterData: true, attributes: true,
                     attributeFilter: ["class", "style", "src", "d", "data-drawn", "aria-valuenow"] });
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    roots.push(root);
    watch(root);
    return root;
  };
  watch(document);
  window.first = (selector) => {
    for (const root of roots) {
      const found = root.querySelector(selector);
      if (found?.isConnected) return found;
    }
    return null;
  };
  for (const kind of ["click", "pointerup", "keydown"])
    window.addEventListener(kind, () => { window.acted = performance.now(); }, true);
}"""
CARD = "[role=option]"
VIEWER = ".viewer[data-drawn]"
PAINTED = f"""() => first('{CARD}') && first('{VIEWER}')?.querySelector('canvas')?.width > 0 && performance.now()"""
OTHER = f"""(before) => {{
  const drawn = first('{VIEWER}')?.dataset.picture;
  return drawn && drawn !== before && performance.now() - acted;
}}"""
RESTED = """(quiet) => changed > acted && performance.now() - changed > quiet && changed - acted"""


@contextmanager
def visit(browser: Browser, server: Server, run: str, sent: dict[str, int] | None = None,
          known: BrowserContext | None = None) -> Iterator[Page]:  # fmt: skip
    """A page with Review of the run, painted and at rest: a new visitor's, or of one who is `known`."""
    context = known or browser.new_context(viewport=SCREEN)
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    page.add_init_script(f"({WATCH})()")
    if sent is not None:
        _count_bytes(page, sent)
    page.goto(f"{server.address}/review?run={run}", wait_until="commit")
    painted = page.wait_for_function(PAINTED, polling="raf").json_value()
    page.evaluate("(value) => { window.painted = value; window.acted = 0; }", painted)
    page.wait_for_function(RESTED, arg=QUIET)
    yield page
    page.close()
    if not known:
        context.close()


def first_paint(browser: Browser, server: Server, run: str,
                known: BrowserContext | None = None) -> tuple[float, float, float]:  # fmt: skip
    """Milliseconds to the first paint and to the whole page, and the server's CPU milliseconds of it."""
    before = server.cpu()
    with visit(browser, server, run, known=known) as page:
        return page.evaluate("painted"), page.evaluate("changed"), server.cpu() - before


def _count_bytes(page: Page, sent: dict[str, int]) -> None:
    kinds: dict[str, str] = {}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")

    def finished(event: dict[str, Any]) -> None:
        sent[kinds.get(event["requestId"], "rest")] += int(event["encodedDataLength"])

    network.on("Network.requestWillBeSent", lambda event: kinds.update(
        {event["requestId"]: "media" if "/media/" in event["request"]["url"] else "rest"}))  # fmt: skip
    network.on("Network.loadingFinished", finished)
    page.on("websocket", lambda opened: opened.on(
        "framereceived", lambda frame: sent.update(socket=sent["socket"] + len(frame))))  # fmt: skip


def cost_of(server: Server, page: Page, act: Any, turn: int) -> tuple[float, float]:
    before = server.cpu()
    milliseconds = act(page, turn)
    page.wait_for_function(RESTED, arg=QUIET)
    return milliseconds, server.cpu() - before


def _next_image(page: Page, turn: int) -> float:  # noqa: ARG001  (every turn is one image on)
    return _shown(page, lambda: page.keyboard.press("n"))


def _other_image(page: Page, turn: int) -> float:
    """Click on another card that is in view, two or more places away."""
    place = int(page.locator("[role=option][aria-selected=true]").get_attribute("aria-posinset") or 1) - 1
    return _shown(page, page.locator(f"[aria-posinset='{(place + 3 + turn % 4) % 10 + 1}']").click)


def _shown(page: Page, act: Callable[[], None]) -> float:
    before = page.evaluate(f"first('{VIEWER}').dataset.picture")
    act()
    return float(page.wait_for_function(OTHER, arg=before, polling="raf").json_value())


def _image_threshold(page: Page, turn: int) -> float:
    return _drag(page, "Image", "Image threshold", turn)


def _pixel_threshold(page: Page, turn: int) -> float:
    return _drag(page, "Pixel", "Pixel threshold", turn)


def _drag(page: Page, level: str, label: str, turn: int) -> float:
    """Drag the last handle of the operating point of this level a little, to and fro, and let it go."""
    page.get_by_role("radio", name=level, exact=True).click()
    handle = page.get_by_role("group", name=label, exact=True).get_by_role("slider").last
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.wait_for_function(RESTED, arg=QUIET)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + (30 if turn % 2 == 0 else -30), y, steps=4)
    page.wait_for_timeout(200)
    address = page.url
    page.mouse.up()
    page.wait_for_function("(before) => location.href !== before", arg=address)
    return float(page.wait_for_function(RESTED, arg=QUIET).json_value())


STEPS = {"next image": _next_image, "other image": _other_image, "image threshold": _image_threshold,
         "pixel threshold": _pixel_threshold}
