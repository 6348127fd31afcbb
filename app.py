"""PatchCore Explorer in the browser: `streamlit run app.py`.

Streamlit reads this file twice: as a module, for the server with our routes for pictures, and as the script of a page.
"""

from starlette.middleware import Middleware
from streamlit.starlette import App

from pages.ui.frame import navigation
from pages.ui.jobs.working import working
from pages.ui.media.routes import routes
from pages.ui.media.uploads import BoundedUploads
from pages.ui.sign_in.requests import OnlySignedIn
from pages.ui.sign_in.way_back import WayBack

if __name__ == "__main__":
    navigation().run()
else:
    app = App(__file__, lifespan=working, routes=routes(),
              middleware=[Middleware(OnlySignedIn), Middleware(WayBack), Middleware(BoundedUploads)])
