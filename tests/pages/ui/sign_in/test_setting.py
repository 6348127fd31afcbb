"""When a sign-in is required, by which providers, and why nobody can."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.runtime.secrets import Secrets, secrets_singleton

from pages.ui.sign_in import setting
from tests.pages.ui.sign_in.secrets import AUTH, PROVIDER


@pytest.fixture
def secrets(tmp_path, monkeypatch):
    """`secrets(text)` are what this server reads from now on."""

    def write(text):
        path = tmp_path / "secrets.toml"
        path.write_text(text)
        monkeypatch.setattr(st, "get_option", {"secrets.files": [str(path)]}.get)
        monkeypatch.setattr("streamlit.config.get_option", {"secrets.files": [str(path)]}.get)
        monkeypatch.setattr(setting.secrets_singleton, "_secrets", None)

    return write


def test_without_secrets_nobody_has_to_sign_in(monkeypatch, tmp_path):
    monkeypatch.setattr(st, "get_option", {"secrets.files": [str(tmp_path / "none.toml")]}.get)
    monkeypatch.setattr(secrets_singleton, "_secrets", None)
    assert not setting.required()


@pytest.mark.parametrize(("text", "is_so"), [
    ("[auth]\nclient_id = 'a'\n", True), ("[database]\nname = 'a'\n", False), ("", False),
    ("[auth\nclient_id = 'a'\n", True),  # which nobody can read
])  # fmt: skip
def test_it_is_required_where_the_secrets_say_so_or_cannot_be_read(secrets, text, is_so):
    secrets(text)
    assert setting.required() is is_so
    assert (setting.trouble() == setting.UNREADABLE) is (text.startswith("[auth\n"))


@pytest.mark.parametrize(("auth", "names"), [
    (AUTH, ["default"]), ({**AUTH, "google": PROVIDER}, ["default", "google"]),
    ({"redirect_uri": "a", "cookie_secret": "b", "google": PROVIDER, "okta": PROVIDER}, ["google", "okta"]),
    ({**AUTH, "client_kwargs": {"prompt": "login"}}, ["default"]), ({"redirect_uri": "a"}, ["default"]),
])  # fmt: skip
def test_providers_are_the_sections_of_auth(monkeypatch, auth, names):
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": auth})
    assert setting.providers() == names


def test_why_nobody_can_sign_in_is_a_sentence(monkeypatch):
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": AUTH})
    monkeypatch.setattr(setting, "is_authlib_installed", lambda: False)
    assert "the package Authlib is missing (pip install" in setting.trouble()
    monkeypatch.setattr(setting, "is_authlib_installed", lambda: True)
    assert setting.trouble() == ""
    without = {name: value for name, value in AUTH.items() if name != "client_id"}
    monkeypatch.setattr(secrets_singleton, "_secrets", {"auth": without})
    assert "client_id" in setting.trouble()
    assert isinstance(secrets_singleton, Secrets)
