"""TCP settings of Streamlit's server."""

from __future__ import annotations

import socket
from contextlib import suppress

import psutil


def answer_at_once(port: int) -> None:
    """Set TCP_NODELAY on this process's sockets on this port, the listening one (which new connections inherit) too.

    Streamlit 1.67 writes an answer in two parts and does not set it, so the second part waits up to 40 ms for the
    acknowledgement of the first. Sockets that cannot be changed are left as they are.
    """
    with suppress(psutil.Error, OSError):
        for found in psutil.Process().net_connections("tcp"):
            if found.fd < 0 or not found.laddr or found.laddr.port != port:
                continue
            with suppress(OSError), socket.fromfd(found.fd, found.family, found.type) as same:
                same.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
