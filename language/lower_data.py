"""Lowers `set`."""

from __future__ import annotations

from language.compiled import Assign, Values
from language.expressions import Here
from language.facts import reads_pii
from language.lowering import Lowering
from language.problems import did_you_mean
from language.schema import FieldType
from language.syntax.model import Pair, SetStep, Step
from language.types import spelled
from model.expressions import Binary, Call, Constant, Expr, Name, Type

NOT_SET = frozenset({"id", "score", "tier", "consent", "created_at", "updated_at"})


def lower_set(low: Lowering, step: Step, body: SetStep, here: Here) -> Here:
    """Lowers the change of attributes and of the run's own values."""
    items: dict[str, Expr] = {}
    for pair in body.values:
        value = low.expressions.value(pair.value, here)
        if value is not None and _target(low, pair, value):
            items[pair.name.raw] = value
    private = tuple(name for name, expr in items.items() if reads_pii(expr))
    values, condition = Values(items, private), low.condition(step.condition, here)
    low.program.emit(Assign(low.place(step), values, condition))
    return here


def _target(low: Lowering, pair: Pair, value: Expr) -> bool:
    """Checks that the value may be kept under its name."""
    root, _, attribute = pair.name.raw.partition(".")
    if root == "run" and attribute:
        if reads_pii(value):
            advice = "keep it with the lead: `lead.…`"
            low.error(
                pair.value,
                "J037",
                f"`{pair.name.raw}` may hold no personal data, it cannot be erased",
                advice,
            )
        return True
    things = low.expressions.schema.things
    fields = {**things, "lead": low.vocabulary.lead, "account": low.vocabulary.account}.get(root)
    if fields is None:
        _no_target(low, pair)
        return False
    if attribute not in fields:
        place = f"things: {{{root}: …}}" if root in low.vocabulary.things else f"{root}:"
        advice = did_you_mean(attribute, fields) or f"declare it under `{place}` in the vocabulary"
        low.error(pair.name, "J010", f"`{root}` has no field `{attribute}`", advice)
        return False
    if root == "lead" and attribute.split(".")[0] in NOT_SET:
        low.error(pair.name, "J005", f"a journey cannot set `lead.{attribute}`", _instead(attribute))
        return False
    if root in low.vocabulary.things:
        low.expressions.things.setdefault(root, pair.name)
        if attribute == low.vocabulary.things[root].key:
            advice = "write another one by the API, or by an event that carries its key"
            low.error(pair.name, "J005", f"`{pair.name.raw}` is the key of the {root}", advice)
            return False
    return fits(low, pair, fields[attribute], value)


def _no_target(low: Lowering, pair: Pair) -> None:
    named = pair.name.raw
    root, dot, _ = named.partition(".")
    near = did_you_mean(root, ("lead", "account", "run", *low.vocabulary.things)) if dot else None
    advice = near or ("begin with `lead.` or `run.`" if dot else f"write `lead.{named}` or `run.{named}`")
    low.error(pair.name, "J010", f"`{named}` cannot be set", advice)


def _instead(attribute: str) -> str | None:
    return {"score": "write `score: +30`", "tier": "write `score: refresh`"}.get(attribute)


def fits(low: Lowering, pair: Pair, declared: FieldType, value: Expr) -> bool:
    """Checks the type of a value, and that it is one of those declared."""
    found = _type(value)
    if found not in (declared.type, "any") and declared.type != "any" and not _text_like(declared, value):
        message = f"`{pair.name.raw}` is {spelled(declared)}, and this is {spelled(FieldType(found))}"
        low.error(pair.value, "J010", message)
        return False
    constant = value.value if isinstance(value, Constant) else None
    if not declared.values or constant is None or constant in declared.values:
        return True
    names = [str(name) for name in declared.values]
    advice = did_you_mean(str(constant), names) or f"it is one of {', '.join(names)}"
    low.error(pair.value, "J010", f"`{pair.name.raw}` cannot be `{constant}`", advice)
    return False


def _type(value: Expr) -> Type:
    match value:
        case Constant() | Name() | Call():
            return value.type
        case Binary(op="+" | "-"):
            return _type(value.left)
        case _:
            return "yes_no"


def _text_like(declared: FieldType, value: Expr) -> bool:
    """Dates stand where times may, numbers where texts may (a postal code)."""
    found = _type(value)
    return {declared.type, found} == {"time", "date"} or (
        declared.type == "text" and isinstance(value, Constant) and found in ("number", "date")
    )
