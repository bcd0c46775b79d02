"""`Idempotency-Key`: the same key and request get the same answer, without anything being done twice.

The answer is stored in the transaction that did the work, so both are there or neither is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Header, Response
from pydantic import BaseModel, JsonValue

from api.fields import ID
from api.problems import Problem
from api.strict_json import digest
from model.records import ApiKey, StoredResponse
from store import Tx

T = TypeVar("T", bound=BaseModel)

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=ID,
        description="Makes a repeat harmless: the same key with the same request gets the first answer, "
        "with `Idempotency-Replayed: true`; with another request 409. Kept for a day at least.",
    ),
]


class Once:
    """Does the work of a request once per API key, route and idempotency key."""

    def __init__(self, key: ApiKey, route: str, given: str | None, request: JsonValue) -> None:
        self._key_id = key.id
        self._name = f"{route} {given}" if given else None
        self._hash = digest(request)

    async def answer(
        self, tx: Tx, kind: type[T], response: Response, work: Callable[[], Awaitable[T]], status: int = 202
    ) -> T:
        """Gives the stored answer, or does the work and stores its answer.

        Raises Problem `idempotency_conflict`; an answer that is a problem is not kept.
        """
        response.status_code = status
        if self._name is None:
            return await work()
        before = await tx.idempotency.begin(self._key_id, self._name, self._hash)
        if before is not None:
            return self._again(before, kind, response)
        found = await work()
        await tx.idempotency.finish(self._key_id, self._name, status, found.model_dump(mode="json"))
        return found

    def _again(self, before: StoredResponse, kind: type[T], response: Response) -> T:
        if before.request_hash != self._hash or before.status is None:
            raise Problem("idempotency_conflict")
        response.status_code = before.status
        response.headers["Idempotency-Replayed"] = "true"
        return kind.model_validate(before.response)
