"""Lists come in pages: `limit` at a time, `cursor` for the next."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

T = TypeVar("T", bound=BaseModel)

Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
Cursor = Annotated[
    str | None,
    Query(
        max_length=500,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="`next` of the page before; none for the first.",
    ),
]


class Paged(BaseModel, Generic[T]):
    """A page: `next` is the cursor of the following one, null at the end."""

    items: tuple[T, ...]
    next: str | None = Field(description="Opaque; null on the last page.")
