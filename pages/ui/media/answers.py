"""The answers to requests for pictures: the file, or 404 with the reason in a sentence.

As with the pages, the host must be one that Streamlit answers to, and files are read only in allowed folders.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import chain

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from pages.ui import cache
from pages.ui.media import about as media_about
from pages.ui.media import address, patches, pictures, training
from pages.ui.media.downloads import Download, offered
from pages.ui.review import data
from patchcore_core.errors import DataError, PatchCoreError, StoreError
from patchcore_core.runs.store import Run

LASTING = "private, max-age=31536000, immutable"
PASSING = "no-store"
SAFE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
AS_IT_IS = {"Content-Encoding": "identity"}  # else Streamlit compresses maps anew for each request, which takes longer


def answered(answer: Callable[[Request], Response], request: Request) -> Response:
    """The answer, or 404 with the reason in a sentence."""
    if not is_host_allowed(request.headers.get("host")):
        return _refused("This server is not to be asked under this name.", 403)
    try:
        return answer(request)
    except PatchCoreError as error:
        return _refused(str(error))


def _refused(sentence: str, status: int = 404) -> Response:
    return PlainTextResponse(sentence, status, headers=SAFE | {"Cache-Control": PASSING})


def picture(request: Request) -> Response:
    """One picture of an image, if its address is the one of now."""
    run, number = _run(request.path_params["run"]), request.path_params["number"]
    kind, make = request.path_params["kind"], pictures.MAKERS.get(request.path_params["kind"])
    if make is None:
        raise DataError(f"{kind[:40]!r} must be one of {', '.join(address.KINDS)}.")
    if request.path_params["key"] != address.key(run, data.test_images(run), _known(run, number)):
        raise DataError("The photo, a mask or the run has changed; load the page again.")
    return _file(make(run, number))


def patch(request: Request) -> Response:
    """A patch of a test image or of a training photo."""
    run = _run(request.path_params["run"])
    found = _original(run, request, request.path_params["of"])
    return _file(patches.patch(run, found, *(request.path_params[name] for name in ("scale", "row", "column"))))


def bank_photo(request: Request) -> Response:
    """A small picture of a training photo."""
    run = _run(request.path_params["run"])
    return _file(patches.thumbnail(run, _original(run, request, "bank")))


def about(request: Request) -> Response:
    """What is known of an image, as it is now."""
    run, other = _run(request.path_params["run"]), None
    with suppress(StoreError):
        other = _run(request.query_params["beside"]) if request.query_params.get("beside") else None
    known = media_about.about(run, _known(run, request.path_params["number"]), other)
    return JSONResponse(known, headers=SAFE | {"Cache-Control": PASSING})


def training_picture(request: Request) -> Response:
    """One picture of a training image, if its address is the one of now."""
    run, number = _run(request.path_params["run"]), request.path_params["number"]
    kind, make = request.path_params["kind"], training.MAKERS.get(request.path_params["kind"])
    if make is None:
        raise DataError(f"{kind[:40]!r} must be one of {', '.join(training.MAKERS)}.")
    if request.path_params["key"] != training.key_of(run, number):
        raise DataError("The photo or the run has changed; load the page again.")
    return _file(make(run, number))


def training_about(request: Request) -> Response:
    """What is known of a training image, as it is now; with its map where that is asked for."""
    run, number = _run(request.path_params["run"]), request.path_params["number"]
    known = training.about(run, number, with_map=bool(request.query_params.get("map")))
    return JSONResponse(known, headers=SAFE | {"Cache-Control": PASSING})


def standing(request: Request) -> Response:
    """How the run's good test pixels score."""
    run = _run(request.path_params["run"])
    if not address.standing(run).endswith(f"/{request.path_params['key']}/standing"):
        raise DataError("The run has changed; load the page again.")
    return _file(pictures.standing(run))


def download(request: Request) -> Response:
    """A file that was made for somebody."""
    file = offered().get(request.path_params["secret"])
    if file is None:
        raise DataError("This file is no longer offered; export it again.")
    saved = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": PASSING}
    if isinstance(file, Download):
        return Response(file.content, media_type=file.kind, headers=SAFE | saved)
    pieces = file.make()
    first = next(pieces, b"")  # what cannot be made at all is said, not sent as a broken file
    return StreamingResponse(chain([first], pieces), media_type=file.kind, headers=SAFE | AS_IT_IS | saved)


def _file(served: pictures.Served) -> Response:
    note = {"X-Note": served.note} if served.note else {}
    kept = {"Cache-Control": LASTING if served.lasting else PASSING}
    return Response(served.content, media_type=served.kind, headers=SAFE | AS_IT_IS | kept | note)


def _run(run_id: str) -> Run:
    """The finished run of this id; StoreError otherwise."""
    run = cache.load_run(run_id)
    if run.status != "finished":
        raise StoreError(f"The run {run_id} is {run.status}.")
    return run


def _original(run: Run, request: Request, of: str) -> patches.Original:
    """The photo of an address: of the images that were tested, "test", or of the memory bank, "bank"."""
    number = request.path_params["number"]
    if of not in ("test", "bank"):
        raise DataError(f"{of[:40]!r} must be test or bank.")
    made = patches.Original.tested if of == "test" else patches.Original.trained
    found = made(run, _known(run, number) if of == "test" else number)
    if request.path_params["key"] != found.key:
        raise DataError("The photo or the run has changed; load the page again.")
    return found


def _known(run: Run, number: int) -> int:
    count = len(data.test_images(run))
    if number >= count:
        raise DataError(f"There is no image {number}; the run has {count}.")
    return number


BY_NAME: dict[str, Callable[[Request], Response]] = {
    "picture": picture, "about": about, "training_picture": training_picture, "training_about": training_about,
    "patch": patch, "bank photo": bank_photo, "standing": standing, "download": download,
}  # fmt: skip
