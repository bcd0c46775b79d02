"""A small HTTP client for load: kept-alive connections and little else, so that it hardly costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import to_json

REST = 3.0
"""Seconds after which an idle connection is not trusted; the server closes them after 5."""


class NotAccepted(Exception):
    """The API did not answer 2xx; the message has its answer."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One request: wall time (seconds since the epoch) of its sending and its answer."""

    at: float
    answered: float


class Connection:
    """One connection, made anew after a rest in which the server may have closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._used = 0.0
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, head: bytes, body: bytes) -> bytes:
        """Sends a request and reads its answer; raises NotAccepted."""
        reader, writer = await self._open()
        writer.write(head % len(body) + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        content = await reader.readexactly(length)
        self._used = time.monotonic()
        if answer[9:10] != b"2":
            raise NotAccepted(f"{answer.splitlines()[0].decode()} {content.decode()}")
        return content

    def close(self) -> None:
        """Ends the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is not None and time.monotonic() - self._used > REST:
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        return self._streams


class Wire:
    """Posts events with an API key over a fixed number of connections."""

    def __init__(self, port: int, key: str, connections: int) -> None:
        self._all = [Connection(port) for _ in range(connections)]
        self._free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        for connection in self._all:
            self._free.put_nowait(connection)
        self._head = (
            "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {key}\r\nContent-Length: "
        ).encode() + b"%d\r\n\r\n"

    def close(self) -> None:
        """Ends all connections."""
        for connection in self._all:
            connection.close()

    async def post(self, event: JsonValue) -> Sent:
        """Posts one event, waiting for a free connection first; raises NotAccepted."""
        body = to_json(event)
        connection = await self._free.get()
        began = time.time()
        await connection.post(self._head, body)
        self._free.put_nowait(connection)
        return Sent(began, time.time())

    async def flood(self, events: Sequence[JsonValue]) -> list[Sent]:
        """Posts events one by one as fast as the connections allow."""
        return list(await asyncio.gather(*(self.post(event) for event in events)))

    async def pace(self, events: Sequence[JsonValue], each_second: float) -> list[float]:
        """Posts events at a fixed rate, whatever the answers take; gives the seconds each one took.

        They count from the instant at which the request was due, so that a slow answer is not hidden.
        """
        loop = asyncio.get_running_loop()
        begin = loop.time()

        async def one(index: int, event: JsonValue) -> float:
            due = begin + index / each_second
            await asyncio.sleep(due - loop.time())
            await self.post(event)
            return loop.time() - due

        return list(await asyncio.gather(*(one(index, event) for index, event in enumerate(events))))
