"""The server's routes beside those of Streamlit, for pictures; app.py names them.

Work is done in threads, few at a time, so that neither pages nor memory suffer. What answers (media/answers.py) is
loaded with the first request: Streamlit's caches, which it uses, have to be made after the server.
"""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pages.ui.media import address

SMALL, LARGE = CapacityLimiter(3), CapacityLimiter(4)  # for thumbnails, and for what fills the screen
COMPUTED = CapacityLimiter(1)  # for what the network is asked for


def routes() -> list[Route]:
    """All routes, below the server's base path."""
    run = f"{address.prefix()}/{address.ROOT}/{{run}}"
    return [
        Route(f"{run}/test/{{number:int}}/about", _about),
        Route(f"{run}/test/{{number:int}}/{{key}}/{{kind}}", _picture),
        Route(f"{run}/{{of}}/{{number:int}}/{{key}}/patch/{{scale:int}}/{{row:int}}/{{column:int}}", _patch),
        Route(f"{run}/bank/{{number:int}}/{{key}}/thumbnail", _bank_photo),
        Route(f"{run}/training/{{number:int}}/about", _training_about),
        Route(f"{run}/training/{{number:int}}/{{key}}/{{kind}}", _training_picture),
        Route(f"{run}/{{key}}/standing", _standing),
        Route(f"{address.prefix()}/{address.ROOT}/downloads/{{secret}}", _download),
        Route(f"{address.prefix()}/overview", _first_page),
    ]


async def _picture(request: Request) -> Response:
    limiter = SMALL if request.path_params["kind"] == "thumbnail" else LARGE
    return await to_thread.run_sync(_answered, "picture", request, limiter=limiter)


async def _about(request: Request) -> Response:
    return await to_thread.run_sync(_answered, "about", request, limiter=LARGE)


async def _patch(request: Request) -> Response:
    return await to_thread.run_sync(_answered, "patch", request, limiter=SMALL)


async def _bank_photo(request: Request) -> Response:
    return await to_thread.run_sync(_answered, "bank photo", request, limiter=SMALL)


async def _training_picture(request: Request) -> Response:
    by_kind = {"thumbnail": SMALL, "map": COMPUTED, "least": COMPUTED}
    limiter = by_kind.get(request.path_params["kind"], LARGE)
    return await to_thread.run_sync(_answered, "training_picture", request, limiter=limiter)


async def _training_about(request: Request) -> Response:
    limiter = COMPUTED if request.query_params.get("map") else LARGE
    return await to_thread.run_sync(_answered, "training_about", request, limiter=limiter)


async def _standing(request: Request) -> Response:
    return await to_thread.run_sync(_answered, "standing", request, limiter=LARGE)


async def _download(request: Request) -> Response:
    return await to_thread.run_sync(_answered, "download", request, limiter=LARGE)


async def _first_page(request: Request) -> Response:
    """Streamlit knows its first page by "/" only, and calls its name a page that is not found."""
    return RedirectResponse(str(request.url.replace(path=f"{address.prefix()}/", scheme="", netloc="")))


def _answered(what: str, request: Request) -> Response:
    from pages.ui.media import answers

    return answers.answered(answers.BY_NAME[what], request)
