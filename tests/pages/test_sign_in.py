"""Where a sign-in is required: no page shows anything before it, and what is stored has its name."""

from __future__ import annotations

import pytest
from streamlit.runtime.secrets import secrets_singleton

from pages.ui.frame import PAGES
from pages.ui.review.events.desk import Desk
from pages.ui.sign_in import setting
from patchcore_core.reviews.chosen_thresholds import ChosenThresholdsOf
from patchcore_core.reviews.saved_views import SavedViews
from patchcore_core.reviews.verdicts import Verdicts
from tests.pages.reading import components, read, told
from tests.pages.ui.sign_in.secrets import AUTH, PROVIDER

ANN = {"is_logged_in": True, "name": "Ann", "email": "ann@example.org"}


@pytest.fixture(autouse=True)
def _required(monkeypatch):
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": AUTH})
    monkeypatch.setattr(setting, "is_authlib_installed", lambda: True)


@pytest.fixture
def visit(open_page):
    """`visit(page, user, **query)`: the page as this visitor sees it."""

    def go(page, user, **query):
        app = open_page("compare")  # AppTest knows a user only from its second run on
        app.user = user
        for name, value in query.items():
            app.query_params[name] = value
        return app.switch_page(f"pages/{page}.py").run()

    return go


@pytest.mark.parametrize("page", PAGES)
def test_no_page_shows_anything_before_it(page, open_page, make_run):
    run = make_run()
    app = open_page(page, run=run.id)
    assert not app.exception
    assert [title.value for title in app.title] == ["PatchCore Explorer"]
    assert [button.label for button in app.button] == ["Sign in"]
    assert components(app) == []
    assert run.id not in read(app)
    assert run.category not in read(app)


@pytest.mark.usefixtures("store")
def test_each_provider_has_a_button(open_page, monkeypatch):
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": AUTH | {"google": PROVIDER}})
    assert [button.label for button in open_page("overview").button] == ["Sign in", "Sign in with google"]


@pytest.mark.usefixtures("store")
def test_why_nobody_can_sign_in_is_said(open_page, monkeypatch):
    monkeypatch.setattr(setting, "is_authlib_installed", lambda: False)
    app = open_page("overview")
    assert "the package Authlib is missing" in read(app)
    assert not app.button


def test_who_has_signed_in_sees_the_pages_and_an_account_in_the_menu(visit, make_run):
    run = make_run()
    app = visit("review", ANN, run=run.id)
    assert not app.exception
    assert app.title[0].value == "Review"
    assert [info["page_name"] for info in app._registered_pages.values()][-1] == "Ann (ann@example.org)"
    assert (told(app)["author"], told(app)["signed_in"]) == ("Ann (ann@example.org)", True)


@pytest.mark.parametrize(("claims", "name"), [
    ({"name": "Ann", "email": "ann@example.org"}, "Ann (ann@example.org)"), ({"name": "Ann"}, "Ann"),
    ({"email": "ann@example.org"}, "ann@example.org"), ({"name": "a@b", "email": "a@b"}, "a@b"),
    ({"sub": "123"}, "123"), ({}, "signed in without a name"),
])  # fmt: skip
def test_the_name_is_what_the_provider_tells(visit, make_run, claims, name):
    run = make_run()
    assert told(visit("review", {"is_logged_in": True, **claims}, run=run.id))["author"] == name


def test_nothing_is_stored_under_another_name(make_run, store):
    run, desk = make_run(), Desk(account="Ann (ann@example.org)")
    desk.apply(run, "box", [
        {"seq": 1, "kind": "author", "author": "Eve"},
        {"seq": 2, "kind": "verdict", "image": "test/hole/000.png", "verdict": "agree", "author": "Eve"},
        {"seq": 3, "kind": "use", "with": {"threshold": 0.5}, "author": "Eve", "key": "used"},
        {"seq": 4, "kind": "view_save", "with": {"name": "mine", "query": "run=a"}, "author": "Eve", "key": "view"},
    ])  # fmt: skip
    answer, _ = desk.told(run)
    assert answer["refused"] == {1: "The name is the one that you have signed in with"}
    stored = [*Verdicts(store.root).entries(), ChosenThresholdsOf(store.root).current(run.id),
              *SavedViews(store.root).list("a")]  # fmt: skip
    assert [one.author for one in stored] == ["Ann (ann@example.org)"] * 3
