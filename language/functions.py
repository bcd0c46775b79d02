"""The functions of conditions: their arguments, checked against the vocabulary, and the type of their
answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from language.facts import unwrapped
from language.problems import ConditionError, did_you_mean
from language.schema import NO_FIELDS, FieldType, Schema
from language.types import YES_NO, Typed, condition, spelled
from language.values import WEEKDAYS
from model.expressions import Call, Constant, Duration, Expr

NUMBER = FieldType("number")
_TEXT = FieldType("text")

Argument = Literal["list", "text", "temporal", "name"]


@dataclass(frozen=True, slots=True)
class Function:
    """The signature of a plain function."""

    arguments: tuple[Argument, ...]
    result: FieldType
    example: str


PLAIN: dict[str, Function] = {
    "count": Function(("list",), NUMBER, "count(lead.interests)"),
    "lower": Function(("text",), _TEXT, "lower(event.text)"),
    "days_since": Function(("temporal",), NUMBER, "days_since(lead.created_at)"),
    "hours_since": Function(("temporal",), NUMBER, "hours_since(lead.created_at)"),
    "days_until": Function(("temporal",), NUMBER, "days_until(start.expires_at)"),
    "hour": Function((), NUMBER, "hour()"),
    "weekday": Function((), FieldType("text", values=WEEKDAYS), "weekday()"),
    "in_contact_hours": Function((), YES_NO, "in_contact_hours()"),
    "queue_open": Function(("name",), YES_NO, 'queue_open("dispatch")'),
    "has_open": Function(("name",), YES_NO, 'has_open("agent_review")'),
    "can_reach": Function(("name",), YES_NO, 'can_reach("sms")'),
    "in_audience": Function(("name",), YES_NO, 'in_audience("vip")'),
    "opened": Function(("name",), YES_NO, 'opened("welcome")'),
    "clicked": Function(("name",), YES_NO, 'clicked("welcome")'),
    "replied": Function(("name",), YES_NO, 'replied("welcome")'),
    "sent": Function(("name",), YES_NO, 'sent("welcome")'),
}
HISTORY: dict[str, str] = {
    "did": 'did("email.clicked", 30 days)',
    "times": 'times("order.completed", 90 days)',
    "last": 'last("quote.started").amount',
}
NAMES = frozenset({*PLAIN, *HISTORY})


def unknown_function(name: str, offset: int) -> ConditionError:
    """Words the mistake of a function that is not there."""
    advice = did_you_mean(name, NAMES) or f"the functions are {', '.join(sorted(NAMES))}"
    return ConditionError(f"there is no function `{name}`", offset, advice, "J010")


def plain_call(name: str, arguments: list[Typed], offset: int, schema: Schema) -> Typed:
    """Builds the call of a function of `PLAIN`."""
    function = PLAIN[name]
    if len(arguments) != len(function.arguments):
        wanted = {0: "nothing", 1: "one value"}[len(function.arguments)]
        raise ConditionError(
            f"`{name}` takes {wanted} in its parentheses", offset, f"write `{function.example}`", "J010"
        )
    for argument, wanted_type in zip(arguments, function.arguments, strict=True):
        _check_argument(name, function, argument, wanted_type)
    if arguments and function.arguments == ("name",):
        _check_name(name, arguments[0], schema)
    args = tuple(argument.expr for argument in arguments)
    return Typed(Call(name, args, type=function.result.type), function.result, offset, f"{name}(…)")


def _check_argument(name: str, function: Function, argument: Typed, wanted: Argument) -> None:
    fits = {
        "list": argument.type in ("list", "any"),
        "text": argument.type in ("text", "any"),
        "temporal": argument.type in ("time", "date", "any"),
        "name": isinstance(argument.expr, Constant) and argument.type == "text",
    }[wanted]
    if not fits:
        message = f"`{name}` does not take {spelled(argument.field)}"
        if wanted == "name":
            message = f"`{name}` takes a name in quotes"
        raise ConditionError(message, argument.offset, f"write `{function.example}`", "J010")


def _check_name(name: str, argument: Typed, schema: Schema) -> None:
    known: dict[str, tuple[str, Iterable[str]]] = {
        "queue_open": ("queue", schema.queues),
        "in_audience": ("audience", schema.audiences),
        "can_reach": ("channel", schema.channels),
    }
    if schema.work:
        known["has_open"] = ("call or task", schema.work)
    if name not in known:
        return
    word, names = known[name]
    value = text_of(argument.expr)
    if value not in names:
        listed = (
            f"there are {', '.join(sorted(names)[:12])}" if names else f"the vocabulary declares no {word}"
        )
        advice = did_you_mean(value, names) or listed
        raise ConditionError(f"there is no {word} `{value}`", argument.offset, advice, "J011")


def event_fields(name: str, argument: Typed, schema: Schema) -> dict[str, FieldType]:
    """Gives the fields of the event that a history function asks about."""
    if argument.type != "text" or not isinstance(argument.expr, Constant):
        advice = f"write `{HISTORY[name]}`"
        raise ConditionError(f"`{name}` begins with an event in quotes", argument.offset, advice, "J010")
    event = text_of(argument.expr)
    if event not in schema.events:
        raise ConditionError(
            f"there is no event `{event}`", argument.offset, did_you_mean(event, schema.events), "J011"
        )
    return dict(schema.events.get(event, NO_FIELDS))


@dataclass(frozen=True, slots=True)
class HistoryCall:
    """The parts of a history function as they stood in the text."""

    name: str
    offset: int
    event: Typed
    fields: dict[str, FieldType]
    window: Duration | Literal["this run"] | None = None
    where: Typed | None = None
    field: str | None = None


def history_call(parts: HistoryCall) -> Typed:
    """Builds the call of `did`, `times` or `last`."""
    if parts.where is not None and parts.where.type == "number":
        message = f"`{parts.where.text}` is a number, no length of time"
        raise ConditionError(message, parts.where.offset, f"write `{parts.where.text} days`", "J010")
    where = unwrapped(condition(parts.where)) if parts.where is not None else None
    result = _result(parts)
    call = Call(parts.name, (parts.event.expr,), parts.window, where, parts.field, result.type, result.pii)
    return Typed(call, result, parts.offset, f"{parts.name}(…)")


def _result(parts: HistoryCall) -> FieldType:
    if parts.name != "last":
        if parts.field is not None:
            advice = f'write `last("{text_of(parts.event.expr)}").{parts.field}`'
            raise ConditionError(f"`{parts.name}` has no fields", parts.offset, advice, "J010")
        return YES_NO if parts.name == "did" else NUMBER
    event = text_of(parts.event.expr)
    if parts.field is None:
        advice = f'write `last("{event}").at`, or `did("{event}")`'
        raise ConditionError("`last` needs a field after it", parts.offset, advice, "J010")
    if parts.field not in parts.fields:
        listed = f"it has {', '.join(sorted(parts.fields)[:12])}"
        advice = did_you_mean(parts.field, parts.fields) or listed
        raise ConditionError(f"`{event}` has no field `{parts.field}`", parts.offset, advice, "J010")
    return parts.fields[parts.field]


def text_of(expr: Expr) -> str:
    """Gives the text of a text constant."""
    return expr.value if isinstance(expr, Constant) and isinstance(expr.value, str) else ""
