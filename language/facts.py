"""What a condition asks of the store, as canonical text.

A fact is a name rooted in the lead, its account or a thing, a function of history or state, or a whole
`Private` condition. Its key is the text of the node after `bind` has put in what the run itself knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from pydantic import JsonValue

from language.values import length_text
from model.expressions import Binary, Call, Constant, Duration, Expr, Known, Name, Not, Private, Type
from model.time import Length

HISTORY = frozenset({"did", "times", "last"})
STEP_FUNCTIONS = frozenset({"opened", "clicked", "replied", "sent"})
STATE = frozenset({"split_winner", "has_open", "can_reach", "in_audience", "queue_open", "in_contact_hours"})
ASKED = HISTORY | STEP_FUNCTIONS | STATE
RUN_ROOTS = frozenset({"event", "start", "run", "fetched", "returned", "round"})

START_DATE = "start.date"
"""The date that a run is about: a fact of the store where no event of the run carries it, for it moves."""

_NOT_FACTS = RUN_ROOTS | {"now", "field"}
_PRECEDENCE: dict[str, int] = {"or": 1, "and": 2, "+": 5, "-": 5}
_NOT, _COMPARED = 3, 4


def fact_key(expr: Expr) -> str:
    """Gives the key under which the answer to this fact comes back."""
    return _text(expr, 0)


def is_fact(expr: Expr) -> bool:
    """Says whether the store answers this node."""
    match expr:
        case Name():
            return expr.path == START_DATE or expr.path.split(".", 1)[0] not in _NOT_FACTS
        case Call():
            return expr.function in ASKED
        case Private():
            return True
        case _:
            return False


def fact_nodes(expr: Expr) -> tuple[Expr, ...]:
    """Lists the facts of a condition in reading order, each once; what stands inside one is not listed."""
    found: dict[str, Expr] = {}
    for fact in _facts(expr):
        found.setdefault(fact_key(fact), fact)
    return tuple(found.values())


def _facts(expr: Expr) -> Iterator[Expr]:
    if is_fact(expr):
        yield expr
        return
    for child in children(expr):
        yield from _facts(child)


def names_read(expr: Expr) -> frozenset[str]:
    """Lists every dotted name read, also inside filters (`field.NAME`) and personal conditions; not `now`."""
    return frozenset(node.path for node in walk(expr) if isinstance(node, Name) and node.path != "now")


def events_read(expr: Expr) -> frozenset[str]:
    """Lists the event types that history functions ask about."""
    return frozenset(
        node.args[0].value
        for node in walk(expr)
        if isinstance(node, Call) and node.function in HISTORY
        if isinstance(node.args[0], Constant) and isinstance(node.args[0].value, str)
    )


def reads_pii(expr: Expr) -> bool:
    """Says whether the value shows personal data, which a whole `Private` condition does not.

    A history function is answered by the store, filter and all; one whose filter compares with something
    that only the store knows (of the lead, its account or a thing, or personal data of the event) counts,
    because it has to be judged where these are known.
    """
    match expr:
        case Name():
            return expr.pii
        case Call() if expr.function in HISTORY:
            return expr.pii or (expr.where is not None and any(_known_to_store_alone(expr.where)))
        case Private():
            return False
        case _:
            return any(reads_pii(child) for child in children(expr))


def _known_to_store_alone(where: Expr) -> Iterator[Expr]:
    yield from _facts(where)
    for node in walk(where):
        if isinstance(node, Name) and node.pii and not node.path.startswith("field."):
            yield node


def unwrapped(expr: Expr) -> Expr:
    """Takes every `Private` inside a filter off: what holds the filter is judged whole."""
    return unwrapped(expr.condition) if isinstance(expr, Private) else _rebuilt(expr, unwrapped)


def children(expr: Expr) -> tuple[Expr, ...]:
    """Lists the nodes directly inside a node."""
    match expr:
        case Constant() | Duration() | Name():
            return ()
        case Not() | Known():
            return (expr.operand,)
        case Binary():
            return (expr.left, expr.right)
        case Call():
            return (*expr.args, *((expr.where,) if expr.where is not None else ()))
        case Private():
            return (expr.condition,)
        case _:
            assert_never(expr)


def walk(expr: Expr) -> Iterator[Expr]:
    """Goes through the node and everything inside it, also inside filters and personal conditions."""
    yield expr
    for child in children(expr):
        yield from walk(child)


def bind(expr: Expr, names: Mapping[str, JsonValue]) -> Expr:
    """Puts the values of the run's own names (`event.`, `start.`, `run.` …) in their place, where they are
    known.

    The names stay that `names` lacks: the store judges them, or they are missing.
    """
    if isinstance(expr, Name):
        inside = expr.path in names and expr.path.split(".", 1)[0] in RUN_ROOTS
        return _constant(names[expr.path], expr.type) if inside else expr
    bound = _rebuilt(expr, lambda child: bind(child, names))
    return _of_its_event(bound, names) if isinstance(bound, Private) else bound


def _of_its_event(bound: Private, names: Mapping[str, JsonValue]) -> Private:
    """Names the event whose personal fields are judged, so that the answer is of no other event."""
    event = names.get("event.id")
    if event is None or not any(isinstance(n, Name) and n.path.startswith("event.") for n in walk(bound)):
        return bound
    return Private(Binary("and", Known(Constant(event, "text")), bound.condition))


def prefixed(expr: Expr, prefix: str) -> Expr:
    """Puts a prefix before the steps that `opened("STEP")` and `fetched.STEP` and the like name."""
    if isinstance(expr, Name) and expr.path.startswith("fetched."):
        return replace(expr, path=f"fetched.{prefix}{expr.path.removeprefix('fetched.')}")
    if isinstance(expr, Call) and expr.function in STEP_FUNCTIONS and expr.args:
        named = expr.args[0]
        if isinstance(named, Constant):
            return replace(expr, args=(replace(named, value=f"{prefix}{named.value}"), *expr.args[1:]))
    return _rebuilt(expr, lambda child: prefixed(child, prefix))


def _rebuilt(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """Makes the node anew of its changed children."""
    match expr:
        case Constant() | Duration() | Name():
            return expr
        case Not():
            return Not(change(expr.operand))
        case Known():
            return Known(change(expr.operand), expr.negated)
        case Binary():
            return Binary(expr.op, change(expr.left), change(expr.right))
        case Call():
            args = tuple(change(argument) for argument in expr.args)
            where = change(expr.where) if expr.where is not None else None
            return Call(expr.function, args, expr.window, where, expr.field, expr.type, expr.pii)
        case Private():
            return Private(change(expr.condition))
        case _:
            assert_never(expr)


def _constant(value: JsonValue, declared: Type) -> Constant:
    if declared != "any":
        return Constant(value, declared)
    kinds: dict[type, Type] = {bool: "yes_no", int: "number", float: "number", str: "text", list: "list"}
    return Constant(value, kinds.get(type(value), "any"))


def to_text(expr: Expr) -> str:
    """Writes the node in the one canonical way, which reads back as the same node."""
    return _text(expr, 0)


def _text(expr: Expr, outer: int) -> str:
    match expr:
        case Name():
            return expr.path.removeprefix("field.")
        case Constant():
            return _constant_text(expr)
        case Duration():
            return _duration_text(expr)
        case Not():
            return _enclosed(f"not {_text(expr.operand, _NOT)}", _NOT, outer)
        case Known():
            verb = "is not known" if expr.negated else "is known"
            return _enclosed(f"{_text(expr.operand, _COMPARED + 1)} {verb}", _COMPARED, outer)
        case Binary():
            level = _PRECEDENCE.get(expr.op, _COMPARED)
            left = _text(expr.left, level if expr.op in _PRECEDENCE else level + 1)
            return _enclosed(f"{left} {expr.op} {_text(expr.right, level + 1)}", level, outer)
        case Call():
            return _call_text(expr)
        case Private():
            return _text(expr.condition, outer)
        case _:
            assert_never(expr)


def _enclosed(text: str, level: int, outer: int) -> str:
    return f"({text})" if level < outer else text


def _call_text(call: Call) -> str:
    arguments = [_text(argument, 0) for argument in call.args]
    if call.window is not None:
        arguments.append(call.window if isinstance(call.window, str) else _duration_text(call.window))
    if call.where is not None:
        arguments.append(_text(call.where, 0))
    field = f".{call.field}" if call.field is not None else ""
    return f"{call.function}({', '.join(arguments)}){field}"


def _constant_text(constant: Constant) -> str:
    value = constant.value
    if constant.type in ("date", "time") and isinstance(value, str):
        return value
    return _json_text(value)


def _json_text(value: JsonValue) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case list():
            return f"[{', '.join(_json_text(item) for item in value)}]"
        case _:
            return json.dumps(value, sort_keys=True)


def _duration_text(duration: Duration) -> str:
    return length_text(Length(months=duration.months, days=duration.days, seconds=duration.seconds))
