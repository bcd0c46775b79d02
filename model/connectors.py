"""What a run and an outside address say to each other: a question, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from model.events import Fields
from model.expressions import Type

Method = Literal["get", "post", "put", "patch", "delete"]


@dataclass(frozen=True, slots=True)
class AnswerField:
    """A field that a connector may answer, with its type; `pii` is personal data: it stays in the store."""

    type: Type
    element: Type | None = None
    values: tuple[str | int | float, ...] = ()
    pii: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One request to an outside address: `fields` are its body, or, for `get` and `delete`, its query.

    `key` makes a repeat harmless to a receiver that heeds it. With `reads` the answer has to be a JSON
    object. `timeout` (seconds) holds for everything.
    """

    method: Method
    url: str
    key: str
    fields: Fields
    reads: bool = False
    secret: str | None = field(default=None, repr=False)
    timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class Answered:
    """It answered; `values` are all fields of its answer, empty where nothing is read."""

    values: Fields


@dataclass(frozen=True, slots=True)
class Later:
    """It did not answer this time and may another; not before `after` seconds, where it said so."""

    reason: str
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Refused:
    """It refused, or answered what was not declared: the same again would end the same."""

    reason: str


Outcome = Answered | Later | Refused


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What a connector answered to a step of a run; `id` is that of the step's visit, `at` business time."""

    id: str
    enrolment_id: str
    lead_id: str
    step: str
    connector: str
    fields: Fields
    at: datetime


class Connectors(Protocol):
    """Asks outside addresses."""

    async def ask(self, question: Question) -> Outcome:
        """Asks once; never raises for what the other side does."""
        ...
