"""Conditions and values of the language as plain data (language.md §6).

An expression is parsed and typed once, by `language`; what travels is this tree. A *fact* is a node whose
value is asked of the store: a name that begins with `lead.`, `account.` or a thing, a function of history
or state, a condition on personal data (`Private`). `fact_key` is its canonical text, the key under which
the answer comes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, JsonValue

Type = Literal["text", "number", "yes_no", "time", "date", "duration", "list", "any"]
Operator = Literal["and", "or", "is", "is not", "<", "<=", ">", ">=", "in", "not in", "contains", "+", "-"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A value written in the text: times and dates as ISO 8601 text, lists as lists."""

    value: JsonValue
    type: Type
    kind: Literal["constant"] = "constant"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length written in a condition (`30 days`): months and days are calendar time, seconds elapsed
    time.
    """

    months: int = 0
    days: int = 0
    seconds: int = 0
    kind: Literal["duration"] = "duration"


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name, `lead.score` or `event.template` or `run.tries`, with its declared type; `now` and
    `round` too.

    In the filter of a history function the fields of the event asked about are `field.NAME`. `pii` marks
    personal data.
    """

    path: str
    type: Type
    pii: bool = False
    kind: Literal["name"] = "name"


@dataclass(frozen=True, slots=True)
class Not:
    """`not x`."""

    operand: Expr
    kind: Literal["not"] = "not"


@dataclass(frozen=True, slots=True)
class Known:
    """`x is known`; with `negated`, `x is not known`."""

    operand: Expr
    negated: bool = False
    kind: Literal["known"] = "known"


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right`."""

    op: Operator
    left: Expr
    right: Expr
    kind: Literal["binary"] = "binary"


@dataclass(frozen=True, slots=True)
class Call:
    """A function. `args` are plain arguments; history functions put window and filter into `window` and
    `where`.

    `window` is a `Duration`, `"this run"` or None (ever). `field` is the field read off `last("e").field`,
    `pii` marks it as personal data.
    """

    function: str
    args: tuple[Expr, ...] = ()
    window: Duration | Literal["this run"] | None = None
    where: Expr | None = None
    field: str | None = None
    type: Type = "any"
    pii: bool = False
    kind: Literal["call"] = "call"


@dataclass(frozen=True, slots=True)
class Private:
    """A condition on personal data or free text: judged whole inside the facts activity, which answers yes
    or no.
    """

    condition: Expr
    kind: Literal["private"] = "private"


Expr = Annotated[
    Constant | Duration | Name | Not | Known | Binary | Call | Private, Field(discriminator="kind")
]
