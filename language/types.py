"""The types of conditions: what may be compared, added and asked, with advice in a marketer's words.

Every check takes `Typed` nodes, the tree with the declared type of its value, and raises ConditionError
(J010).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pydantic import JsonValue

from language.facts import reads_pii
from language.problems import ConditionError, did_you_mean
from language.schema import FieldType
from model.expressions import Binary, Constant, Duration, Expr, Known, Not, Operator, Private, Type

_TEMPORAL = ("time", "date")
_ARTICLE: dict[Type, str] = {
    "text": "a text",
    "number": "a number",
    "yes_no": "yes or no",
    "time": "a time",
    "date": "a date",
    "duration": "a length of time",
    "list": "a list",
    "any": "a value",
}
YES_NO = FieldType("yes_no")


@dataclass(frozen=True, slots=True)
class Typed:
    """A node with the type of its value and the place where it begins; `text` is what was written there."""

    expr: Expr
    field: FieldType
    offset: int
    text: str

    @property
    def type(self) -> Type:
        """The type of the value."""
        return self.field.type


def spelled(field_type: FieldType) -> str:
    """Words a type: `a list of text`, `a number`."""
    if field_type.type == "list" and field_type.element:
        return f"a list of {field_type.element.replace('yes_no', 'yes or no')}"
    return _ARTICLE[field_type.type]


def condition(node: Typed) -> Expr:
    """Takes a node as a condition: yes or no, wrapped as `Private` if it reads personal data itself."""
    if node.type not in ("yes_no", "any"):
        advice = f"compare it (`{node.text} is …`) or write `{node.text} is known`"
        raise ConditionError(
            f"`{node.text}` is {spelled(node.field)}, no yes or no", node.offset, advice, "J010"
        )
    return private(node.expr)


def private(expr: Expr) -> Expr:
    """Wraps a condition that reads personal data."""
    return Private(expr) if reads_pii(expr) else expr


def joined(op: Operator, left: Typed, right: Typed) -> Typed:
    """Builds `left and right` or `left or right`."""
    return _yes_no(Binary(op, condition(left), condition(right)), left, right)


def negated(operand: Typed, offset: int) -> Typed:
    """Builds `not operand`."""
    return Typed(Not(condition(operand)), YES_NO, offset, f"not {operand.text}")


def known(operand: Typed, is_negated: bool) -> Typed:
    """Builds `operand is known`."""
    expr = private(Known(operand.expr, is_negated))
    return Typed(expr, YES_NO, operand.offset, f"{operand.text} is known")


def compared(op: Operator, left: Typed, right: Typed) -> Typed:
    """Builds a comparison after checking that its two sides fit each other."""
    match op:
        case "is" | "is not":
            _check_same(op, left, right)
        case "<" | "<=" | ">" | ">=":
            _check_order(op, left, right)
        case "in" | "not in":
            _check_member(op, container=right, member=left)
        case "contains":
            _check_contains(left, right)
        case _:
            raise AssertionError(op)
    return _yes_no(private(Binary(op, left.expr, right.expr)), left, right)


def calculated(op: Operator, left: Typed, right: Typed) -> Typed:
    """Builds a sum or difference of numbers, times and lengths."""
    result = _sum_type(op, left, right)
    if result is None:
        raise ConditionError(
            f"`{op}` does not go with {spelled(left.field)} and {spelled(right.field)}",
            left.offset,
            "it goes with numbers, and with times, dates and lengths like `30 days`",
            "J010",
        )
    return Typed(
        Binary(op, left.expr, right.expr), FieldType(result), left.offset, f"{left.text} {op} {right.text}"
    )


def _yes_no(expr: Expr, left: Typed, right: Typed) -> Typed:
    return Typed(expr, YES_NO, left.offset, f"{left.text} … {right.text}")


def _sum_type(op: Operator, left: Typed, right: Typed) -> Type | None:
    match left.type, right.type:
        case ("number" | "any", "number") | ("number", "any"):
            return "number"
        case ("any", "any"):
            return "any"
        case ("time", "duration"):
            return "time"
        case ("any", "duration"):
            return "any"
        case ("date", "duration"):
            return "time" if isinstance(right.expr, Duration) and right.expr.seconds else "date"
        case ("duration", "duration"):
            return "duration"
        case ("duration", "time" | "date" | "any") if op == "+":
            return None
        case ("time" | "date" | "any", "time" | "date") | ("time" | "date", "any") if op == "-":
            return "duration"
        case _:
            return None


def _check_same(op: Operator, left: Typed, right: Typed) -> None:
    for one, other in ((left, right), (right, left)):
        if one.type == "list" and other.type == "any":
            raise _list_clash(op, one, other)
    if left.type == "list" or right.type == "list":
        raise _list_clash(op, left, right)
    if not _fits(left.type, right.type):
        raise _clash(left, right)
    _check_values(left.field, right)
    _check_values(right.field, left)


def _list_clash(op: Operator, left: Typed, right: Typed) -> ConditionError:
    if right.type == "list" and isinstance(right.expr, Constant):
        advice = f"write `{left.text} {'in' if op == 'is' else 'not in'} {right.text}`"
        return ConditionError(f"`{op}` does not go with a list", right.offset, advice, "J010")
    start = "" if op == "is" else "not "
    advice = f"write `{start}{left.text} contains {right.text}`"
    return ConditionError(f"`{left.text}` is a list", left.offset, advice, "J010")


def _check_order(op: Operator, left: Typed, right: Typed) -> None:
    for side in (left, right):
        if side.type in ("text", "yes_no", "list"):
            raise ConditionError(
                f"`{op}` compares numbers, times and lengths, and `{side.text}` is {spelled(side.field)}",
                side.offset,
                _number_advice(side) or "use `is`, `in` or `contains`",
                "J010",
            )
    if not _fits(left.type, right.type):
        raise _clash(left, right)


def _number_advice(side: Typed) -> str | None:
    if isinstance(side.expr, Constant) and isinstance(side.expr.value, str):
        text = side.expr.value
        if text.replace(".", "", 1).isdigit() or _is_date(text):
            return f"write `{text}` without quotes"
    return None


def _check_member(op: Operator, container: Typed, member: Typed) -> None:
    if container.type not in ("list", "any"):
        advice = "write a list: `[…]`"
        if isinstance(container.expr, Constant):
            advice = f"write `{member.text} {op} [{container.text}]`"
        elif container.type == "text":
            advice = f"write `{container.text} contains {member.text}`"
        raise ConditionError(f"`{op}` needs a list after it", container.offset, advice, "J010")
    if member.type == "list":
        raise ConditionError(
            f"`{member.text}` is a list", member.offset, f"write `{member.text} contains …`", "J010"
        )
    if isinstance(container.expr, Constant) and isinstance(container.expr.value, list):
        for item in container.expr.value:
            typed = Typed(
                Constant(item, type_of(item)), FieldType(type_of(item)), container.offset, _written(item)
            )
            if not _fits(member.type, typed.type) and not _date_text(member.type, item):
                raise _clash(member, typed)
            _check_values(member.field, typed)
        return
    if not _fits(container.field.element or "any", member.type):
        raise _element_clash(container, member)
    _check_values(_element(container.field), member)


def _check_contains(left: Typed, right: Typed) -> None:
    if left.type == "text" and right.type in ("text", "any"):
        return
    if left.type == "any" and right.type != "list":
        return
    if left.type != "list":
        raise ConditionError(
            f"`contains` asks a list or a text, and `{left.text}` is {spelled(left.field)}"
            if left.type != "text"
            else f"a text contains texts, and `{right.text}` is {spelled(right.field)}",
            left.offset if left.type != "text" else right.offset,
            "use `is`" if left.type != "text" else f'write "{right.text}"',
            "J010",
        )
    if right.type == "list":
        raise ConditionError("`contains` asks for one value", right.offset, "join several with `or`", "J010")
    if not _fits(left.field.element or "any", right.type):
        raise _element_clash(left, right)
    _check_values(_element(left.field), right)


def _element(field: FieldType) -> FieldType:
    return FieldType(field.element or "any", values=field.values)


def _element_clash(container: Typed, member: Typed) -> ConditionError:
    message = (
        f"`{container.text}` is {spelled(container.field)}, and `{member.text}` is {spelled(member.field)}"
    )
    return ConditionError(
        message, member.offset, _clash_advice(_element(container.field).type, member), "J010"
    )


def _fits(left: Type, right: Type) -> bool:
    return left == right or "any" in (left, right) or (left in _TEMPORAL and right in _TEMPORAL)


def _clash(left: Typed, right: Typed) -> ConditionError:
    named, other = (right, left) if isinstance(left.expr, Constant) else (left, right)
    message = f"`{named.text}` is {spelled(named.field)}, and `{other.text}` is {spelled(other.field)}"
    return ConditionError(message, right.offset, _clash_advice(named.type, other), "J010")


def _clash_advice(wanted: Type, other: Typed) -> str | None:
    if wanted in _TEMPORAL and isinstance(other.expr, Duration):
        return f"write `now - {other.text}` for a time so long ago"
    if not isinstance(other.expr, Constant):
        return None
    value = other.expr.value
    if wanted == "yes_no":
        return f"write `is {'false' if value in ('no', 'false', 0) else 'true'}`"
    if wanted == "text":
        return f'write "{other.text}"'
    if isinstance(value, str) and wanted in ("number", "time", "date"):
        return _number_advice(other) or (
            "write a number without quotes" if wanted == "number" else "write a date like `2026-03-02`"
        )
    return "compare it with a length like `30 days`" if wanted == "duration" else None


def _check_values(declared: FieldType, other: Typed) -> None:
    """Refuses a constant that is none of a field's declared values."""
    if not declared.values or not isinstance(other.expr, Constant) or other.expr.value in declared.values:
        return
    names = [str(value) for value in declared.values]
    advice = did_you_mean(str(other.expr.value), names)
    message = f"`{other.expr.value}` is none of the declared values"
    raise ConditionError(message, other.offset, advice or f"they are {', '.join(names[:12])}", "J010")


def type_of(value: JsonValue) -> Type:
    """Says the type of a plain value."""
    match value:
        case bool():
            return "yes_no"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "any"


def _date_text(wanted: Type, item: JsonValue) -> bool:
    return wanted in _TEMPORAL and isinstance(item, str) and _is_date(item)


def _is_date(text: str) -> bool:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(text)
        except ValueError:
            continue
        return len(text) >= 10
    return False


def _written(value: JsonValue) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()
