"""Finds what a name in a condition means, or says what was probably meant."""

from __future__ import annotations

from language.functions import HISTORY, PLAIN
from language.problems import ConditionError, closest
from language.schema import ANY, Fields, FieldType, Schema, Scope
from language.types import Typed
from model.expressions import Name

ABSENT_WORDS = frozenset({"null", "nil", "none", "undefined", "empty", "blank", "missing", "nothing"})
OPERATORS = frozenset({"and", "or", "not", "is", "in", "contains", "true", "false"})
WORDS = OPERATORS | {"known", "now", "round", "this"}
ROOTS = frozenset({"lead", "account", "event", "start", "run", "fetched", "returned", "field"})


def resolve_name(path: str, offset: int, schema: Schema, scope: Scope) -> Typed:
    """Looks a dotted name up where `scope` may read.

    Raises ConditionError J010 with the nearest name.
    """
    if scope.filter is not None and path in scope.filter:
        return _typed(f"field.{path}", scope.filter[path], offset, path)
    if path == "now":
        return _typed(path, FieldType("time"), offset, path)
    if path == "round" and scope.round:
        return _typed(path, FieldType("number"), offset, path)
    root, _, name = path.partition(".")
    if root in scope.open and name:
        return _typed(path, ANY, offset, path)
    fields = _fields(root, schema, scope)
    if fields is None:
        raise _unknown_root(path, root, offset, schema, scope)
    if name not in fields:
        raise _unknown_field(root, name, offset, fields)
    return _typed(path, fields[name], offset, path)


def _typed(path: str, field: FieldType, offset: int, text: str) -> Typed:
    return Typed(Name(path, field.type, field.pii), field, offset, text)


def _fields(root: str, schema: Schema, scope: Scope) -> Fields | None:
    match root:
        case "lead":
            return schema.lead
        case "account":
            return schema.account
        case "event":
            return scope.event
        case "start":
            return scope.start
        case "fetched":
            return scope.fetched
        case _:
            return schema.things.get(root)


def _unknown_field(root: str, name: str, offset: int, fields: Fields) -> ConditionError:
    if not name:
        shown = sorted(fields)[:5]
        advice = f"write `{root}.{shown[0]}`" if shown else None
        return ConditionError(f"`{root}` needs a field after it", offset, advice, "J010")
    near = closest(name, fields)
    if root == "fetched" and not fields:
        return ConditionError(
            "no step of this journey fetches anything", offset, "add `fetch: CONNECTOR`", "J010"
        )
    listed = (
        f"it has {', '.join(sorted(fields)[:12])}" if fields else "the vocabulary declares no fields for it"
    )
    return ConditionError(
        f"`{root}` has no field `{name}`",
        offset,
        f"did you mean `{root}.{near}`?" if near else listed,
        "J010",
    )


def _unknown_root(path: str, root: str, offset: int, schema: Schema, scope: Scope) -> ConditionError:
    if root == "round":
        return ConditionError("`round` is readable only inside `repeat`", offset, None, "J010")
    if root in ROOTS and (root in scope.open or "." not in path):
        return ConditionError(f"`{root}` needs a name after it", offset, f"write `{root}.…`", "J010")
    if root in ROOTS:
        return ConditionError(f"`{root}.` cannot be read here", offset, None, "J010")
    return ConditionError(f"nothing is called `{path}`", offset, _guess(path, root, schema, scope), "J010")


def _guess(path: str, root: str, schema: Schema, scope: Scope) -> str:
    if scope.filter is not None and (near := closest(path, scope.filter)):
        return f"did you mean `{near}`?"
    if "." in path:
        near = closest(root, {*ROOTS - {"field"}, *schema.things})
        return (
            f"did you mean `{near}.{path.partition('.')[2]}`?" if near else "begin with `lead.`, `event.` …"
        )
    for owner, fields in (("event", scope.event), ("start", scope.start), ("lead", schema.lead)):
        if fields and path in fields:
            return f"write `{owner}.{path}`"
    if path in PLAIN or path in HISTORY:
        return f"write `{PLAIN[path].example if path in PLAIN else HISTORY[path]}`"
    near = closest(path, WORDS - {"round", "this"})
    return (
        f"did you mean `{near}`?" if near and path.lower() == near else f'a text stands in quotes: "{path}"'
    )
