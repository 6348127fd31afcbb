"""The card of verdicts on a page of its own, as a visitor uses it."""

from __future__ import annotations

import json

from streamlit.testing.v1 import AppTest

from pages.ui.review.verdicts import verdicts as review_verdicts
from tests.places import ROOT

HOSTILE = "<img src=x onerror=alert(1)> **b** ![x](http_x) $a$ :red[r]"
PAGE = str(ROOT / "tests/browser/review/verdicts_page.py")
TILE = "20260101-000000-tile-abcd"


def opened(**state):
    app = AppTest.from_file(PAGE, default_timeout=120)
    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    return app


def press(app, what, index=0):
    button(app, what, index).click().run()
    assert not app.exception
    return app


def button(app, what, index=0):
    return app.button(key=f"verdict_{what}_{TILE}_{index}")


def note(app, index=0):
    return app.text_area(key=f"verdict_note_{TILE}_{index}")


def tags(app, index=0):
    return app.multiselect(key=f"verdict_tags_{TILE}_{index}")


def told(app):
    return json.loads(app.text[-1].value)


def marked(app, index=0):
    """The verdicts whose button is marked as given."""
    return [what for what in review_verdicts.KEYS if button(app, what, index).proto.type == "primary"]
