"""The server under every fake provider: a log of its own, and misbehaviour on request.

A provider says with `judge` what it makes of a request; a `Behaviour` then changes what the caller gets to
see. The log tells what was truly accepted, whatever the caller saw.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from pydantic import JsonValue

LONGEST_HANG = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, headers and a body."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in; `path` is without the server's prefix, header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the provider makes of a request; `provider_id` is set where it accepted a message."""

    reply: Reply
    provider_id: str | None = None
    send_id: str | None = None
    to: str | None = None
    content: JsonValue = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log: one request, and whether a message was accepted with it."""

    accepted: bool
    status: int
    provider_id: str | None
    send_id: str | None
    to: str | None
    content: JsonValue


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a request is mistreated.

    `accept` says whether a good request is truly accepted before. `delay` (seconds) comes first, then the
    answer: the true one, `reply` in its stead, or what `manner` names. `hang` never answers, `reset` breaks
    the connection, `trickle_head` and `trickle_body` send a byte now and then and never come to the end.
    """

    accept: bool = True
    delay: float = 0.0
    reply: Reply | None = None
    manner: Literal["answer", "hang", "reset", "trickle_head", "trickle_body"] = "answer"


WELL = Behaviour()
HANG = Behaviour(manner="hang")
RESET_BEFORE = Behaviour(accept=False, manner="reset")
RESET_AFTER = Behaviour(manner="reset")
TRICKLE_HEAD = Behaviour(manner="trickle_head")
TRICKLE_BODY = Behaviour(manner="trickle_body")
HTML = Behaviour(
    accept=False,
    reply=Reply(200, b"<!doctype html><title>Sign in to the network</title>", {"Content-Type": "text/html"}),
)
EMPTY = Behaviour(reply=Reply(200))


def slow(seconds: float) -> Behaviour:
    """Accepts, and answers rightly after so many seconds."""
    return Behaviour(delay=seconds)


def refuse(status: int, body: JsonValue = None, **headers: str) -> Behaviour:
    """Accepts nothing and answers with `body` as JSON; `Retry_After` stands for the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = b"" if body is None else json.dumps(body).encode()
    return Behaviour(
        accept=False, reply=Reply(status, content, {"Content-Type": "application/json", **named})
    )


class FakeServer:
    """A provider on a free port of 127.0.0.1, for use as a context manager.

    `log` holds every request that was read; with `file` each is also written there as a line of JSON.
    """

    def __init__(self, file: Path | None = None, prefix: str = "") -> None:
        self.log: list[Entry] = []
        self._file = file
        self._prefix = prefix
        self._next: deque[Behaviour] = deque()
        self._always = WELL
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._http = _Server(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def judge(self, request: Request) -> Verdict:
        """Says what the provider makes of a request."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """The base address to set."""
        return f"http://127.0.0.1:{self._http.server_port}{self._prefix}"

    @property
    def accepted(self) -> list[Entry]:
        """The messages accepted so far, in order."""
        return [entry for entry in list(self.log) if entry.accepted]

    def next(self, *behaviours: Behaviour) -> None:
        """Treats the next requests so, one each; those after them as before."""
        with self._lock:
            self._next.extend(behaviours)

    def always(self, behaviour: Behaviour) -> None:
        """Treats all requests so from now on."""
        with self._lock:
            self._always = behaviour

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, request: Request) -> tuple[Behaviour, Reply]:
        """Judges and logs a request; returns how to answer and with what."""
        request = replace(request, path=request.path.removeprefix(self._prefix))
        with self._lock:
            behaviour = self._next.popleft() if self._next else self._always
            verdict = self.judge(request)
            reply = behaviour.reply or verdict.reply
            self._note(verdict, reply, accepted=behaviour.accept and verdict.provider_id is not None)
        return behaviour, reply

    def pause(self, seconds: float) -> bool:
        """Waits; True where the server is being closed."""
        return self._stopping.wait(seconds)

    def _note(self, verdict: Verdict, reply: Reply, *, accepted: bool) -> None:
        provider_id = verdict.provider_id if accepted else None
        entry = Entry(accepted, reply.status, provider_id, verdict.send_id, verdict.to, verdict.content)
        self.log.append(entry)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(entry)) + "\n")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakeServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fake = fake

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing of callers that left."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        behaviour, reply = self.server.fake.answer(Request(self.command, self.path, headers, body))
        self.server.fake.pause(behaviour.delay)
        match behaviour.manner:
            case "answer":
                self._answer(reply)
            case "hang":
                self.close_connection = True
                self.server.fake.pause(LONGEST_HANG)
            case "reset":
                self._reset()
            case "trickle_head":
                self._trickle(f"HTTP/1.1 {reply.status} Fine\r\nX-Filler: ".encode())
            case "trickle_body":
                self._trickle(self._head(reply, 1_000_000))

    def do_GET(self) -> None:
        self.do_POST()

    def do_PUT(self) -> None:
        self.do_POST()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keeps quiet: the fake has a log of its own."""

    def _answer(self, reply: Reply) -> None:
        self.wfile.write(self._head(reply, len(reply.body)) + reply.body)

    def _head(self, reply: Reply, length: int) -> bytes:
        lines = [f"HTTP/1.1 {reply.status} -", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _trickle(self, start: bytes) -> None:
        self.close_connection = True
        self.wfile.write(start)
        while not self.server.fake.pause(0.05):
            self.wfile.write(b" ")

    def _reset(self) -> None:
        """Closes with RST: a caller sees a broken connection, not an orderly end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()
