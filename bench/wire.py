"""A small HTTP client for load: kept-alive connections and nothing else, so that its own cost hardly counts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import to_json


class NotAccepted(Exception):
    """The API did not answer 2xx; the message has its answer."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One request: wall time (seconds since the epoch) of its sending and its answer."""

    at: float
    answered: float


class Connection:
    """One kept-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def post(self, head: bytes, body: bytes) -> bytes:
        """Sends a request and reads its answer; raises NotAccepted."""
        self._writer.write(head % len(body) + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        content = await self._reader.readexactly(length)
        if answer[9:10] != b"2":
            raise NotAccepted(f"{answer.splitlines()[0].decode()} {content.decode()}")
        return content

    def close(self) -> None:
        """Ends the connection."""
        self._writer.close()


class Wire:
    """Posts events with an API key over a fixed number of connections."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._free: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        self._all: list[Connection] = []
        self._head = (
            "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {key}\r\nContent-Length: "
        ).encode() + b"%d\r\n\r\n"

    async def open(self, connections: int) -> None:
        """Connects."""
        for _ in range(connections - len(self._all)):
            made = Connection(*await asyncio.open_connection("127.0.0.1", self._port))
            self._all.append(made)
            self._free.put_nowait(made)

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
