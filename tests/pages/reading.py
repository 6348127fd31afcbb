"""What a visitor reads on a page."""

from __future__ import annotations

import re

from streamlit.testing.v1 import AppTest


def read(app: AppTest) -> str:
    """All text of a page in one string, characters escaped from Markdown as they are seen."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error, app.text)
    progress = [bar.proto.text for bar in app.get("progress")]
    written = "\n".join([*(str(element.value) for kind in kinds for element in kind), *progress])
    return re.sub(r"\\([^\w\s]|_)", r"\1", written)
