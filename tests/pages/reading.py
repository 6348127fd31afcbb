"""What a visitor reads on a page."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

from streamlit.testing.v1 import AppTest


def read(app: AppTest) -> str:
    """All text of a page in one string, characters escaped from Markdown as they are seen."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error, app.text)
    progress = [bar.proto.text for bar in app.get("progress")]
    written = "\n".join([*(str(element.value) for kind in kinds for element in kind), *progress])
    return re.sub(r"\\([^\w\s]|_)", r"\1", written)


def wait(app: AppTest, done: Callable[[AppTest], object]) -> None:
    """Run the page again and again until this is so, a minute at most."""
    deadline = time.monotonic() + 60
    while not done(app) and time.monotonic() < deadline:
        app.run()
    assert done(app)
    assert not app.exception


def components(app: AppTest) -> list[tuple[str, dict]]:
    """Name and data of each component of our own that was given JSON, in the order of the page."""
    nodes = [(node.proto.component_name.split("patchcore_")[-1], node.proto.json) for node in app.get("bidi_component")]
    return [(name, json.loads(data)) for name, data in nodes if data]


def component(app: AppTest, name: str, key: str = "") -> dict:
    """The data of the component of this name; of several the one with this key."""
    return next(data for kind, data in components(app) if kind == name and key in ("", data.get("channel")))


def workspace(app: AppTest) -> dict:
    """What Review's workspace was given (views/web/workspace/data.js)."""
    return component(app, "workspace")


def told(app: AppTest) -> dict:
    """What Python has answered to its outbox."""
    return component(app, "workspace_post")


def checks(app: AppTest) -> str:
    """All that Review's data checks say, in one string."""
    found = workspace(app)["parts"]["checks"]["findings"]
    items = [item for group in found["groups"] for item in group["items"]]
    return "\n".join([*(f"{item['label']}: {item['sentence']} {item['detail']}" for item in items), *found["lines"]])


def handles(app: AppTest, key: str = "review_point") -> tuple[float, float]:
    """Where the handles of an operating point stand: (low, high)."""
    given = component(app, "operating_point", key)
    return given["low"], given["high"]


def choice(app: AppTest, key: str) -> tuple[str, dict[str, str]]:
    """What is chosen in the choice of this key, and what can be: value -> words. Where nothing is, what is said of it
    stands under "" in the second.
    """
    drawn = [node.proto for node in app.get("bidi_component") if node.proto.id.endswith(f"-{key}")]
    given = json.loads(drawn[0].json)
    return given["chosen"], ({} if given["chosen"] else {"": given["unchosen"]}) | dict(given["options"])
