"""What a reader of a run's figures should know before believing them: a count at the head that opens the list."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.markdown import plain
from patchcore_core.evaluation.protocol import Badge
from patchcore_core.runs.store import Run

MOST = 60  # sentences in the list
WIDE = 460  # pixels


def sentences(run: Run, found: Sequence[Badge] | None = None) -> list[str]:
    """As Markdown: what the badges warn of, those `found` at a threshold or else those of the run, and the warnings of
    its fit."""
    badges = [(badge.level, badge.label, badge.sentence) for badge in found] if found is not None else [
        (badge.get("level"), str(badge.get("label", "")), str(badge.get("sentence", ""))) for badge in run.badges]
    return [*(f"**{plain(label)}** · {plain(sentence)}" for level, label, sentence in badges if level == "warning"),
            *(plain(sentence) for sentence in run.warnings)]  # fmt: skip


def opened_by_count(run: Run, key: str, found: Sequence[Badge] | None = None) -> None:
    """The number of warnings, which opens them; nothing where there are none."""
    told = sentences(run, found)
    if not told:
        return
    words = "1 warning" if len(told) == 1 else f"{len(told)} warnings"
    with st.popover(f":orange[**{words}**]", icon=":material/warning:", type="tertiary", key=key, width="content"), \
            st.container(width=WIDE):
        st.markdown("\n".join(f"- {sentence}" for sentence in told[:MOST]))
        if len(told) > MOST:
            st.caption(f"The first {MOST} of {len(told)}; the run's run.json has all.")
