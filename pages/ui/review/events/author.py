"""Who gives verdicts, where no name was typed yet."""

from __future__ import annotations

import getpass
import os
from contextlib import suppress

import streamlit as st


def of_visitor() -> str:
    """PATCHCORE_AUTHOR, else the login name for a visitor on this machine, else ""."""
    return (os.environ.get("PATCHCORE_AUTHOR", "") or _login()).strip()


def _login() -> str:
    if st.context.ip_address is not None:  # the login name of this machine is not that of a visitor elsewhere
        return ""
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return ""
