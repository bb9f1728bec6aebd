"""The socket the site listens on; where several processes serve it, one for each.

`app.serve` takes the port with `listen` before it starts them. Of processes that share one socket the first to wake
takes all connections that wait, and often serves nearly everybody alone: under load searches then waited four times as
long (99th percentile) as when two took their part. So on Linux each has a socket of its own, and the kernel deals
connections out between them (SO_REUSEPORT, socket(7)).
"""

import socket
import sys
from typing import Any

from procedures.errors import Mendable


class _Shared(socket.socket):
    """A port that is held and not listened on; whichever process it is handed to listens there with its own socket."""

    def __reduce__(self) -> Any:
        """Hand it to another process, as uvicorn does, not by its descriptor but by its address."""
        return _bound, (socket.socket, self.getsockname()[:2])


def listen(host: str, port: int, workers: int) -> socket.socket:
    """Take a port for so many processes. Raises `Mendable` where it is taken, or not to be had."""
    try:
        listening = socket.create_server((host, port), reuse_port=False)
        if workers == 1 or sys.platform != "linux":
            return listening
        with listening:  # nobody else has it: another site there would take half of the readers
            address = listening.getsockname()
        return _bound(_Shared, address)
    except OSError as error:
        raise Mendable(
            f"The site cannot listen on {host}, port {port}: {error.strerror or error}."
            " Stop what uses it, or choose another with --port or KB_PORT."
        ) from error


def _bound(kind: type[socket.socket], address: tuple[str, int]) -> socket.socket:
    bound = kind(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(address)
    return bound
