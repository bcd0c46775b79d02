"""What surrounds every request: the access log, the last net for errors, the limit on bodies."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

import structlog
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem_response
from runtime.logs import place
from store.errors import is_outage

LARGEST_BODY: Final = 1 << 20
DRAINED: Final = 8 * LARGEST_BODY

_log: structlog.stdlib.BoundLogger = structlog.get_logger("api")


class AccessLog:
    """Logs each request by its route's template: neither path values nor query strings nor headers.

    An error that nobody answered becomes a 500 problem; its place is logged, its text is not.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - the last net
            _log.error("request failed", route=_route(scope), error=type(error).__name__, at=place(error))
            if status:
                raise RuntimeError("an answer broke off") from None
            await _apology(error)(scope, receive, sending)
        finally:
            spent = round((time.perf_counter() - began) * 1000, 1)
            _log.info("request", method=scope["method"], route=_route(scope), status=status, ms=spent)


class BodyLimit:
    """Reads the whole body before the application runs; 413 beyond 1 MiB, told or not by Content-Length."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on with its body at hand."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        if body is None:
            await problem_response("too_large", headers={"Connection": "close"})(scope, receive, send)
            return
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)


async def _whole(receive: Receive) -> bytes | None:
    """Reads a body; None if it is too large or breaks off. The rest is read off: the answer must arrive."""
    parts: list[bytes] = []
    size = 0
    while size <= DRAINED:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= LARGEST_BODY:
            parts.append(part)
        if not message.get("more_body", False):
            break
    return b"".join(parts) if size <= LARGEST_BODY else None


def _apology(error: Exception) -> JSONResponse:
    """Answers 503 where the database is away, to be tried again, and 500 for what is our mistake."""
    if is_outage(error):
        return problem_response("store_unavailable", headers={"Retry-After": "5"})
    return problem_response("internal_error")


def _route(scope: Mapping[str, object]) -> str:
    return str(getattr(scope.get("route"), "path", "unknown"))
