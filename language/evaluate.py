"""Judges conditions and values, pure: what they need is in a `Context`, what is not there is asked for all
at once.

Raises nothing on typed input but `MissingFacts`. A missing value is None and equals nothing (language.md §6).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import assert_never

from pydantic import JsonValue

from language.facts import ASKED, RUN_ROOTS, START_DATE, bind, fact_key, fact_nodes
from language.moments import day_start, local, read_date, read_time, shifted, shifted_day
from language.values import WEEKDAYS
from model.expressions import (
    Binary,
    Call,
    Constant,
    Duration,
    Expr,
    Known,
    Name,
    Not,
    Operator,
    Private,
    Type,
)
from model.record import record

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The time between two instants, kept as such: a month of it is a month of the calendar there."""

    start: datetime
    end: datetime


Value = None | bool | int | float | str | datetime | date | Duration | Span | list[JsonValue]


@record
class Context:
    """What a condition is judged by.

    `names` holds the run's own values by full dotted path (`event.template`, `run.tries`, `round`), `facts`
    the answers of the store by `fact_key`; times in both are ISO 8601 text. `now` is an aware UTC datetime,
    `zone` the run's. `next_turn` gives when the hours of `contact` or of a queue next open or close.
    """

    now: datetime
    zone: str
    names: Mapping[str, JsonValue] = field(default_factory=dict)
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    next_turn: Callable[[str], datetime | None] | None = None


class MissingFacts(Exception):
    """Facts that the condition names and the context lacks: all of them, with the run's own values put in."""

    def __init__(self, exprs: tuple[Expr, ...]) -> None:
        super().__init__(", ".join(fact_key(expr) for expr in exprs))
        self.exprs = exprs


class _Missing(Exception):
    """Some fact is not there."""


def evaluate(expr: Expr, context: Context) -> JsonValue:
    """Gives the value as JSON data: times and dates as ISO 8601 text, lengths in seconds, None if missing."""
    return _plain(value_of(expr, context))


def holds(expr: Expr, context: Context) -> bool:
    """Says whether a condition holds; a missing value alone counts as no."""
    return value_of(expr, context) is True


def value_of(expr: Expr, context: Context) -> Value:
    """Gives the value with times and dates decoded; raises MissingFacts."""
    try:
        return _value(expr, context)
    except _Missing:
        raise MissingFacts(missing_facts(expr, context)) from None


def missing_facts(expr: Expr, context: Context) -> tuple[Expr, ...]:
    """Lists the facts that a condition names and the context lacks."""
    needed = fact_nodes(bind(expr, context.names))
    return tuple(fact for fact in needed if fact_key(fact) not in context.facts)


def _value(expr: Expr, context: Context) -> Value:
    match expr:
        case Name():
            return _name(expr, context)
        case Constant():
            return _decoded(expr.value, expr.type)
        case Binary():
            return _binary(expr, context)
        case Not():
            return _value(expr.operand, context) is not True
        case Known():
            return (_value(expr.operand, context) is None) is expr.negated
        case Call():
            return _call(expr, context)
        case Duration():
            return expr
        case Private():
            return _fact(bind(expr, context.names), "yes_no", context)
        case _:
            assert_never(expr)


def _name(name: Name, context: Context) -> Value:
    if name.path == "now":
        return context.now
    if name.path in context.names:
        return _decoded(context.names[name.path], name.type)
    if name.path != START_DATE and name.path.partition(".")[0] in {*RUN_ROOTS, "field"}:
        return None
    if name.path not in context.facts:
        raise _Missing
    return _decoded(context.facts[name.path], name.type)


def _fact(expr: Expr, declared: Type, context: Context) -> Value:
    key = fact_key(expr)
    if key not in context.facts:
        raise _Missing
    return _decoded(context.facts[key], declared)


def _decoded(value: JsonValue, declared: Type) -> Value:
    """Reads JSON data as the declared type; what does not fit it is missing."""
    match declared, value:
        case "time", str():
            return read_time(value) or read_date(value)
        case "date", str():
            return read_date(value) or read_time(value)
        case "text", str():
            return value
        case "number", int() | float():
            return None if isinstance(value, bool) else _finite(value)
        case "yes_no", bool():
            return value
        case "list", list():
            return value
        case "any", bool() | int() | float() | str() | list():
            return value
        case _:
            return None


def _binary(expr: Binary, context: Context) -> Value:
    if expr.op == "and":
        return _value(expr.left, context) is True and _value(expr.right, context) is True
    if expr.op == "or":
        return _value(expr.left, context) is True or _value(expr.right, context) is True
    left, right = _value(expr.left, context), _value(expr.right, context)
    if expr.op in ("+", "-"):
        try:
            return calculate(left, right, 1 if expr.op == "+" else -1, context.zone)
        except (OverflowError, ValueError):
            return None
    return compare(expr.op, left, right, context.zone)


def compare(op: Operator, left: Value, right: Value, zone: str) -> bool:
    """Compares two values; with a missing one `is not` and `not in` hold, nothing else does."""
    match op:
        case "is":
            return _same(left, right, zone)
        case "is not":
            return not _same(left, right, zone)
        case "in":
            return _among(left, right, zone)
        case "not in":
            return not _among(left, right, zone)
        case "contains":
            if isinstance(left, str):
                return isinstance(right, str) and right in left
            return _among(right, left, zone)
        case "<" | "<=" | ">" | ">=":
            difference = distance(left, right, zone)
            return difference is not None and _ordered(op, difference)
        case _:
            return False


def _ordered(op: Operator, difference: float) -> bool:
    match op:
        case "<":
            return difference < 0
        case "<=":
            return difference <= 0
        case ">":
            return difference > 0
        case _:
            return difference >= 0


def _same(left: Value, right: Value, zone: str) -> bool:
    if left is None or right is None:
        return False
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str | list) and isinstance(right, str | list) and left == right:
        return True
    return distance(left, right, zone) == 0


def _among(member: Value, container: Value, zone: str) -> bool:
    if not isinstance(container, list):
        return False
    return any(_same(member, _decoded(item, "any"), zone) for item in container)


def distance(left: Value, right: Value, zone: str) -> float | None:
    """Gives how far `left` is beyond `right`: times and lengths in whole microseconds; None where they do
    not compare.

    A date is the start of that day in the zone; text beside a time, a date or other text of a time is read
    as one.
    """
    try:
        return _distance(left, right, zone)
    except (OverflowError, ValueError):
        return None


def _distance(left: Value, right: Value, zone: str) -> float | None:
    match left, right:
        case (bool(), _) | (_, bool()):
            return None
        case int() | float(), int() | float():
            return (left > right) - (left < right)
        case Span() | Duration(), Span() | Duration():
            return _length_distance(left, right, zone)
        case str() | date(), str() | date():
            one, other = _instant(left, zone), _instant(right, zone)
            return None if one is None or other is None else (one - other) // _MICROSECOND
        case _:
            return None


def _length_distance(left: Span | Duration, right: Span | Duration, zone: str) -> int:
    match left, right:
        case Span(), Duration():
            return (left.end - shifted(left.start, right, 1, zone)) // _MICROSECOND
        case Duration(), Span():
            return (shifted(right.start, left, 1, zone) - right.end) // _MICROSECOND
        case Span(), Span():
            return ((left.end - left.start) - (right.end - right.start)) // _MICROSECOND
        case _:
            return round((seconds_of(left) - seconds_of(right)) * 1_000_000)


def _instant(value: str | date, zone: str) -> datetime | None:
    found = read_time(value) or read_date(value) if isinstance(value, str) else value
    if found is None or isinstance(found, datetime):
        return found
    return day_start(found, zone)


def seconds_of(value: Span | Duration) -> float:
    """Gives a length in seconds; a month without a place in the calendar counts 30.436875 days."""
    if isinstance(value, Span):
        return (value.end - value.start) / timedelta(seconds=1)
    return value.months * 2_629_746 + value.days * 86_400 + value.seconds


def calculate(left: Value, right: Value, sign: int, zone: str) -> Value:
    """Adds or, with sign -1, subtracts; a missing value makes the result missing. May raise OverflowError,
    ValueError.
    """
    left, right = _as_time(left), _as_time(right)
    match left, right:
        case (bool(), _) | (_, bool()):
            return None
        case int() | float(), int() | float():
            return _finite(left + sign * right)
        case date(), Duration() | Span():
            return _moved(left, right, sign, zone)
        case date(), date() if sign < 0:
            end, start = _instant(left, zone), _instant(right, zone)
            return Span(start, end) if start is not None and end is not None else None
        case Span() | Duration(), Span() | Duration():
            return _sum_of(left, right, sign, zone)
        case _:
            return None


def _as_time(value: Value) -> Value:
    return read_time(value) or read_date(value) if isinstance(value, str) else value


def _moved(left: date, by: Duration | Span, sign: int, zone: str) -> date | None:
    """Moves a day or an instant; a day moved by seconds becomes an instant."""
    if isinstance(by, Duration) and not by.seconds and not isinstance(left, datetime):
        return shifted_day(left, by, sign)
    instant = _instant(left, zone)
    if instant is None:
        return None
    return (
        shifted(instant, by, sign, zone) if isinstance(by, Duration) else instant + sign * (by.end - by.start)
    )


def _sum_of(left: Span | Duration, right: Span | Duration, sign: int, zone: str) -> Span | Duration:
    """Adds two lengths; where one has a place in the calendar, the sum keeps it."""
    if isinstance(left, Span):
        if isinstance(right, Span):
            return Span(left.start, left.end + sign * (right.end - right.start))
        return Span(left.start, shifted(left.end, right, sign, zone))
    if isinstance(right, Span):
        start, end = (right.start, right.end) if sign > 0 else (right.end, right.start)
        return Span(start, shifted(end, left, 1, zone))
    return Duration(
        left.months + sign * right.months,
        left.days + sign * right.days,
        left.seconds + sign * right.seconds,
    )


def _finite(number: float) -> float | int | None:
    return number if isinstance(number, int) or math.isfinite(number) else None


def _call(call: Call, context: Context) -> Value:
    if call.function in ASKED:
        return _fact(bind(call, context.names), call.type, context)
    argument = _value(call.args[0], context) if call.args else None
    match call.function:
        case "hour":
            return local(context.now, context.zone).hour
        case "weekday":
            return WEEKDAYS[local(context.now, context.zone).weekday()]
        case "count":
            return len(argument) if isinstance(argument, list) else 0
        case "lower":
            return argument.lower() if isinstance(argument, str) else None
        case _:
            return _since(call.function, argument, context)


def _since(function: str, argument: Value, context: Context) -> int | None:
    """Counts whole calendar days in the run's zone, or whole elapsed hours; negative the other way round."""
    if isinstance(argument, str):
        argument = read_time(argument) or read_date(argument)
    if not isinstance(argument, date):
        return None
    try:
        if function == "hours_since":
            instant = argument if isinstance(argument, datetime) else day_start(argument, context.zone)
            return (context.now - instant) // timedelta(hours=1)
        day = local(argument, context.zone).date() if isinstance(argument, datetime) else argument
        days = (local(context.now, context.zone).date() - day).days
        return days if function == "days_since" else -days
    except (OverflowError, ValueError):
        return None


def _plain(value: Value) -> JsonValue:
    match value:
        case datetime() | date():
            return value.isoformat()
        case Duration() | Span():
            return seconds_of(value)
        case _:
            return value
