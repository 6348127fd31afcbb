"""Answers of the server are not held back: the sockets of its port are told so, and no others."""

from __future__ import annotations

import os
import socket

import psutil
import pytest

from pages.ui import frame, server

HERE = "127.0.0.1"


@pytest.fixture
def listening():
    """Two servers of this process, as Streamlit makes them: a socket that does not say it is TCP."""
    with socket.socket(socket.AF_INET) as one, socket.socket(socket.AF_INET) as other:
        for each in (one, other):
            each.bind((HERE, 0))
            each.listen()
        yield one, other


def at_once(connection: socket.socket) -> bool:
    return bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


def test_all_connections_of_the_port_answer_at_once_and_no_others(listening):
    one, other = listening
    with socket.create_connection(one.getsockname()), one.accept()[0] as before:
        assert not at_once(before)
        server.answer_at_once(one.getsockname()[1])
        assert at_once(before)
        with socket.create_connection(one.getsockname()), one.accept()[0] as after:
            assert at_once(after)
            after.sendall(b"still open")
    with socket.create_connection(other.getsockname()), other.accept()[0] as elsewhere:
        assert not at_once(elsewhere)


def test_no_socket_is_left_open_and_no_port_is_no_error(listening):
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(3):
        server.answer_at_once(listening[0].getsockname()[1])
    assert (len(os.listdir("/proc/self/fd")) if before else 0) == before
    server.answer_at_once(0)


def test_where_the_system_does_not_tell_its_connections_nothing_happens(monkeypatch):
    def refused(*_):
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "net_connections", refused)
    server.answer_at_once(8501)


def test_every_page_asks_for_it(monkeypatch, open_page):
    asked = []
    monkeypatch.setattr(frame, "answer_at_once", asked.append)
    frame._settle.clear()  # else a page that another test opened has asked already
    assert not open_page("overview").exception
    assert asked == [8501]
