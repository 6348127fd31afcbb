"""A page without Streamlit in which widgets are mounted: their files as they stand, and nothing else."""

from __future__ import annotations

import mimetypes
import threading
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Locator, Page

from patchcore_core.views import web

PAGE = """<!doctype html><html lang="en"><title>Widgets</title><body><script type="module">
const open_ends = { listeners: 0, sizes: 0 };
const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
const count = (kind, by) => (open_ends[kind] += by);
window.addEventListener = (name, act, options) => {
  count("listeners", 1);
  options?.signal?.addEventListener("abort", () => count("listeners", -1));
  return add.call(window, name, act, options);
};
window.removeEventListener = (...given) => { count("listeners", -1); return remove.apply(window, given); };
const { observe, disconnect } = ResizeObserver.prototype;
ResizeObserver.prototype.observe = function (...given) { count("sizes", 1); return observe.apply(this, given); };
ResizeObserver.prototype.disconnect = function () { count("sizes", -1); return disconnect.call(this); };

const read = (data) => data?.bytes ? Uint8Array.from(atob(data.bytes), (letter) => letter.charCodeAt(0)) : data;
const known = new Map(); // place -> what was mounted there
Object.assign(window, { open_ends, told: [], async mount(place, module, css, data) {
  const { mount } = await import(`./${module}.js`);
  const host = known.get(place)?.host ?? document.body.appendChild(document.createElement("div"));
  host.id = place;
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const root = shadow.querySelector(".widget") ?? shadow.appendChild(document.createElement("div"));
  if (!root.classList.contains("widget")) {
    root.classList.add("widget");
    shadow.prepend(Object.assign(document.createElement("style"), { textContent: css }));
  }
  known.set(place, { host, root, ...mount(root, read(data), (name, value) => window.told.push([place, name, value])) });
}, update: (place, data) => known.get(place).update(read(data)), unmount: (place) => {
  known.get(place).unmount();
  return known.get(place).root.childNodes.length;
} });
window.ready = true;
</script></body></html>"""


@dataclass(frozen=True)
class Shown:
    """What a widget is given, what then stands in it, and what it tells when that is pressed; None: some value."""

    data: Any
    stands: str = ""
    press: str = ""
    tells: tuple[str, Any] | None = None


def serve(page: Page, html: str = PAGE) -> Page:
    """Open this page, which imports the widgets' files from beside it and sets `window.ready`."""
    page.goto(_address(html))
    page.wait_for_function("window.ready")
    return page


@cache
def _address(html: str) -> str:
    """Where a server of this process has the page; what a browser knows already it does not ask for again."""

    class Files(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = self.path.partition("?")[0].lstrip("/")
            if not name:
                self._answer(200, html.encode(), "text/html")
            elif (file := web.FOLDER / name).is_file():
                self._answer(200, file.read_bytes(), mimetypes.guess_type(name)[0] or "")
            else:
                self._answer(404, b"", "")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            for header, value in {"Content-Type": kind, "Content-Length": len(body),
                                  "Cache-Control": "max-age=3600"}.items():  # fmt: skip
                self.send_header(header, str(value))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("localhost", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://localhost:{server.server_port}/"


def mounted(page: Page, widget: str, data: Any) -> Locator:
    """Mount the widget ("gallery/gallery"), for the first time or again; its root."""
    place = widget.replace("/", "-")
    page.evaluate("given => window.mount(...given)", [place, widget, web.css(widget), data])
    return page.locator(f"#{place} .widget")


def updated(page: Page, widget: str, data: Any) -> None:
    """Hand the mounted widget other data."""
    page.evaluate("given => window.update(...given)", [widget.replace("/", "-"), data])


def told(page: Page) -> list[list[Any]]:
    """What widgets have told since this was asked last: place, name and value."""
    return page.evaluate("window.told.splice(0)")
