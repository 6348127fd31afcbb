"""Whether a sign-in is required: where Streamlit's secrets have a section [auth] (OpenID Connect).

Read anew each time from what Streamlit keeps of its secrets. Secrets that are there and cannot be read open nothing: a
sign-in is required then, and nobody can.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.auth_util import get_secrets_auth_section, is_authlib_installed, validate_auth_credentials
from streamlit.errors import StreamlitAuthError
from streamlit.runtime.secrets import secrets_singleton

DEFAULT = "default"  # Streamlit's name of the provider whose settings stand in [auth] itself
UNREADABLE = "The secrets of this server cannot be read, so nobody can sign in; its log says why."
MISSING = ("Nobody can sign in: this server has a section [auth] in its secrets, and the package Authlib is missing "
           '(pip install "streamlit[auth]").')  # fmt: skip


def required() -> bool:
    """Whether pages and pictures are only for visitors who have signed in."""
    return bool(get_secrets_auth_section()) or _unreadable()


def providers() -> list[str]:
    """The names of the providers that [auth] has, `DEFAULT` first where it has one without a name."""
    section: Mapping[str, Any] = get_secrets_auth_section()
    named = [name for name, value in section.items() if isinstance(value, Mapping) and name != "client_kwargs"]
    return [DEFAULT, *named] if "client_id" in section or not named else named


def trouble() -> str:
    """Why nobody can sign in, a sentence; "" where somebody can."""
    if _unreadable():
        return UNREADABLE
    if not is_authlib_installed():
        return MISSING
    try:
        for provider in providers():
            validate_auth_credentials(provider)
    except StreamlitAuthError as error:
        return " ".join(str(error).split())
    return ""


def _unreadable() -> bool:
    """Whether there are secrets, which Streamlit could not read and treats as none."""
    if secrets_singleton.load_if_toml_exists():
        return False
    return any(os.path.exists(path) for path in st.get_option("secrets.files"))
