"""The port the site listens on: nobody else has it, and every process that serves it gets its share of the readers."""

import socket
import sys
from contextlib import ExitStack
from copy import copy

import pytest

from procedures.errors import Mendable
from web.listening import listen

HOST = "127.0.0.1"
READERS = 200


def taken_by(process: socket.socket) -> int:
    """Accept whoever waits and say how many there were."""
    process.setblocking(False)
    taken = 0
    while True:
        try:
            connection, _ = process.accept()
        except BlockingIOError:
            return taken
        connection.close()
        taken += 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux deals connections out between sockets of one port")
def test_each_of_two_processes_gets_its_share_of_the_readers() -> None:
    with ExitStack() as open_, listen(HOST, 0, workers=2) as held:
        processes = [open_.enter_context(copy(held)) for _ in range(2)]  # which is what each process is handed
        for process in processes:
            process.listen(READERS)
        for _ in range(READERS):
            open_.enter_context(socket.create_connection(held.getsockname(), timeout=10))
        shares = [taken_by(process) for process in processes]
    assert sum(shares) == READERS
    assert min(shares) > READERS / 4, "chance gives one of them a quarter or less once in a million million runs"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_that_another_site_listens_on_is_not_shared_with_it(workers: int) -> None:
    with listen(HOST, 0, workers=2) as held, copy(held) as process:
        process.listen()
        with pytest.raises(Mendable, match=rf"cannot listen on 127\.0\.0\.1, port {held.getsockname()[1]}"):
            listen(HOST, held.getsockname()[1], workers)


def test_one_process_has_the_port_to_itself_and_lets_readers_wait_from_the_start() -> None:
    with listen(HOST, 0, workers=1) as held:
        address = held.getsockname()
        with socket.create_connection(address, timeout=10):
            assert taken_by(held) == 1
