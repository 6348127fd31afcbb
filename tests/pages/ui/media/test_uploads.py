"""Uploads within the memory of one visitor and of all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from pages.ui.media import refused, uploads
from pages.ui.media.refused import Refusals
from pages.ui.media.uploads import BoundedUploads

HELD: dict[str, int] = {}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A server that holds what it gets, as Streamlit's does, with 100 bytes for a visitor and 150 for all."""
    monkeypatch.setattr(uploads, "VISITOR", 100)
    monkeypatch.setattr(uploads, "ALL", 150)
    monkeypatch.setattr(uploads, "stored", lambda: HELD)
    HELD.clear()

    async def put(request: Request) -> Response:
        session = request.path_params["session"]
        HELD[session] = HELD.get(session, 0) + len(await request.body())
        return Response(status_code=204)

    async def read(_: Request) -> Response:
        return Response("page")

    path = "/base/_stcore/upload_file/{session}/{file}"
    routes = [Route(path, put, methods=["PUT"]), Route("/page", read, methods=["GET", "PUT"])]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(BoundedUploads)]))


def upload(client: TestClient, session: str, size: int, file: str = "f") -> tuple[int, str]:
    answer = client.put(f"/base/_stcore/upload_file/{session}/{file}", content=bytes(size))
    return answer.status_code, answer.text


def test_a_visitor_may_upload_so_much_and_no_more(client: TestClient) -> None:
    assert upload(client, "ann", 60)[0] == 204
    refused = "too many uploads at a time (0 MiB for one visitor); remove some, or name a folder"
    assert upload(client, "ann", 41) == (413, refused)
    assert upload(client, "ann", 40)[0] == 204
    assert upload(client, "bob", 40)[0] == 204  # another visitor is not affected
    assert HELD == {"ann": 100, "bob": 40}


def test_a_refusal_is_kept_for_the_page_of_its_visitor(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Refusals()
    monkeypatch.setattr(refused, "refusals", lambda: known)
    _, why = upload(client, "ann", 101)
    assert (known.of("ann"), known.of("bob")) == (why, "")
    monkeypatch.setattr(refused, "SAID", 0.0)
    assert known.of("ann") == ""
    for number in range(refused.MOST):
        known.note(f"other {number}", "x")
    assert len(known._why) == refused.MOST


def test_an_upload_that_breaks_off_takes_no_room_from_later_ones(client: TestClient) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(50)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        client.put("/base/_stcore/upload_file/ann/f", content=broken(), headers={"content-length": "90"})
    assert not HELD
    assert upload(client, "ann", 100)[0] == 204


@pytest.mark.parametrize(("name", "status"), [("a.png", 204), ("a\0.png", 400)])
def test_a_name_that_would_end_the_page_is_refused(client: TestClient, name: str, status: int) -> None:
    part = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n\0\r\n--x--\r\n'.encode()
    answer = client.put("/base/_stcore/upload_file/ann/f", content=part)
    assert (answer.status_code, HELD) == (status, {"ann": len(part)} if status == 204 else {})
    assert ("NUL" in answer.text) == (status == 400)


def test_all_visitors_together_are_bounded(client: TestClient) -> None:
    assert [upload(client, name, 70)[0] for name in ("ann", "bob", "kim")] == [204, 204, 413]
    assert "for all visitors" in upload(client, "kim", 70)[1]
    HELD.pop("ann")  # who has left
    assert upload(client, "kim", 70)[0] == 204


def test_an_upload_of_unknown_length_counts_as_the_largest(client: TestClient) -> None:
    pieces = (bytes(5) for _ in range(2))
    assert client.put("/base/_stcore/upload_file/ann/f", content=pieces).status_code == 413


def test_all_else_passes(client: TestClient) -> None:
    assert client.put("/page", content=bytes(1000)).text == "page"
    assert client.get("/page").text == "page"


def test_without_a_server_nothing_is_held() -> None:
    assert uploads.stored() == {}
