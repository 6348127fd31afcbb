"""PatchCore Explorer in the browser: `streamlit run app.py`.

Streamlit reads this file twice: as a module, for the server with our routes for pictures, and as the script of a page.
"""

from streamlit.starlette import App

from pages.ui.frame import navigation
from pages.ui.media.routes import routes

if __name__ == "__main__":
    navigation().run()
else:
    app = App(__file__, routes=routes())
