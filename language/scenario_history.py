"""What a lead of a scenario did before the run: `history: [{ago: 20 days, event: order.completed}]`."""

from __future__ import annotations

from dataclasses import dataclass

from language.problems import did_you_mean
from language.syntax.parts import Parts, Reading
from language.vocabulary import Vocabulary
from language.yaml import Mapping, Node, plain
from model.events import Fields
from model.time import Length


@dataclass(frozen=True, slots=True)
class Past:
    """An event of the lead, so long before the run begins."""

    ago: Length
    event: str
    fields: Fields


def read_history(vocabulary: Vocabulary, parts: Parts) -> tuple[Past, ...]:
    """Reads the events of `history`, in any order; they are no news to the run."""
    found = (_past(vocabulary, parts.reading, node) for node in parts.items("history"))
    return tuple(past for past in found if past is not None)


def _past(vocabulary: Vocabulary, reading: Reading, node: Node) -> Past | None:
    if not isinstance(node, Mapping):
        advice = "write `{ago: 20 days, event: …}`"
        reading.problems.add(node.mark, "J005", "a line of `history` says when and what", advice)
        return None
    parts = Parts(reading, node, "a line of `history`", "scenario")
    event = parts.need("event")
    ago = parts.need("ago", "say how long before the run: `ago: 20 days`")
    length = parts.read_length(ago) if ago is not None else None
    if event is None or length is None:
        return None
    declared = vocabulary.events.get(event.raw)
    if declared is None:
        advice = did_you_mean(event.raw, vocabulary.events) or "declare it under `events:`"
        reading.problems.add(event.mark, "J011", f"the vocabulary has no event `{event.raw}`", advice)
        return None
    fields = {entry.name: entry for entry in node.entries if entry.name not in ("event", "ago")}
    for name, entry in fields.items():
        if name not in declared:
            advice = did_you_mean(name, declared) or f"it has {', '.join(sorted(declared)[:12])}"
            message = f"`{event.raw}` has no field `{name}`"
            reading.problems.add(entry.key.mark, "J010", message, advice)
    return Past(length, event.raw, {name: plain(entry.value) for name, entry in fields.items()})
