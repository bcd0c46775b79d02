"""The lead of a scenario with its account and things: `lead: {score: 80, account: {industry: food}, policy:
{policy_id: p1}}`, or a list of policies.
"""

from __future__ import annotations

from collections.abc import Mapping as Map

from language.fitting import mistake
from language.problems import did_you_mean
from language.scenario_ways import AUDIENCES, check_audiences
from language.schema import FieldType
from language.syntax.parts import Parts
from language.vocabulary import Thing, Vocabulary
from language.yaml import Mapping, Node, Sequence, plain
from model.events import Fields

ACCOUNT = "account"


def read_lead(vocabulary: Vocabulary, parts: Parts) -> Fields:
    """Reads the lead's attributes, those of its account, and its things."""
    found = parts.mapping("lead")
    if found is None:
        return {}
    things = vocabulary.things
    for entry in found.entries:
        if entry.name == AUDIENCES:
            check_audiences(vocabulary, parts.reading.problems, entry.value)
        elif entry.name in things and entry.name not in vocabulary.lead:
            _check_things(things[entry.name], entry.value, parts)
        elif entry.name == ACCOUNT and isinstance(entry.value, Mapping):
            _check_fields(ACCOUNT, vocabulary.account, entry.value, parts)
        elif entry.name not in vocabulary.lead:
            advice = did_you_mean(entry.name, (*vocabulary.lead, *things))
            parts.problem(entry.key.mark, "J010", f"`lead` has no field `{entry.name}`", advice)
    return {entry.name: plain(entry.value) for entry in found.entries}


def _check_things(thing: Thing, node: Node, parts: Parts) -> None:
    for item in node.items if isinstance(node, Sequence) else (node,):
        if isinstance(item, Mapping):
            _check(thing, item, parts)
        else:
            advice = f"write `{thing.name}: {{{thing.key}: …}}`"
            parts.problem(item.mark, "J005", f"this is no {thing.name}", advice)


def _check(thing: Thing, written: Mapping, parts: Parts) -> None:
    if written.get(thing.key) is None:
        parts.problem(written.mark, "J002", f"the {thing.name} has no `{thing.key}`", f"add `{thing.key}: …`")
    _check_fields(thing.name, thing.fields, written, parts)


def _check_fields(name: str, fields: Map[str, FieldType], written: Mapping, parts: Parts) -> None:
    for entry in written.entries:
        declared = fields.get(entry.name)
        if declared is None:
            advice = did_you_mean(entry.name, fields)
            parts.problem(entry.key.mark, "J010", f"`{name}` has no field `{entry.name}`", advice)
        elif (value := plain(entry.value)) is not None and (wrong := mistake(declared, value)) is not None:
            parts.problem(entry.value.mark, "J010", f"`{name}.{entry.name}` {wrong}")
