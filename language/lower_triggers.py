"""Lowers the triggers that no event of the lead's fires: scans by time, and dates of the lead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from language.compiled import Trigger
from language.dates import DateRule
from language.expressions import Here
from language.facts import START_DATE
from language.lower_audiences import lower_trigger
from language.lower_things import own_fields, trigger_thing
from language.lowering import Lowering
from language.schedule import parse_every, parse_once
from language.schema import FieldType
from language.syntax.model import AgainText, DateParts, JourneyText, TriggerText
from language.values import ValueText, parse_clock, parse_length
from language.vocabulary import Vocabulary
from language.wide import lookup_of
from language.yaml import Scalar
from model.expressions import Expr, Name
from model.time import Length

T = TypeVar("T")
NEVER_STILL = frozenset({"lead.updated_at"})
"""A time that every event moves: no run could begin by it."""
NO_DATE = DateParts()


def own_start(text: JourneyText, vocabulary: Vocabulary) -> dict[str, FieldType]:
    """Gives what `start.` reads besides the fields of events: `start.date` after a trigger by `date`."""
    fields = [_field(vocabulary, trigger.subject.raw) for trigger in text.starts if trigger.on == "date"]
    found = [field for field in fields if field is not None and is_dated(field)]
    if not found:
        return {}
    types = {field.element or field.type for field in found}
    same = types.pop() if len(types) == 1 else "any"
    return {"date": FieldType(same, pii=any(field.pii for field in found))}


def scanned(low: Lowering, text: TriggerText, condition: Expr | None) -> Trigger:
    """Lowers a trigger that no event of the lead's own fires; `condition` is its `if`."""
    name = text.name.raw if text.name else _default_name(low, text)
    key = low.text.key
    if key is not None and key.raw not in _keys(low, text):
        message = f"`{text.on}` carries no event, and the journey has the key `{key.raw}`"
        low.error(text.subject, "J036", message, "give it a journey of its own, without `key`")
    written, line = text.condition.raw if text.condition else "", text.subject.mark.line
    match text.on:
        case "every":
            every, thing = _read(low, text.subject, parse_every), trigger_thing(low, text, condition)
            return Trigger(
                "every", name, None, None, None, condition, written, line, every=every, thing=thing
            )
        case "once":
            once, own = _read(low, text.subject, parse_once), trigger_thing(low, text, condition)
            return Trigger("once", name, None, None, None, condition, written, line, once=once, thing=own)
        case "date":
            rule = _rule(low, text, text.date or NO_DATE)
            own = trigger_thing(low, text, Name(rule.path, "date")) if rule is not None else None
            return Trigger("date", name, None, None, None, condition, written, line, date=rule, thing=own)
        case "joins" | "leaves":
            return lower_trigger(low, text, name, condition)
        case _:
            raise AssertionError(text.on)


def _keys(low: Lowering, text: TriggerText) -> set[str]:
    """Lists the keys that a trigger without an event carries."""
    own = {f"start.{name}" for name in own_fields(low.text, low.vocabulary.things)}
    return own | {START_DATE} if text.on == "date" else own


def _rule(low: Lowering, text: TriggerText, beside: DateParts) -> DateRule | None:
    name = low.expressions.value(text.subject, Here(frozenset()))
    field = _field(low.vocabulary, name.path) if isinstance(name, Name) else None
    if name is None:
        return None
    if not isinstance(name, Name) or field is None or not is_dated(field) or name.path in NEVER_STILL:
        message = f"`{text.subject.raw}` is no date of the lead"
        low.error(text.subject, "J010", message, _dates_advice(low.vocabulary))
        return None
    listed = field.type == "list"
    if listed and name.path.partition(".")[0] in low.vocabulary.things:
        message = f"`{name.path}` has several dates, and a thing has one run at a time"
        low.error(text.subject, "J005", message, "take a field with one date")
    elif listed and field.pii:
        message = f"`{name.path}` holds personal data, and each of its dates would be the key of a run"
        low.error(text.subject, "J037", message, "take one date, or a field without `pii`")
    _check_again(low, low.text.again, yearly=beside.yearly)
    return DateRule(
        path=name.path,
        offset=beside.before or beside.after or Length(),
        sign=-1 if beside.before is not None else 1,
        at=None if beside.at is None else _read(low, beside.at, _clock),
        yearly=beside.yearly,
        listed=listed,
        catch_up=None if beside.catch_up is None else _read(low, beside.catch_up, parse_length),
    )


def _field(vocabulary: Vocabulary, path: str) -> FieldType | None:
    root, _, name = path.partition(".")
    owners = _owners(vocabulary)
    return owners[root].get(name) if root in owners else None


def _owners(vocabulary: Vocabulary) -> dict[str, Mapping[str, FieldType]]:
    """Gives the fields of all that may have dates, by the first word of their names."""
    things = {kind: thing.fields for kind, thing in vocabulary.things.items()}
    return {"lead": vocabulary.lead, "account": vocabulary.account, **things}


def _dates_advice(vocabulary: Vocabulary) -> str:
    return f"write one of {', '.join(f'`{path}`' for path in dates_of(vocabulary))}"


def dates_of(vocabulary: Vocabulary) -> list[str]:
    """Lists what `date:` may name."""
    owners = _owners(vocabulary)
    found = [
        f"{owner}.{name}" for owner, fields in owners.items() for name in fields if is_dated(fields[name])
    ]
    return [path for path in found if path not in NEVER_STILL]


def is_dated(field: FieldType) -> bool:
    """Says whether a field holds a date, or several."""
    return (field.element or field.type) in ("date", "time")


def _check_again(low: Lowering, again: AgainText, *, yearly: bool) -> None:
    """Refuses an `again` with which a yearly date would come once, or every other year."""
    if not yearly or again.mark is None:
        return
    after = again.after
    longer = after is not None and (after.months >= 12 or after.days >= 365)
    if again.mode == "never" or (again.mode == "after" and longer):
        message = "`yearly` lets each lead enter once a year, and this `again` keeps it from that"
        low.problems.add(again.mark, "J034", message, "leave `again` out, or leave `yearly` out")


def _clock(text: str) -> int:
    minutes = parse_clock(text)
    if minutes == 24 * 60:
        raise ValueText("`24:00` is only the end of opening hours", "write `0:00`")
    return minutes


def of_anyone(low: Lowering, text: TriggerText, trigger: Trigger) -> Trigger:
    """Lowers a trigger by the events of everybody: finds by what the leads are looked up."""
    lookup = lookup_of(trigger.where, ("lead.", "account."))
    if lookup is None and trigger.where is not None and text.where is not None:
        message = "this does not say by which attribute the leads are looked up whose run begins"
        advice = f"compare a field of the event with one: `event.{_some_field(low, text)} is lead.id`"
        low.error(text.where, "J005", message, advice)
    return replace(trigger, anyone=True, lookup=lookup)


def _some_field(low: Lowering, text: TriggerText) -> str:
    fields = low.vocabulary.events.get(text.subject.raw, {})
    return next((name for name in fields if name.endswith("_id")), "referrer_id")


def _default_name(low: Lowering, text: TriggerText) -> str:
    """Calls a trigger by its word; a second one of the same word is `every_2`."""
    before = low.text.starts[: low.text.starts.index(text)]
    number = sum(other.on == text.on and other.name is None for other in before)
    return text.on if not number else f"{text.on}_{number + 1}"


def _read(low: Lowering, written: Scalar, parse: Callable[[str], T]) -> T | None:
    try:
        return parse(written.raw)
    except ValueText as error:
        low.error(written, "J005", error.message, error.suggestion)
        return None
