"""When a condition can next change by time alone: never too late, sometimes too early."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from language.evaluate import Context, MissingFacts, distance, missing_facts, value_of
from language.facts import STEP_FUNCTIONS, children, walk
from language.moments import day_start, local, next_midnight, read_date, read_time
from language.remembered import remembered
from model.expressions import Binary, Call, Constant, Duration, Expr, Name, Private

_TICK = timedelta(microseconds=1)
_QUARTER = timedelta(minutes=15)
_CLOCK_SLACK = timedelta(hours=3)
_MONTH_SLACK = timedelta(days=4)
_DAILY = frozenset({"days_since", "days_until", "weekday"})
_OPENINGS = frozenset({"in_contact_hours", "queue_open"})
_COMPARED = frozenset({"is", "is not", "<", "<=", ">", ">=", "in", "not in", "contains"})


@remembered
def reads_time(expr: Expr) -> bool:
    """Says whether the value can change by time alone."""
    return any(_is_time(node) for node in walk(expr))


def next_change(expr: Expr, context: Context) -> datetime | None:
    """Gives an instant strictly after now before which the value stays as it is; None if time never changes
    it.

    It may come before the change itself: windows in days are looked at at each midnight. Raises MissingFacts.
    """
    if reads_time(expr) and (missing := missing_facts(expr, context)):
        raise MissingFacts(missing)
    earliest = min(_changes(expr, context), default=None)
    return None if earliest is None else max(earliest, context.now + _TICK)


def _is_time(node: Expr) -> bool:
    match node:
        case Name():
            return node.path == "now"
        case Call():
            timed = node.function in _DAILY | _OPENINGS | {"hour", "hours_since"}
            return timed or (isinstance(node.window, Duration) and node.function not in STEP_FUNCTIONS)
        case _:
            return False


def _changes(expr: Expr, context: Context) -> Iterator[datetime]:
    match expr:
        case Private():
            yield from _unseen_changes(expr.condition, context)
        case Call() if isinstance(expr.window, Duration) and value_of(expr, context) in (None, False, 0):
            # what is not in the window leaves it neither; only a filter that reads time may let something in
            if expr.where is not None:
                yield from _unseen_changes(expr.where, context)
        case Call():
            yield from _call_changes(expr, context)
        case Name() if expr.path == "now":
            yield context.now + _TICK
        case Binary() if expr.op in _COMPARED:
            if any(terms := (*_terms(expr.left, 1), *_terms(expr.right, -1))):
                yield from _crossing(expr, sum(terms), context)
            for leaf in (*_leaves(expr.left), *_leaves(expr.right)):
                yield from _changes(leaf, context)
        case _:
            for child in children(expr):
                yield from _changes(child, context)


def _terms(expr: Expr, sign: int) -> Iterator[int]:
    """Lists each `now` of a sum with its sign."""
    match expr:
        case Name() if expr.path == "now":
            yield sign
        case Binary() if expr.op in ("+", "-"):
            yield from _terms(expr.left, sign)
            yield from _terms(expr.right, sign if expr.op == "+" else -sign)
        case _:
            return


def _leaves(expr: Expr) -> Iterator[Expr]:
    """Lists what a sum is made of, but for `now`."""
    if isinstance(expr, Binary) and expr.op in ("+", "-"):
        yield from _leaves(expr.left)
        yield from _leaves(expr.right)
    elif not (isinstance(expr, Name) and expr.path == "now"):
        yield expr


def _crossing(expr: Binary, slope: int, context: Context) -> Iterator[datetime]:
    """Finds when the two sides meet: their distance changes by `slope` seconds a second.

    Lengths in months and days run unevenly, by `slack` at most; near the meeting every quarter of an hour
    is even, because clocks are only ever changed at one.
    """
    now = context.now
    if expr.op in ("in", "not in", "contains"):
        yield now + _TICK
        return
    gap = distance(value_of(expr.left, context), value_of(expr.right, context), context.zone)
    if gap is None:
        return
    slack = _slack(expr)
    apart = timedelta(microseconds=abs(gap))
    meeting = apart / abs(slope) if gap * slope < 0 else None
    if gap == 0:
        yield now + _TICK
    elif slack and apart <= slack:
        yield _next_quarter(now) if meeting is None else min(_next_quarter(now), now + meeting)
    elif meeting is not None:
        yield _later(now, (apart - slack) / abs(slope))


def _slack(expr: Expr) -> timedelta:
    slack = timedelta()
    for node in walk(expr):
        if isinstance(node, Duration):
            slack += _MONTH_SLACK if node.months else timedelta()
            slack += _CLOCK_SLACK if node.months or node.days else timedelta()
    return slack


def _later(now: datetime, by: timedelta) -> datetime:
    try:
        return now + by
    except OverflowError:
        return datetime.max.replace(tzinfo=now.tzinfo)


def _call_changes(call: Call, context: Context) -> Iterator[datetime]:
    now, zone = context.now, context.zone
    for argument in call.args:
        if any(_is_time(node) for node in walk(argument)):
            yield now.replace(microsecond=0) + timedelta(seconds=1)
    if call.where is not None:
        yield from _unseen_changes(call.where, context)
    if call.function in _DAILY:
        yield next_midnight(now, zone)
    elif call.function == "hour":
        yield _next_hour(now, zone)
    elif call.function == "hours_since":
        yield from _next_elapsed_hour(call, context)
    elif call.function in _OPENINGS:
        yield from _next_turn(call, context)
    elif isinstance(call.window, Duration):
        yield _next_quarter(now) if call.window.seconds else next_midnight(now, zone)


def _next_turn(call: Call, context: Context) -> Iterator[datetime]:
    """Finds when hours next open or close; where nobody can tell, they are looked at every quarter of an
    hour.
    """
    named = call.args[0].value if call.args and isinstance(call.args[0], Constant) else "contact"
    if context.next_turn is None or not isinstance(named, str):
        yield _next_quarter(context.now)
    elif (turn := context.next_turn(named)) is not None:
        yield turn


def _unseen_changes(expr: Expr, context: Context) -> Iterator[datetime]:
    """Bounds the changes of what only the store can judge."""
    for node in walk(expr):
        if not _is_time(node):
            continue
        if isinstance(node, Call) and node.function != "hours_since":
            yield from _call_changes(node, context)
        else:
            yield _next_quarter(context.now)


def _next_elapsed_hour(call: Call, context: Context) -> Iterator[datetime]:
    began = value_of(call.args[0], context)
    if isinstance(began, str):
        began = read_time(began) or read_date(began)
    if not isinstance(began, date):
        return
    instant = began if isinstance(began, datetime) else day_start(began, context.zone)
    hours = (context.now - instant) // timedelta(hours=1)
    yield instant + timedelta(hours=hours + 1)


def _next_hour(now: datetime, zone: str) -> datetime:
    wall = local(now, zone)
    gone = timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
    return now + timedelta(hours=1) - gone


def _next_quarter(now: datetime) -> datetime:
    return now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0) + _QUARTER
