"""Small pieces of JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

Form = dict[str, JsonValue]

DRAFT = "http://json-schema.org/draft-07/schema#"

UNITS = ("second", "minute", "hour", "day", "week", "month", "year", "business day")
_ONE = rf"\d+ ({'|'.join(UNITS)})s?"
_LENGTH = f"{_ONE}( (and )?{_ONE})*"
_AFTER = rf"{_LENGTH}( at \d?\d:\d\d( \S+)?)?"

TEXT: Form = {"type": "string", "minLength": 1}
WHOLE: Form = {"type": "integer", "minimum": 1}
SCALAR: Form = {"type": ["string", "number", "boolean"]}
CONDITION: Form = {"type": ["string", "boolean"], "minLength": 1}
LENGTH: Form = {
    "type": "string",
    "pattern": f"^{_LENGTH}$",
    "examples": ["2 days", "3 business days", "90 minutes"],
}
WAIT: Form = {
    "type": "string",
    "pattern": f"^({_AFTER}|until .+)$",
    "examples": ["2 days", "2 days at 9:00", "until monday at 9:00", "until start.expires_at - 1 day"],
}
INSTANT: Form = {
    "type": "string",
    "pattern": rf"^({_AFTER}|until .+|[a-z_]+[.(].*|never|\d{{4}}-\d\d-\d\d.*)$",
    "examples": ["2 days", "start.expires_at - 1 day", "until monday at 9:00"],
}


def ref(name: str) -> Form:
    """Refers to a definition."""
    return {"$ref": f"#/definitions/{name}"}


def any_of(*forms: Form) -> Form:
    """Says that one of several forms will do."""
    return {"anyOf": list(forms)}


def one_of(words: Iterable[str], about: str | None = None) -> Form:
    """Says that it is one of a few words; of none, any text."""
    found: list[JsonValue] = list(dict.fromkeys(words))
    form: Form = {"type": "string", "enum": found} if found else dict(TEXT)
    return described(form, about) if about else form


def described(form: Form, about: str) -> Form:
    """Adds what editors show; behind a reference it would not be seen."""
    return {"allOf": [form], "description": about} if "$ref" in form else {**form, "description": about}


def listed(form: Form) -> Form:
    """Says that it is a list of at least one."""
    return {"type": "array", "minItems": 1, "items": form}


def one_or_more(form: Form) -> Form:
    """Says that it is one, or a list of them."""
    return any_of(form, listed(form))


def mapped(form: Form) -> Form:
    """Says that it gives names to at least one."""
    return {"type": "object", "minProperties": 1, "additionalProperties": form}


def thing(parts: Mapping[str, Form], needed: Iterable[str]) -> Form:
    """Says that it has these parts and no others."""
    return {
        "type": "object",
        "properties": dict(parts),
        "required": list(dict.fromkeys(needed)),
        "additionalProperties": False,
    }


def either(*words: str) -> dict[str, JsonValue]:
    """Says that one of these parts must be there."""
    return {"anyOf": [{"required": [word]} for word in words]}


def hours() -> Form:
    """Says that it is opening hours, in one line or part by part."""
    parts: dict[str, Form] = dict.fromkeys(("days", "from", "to", "holidays"), any_of(TEXT, listed(TEXT)))
    return any_of(TEXT, thing(parts, ()))
