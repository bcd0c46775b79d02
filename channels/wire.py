"""One request over HTTP/1.1 that says how far it came; SDKs are given this to speak through, too.

Their own transports are unfit for messages that must go out once: urllib follows redirects with a GET and,
like requests, times a single read, so that a server which trickles holds it for ever; neither tells a
connection that never was from one that broke. Here one deadline holds for everything, nothing is followed
or repeated, proxies of the environment are not used, and a failure is one of two:

- `NotReached`: no byte of the request left (name, connection, TLS): nothing was sent, provably.
- `Lost`: the request was under way and no whole answer came.

Each call has a connection of its own. A kept one may have been closed by the provider a moment before, and
that would make an unknown of a message that never left.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import httpx

LARGEST_ANSWER = 64 * 1024


class WireFailure(Exception):
    """No whole answer came; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotReached(WireFailure):
    """The request never left: `dns`, `refused`, `tls`, `unreachable` or `connect_timeout`."""


class Lost(WireFailure):
    """The request left, wholly or in part, without an answer: `timeout`, `dropped` or `bad_answer`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said; the names of `headers` are found in any case, `body` ends at `LARGEST_ANSWER`."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Wire:
    """Posts to one base address within `timeout` seconds, its path kept as a prefix."""

    def __init__(self, base: str, timeout: float) -> None:
        parts = httpx.URL(base)
        if parts.scheme not in {"http", "https"} or not parts.host:
            raise ValueError("the base address of a provider must be http(s)://host…")
        self.base = base.rstrip("/")
        self.timeout = timeout
        self._tls = httpx.create_ssl_context() if parts.scheme == "https" else False

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, deadline: float) -> Answer:
        """Posts once until `deadline` (the loop's time); raises NotReached or Lost."""
        return await exchange(self._tls, Sent("POST", url, headers, body), deadline)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request; `tls_name` is the name that the certificate is for, where `url` has an address."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    tls_name: str | None = None


async def exchange(tls: ssl.SSLContext | bool, sent: Sent, deadline: float) -> Answer:
    """Makes one request until `deadline` (the loop's time); raises NotReached or Lost."""
    leaving = _Leaving()
    try:
        async with asyncio.timeout_at(deadline):
            return await _exchanged(tls, sent, leaving)
    except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
        raise
    except (TimeoutError, httpx.TimeoutException):
        raise (Lost("timeout") if leaving.begun else NotReached("connect_timeout")) from None
    except httpx.RequestError as error:
        reason = _broken(error) if leaving.begun else _unreached(error)
        raise (Lost(reason) if leaving.begun else NotReached(reason)) from None


async def _exchanged(tls: ssl.SSLContext | bool, sent: Sent, leaving: _Leaving) -> Answer:
    extensions = {"sni_hostname": sent.tls_name} if sent.tls_name is not None else {}
    async with (
        httpx.AsyncClient(verify=tls, timeout=None, trust_env=False) as client,
        client.stream(
            sent.method,
            sent.url,
            headers={**sent.headers, "accept-encoding": "identity", "connection": "close"},
            content=sent.body,
            extensions={**extensions, "trace": leaving.trace},
        ) as response,
    ):
        return Answer(response.status_code, response.headers, await _limited(response))


class _Leaving:
    """Notes the moment before the first byte of the request is written."""

    begun = False

    async def trace(self, name: str, info: Mapping[str, object]) -> None:
        self.begun = self.begun or name == "http11.send_request_headers.started"


async def _limited(response: httpx.Response) -> bytes:
    read = bytearray()
    async for piece in response.aiter_bytes():
        read += piece
        if len(read) > LARGEST_ANSWER:
            break
    return bytes(read[:LARGEST_ANSWER])


def _broken(error: httpx.RequestError) -> str:
    spoke_otherwise = isinstance(error, httpx.DecodingError) or "illegal" in str(error).lower()
    return "bad_answer" if spoke_otherwise else "dropped"


def _unreached(error: httpx.RequestError) -> str:
    for cause in _causes(error):
        match cause:
            case socket.gaierror():
                return "dns"
            case ssl.SSLError():
                return "tls"
            case ConnectionRefusedError():
                return "refused"
    return "unreachable"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for part in error.exceptions:
                yield from _causes(part)
        error = error.__cause__ or error.__context__
