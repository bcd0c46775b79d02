"""What connectors answer in a scenario: `answer: {CONNECTOR: {field: value} | fails}` (language.md §9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from language.fitting import mistake
from language.problems import Mark, did_you_mean
from language.syntax.parts import Parts
from language.values import Day
from language.vocabulary import Connector, Vocabulary
from language.yaml import Mapping, Scalar, plain
from model.events import Fields
from model.time import After


@dataclass(frozen=True, slots=True)
class Replies:
    """From now on connectors answer so, or, with None, fail; without `at` from the beginning."""

    at: After | Day | None
    of: dict[str, Fields | None]
    mark: Mark
    kind: Literal["replies"] = "replies"


def read_replies(vocabulary: Vocabulary, parts: Parts, at: After | Day | None) -> Replies | None:
    """Reads `answer: {CONNECTOR: {field: value} | fails}`."""
    found = parts.mapping("answer")
    replies: dict[str, Fields | None] = {}
    for entry in found.entries if found is not None else ():
        connector = vocabulary.connectors.get(entry.name)
        if connector is None:
            advice = did_you_mean(entry.name, vocabulary.connectors)
            parts.problem(entry.key.mark, "J011", f"the vocabulary has no connector `{entry.name}`", advice)
        elif isinstance(entry.value, Mapping):
            replies[entry.name] = _reply(parts, connector, entry.value)
        elif isinstance(entry.value, Scalar) and entry.value.raw == "fails":
            replies[entry.name] = None
        else:
            advice = f"write `{{{entry.name}: {{field: value}}}}` or `{{{entry.name}: fails}}`"
            parts.problem(entry.value.mark, "J005", "this is no answer", advice)
    return Replies(at, replies, found.mark) if found is not None else None


def _reply(parts: Parts, connector: Connector, written: Mapping) -> Fields:
    given: Fields = {}
    for entry in written.entries:
        declared = connector.answers.get(entry.name)
        if declared is None:
            listed = (
                f"it answers {', '.join(connector.answers)}" if connector.answers else "it answers nothing"
            )
            advice = did_you_mean(entry.name, connector.answers) or listed
            message = f"`{connector.name}` does not answer `{entry.name}`"
            parts.problem(entry.key.mark, "J010", message, advice)
        elif (wrong := mistake(declared, value := plain(entry.value))) is not None:
            parts.problem(entry.value.mark, "J010", f"`{entry.name}` {wrong}")
        else:
            given[entry.name] = value
    return given
