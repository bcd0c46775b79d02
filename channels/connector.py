"""Asks the outside addresses that a vocabulary names under `connectors`, one request at a time.

What is sent: JSON, or for `get` and `delete` a query. Each request carries `Idempotency-Key`, the same at
each try. With a secret it is signed as Standard Webhooks has it: `webhook-id`, `webhook-timestamp` and
`webhook-signature` over `id.timestamp.body`; `whsec_…` is base64, any other secret is taken as it is. One
that begins with `Bearer ` or `Basic ` is sent as `Authorization` instead.

What it means:

| what happened | outcome |
|---|---|
| 2xx, and where an answer is read, a JSON object | `Answered` |
| not reached, broken off, out of time, 408, 425, 429, 5xx | `Later`, after `Retry-After` |
| another status, no JSON object, a large one, an address that may not be reached | `Refused` |

Redirects with 307 and 308 are followed, for `get` the others too, three times at most. Each is judged as a
new address, and the secret goes to the first host alone.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

import httpx
from pydantic import JsonValue
from standardwebhooks import Webhook

from channels.classify import retry_after
from channels.safe_address import NotResolved, SafeAddresses, UnsafeAddress
from channels.wire import LARGEST_ANSWER, Answer, NotReached, Sent, WireFailure, exchange
from model.connectors import Answered, Later, Outcome, Question, Refused

AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
KEEPS_METHOD = frozenset({307, 308})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 3
MOST_ADDRESSES = 3
IN_QUERY = frozenset({"get", "delete"})


class _Ends(Exception):
    """The question is answered by this, whatever else was to come."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: httpx.URL
    body: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False)


class HttpConnectors:
    """Asks over HTTP; one a process, safe for concurrent calls."""

    def __init__(self, addresses: SafeAddresses) -> None:
        self._addresses = addresses

    async def ask(self, question: Question) -> Outcome:
        """Asks once, with one deadline for names, redirects and the whole answer."""
        deadline = asyncio.get_running_loop().time() + question.timeout
        try:
            return await self._asked(question, deadline)
        except _Ends as end:
            return end.outcome
        except WireFailure as failure:
            return Later(failure.reason)

    async def _asked(self, question: Question, deadline: float) -> Outcome:
        request = _request(question)
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._sent(request, deadline)
            if answer.status not in REDIRECTS:
                return _meaning(question, answer)
            request = _redirected(request, answer)
        return Refused("redirects without end")

    async def _sent(self, request: _Request, deadline: float) -> Answer:
        """Sends to one of the host's addresses; the next one is tried only where none was reached."""
        tls = self._tls if request.url.scheme == "https" else False
        sends = [_pinned(request, address) for address in await self._reachable(request.url, deadline)]
        for send in sends[:-1]:
            try:
                return await exchange(tls, send, deadline)
            except NotReached:
                continue
        return await exchange(tls, sends[-1], deadline)

    async def _reachable(self, url: httpx.URL, deadline: float) -> tuple[str, ...]:
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            async with asyncio.timeout_at(deadline):
                return (await self._addresses.of(url.raw_host.decode("ascii"), port))[:MOST_ADDRESSES]
        except UnsafeAddress:
            raise _Ends(Refused("the address is not a public one")) from None
        except (NotResolved, TimeoutError):
            raise NotReached("dns") from None

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpx.create_ssl_context()


def _request(question: Question) -> _Request:
    url, body = httpx.URL(question.url), b""
    given = {name: value for name, value in question.fields.items() if value is not None}
    headers = {"accept": "application/json", "idempotency-key": question.key, "user-agent": "cauce"}
    if question.method in IN_QUERY:
        url = url.copy_merge_params({name: _in_query(value) for name, value in given.items()})
    else:
        body = json.dumps(given, ensure_ascii=False).encode()
        headers["content-type"] = "application/json"
    headers |= _signed(question, body)
    return _Request(question.method.upper(), url.copy_with(fragment=None), body, headers)


def _in_query(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _signed(question: Question, body: bytes) -> dict[str, str]:
    secret = question.secret
    if secret is None:
        return {}
    if secret.startswith(("Bearer ", "Basic ")):
        return {"authorization": secret}
    now = datetime.now(UTC)
    signer = Webhook(secret if secret.startswith("whsec_") else secret.encode())
    return {
        "webhook-id": question.key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signer.sign(question.key, now, body.decode()),
    }


def _pinned(request: _Request, address: str) -> Sent:
    """Sends to the address that was judged, in the name of the host."""
    url = request.url
    headers = {**request.headers, "host": url.netloc.decode("ascii")}
    return Sent(
        request.method, str(url.copy_with(host=address)), headers, request.body, url.raw_host.decode("ascii")
    )


def _redirected(request: _Request, answer: Answer) -> _Request:
    keeps = answer.status in KEEPS_METHOD or request.method == "GET"
    try:
        url = request.url.join(answer.headers.get("location", ""))
    except httpx.InvalidURL:
        raise _Ends(Refused(f"http_{answer.status}")) from None
    if not keeps or url.scheme not in ("http", "https") or not url.host or "location" not in answer.headers:
        raise _Ends(Refused(f"http_{answer.status}"))
    if request.url.scheme == "https" and url.scheme == "http":
        raise _Ends(Refused("a redirect away from https"))
    if (url.scheme, url.host, url.port) == (request.url.scheme, request.url.host, request.url.port):
        return replace(request, url=url)
    private = {name for name in request.headers if name == "authorization" or name.startswith("webhook-")}
    kept = {name: value for name, value in request.headers.items() if name not in private}
    return replace(request, url=url, headers=kept)


def _meaning(question: Question, answer: Answer) -> Outcome:
    if answer.status in AGAIN:
        asks = "retry-after" in answer.headers and answer.status in (429, 503)
        return Later(f"http_{answer.status}", retry_after(answer.headers, time.time()) if asks else 0.0)
    if not 200 <= answer.status < 300:
        return Refused(f"http_{answer.status}")
    return _read(answer) if question.reads else Answered({})


def _read(answer: Answer) -> Outcome:
    if len(answer.body) >= LARGEST_ANSWER:
        return Refused("the answer is larger than 64 kB")
    try:
        found: JsonValue = json.loads(answer.body)
        text = json.dumps(found, ensure_ascii=False, allow_nan=False).encode().decode()
    except (ValueError, RecursionError):
        return Refused("the answer is no JSON")
    if "\\u0000" in text:
        return Refused("the answer has a NUL character")
    return Answered(found) if isinstance(found, dict) else Refused("the answer is no JSON object")
