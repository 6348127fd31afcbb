"""Who visits: the name of the sign-in where one is required, and what a visitor sees who has not signed in."""

from __future__ import annotations

import streamlit as st

from pages.ui.markdown import plain
from pages.ui.sign_in import setting
from patchcore_core.reviews.words import LONGEST


def may_enter() -> bool:
    """Whether this visitor may see the pages."""
    return not setting.required() or bool(st.user.get("is_logged_in"))


def name() -> str:
    """Under which verdicts, thresholds and views of this visitor are stored; "" where no sign-in is required.

    Name and e-mail address as the provider gives them: a name alone can often be chosen.
    """
    if not setting.required() or not st.user.get("is_logged_in"):
        return ""
    who, email = (str(st.user.get(claim) or "").strip() for claim in ("name", "email"))
    told = f"{who} ({email})" if who and email and who != email else who or email or str(st.user.get("sub") or "")
    return told[: LONGEST["author"]] or "signed in without a name"


def require() -> None:
    """Return for a visitor who may see the pages; else show how to sign in, and end the page."""
    if may_enter():
        return
    st.title("PatchCore Explorer", anchor=False)
    if why := setting.trouble():
        st.error(plain(why), icon=":material/error:")
        st.stop()
    st.caption("Sign in to see runs and photos.")
    for provider in setting.providers():
        label = "Sign in" if provider == setting.DEFAULT else f"Sign in with {provider}"
        if st.button(plain(label), key=f"sign_in_{provider}", type="primary"):
            st.login(None if provider == setting.DEFAULT else provider)
    st.stop()


def draw_account() -> None:
    """Who is signed in, and the way out."""
    st.markdown(f"Signed in as **{plain(name())}**.")
    st.caption("Your verdicts, thresholds and saved views have this name.")
    if st.button("Sign out", type="primary", icon=":material/logout:"):
        st.logout()
