"""A JSON Schema of scenarios, from which editors complete while one types: events with fields, outcomes,
journeys, and the lines that may be expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from language.format_order import SCENARIO, SCENARIOS
from language.json_forms import (
    DRAFT,
    LENGTH,
    TEXT,
    Form,
    any_of,
    described,
    listed,
    one_of,
    one_or_more,
    ref,
    thing,
)
from language.scenario import VERBS
from language.scenario_things import ACCOUNT
from language.scenario_ways import AUDIENCES
from language.schema import Fields, FieldType
from language.vocabulary import Vocabulary

_ANYTHING: Form = {"type": ["string", "number", "boolean", "null"]}
_CLOCK = r"( at \d{1,2}:\d{2})?"
_MOMENT: Form = {
    "type": "string",
    "minLength": 1,
    "examples": ["2 days", "day 4 at 7:00", "2026-02-05 at 7:00"],
}
_WAYS = ("every", "once", "date", "joins", "leaves")


def scenario_schema(vocabulary: Vocabulary, journeys: Iterable[str]) -> dict[str, JsonValue]:
    """Gives the schema of a file of scenarios of one of these journeys."""
    names = sorted(journeys)
    forms: dict[str, Form] = {
        "journey": one_of(names, "the journey that is played"),
        "name": described(TEXT, "what happens, in one sentence"),
        "lead": described(ref("lead"), "what is known of the lead; in front of all scenarios: of each"),
        "history": described(one_or_more(ref("past")), "what the lead did before"),
        "with": described(one_or_more(one_of(names)), "other journeys that run too"),
        "control": described({"type": "boolean"}, "one of those whom `holdout` keeps out"),
        "events": described({"type": "array", "items": ref("event")}, "what happens, in any order"),
        "expect": described({"type": "array", "items": _expected()}, "what the journey does, in order"),
        "scenarios": listed(ref("scenario")),
    }
    head: dict[str, JsonValue] = {
        "$schema": DRAFT,
        "title": "Scenarios",
        "description": "Written by `cauce schema`; write it again when the vocabulary changes.",
    }
    definitions: dict[str, JsonValue] = {
        "scenario": _of(SCENARIO, forms, ("name", "expect")),
        "lead": _lead(vocabulary),
        "event": _event(vocabulary),
        "past": _past(vocabulary),
    }
    return {**head, **_of(SCENARIOS, forms, ("journey", "scenarios")), "definitions": definitions}


def _of(words: Iterable[str], forms: Mapping[str, Form], needed: Iterable[str]) -> Form:
    return thing({word: forms.get(word, {}) for word in words}, needed)


def _expected() -> Form:
    line = rf"day \d{{1,5}}{_CLOCK} ({'|'.join(VERBS)}) \S+(, \S+)*( skipped [a-z_]+)?"
    examples: list[JsonValue] = [
        "day 2 email welcome",
        "day 3 sms hello skipped no_consent",
        "day 9 end converted",
    ]
    return {"type": "string", "pattern": f"^({line}|refused .+)$", "examples": examples}


def _lead(vocabulary: Vocabulary) -> Form:
    of_things: dict[str, Form] = {
        kind: one_or_more(thing(_fields(one.fields), (one.key,))) for kind, one in vocabulary.things.items()
    }
    audiences = described(
        one_or_more(one_of(sorted(vocabulary.audiences))), "the audiences that the lead is in"
    )
    account = {ACCOUNT: described(thing(_fields(vocabulary.account), ()), "what is known of its account")}
    around = {**of_things, **(account if vocabulary.account else {})}
    return thing({**around, **_fields(vocabulary.lead), AUDIENCES: audiences}, ())


def _event(vocabulary: Vocabulary) -> Form:
    """Says what an event of a scenario may be; the fields are those of the event that it names."""
    codes = sorted({code for queue in vocabulary.queues.values() for code in queue.outcomes})
    owners = {kind: one.fields for kind, one in vocabulary.things.items()}
    owners |= {"lead": vocabulary.lead, "account": vocabulary.account}
    settable = {f"{owner}.{name}": form for owner, of in owners.items() for name, form in _fields(of).items()}
    answers = {
        name: any_of({"const": "fails"}, thing(_fields(one.answers), ()))
        for name, one in vocabulary.connectors.items()
    }
    always: dict[str, Form] = {
        "at": described(_MOMENT, "how long after the beginning; of the first, when it begins"),
        "of": one_of(("lead", "account", "anyone"), "whose event it is"),
    }
    known: dict[str, Form] = {
        **always,
        "event": one_of(_events(vocabulary), "an event of the vocabulary, with its fields beside it"),
        "by": described({"const": "request"}, "with the inputs beside it"),
        "call": described(TEXT, "a call of the journey, with `outcome`"),
        "task": described(TEXT, "a task of the journey, with `outcome`"),
        "outcome": one_of(codes, "how the work ends"),
        "set": described(thing(settable, ()), "what of the lead changes"),
        "answer": described(thing(answers, ()), "what connectors answer from now on"),
        **dict.fromkeys(_WAYS, TEXT),
    }
    fields: list[JsonValue] = [
        _where_event(name, {**always, **_fields(vocabulary.events[name]), "event": TEXT})
        for name in _events(vocabulary)
    ]
    return {"type": "object", "minProperties": 1, "properties": dict(known), "allOf": fields}


def _where_event(name: str, parts: Mapping[str, Form]) -> Form:
    named: JsonValue = {"properties": {"event": {"const": name}}, "required": ["event"]}
    return {"if": named, "then": {"properties": dict(parts), "additionalProperties": False}}


def _past(vocabulary: Vocabulary) -> Form:
    known: dict[str, JsonValue] = {"ago": LENGTH, "event": one_of(_events(vocabulary), "what the lead did")}
    fields: list[JsonValue] = [
        _where_event(name, {**_fields(vocabulary.events[name]), "ago": LENGTH, "event": TEXT})
        for name in _events(vocabulary)
    ]
    return {"type": "object", "required": ["ago", "event"], "properties": known, "allOf": fields}


def _events(vocabulary: Vocabulary) -> list[str]:
    return sorted(vocabulary.events)


def _fields(fields: Fields) -> dict[str, Form]:
    """Gives the form of each field; `consent.email` may be written as `consent: {email: …}` too."""
    found = {name: _value(field) for name, field in fields.items()}
    for root in {name.partition(".")[0] for name in fields if "." in name}:
        inner = {
            name.removeprefix(f"{root}."): form for name, form in found.items() if name.startswith(f"{root}.")
        }
        found[root] = thing(inner, ())
    return found


def _value(field: FieldType) -> Form:
    match field.type:
        case "yes_no":
            return {"type": ["boolean", "null"]}
        case "number":
            return {"type": ["number", "null"]}
        case "list":
            return any_of({"type": "array", "items": _ANYTHING}, {"type": "null"})
        case _ if field.values:
            return {"enum": [*field.values, None]}
        case _:
            return _ANYTHING
