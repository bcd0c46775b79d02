"""A JSON Schema of vocabularies, from which editors complete while one types: sections, types, effects."""

from __future__ import annotations

from typing import get_args

from pydantic import JsonValue

from language.json_forms import (
    CONDITION,
    DRAFT,
    LENGTH,
    SCALAR,
    TEXT,
    WHOLE,
    Form,
    any_of,
    described,
    either,
    hours,
    listed,
    mapped,
    one_of,
    one_or_more,
    ref,
    thing,
)
from language.terms import Effect, EndingClass, Result
from language.vocabulary import NAMED, SETTINGS
from language.vocabulary_fields import TYPES
from model.connectors import Method

_NOTHING: Form = {"type": "null"}
_PARTS: Form = {"type": "object", "additionalProperties": ref("field")}


def vocabulary_schema() -> dict[str, JsonValue]:
    """Gives the schema of a vocabulary's file, which may hold any of the sections."""
    forms = {**_settings(), **_named()}
    sections = {word: forms.get(word, {}) for word in (*SETTINGS, *NAMED)}
    head: dict[str, JsonValue] = {
        "$schema": DRAFT,
        "title": "A vocabulary",
        "description": "What journeys may name. Written by `cauce schema`.",
    }
    return {**head, **thing(sections, ()), "definitions": {"field": _field()}}


def _field() -> Form:
    types = one_of((*TYPES, *(f"list of {name}" for name in TYPES)))
    parts: dict[str, Form] = {
        "type": types,
        "values": described(listed(SCALAR), "all that it may be, like `[new, customer]`"),
        "pii": described({"type": "boolean"}, "personal data, which is kept out of logs and histories"),
        "label": described(TEXT, "what people see"),
    }
    return any_of(types, thing(parts, ()))


def _settings() -> dict[str, Form]:
    cap = thing({"per_day": WHOLE, "per_week": WHOLE, "min_gap": LENGTH}, ())
    company: dict[str, Form] = {
        "name": TEXT,
        "zone": described(TEXT, "like `Europe/Madrid`"),
        "languages": described(one_or_more(TEXT), "`[es, en]`, the first where a lead has none of them"),
        "postal_address": described(TEXT, "stands under marketing"),
    }
    return {
        "company": described(thing(company, ()), "who writes"),
        "contact_hours": described(hours(), "when messages and calls may reach people"),
        "business_hours": described(hours(), "what business days and `due` count"),
        "defaults": thing({"life": LENGTH, "expires": LENGTH}, ()),
        "caps": thing({"marketing": cap, "topics": mapped(cap)}, ()),
    }


def _named() -> dict[str, Form]:
    audience = any_of({"const": "static"}, thing({"if": CONDITION, "network": TEXT}, ()))
    kind = thing({"key": TEXT, "fields": mapped(ref("field"))}, ("key", "fields"))
    forms: dict[str, Form] = {
        "lead": described(mapped(ref("field")), "what is known of leads, besides what every lead has"),
        "account": described(mapped(ref("field")), "what is known of their companies"),
        "things": described(mapped(kind), "what a lead may have several of, each with its key"),
        "events": described(mapped(any_of(_PARTS, _NOTHING)), "what happens, with its fields"),
        "queues": described(mapped(_queue()), "where work waits for people"),
        "teams": described(mapped(one_or_more(TEXT)), "whom `notify` writes to, by e-mail addresses"),
        "audiences": described(mapped(audience), "by rule, or `static`: filled by hand, journeys and API"),
        "connectors": described(mapped(_connector()), "outside addresses that `fetch` and `webhook` call"),
        "endings": described(mapped(one_of(get_args(EndingClass))), "which endings are won, lost, neutral"),
        "reply_keywords": described(mapped(one_or_more(SCALAR)), "words to look for in replies"),
    }
    return {name: any_of(form, _NOTHING) for name, form in forms.items()}


def _queue() -> Form:
    outcome: dict[str, Form] = {
        "label": TEXT,
        "effect": described(one_of(get_args(Effect)), "what it does to the work"),
        "result": described(one_of(get_args(Result)), "what it says of the lead"),
    }
    agents = any_of(one_or_more(TEXT), {"type": "object"})
    parts: dict[str, Form] = {
        "label": TEXT,
        "hours": described(hours(), "when it is staffed; else the business hours"),
        "agents": described(agents, "who works in it, each with the skills: `{ana: [english]}`"),
        "outcomes": mapped(any_of(thing(outcome, ()), _NOTHING)),
    }
    return thing(parts, ("outcomes",))


def _connector() -> Form:
    url: Form = {"type": "string", "pattern": "^https?://"}
    parts: dict[str, Form] = {
        **dict.fromkeys(get_args(Method), url),
        "secret": described({"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"}, "the setting that holds it"),
        "sends": described(mapped(ref("field")), "what goes there"),
        "answers": described(mapped(ref("field")), "what comes back"),
        "timeout": described(LENGTH, "of one try, 60 seconds at most"),
        "retry_for": described(LENGTH, "how long it is tried again"),
    }
    return {**thing(parts, ()), **either(*get_args(Method))}
