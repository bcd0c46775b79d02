"""The client of an outside scorer over HTTP.

Every request is signed as Standard Webhooks has it: `webhook-id` (the request's id), `webhook-timestamp`
(seconds) and `webhook-signature` (`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`). A time-out,
a refused connection, 429 and 5xx are tried again, which is harmless, since the contract is idempotent; 422
and the other refusals are not. An answer that is not the contract's, or not to this question, is no answer.

Errors: `model.scoring.ScorerUnavailable` with its reason.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from types import TracebackType
from typing import Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError
from standardwebhooks import Webhook

from model.scoring import (
    OutcomeAnswer,
    OutcomeReport,
    OutcomeReports,
    ScoreRequest,
    ScoreResponse,
    ScorerUnavailable,
    Unavailable,
)

Answer = TypeVar("Answer", bound=BaseModel)
RETRIED = frozenset({408, 429, 500, 502, 503, 504})
LARGEST_ANSWER = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ScorerSettings:
    """Where the scorer is and how patient we are: `timeout` seconds a try, `total` for all of them.

    `secret` signs (base64, with or without `whsec_`); `token` goes as a bearer token where the scorer wants
    one. `tiers` are the tiers that journeys know; an answer with another one is refused.
    """

    url: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    tiers: frozenset[str] = frozenset({"T1", "T2", "T3", "T4"})
    timeout: float = 2.0
    total: float = 8.0
    tries: int = 3
    pause: float = 0.2
    breaker_failures: int = 5
    breaker_rest: float = 30.0


@dataclass(slots=True)
class Breaker:
    """Stops asking after so many failures in a row, and lets one question through after a rest."""

    failures: int
    rest: float
    clock: Callable[[], float]
    _count: int = 0
    _open_until: float = 0.0

    def check(self) -> None:
        """Raises `ScorerUnavailable` while the breaker is open."""
        if self._count < self.failures:
            return
        if self.clock() < self._open_until:
            raise ScorerUnavailable("breaker_open")
        self._open_until = self.clock() + self.rest

    def note(self, *, ok: bool) -> None:
        """Takes note of how a call ended."""
        self._count = 0 if ok else self._count + 1
        if self._count >= self.failures:
            self._open_until = self.clock() + self.rest


class _TryAgainError(Exception):
    """A try failed in a way that another may not; `after` is what `Retry-After` asked for, in seconds."""

    def __init__(self, reason: Unavailable, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason: Unavailable = reason
        self.after = after


class ScorerClient:
    """Asks an outside scorer and reports outcomes to it; one a process, safe for concurrent calls."""

    def __init__(self, settings: ScorerSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._breaker = Breaker(settings.breaker_failures, settings.breaker_rest, clock)
        self._signer = Webhook(settings.secret)
        self._http = httpx.AsyncClient(
            base_url=settings.url, timeout=settings.timeout, follow_redirects=False, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def score(self, request: ScoreRequest) -> ScoreResponse:
        """Asks for a score; raises `ScorerUnavailable` where no valid answer to this request came in time."""

        def fits(response: ScoreResponse) -> bool:
            return response.request_id == request.request_id and response.tier in self._settings.tiers

        return await self._call("/v1/score", request.request_id, request, ScoreResponse, fits)

    async def report(self, outcomes: tuple[OutcomeReport, ...]) -> OutcomeAnswer:
        """Reports outcomes, which may be reported again; raises `ScorerUnavailable`."""
        body = OutcomeReports(outcomes=outcomes)
        ids = {outcome.outcome_id for outcome in outcomes}
        name = "outcomes_" + sha256("\n".join(sorted(ids)).encode()).hexdigest()[:32]

        def fits(found: OutcomeAnswer) -> bool:
            known = {item.outcome_id for item in found.rejected} <= ids
            return known and found.accepted + found.duplicates + len(found.rejected) == len(outcomes)

        return await self._call("/v1/outcomes", name, body, OutcomeAnswer, fits)

    async def _call(
        self,
        path: str,
        name: str,
        body: BaseModel,
        kind: type[Answer],
        fits: Callable[[Answer], bool],
    ) -> Answer:
        self._breaker.check()
        try:
            found = await self._tries(path, name, body.model_dump_json(exclude_none=True), kind, fits)
        except ScorerUnavailable as unavailable:
            self._breaker.note(ok=unavailable.reason == "refused")
            raise
        self._breaker.note(ok=True)
        return found

    async def _tries(
        self, path: str, name: str, body: str, kind: type[Answer], fits: Callable[[Answer], bool]
    ) -> Answer:
        deadline = self._clock() + self._settings.total
        reason: Unavailable = "failed"
        for attempt in range(1, self._settings.tries + 1):
            try:
                return _read(await self._once(path, name, body), kind, fits)
            except _TryAgainError as again:
                reason = again.reason
                pause = again.after if again.after is not None else self._settings.pause * 2 ** (attempt - 1)
            if attempt == self._settings.tries or self._clock() + pause >= deadline:
                break
            await asyncio.sleep(pause)
        raise ScorerUnavailable(reason)

    async def _once(self, path: str, name: str, body: str) -> bytes:
        try:
            async with asyncio.timeout(self._settings.timeout):
                return await self._post(path, name, body)
        except (TimeoutError, httpx.TimeoutException):
            raise _TryAgainError("timeout") from None
        except httpx.HTTPError:
            raise _TryAgainError("unreachable") from None

    async def _post(self, path: str, name: str, body: str) -> bytes:
        headers = self._headers(name, body)
        async with self._http.stream("POST", path, content=body, headers=headers) as response:
            if response.status_code in RETRIED:
                busy = response.status_code in {429, 503}
                after = _retry_after(response.headers.get("retry-after")) if busy else None
                raise _TryAgainError("busy" if busy else "failed", after)
            if not response.is_success:
                raise ScorerUnavailable("refused")
            return await _limited(response)

    def _headers(self, name: str, body: str) -> dict[str, str]:
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(name, now, body),
        }
        if self._settings.token is not None:
            headers["authorization"] = f"Bearer {self._settings.token}"
        return headers


async def _limited(response: httpx.Response) -> bytes:
    """Reads an answer of at most `LARGEST_ANSWER` bytes."""
    read = bytearray()
    async for piece in response.aiter_bytes():
        read += piece
        if len(read) > LARGEST_ANSWER:
            raise ScorerUnavailable("bad_answer")
    return bytes(read)


def _read(content: bytes, kind: type[Answer], fits: Callable[[Answer], bool]) -> Answer:
    try:
        found = kind.model_validate_json(content)
    except ValidationError:
        raise ScorerUnavailable("bad_answer") from None
    if not fits(found):
        raise ScorerUnavailable("bad_answer")
    return found


def _retry_after(value: str | None) -> float | None:
    """Reads seconds; a date, or anything else, is left to our own pause."""
    return float(value) if value is not None and value.isascii() and value.isdigit() else None
