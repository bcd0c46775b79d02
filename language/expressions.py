"""Conditions, values and instants of a journey, read at their place, and the event fields that they read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from language.facts import STEP_FUNCTIONS, children, prefixed, reads_pii, walk
from language.parser import parse_condition, parse_value
from language.problems import ConditionError, Problems, did_you_mean
from language.reactions import REPLIES
from language.schema import OPEN_ROOTS, Fields, Schema, Scope, start_fields
from language.values import ValueText, parse_instant
from language.vocabulary import Vocabulary
from language.yaml import Scalar, place
from model.expressions import Call, Constant, Expr, Name, Private
from model.time import Instant, Moment, NextOpening

T = TypeVar("T")
_BRACES = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|[^{}]*)?\}\}")


@dataclass(frozen=True, slots=True)
class Here:
    """A place in the flow: the types that `event` may be of, and whether `round` is readable."""

    events: frozenset[str]
    in_loop: bool = False

    def joined(self, other: Here | None) -> Here:
        """Gives what holds where two ways meet."""
        return self if other is None else replace(self, events=self.events | other.events)


@dataclass(slots=True)
class Expressions:
    """Reads expressions.

    `starts` are the event types of the triggers, `own_start` what `start.` reads besides their fields,
    `messages` the ids that `opened(…)` may name, `reads` the fields read of each event type so far,
    `fetched` what connectors answer, `things` the kinds of things read so far, with
    where first, `prefix` what stands before the ids of an inlined journey.
    """

    vocabulary: Vocabulary
    schema: Schema
    problems: Problems
    starts: frozenset[str]
    messages: frozenset[str]
    reads: dict[str, set[str]] = field(default_factory=dict)
    own_start: Fields = field(default_factory=dict)
    fetched: Fields = field(default_factory=dict)
    prefix: str = ""
    things: dict[str, Scalar] = field(default_factory=dict)
    _fields: dict[frozenset[str], Fields] = field(default_factory=dict)
    _scopes: dict[Here, Scope] = field(default_factory=dict)

    def condition(self, text: Scalar, here: Here) -> Expr | None:
        """Reads a condition; None with a problem."""
        return self._read(text, here, lambda scope: parse_condition(text.raw, self.schema, scope))

    def value(self, text: Scalar, here: Here) -> Expr | None:
        """Reads a value; `nothing` is the value that clears."""
        if text.raw == "nothing" and text.style == "plain":
            return Constant(None, "any")
        if (braces := _BRACES.search(text.raw)) is not None:
            advice = (
                f"write `{braces.group(1)}` alone, without braces and other text; texts are for templates"
            )
            self.problems.add(text.mark, "J005", f"`{braces.group()}` is not filled in here", advice)
            return None
        return self._read(text, here, lambda scope: parse_value(text.value, self.schema, scope))

    def instant(self, text: Scalar, here: Here, *, bare: bool = False) -> Instant | None:
        """Reads an instant; with `bare` the word `until` may be missing."""
        scope = self._scope(here)
        try:
            instant = parse_instant(text.raw, lambda part: self._base(text, part, scope), bare=bare)
        except ConditionError as error:
            self.problems.add(place(text, error.offset), error.code, error.message, error.suggestion)
            return None
        except ValueText as error:
            self.problems.add(text.mark, "J005", error.message, error.suggestion)
            return None
        if isinstance(instant, NextOpening) and instant.of != "contact":
            self._check_queue(text, instant.of)
        if isinstance(instant, Moment):
            self._note(instant.base, here)
            self.note_things(text, instant.base)
        return instant

    def start_has(self, name: str) -> bool:
        """Says whether `start.` has this field."""
        return name in start_fields(self._merged(self.starts), self.own_start)

    def note_field(self, event: str, name: str) -> None:
        """Remembers that a field of an event is read, unless it is personal; `replied` is any reply."""
        for kind in (event, *(REPLIES if event == "replied" else ())):
            found = self.vocabulary.events.get(kind, {}).get(name)
            if found is not None and not found.pii:
                self.reads.setdefault(kind, set()).add(name)

    def note_things(self, text: Scalar, expr: Expr) -> None:
        """Remembers which kinds of things an expression reads."""
        for node in walk(expr):
            if isinstance(node, Name) and (root := node.path.partition(".")[0]) in self.schema.things:
                self.things.setdefault(root, text)

    def _base(self, text: Scalar, part: str, scope: Scope) -> Expr:
        offset = max(text.raw.find(part), 0)
        try:
            expr = parse_value(part, self.schema, scope)
        except ConditionError as error:
            raise ConditionError(error.message, offset + error.offset, error.suggestion, error.code) from None
        if isinstance(expr, Name | Constant | Call) and expr.type in ("time", "date", "any"):
            return prefixed(expr, self.prefix) if self.prefix else expr
        advice = "write `until start.expires_at`, `until 2026-12-31` or `until monday at 9:00`"
        raise ConditionError(f"`{part}` is no point in time", offset, advice, "J010")

    def _check_queue(self, text: Scalar, queue: str) -> None:
        if queue not in self.vocabulary.queues:
            mark = place(text, max(text.raw.find(f'"{queue}"'), 0))
            advice = did_you_mean(queue, self.vocabulary.queues) or "declare it under `queues:`"
            self.problems.add(mark, "J011", f"the vocabulary has no queue `{queue}`", advice)

    def _read(self, text: Scalar, here: Here, parse: Callable[[Scope], Expr]) -> Expr | None:
        try:
            expr = parse(self._scope(here))
        except ConditionError as error:
            self.problems.add(place(text, error.offset), error.code, error.message, error.suggestion)
            return None
        self._note(expr, here)
        self.note_things(text, expr)
        self._check_steps(text, expr)
        return prefixed(expr, self.prefix) if self.prefix else expr

    def _scope(self, here: Here) -> Scope:
        if here not in self._scopes:
            self._scopes[here] = self._new_scope(here)
        return self._scopes[here]

    def _new_scope(self, here: Here) -> Scope:
        event = self._merged(here.events) if here.events else None
        start = start_fields(self._merged(self.starts), self.own_start)
        unknown = (("event", here.events), ("start", self.starts))
        misspelt = {root for root, types in unknown if types - self.vocabulary.events.keys()}
        return Scope(event, start, OPEN_ROOTS - {"fetched"} | misspelt, here.in_loop, None, self.fetched)

    def _merged(self, types: frozenset[str]) -> Fields:
        if types not in self._fields:
            self._fields[types] = self.schema.fields_of_events(sorted(types))
        return self._fields[types]

    def _note(self, expr: Expr, here: Here) -> None:
        for name in visible_names(expr):
            root, _, attribute = name.path.partition(".")
            for event in here.events if root == "event" else self.starts if root == "start" else ():
                self.note_field(event, attribute)

    def _check_steps(self, text: Scalar, expr: Expr) -> None:
        for node in walk(expr):
            if not isinstance(node, Call) or node.function not in STEP_FUNCTIONS or not node.args:
                continue
            named = node.args[0].value if isinstance(node.args[0], Constant) else None
            if isinstance(named, str) and f"{self.prefix}{named}" not in self.messages:
                offset = max(text.raw.find(f'"{named}"'), 0)
                message = f"no message of this journey is called `{named}`"
                self.problems.add(place(text, offset), "J010", message, did_you_mean(named, self.messages))


def visible_names(expr: Expr) -> Iterator[Name]:
    """Gives the names a run itself has to read: what stands in a personal condition is judged elsewhere."""
    if isinstance(expr, Name):
        if not expr.pii:
            yield expr
    elif not isinstance(expr, Private) and not (isinstance(expr, Call) and reads_pii(expr)):
        for child in children(expr):
            yield from visible_names(child)
