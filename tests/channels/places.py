"""Addresses where no provider answers, each failing in its own way before a request can leave."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NoReturn

from runtime.ports import any_free


def no_such_name(*_asked: object, **_more: object) -> NoReturn:
    """Answers for `socket.getaddrinfo` as a resolver does that does not know the name."""
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def closed() -> str:
    """The address of a port that nobody listens on."""
    return f"http://127.0.0.1:{any_free()}"


@contextmanager
def deaf() -> Iterator[str]:
    """The address of a port whose queue is full: connecting neither succeeds nor fails."""
    with ExitStack() as opened:
        listener = opened.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = opened.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
