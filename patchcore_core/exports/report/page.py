"""One HTML file of a widget and its data: no script runs in it but the widget's, and nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from typing import Any

from patchcore_core.views import web

WITHOUT_SCRIPT = "This report is drawn by a script, which is switched off here. Open the file in a browser."
FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<noscript>{without}</noscript>
<main id="root"></main>
<script type="application/json" id="data">{data}</script>
<script>{script}</script>
</body>
</html>
"""
START = ("const given = JSON.parse(document.getElementById('data').textContent);\n"
         "widget.mount(document.getElementById('root'), given, () => {});")  # fmt: skip


def page(title: str, widget: str, style: str, data: dict[str, Any]) -> bytes:
    """The file, UTF-8: `widget` of views/web is given `data` once it is opened.

    Its policy (Content-Security-Policy) allows this script and this style by their hashes, pictures and parts that the
    page itself makes, and nothing else. Texts in `data` are read as JSON and never as HTML.
    """
    script = f"(() => {{\n{web.flattened(widget)}{START}\n}})();\n"
    for part, end in ((script, "</script"), (style, "</style")):
        if end in part.lower():
            raise ValueError(f"{widget}: {end!r} would end its element")
    policy = "; ".join((
        "default-src 'none'", f"script-src {_hash(script)}", f"style-src {_hash(style)}", "img-src data: blob:",
        "connect-src data: blob:", "base-uri 'none'", "form-action 'none'",
    ))  # fmt: skip
    return FRAME.format(policy=html.escape(policy, quote=True), title=html.escape(title), style=style,
                        without=WITHOUT_SCRIPT, data=_as_text(data), script=script).encode("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _as_text(data: dict[str, Any]) -> str:
    """JSON in which nothing can end the element that it stands in."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
