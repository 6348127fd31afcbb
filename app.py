"""PatchCore Explorer in the browser: `streamlit run app.py`."""

from pages.ui.frame import navigation

navigation().run()
