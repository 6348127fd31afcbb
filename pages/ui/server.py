"""What Streamlit's server leaves to the operating system, and every visitor waits for."""

from __future__ import annotations

import socket
from contextlib import suppress

import psutil


def answer_at_once(port: int) -> None:
    """Send what this process writes to its connections on this port as it is written, those that are to come too.

    An answer is written in two parts, and without TCP_NODELAY, which Streamlit 1.67 does not set, the second waits up
    to 40 ms for word that the first has arrived. Where sockets cannot be told that, all stays as it is.
    """
    with suppress(psutil.Error, OSError):
        for found in psutil.Process().net_connections("tcp"):
            if found.fd < 0 or not found.laddr or found.laddr.port != port:
                continue
            with suppress(OSError), socket.fromfd(found.fd, found.family, found.type) as same:
                same.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
