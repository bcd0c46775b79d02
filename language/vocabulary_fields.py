"""Reads the typed fields of a vocabulary: of the lead, its account, things and events."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Map

from language.builtin import COMMON_FIELDS, EVENTS, FIRST_WORDS, LEAD_FIELDS
from language.names import OPERATORS, ROOTS, WORDS
from language.problems import Problems, did_you_mean
from language.reading import NAME, check_name, read_mapping, read_parts, read_text
from language.schema import FieldType
from language.terms import Thing
from language.types import spelled
from language.yaml import Entry, Mapping, Node, Scalar, Sequence
from model.expressions import Type

TYPES: dict[str, Type] = {
    "text": "text",
    "number": "number",
    "yes or no": "yes_no",
    "time": "time",
    "date": "date",
}
_OTHER_TYPES = {
    **dict.fromkeys(("string", "str", "email", "phone", "url", "uuid"), "text"),
    **dict.fromkeys(("int", "integer", "float", "decimal", "amount", "money"), "number"),
    **dict.fromkeys(("bool", "boolean", "yes/no", "yes_no", "flag"), "yes or no"),
    **dict.fromkeys(("datetime", "timestamp", "instant"), "time"),
    **dict.fromkeys(("day", "birthday"), "date"),
    **dict.fromkeys(("list", "array", "strings", "texts"), "list of text"),
}


def read_fields(entries: Iterable[Entry], problems: Problems, *, pii: bool = False) -> dict[str, FieldType]:
    """Reads `name: type` entries; with `pii`, all are personal data unless they say otherwise."""
    fields: dict[str, FieldType] = {}
    for entry in entries:
        if check_name(entry, "a field", problems, reserved=OPERATORS):
            field = read_field(entry.value, problems, pii=pii)
            fields[entry.name] = field or FieldType("any", pii=pii)
    return fields


def read_field(node: Node, problems: Problems, *, pii: bool = False) -> FieldType | None:
    """Reads `text`, `list of text` or `{type, values, pii, label}`."""
    if not isinstance(node, Mapping):
        kind = _read_type(node, problems)
        return FieldType(kind[0], kind[1], pii=pii) if kind else None
    parts = read_parts(node, "a field", ("type", "values", "pii", "label"), problems)
    if parts is None:
        return None
    kind = _read_type(parts["type"], problems) if "type" in parts else ("text", None)
    if kind is None:
        return None
    return FieldType(
        kind[0],
        kind[1],
        _read_values(parts["values"], kind[1] or kind[0], problems) if "values" in parts else (),
        _read_flag(parts["pii"], problems) if "pii" in parts else pii,
        read_text(parts["label"], "the label", problems) if "label" in parts else None,
    )


def _read_type(node: Node, problems: Problems) -> tuple[Type, Type | None] | None:
    text = node.raw.strip() if isinstance(node, Scalar) else ""
    if text in TYPES:
        return TYPES[text], None
    element = text.removeprefix("list of ")
    if element != text and element in TYPES:
        return "list", TYPES[element]
    known = _OTHER_TYPES.get(text.lower())
    advice = f"write `{known}`" if known else did_you_mean(text, TYPES)
    listed = f"the types are {', '.join(TYPES)} and list of …"
    problems.add(node.mark, "J010", f"`{text}` is no type" if text else "a type is missing", advice or listed)
    return None


def _read_values(node: Node, kind: Type, problems: Problems) -> tuple[str | int | float, ...]:
    if not isinstance(node, Sequence) or not node.items:
        problems.add(node.mark, "J005", "`values` is a list", "write `values: [new, customer]`")
        return ()
    values: list[str | int | float] = []
    for item in node.items:
        value = item.value if isinstance(item, Scalar) else None
        if isinstance(item, Scalar) and kind == "text" and item.raw:
            values.append(item.raw)
        elif kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
            values.append(value)
        else:
            problems.add(item.mark, "J010", f"this is no value for {spelled(FieldType(kind))}")
    return tuple(values)


def _read_flag(node: Node, problems: Problems) -> bool:
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    problems.add(node.mark, "J005", "`pii` is true or false", "write `pii: true`")
    return True


def read_lead(entries: Iterable[Entry], problems: Problems) -> dict[str, FieldType]:
    """Reads the lead's own fields; built-in ones may get a label and values, never another type."""
    fields = dict(LEAD_FIELDS)
    for entry in entries:
        builtin = LEAD_FIELDS.get(entry.name)
        if builtin is None:
            fields.update(read_fields((entry,), problems))
        elif (field := _read_builtin(entry, builtin, problems)) is not None:
            fields[entry.name] = field
    return fields


def _read_builtin(entry: Entry, builtin: FieldType, problems: Problems) -> FieldType | None:
    node = entry.value
    says_type = not isinstance(node, Mapping) or node.get("type") is not None
    field = read_field(node, problems, pii=builtin.pii)
    if field is None:
        return None
    if says_type and (field.type, field.element) != (builtin.type, builtin.element):
        advice = f"it is {spelled(builtin)}; a vocabulary may add a label"
        problems.add(node.mark, "J010", f"`lead.{entry.name}` is built in", advice)
        return None
    return FieldType(builtin.type, builtin.element, field.values, field.pii or builtin.pii, field.label)


def read_events(entries: Iterable[Entry], problems: Problems) -> dict[str, Map[str, FieldType]]:
    """Reads events; built-in ones may get fields, what forms add is personal data."""
    events: dict[str, Map[str, FieldType]] = dict(EVENTS)
    for entry in entries:
        if not _check_event_name(entry, problems):
            continue
        if isinstance(entry.value, Scalar) and entry.value.value is None:
            own: dict[str, FieldType] = {}
        elif (mapping := read_mapping(entry.value, f"the event `{entry.name}`", problems)) is not None:
            own = _read_own_fields(entry.name, mapping, problems)
        else:
            continue
        events[entry.name] = {**events.get(entry.name, COMMON_FIELDS), **own}
    return events


def _read_own_fields(event: str, mapping: Mapping, problems: Problems) -> dict[str, FieldType]:
    taken = EVENTS.get(event, COMMON_FIELDS)
    own: list[Entry] = []
    for entry in mapping.entries:
        if entry.name in taken:
            advice = "leave it out, it is there"
            problems.add(entry.key.mark, "J010", f"`{event}` has `{entry.name}` built in", advice)
        else:
            own.append(entry)
    return read_fields(own, problems, pii=event == "form.submitted")


def _check_event_name(entry: Entry, problems: Problems) -> bool:
    if entry.name in EVENTS:
        return True
    first, *rest = entry.name.split(".")
    if not rest or not all(NAME.fullmatch(word) for word in (first, *rest)):
        advice = "two words of small letters with a dot between, like `quote.started`"
        problems.add(entry.key.mark, "J005", f"`{entry.name}` is no name for an event", advice)
        return False
    if first in FIRST_WORDS:
        known = did_you_mean(entry.name, EVENTS)
        advice = known or "choose another first word"
        message = f"`{entry.name}` begins with `{first}`, whose events are built in"
        problems.add(entry.key.mark, "J010", message, advice)
        return False
    return True


def read_things(entries: Iterable[Entry], problems: Problems) -> dict[str, Thing]:
    """Reads things: their key and fields."""
    things: dict[str, Thing] = {}
    for entry in entries:
        if not check_name(entry, "a thing", problems, reserved=WORDS | ROOTS):
            continue
        parts = read_parts(entry.value, f"the thing `{entry.name}`", ("key", "fields"), problems)
        if parts is None or not _has(entry, parts, ("key", "fields"), problems):
            continue
        mapping = read_mapping(parts["fields"], "fields", problems)
        key = read_text(parts["key"], "the key", problems)
        if mapping is None or key is None:
            continue
        fields = read_fields(mapping.entries, problems)
        if key not in fields:
            advice = did_you_mean(key, fields) or f"add `{key}: text` to its fields"
            problems.add(parts["key"].mark, "J010", f"`{entry.name}` has no field `{key}`", advice)
        elif key in COMMON_FIELDS:
            message = f"`{key}` cannot name a {entry.name}: every event has one of its own"
            problems.add(parts["key"].mark, "J005", message, f"call it `{entry.name}_{key}`")
        elif fields[key].pii or fields[key].type not in ("text", "number"):
            message = f"`{key}` cannot name a {entry.name}: it stands in addresses, logs and histories"
            problems.add(parts["key"].mark, "J005", message, "take a number or text that is no personal data")
        things[entry.name] = Thing(entry.name, key, fields)
    return things


def check_things(things: Map[str, Thing], entries: Iterable[Entry], problems: Problems) -> None:
    """Refuses events that would write a thing with values of another type."""
    for entry in entries:
        own = {one.name: one for one in entry.value.entries} if isinstance(entry.value, Mapping) else {}
        given = read_fields(own.values(), Problems())
        for thing in things.values():
            for name in given.keys() & thing.fields.keys() if thing.key in given else ():
                wanted, found = thing.fields[name], given[name]
                if (wanted.type, wanted.element) != (found.type, found.element):
                    message = f"`{entry.name}` writes `{thing.name}.{name}`, which is {spelled(wanted)}"
                    problems.add(own[name].key.mark, "J010", message, "give both the same type")


def _has(entry: Entry, parts: Map[str, Node], wanted: Iterable[str], problems: Problems) -> bool:
    missing = [part for part in wanted if part not in parts]
    for part in missing:
        problems.add(entry.key.mark, "J002", f"`{entry.name}` lacks `{part}`", f"add `{part}:`")
    return not missing
