"""What the columns of an import mean, and a row's cells as fields of a lead, checked and normalised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import JsonValue, ValidationError

from api.accept import LARGEST_EVENT
from api.leads import Channel, LeadIn
from api.problems import Fault, faults
from api.strict_json import canonical
from api.typed import attribute_mistakes
from commands.house import Refused
from language.problems import did_you_mean
from language.schema import FieldType
from language.vocabulary import Vocabulary
from model.events import Fields

NUMBER, REASON = "import_row", "import_error"
"""Columns of an error file: passed over, so that it can be corrected and imported as it is."""

EXTERNAL = "external_id"
IDENTIFYING = ("email", "phone", EXTERNAL)
LONGEST_ID = 200
APART = ("attributes", "account", "consent")
BUILT_IN = tuple(name for name in LeadIn.model_fields if name not in APART)
KEPT = ("id", "score", "tier", "stage", "reasons", "created_at", "updated_at", "snoozed", "snoozed_until")
"""Fields of a lead that only the system writes."""

YES, NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n")
YES_NO = FieldType("yes_no")
TEXT = FieldType("text")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: where its values go, and of what type they are."""

    name: str
    place: Literal["external", "built_in", "attributes", "account", "consent", "none"]
    field: str
    kind: FieldType = TEXT


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be imported: its fields as `LeadIn` has them, normalised."""

    written: Fields
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Mistaken:
    """A row that cannot; the reasons never repeat a value."""

    reasons: tuple[str, ...]


def read_columns(header: Sequence[str], vocabulary: Vocabulary) -> tuple[Column, ...]:
    """Reads the first row; raises Refused naming every column at fault."""
    known = _known(vocabulary)
    wrong = [message for at, name in enumerate(header, 1) if (message := _fault(at, name, header, known))]
    if not wrong and not any(name in IDENTIFYING for name in header):
        wrong.append(f"no column names the lead: one of {', '.join(IDENTIFYING)} is needed")
    if wrong:
        raise Refused("nothing was imported:\n" + "\n".join(f"  {message}" for message in wrong))
    return tuple(known[name] for name in header)


def read_row(columns: Sequence[Column], cells: Sequence[str], vocabulary: Vocabulary) -> Row | Mistaken:
    """Reads a row's cells; an empty cell says nothing, so what is known stays."""
    if len(cells) < len(columns) or any(cell.strip() for cell in cells[len(columns) :]):
        return Mistaken((f"has {len(cells)} cells, the first row {len(columns)}",))
    body, external, wrong = _gathered(columns, cells)
    if wrong:
        return Mistaken(tuple(wrong))
    try:
        lead = LeadIn.model_validate(body)
    except ValidationError as invalid:
        return Mistaken(tuple(_worded(fault) for fault in faults(invalid)))
    clashes = [
        *attribute_mistakes(vocabulary, "attributes", lead.attributes),
        *attribute_mistakes(vocabulary, "account", lead.account),
    ]
    written: Fields = lead.model_dump(mode="json", exclude_unset=True)
    if clashes:
        return Mistaken(tuple(_worded(fault) for fault in clashes))
    if not external and not lead.email and not lead.phone:
        return Mistaken((f"names nobody: {', '.join(IDENTIFYING)} are empty",))
    if len(canonical(written)) > LARGEST_EVENT:
        return Mistaken((f"is larger than {LARGEST_EVENT >> 10} KiB",))
    return Row(written, external)


def _known(vocabulary: Vocabulary) -> dict[str, Column]:
    """Lists every column there can be."""
    channels = get_args(Channel)
    own = {
        name: Column(name, "attributes", name, kind)
        for name, kind in vocabulary.lead.items()
        if name not in (*BUILT_IN, *APART, *KEPT) and "." not in name
    }
    return {
        NUMBER: Column(NUMBER, "none", NUMBER),
        REASON: Column(REASON, "none", REASON),
        **own,
        **{f"account.{name}": Column(f"account.{name}", "account", name, kind)
           for name, kind in vocabulary.account.items()},
        **{f"consent.{name}": Column(f"consent.{name}", "consent", name, YES_NO) for name in channels},
        **{name: Column(name, "built_in", name) for name in BUILT_IN},
        EXTERNAL: Column(EXTERNAL, "external", EXTERNAL),
    }  # fmt: skip


def _fault(at: int, name: str, header: Sequence[str], known: Mapping[str, Column]) -> str | None:
    if not name.strip():
        return f"column {at} has no name"
    if header.index(name) != at - 1:
        return f"column {at}: `{name}` is there twice"
    if name in KEPT:
        return f"column {at}: `{name}` is kept by the system and cannot be imported"
    if name in known:
        return None
    names = [one for one in known if one not in (NUMBER, REASON)]
    return f"column {at}: unknown `{_short(name)}`; {did_you_mean(name, names) or _listed(names)}"


def _listed(names: Sequence[str]) -> str:
    return (
        f"there are {', '.join(name for name in names if not name.startswith('consent.'))}, consent.CHANNEL"
    )


def _short(name: str) -> str:
    return name if len(name) <= 40 else name[:39] + "…"


def _gathered(columns: Sequence[Column], cells: Sequence[str]) -> tuple[Fields, str | None, list[str]]:
    """Sorts the cells into the body of a `LeadIn`, the external id, and mistakes."""
    body: Fields = {}
    apart: dict[str, Fields] = {}
    external: str | None = None
    wrong: list[str] = []
    for column, cell in zip(columns, cells, strict=False):
        text = cell.strip()
        if not text or column.place == "none":
            continue
        message = _unreadable(text)
        value = None if message else read_cell(column.kind, text)
        if message or value is None:
            wrong.append(f"{column.name}: {message or expected_cell(column.kind)}")
        elif column.place == "external":
            external = text
            wrong += _external_faults(text)
        elif column.place == "built_in":
            body[column.field] = value
        else:
            apart.setdefault(column.place, {})[column.field] = value
    return {**body, **apart}, external, wrong


def _unreadable(text: str) -> str | None:
    if any("\udc80" <= sign <= "\udcff" for sign in text):
        return "is not UTF-8"
    return "has a NUL character" if "\0" in text else None


def _external_faults(text: str) -> list[str]:
    if len(text) > LONGEST_ID or not text.isascii() or not text.isprintable() or " " in text:
        return [f"{EXTERNAL}: is no id: up to {LONGEST_ID} printable ASCII characters without spaces"]
    return []


def read_cell(kind: FieldType, text: str) -> JsonValue:
    """Reads a cell as its type has it; None where it cannot be read."""
    match kind.type:
        case "number":
            return _number(text)
        case "yes_no":
            word = text.casefold()
            return True if word in YES else False if word in NO else None
        case "list":
            items = [read_cell(FieldType(kind.element or "text"), item.strip()) for item in text.split("|")]
            return None if None in items else items
        case _:
            return text


def _number(text: str) -> JsonValue:
    digits = text.removeprefix("-")
    if not digits or not digits.isascii() or len(digits) > 18:
        return None
    if digits.isdigit():
        return int(text)
    whole, point, part = digits.partition(".")
    return float(text) if point and whole.isdigit() and part.isdigit() else None


def expected_cell(kind: FieldType) -> str:
    """Says what a cell of this type looks like."""
    match kind.type:
        case "number":
            return "is not a number like 1200 or 12.5"
        case "yes_no":
            return "is not yes or no"
        case _:
            return "is not a list like a|b|c of its type"


def _worded(fault: Fault) -> str:
    """Names the column of a mistake."""
    place = (fault.pointer or "").removeprefix("/").removeprefix("attributes/").replace("/", ".")
    return f"{place}: {fault.message}" if place else fault.message
