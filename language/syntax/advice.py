"""The form that works, for values that have another form: it is shown with what stands there already."""

from __future__ import annotations

import re
from collections.abc import Collection

from language.syntax.words import right_verb
from language.yaml import Mapping, Node, Scalar, Sequence
from model.channels import MESSAGES

_STEP = re.compile(r"(\w+)(?:\s*:\s*|\s+|$)(.*)")
EVENT = re.compile(r"[a-z_]+\.[a-z_]+")
_CONDITION = re.compile(r"[a-z_]+[.(][^,\[\]{}\"]*")
_NAMED_INSIDE = ("template", "name", "event", "journey", "id", "type", "text")
_REPEATED = (*MESSAGES, "call", "task", "notify", "run", "fetch", "webhook", "report")
_MAPS = {
    "split": "split: {one: 50, other: 50}",
    "parallel": "parallel: {one: [steps], other: [steps]}",
    "then": "then: {name: [steps]}",
    "set": "set: {lead.FIELD: value}",
    "stages": "stages: {name: [steps]}",
    "outcomes": "outcomes: {outcome: [steps]}",
    "inputs": "inputs: {name: text}",
    "goals": "goals: {name: {event: …}}",
}


def one_value(name: str, node: Node) -> tuple[str, str]:
    """Words the mistake, and the way out, of a part that is not one value."""
    match node:
        case Scalar():
            return f"`{name}` has no value", f"write `{name}: …`"
        case Sequence() if name == "wait_for":
            return f"`{name}` hears one event", "write `first_of:` with a line `- event: …` for each"
        case Sequence() if name in _REPEATED:
            return f"`{name}` is one value", f"write a step `- {name}: …` for each"
        case Mapping(entries=(first, *_)) if first.name in _NAMED_INSIDE and isinstance(first.value, Scalar):
            return f"`{name}` is one value", f"write `{name}: {first.value.raw}`"
        case _:
            return f"`{name}` is one value", f"write `{name}: …` in one line"


def names_with_values(name: str) -> str:
    """Shows the form of a part that gives names to values."""
    return f"write `{_MAPS.get(name, f'{name}: {{name: value}}')}`"


def as_step(text: str, verbs: Collection[str]) -> str | None:
    """Turns `email welcome` or `email:welcome` into `email: welcome`; None where no verb begins it."""
    found = _STEP.fullmatch(text.strip())
    verb = found and (found.group(1) if found.group(1) in verbs else right_verb(found.group(1)))
    return f"{verb}: {found.group(2) or '…'}" if found and verb else None


def as_line(node: Node | None, advice: str, condition: str | None) -> str:
    """Puts what stands on a line by itself into the advised form: an event, or a condition."""
    text = node.raw.strip() if isinstance(node, Scalar) else ""
    if EVENT.fullmatch(text):
        return advice.replace("event: …", f"event: {text}")
    if condition is not None and _CONDITION.fullmatch(text):
        return advice.replace("event: …", f"{condition}: {text}")
    return advice
