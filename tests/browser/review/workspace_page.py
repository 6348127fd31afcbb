"""The workspace of the run in the address, on a page of its own with the routes of its pictures."""

import streamlit as st
from streamlit.starlette import App

from pages.ui.media.routes import routes

if __name__ == "__main__":
    from pages.ui import cache
    from pages.ui.review.workspace.page import draw

    st.set_page_config(layout="wide")
    draw(cache.load_run(st.query_params["run"]))
else:
    app = App(__file__, routes=routes())
