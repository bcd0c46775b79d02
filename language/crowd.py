"""Reads `crowd.yaml`: who comes into a simulated population, and what they do.

Shares are percent. A field of the leads, of the starting event or of an event is one value for everybody, a
list of which each is as likely, `{value: share}`, `0 to 100` (evenly) or `40 percent` (has one, or is true).
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import date

from pydantic import JsonValue

from language.problems import Problems, did_you_mean
from language.scenario_things import ACCOUNT
from language.schema import Fields, FieldType
from language.syntax.parts import Parts, Reading
from language.syntax.steps import read_block
from language.values import Day, ValueText, parse_day
from language.vocabulary import Vocabulary
from language.yaml import Entry, Mapping, Node, Scalar, Sequence, plain, read_yaml
from model.time import Length

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?) ?(?:percent|%)")
_RANGE = re.compile(r"(\S+) to (\S+)")
CHANNEL_REACTIONS = ("delivered", "opened", "clicked", "replied", "read")
DAY, HOUR, AT_ONCE = Length(days=1), Length(seconds=3600), Length()


@dataclass(frozen=True, slots=True)
class Shares:
    """One of several values, each with its share in percent; what is left has none."""

    of: tuple[tuple[JsonValue, float], ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A number evenly spread between two, both included; whole where both are."""

    low: float
    high: float
    whole: bool


@dataclass(frozen=True, slots=True)
class DayBetween:
    """A date evenly spread between two, both included."""

    low: date
    high: date


@dataclass(frozen=True, slots=True)
class Has:
    """So many percent have an address, or a true value; the others have none."""

    share: float


Drawn = Shares | Between | DayBetween | Has


@dataclass(frozen=True, slots=True)
class Occurs:
    """What so many percent of the leads do by themselves, evenly `within` a time from entry, or from so long
    `after` it.
    """

    event: str
    share: float
    within: Length
    fields: Map[str, Drawn] = field(default_factory=dict)
    after: Length = AT_ONCE


@dataclass(frozen=True, slots=True)
class Reacts:
    """What so many percent do about a message that reached them, evenly `within` a time."""

    event: str
    share: float
    within: Length
    template: str | None = None
    fields: Map[str, Drawn] = field(default_factory=dict)
    after: Length = AT_ONCE


@dataclass(frozen=True, slots=True)
class Worked:
    """How work of a name ends: outcomes with their shares, taken evenly `within` hours that the queue is
    open; what the shares leave is taken by nobody.
    """

    outcomes: tuple[tuple[str, float], ...]
    within: Length = HOUR


@dataclass(frozen=True, slots=True)
class Crowd:
    """A population: everything that is not said is left as a lead of a scenario has it.

    `around` are the fields of each lead's account and things, by `account` and kind of thing.
    """

    leads: Map[str, Drawn] = field(default_factory=dict)
    around: Map[str, Map[str, Drawn]] = field(default_factory=dict)
    consent: Map[str, float] | None = None
    start: Map[str, Drawn] = field(default_factory=dict)
    begin: Day | None = None
    over: Length = DAY
    events: tuple[Occurs, ...] = ()
    reactions: tuple[Reacts, ...] = ()
    history: tuple[Occurs, ...] = ()
    work: Map[str, Worked] = field(default_factory=dict)


def read_crowd(file: str, text: str, vocabulary: Vocabulary, problems: Problems) -> Crowd | None:
    """Reads a description; None where nothing of it can be used. Mistakes are reported with their place."""
    node = read_yaml(file, text, problems)
    if not isinstance(node, Mapping):
        if node is not None:
            problems.add(node.mark, "J005", "a crowd has lines of `name: value`", "begin with `leads:`")
        return None
    reading = Reading(problems, tuple(text.splitlines()), read_block)
    return _Reader(vocabulary, Parts(reading, node, "a crowd", "scenario")).crowd()


class _Reader:
    def __init__(self, vocabulary: Vocabulary, parts: Parts) -> None:
        self._vocabulary, self._parts = vocabulary, parts

    def crowd(self) -> Crowd:
        """Reads all parts."""
        parts = self._parts
        leads, consent = self._leads()
        begin = parts.scalar("from")
        found = Crowd(
            leads=leads,
            around=self._around(),
            consent=consent,
            start=self._drawn(parts, "start", None),
            begin=self._day(begin) if begin is not None else None,
            over=parts.length("over") or DAY,
            events=tuple(self._occurs(node) for node in self._items("events")),
            history=tuple(self._occurs(node) for node in self._items("history")),
            reactions=tuple(self._reacts(node) for node in self._items("reactions")),
            work=self._work(),
        )
        parts.finish()
        return found

    def _items(self, name: str) -> list[Parts]:
        nodes = self._parts.items(name)
        maps = [node for node in nodes if isinstance(node, Mapping)]
        for node in nodes:
            if not isinstance(node, Mapping):
                advice = "write `- {event: …, share: 20 percent, within: 2 days}`"
                self._parts.problem(node.mark, "J005", f"a line of `{name}` names an event", advice)
        return [Parts(self._parts.reading, node, f"a line of `{name}`", "scenario") for node in maps]

    def _leads(self) -> tuple[dict[str, Drawn], dict[str, float] | None]:
        found = self._parts.mapping("leads")
        if found is None:
            return {}, None
        given = found.entry("consent")
        apart = {"consent", *self._kinds()}
        others = Mapping(tuple(e for e in found.entries if e.name not in apart), found.mark, found.flow)
        return self._fields(others, self._vocabulary.lead, "`leads`"), self._consent(given)

    def _kinds(self) -> dict[str, Fields]:
        """Gives the fields of what may stand around a lead: its account, and a thing of each kind."""
        vocabulary = self._vocabulary
        things = {kind: thing.fields for kind, thing in vocabulary.things.items()}
        kinds = {ACCOUNT: vocabulary.account, **things}
        return {kind: fields for kind, fields in kinds.items() if fields and kind not in vocabulary.lead}

    def _around(self) -> dict[str, dict[str, Drawn]]:
        """Reads `account: {…}` and `THING: {…}` under `leads`; a thing has its key, whatever is said."""
        found = self._parts.mapping("leads")
        around: dict[str, dict[str, Drawn]] = {}
        for kind, fields in self._kinds().items() if found is not None else ():
            entry = found.entry(kind) if found is not None else None
            if entry is None:
                continue
            if not isinstance(entry.value, Mapping):
                advice = f"write `{kind}: {{…}}` with its fields"
                self._parts.problem(entry.key.mark, "J005", f"`{kind}` has fields", advice)
                continue
            around[kind] = self._fields(entry.value, fields, f"`{kind}`")
            if (thing := self._vocabulary.things.get(kind)) is not None:
                number = thing.fields[thing.key].type == "number"
                around[kind].setdefault(thing.key, Shares(((1 if number else "1", 100.0),)))
        return around

    def _consent(self, entry: Entry | None) -> dict[str, float] | None:
        if entry is None:
            return None
        if not isinstance(entry.value, Mapping):
            advice = "write `consent: {email: 80 percent}`"
            self._parts.problem(entry.key.mark, "J005", "`consent` names channels", advice)
            return None
        return {e.name: share for e in entry.value.entries if (share := self._share(e.value)) is not None}

    def _drawn(self, parts: Parts, name: str, fields: Fields | None) -> dict[str, Drawn]:
        found = parts.mapping(name)
        return self._fields(found, fields, f"`{name}`") if found is not None else {}

    def _fields(self, found: Mapping, fields: Fields | None, what: str) -> dict[str, Drawn]:
        drawn: dict[str, Drawn] = {}
        for entry in found.entries:
            if fields is not None and entry.name not in fields:
                advice = did_you_mean(entry.name, fields)
                self._parts.problem(entry.key.mark, "J010", f"{what} has no field `{entry.name}`", advice)
            elif (value := self._value(entry.value, fields[entry.name] if fields else None)) is not None:
                drawn[entry.name] = value
        return drawn

    def _value(self, node: Node, of: FieldType | None) -> Drawn | None:
        match node:
            case Mapping():
                shares = [(_of_type(e.key, of), self._share(e.value)) for e in node.entries]
                known = tuple((value, share) for value, share in shares if share is not None)
                if sum(share for _, share in known) > 100.001:
                    self._parts.problem(node.mark, "J025", "the shares are more than 100 percent together")
                return Shares(known)
            case Sequence():
                return Shares(tuple((plain(item), 100 / len(node.items)) for item in node.items))
            case Scalar():
                return self._scalar(node)

    def _scalar(self, node: Scalar) -> Drawn | None:
        if (share := _PERCENT.fullmatch(node.raw)) is not None:
            return Has(float(share.group(1)))
        if (ends := _RANGE.fullmatch(node.raw)) is not None and node.raw[:1].isdigit():
            return self._range(node, *ends.groups())
        return Shares(((node.value, 100.0),))

    def _range(self, node: Scalar, low: str, high: str) -> Drawn | None:
        try:
            if "-" in low[1:]:
                return DayBetween(date.fromisoformat(low), date.fromisoformat(high))
            whole = low.isdigit() and high.isdigit()
            return Between(float(low), float(high), whole)
        except ValueError:
            advice = "write `0 to 100` or `2026-01-01 to 2026-12-31`"
            self._parts.problem(node.mark, "J005", f"`{node.raw}` is no range", advice)
            return None

    def _share(self, node: Node) -> float | None:
        text = node.raw if isinstance(node, Scalar) else ""
        found = _PERCENT.fullmatch(text) or re.fullmatch(r"(\d{1,3}(?:\.\d+)?)", text)
        if found is not None and float(found.group(1)) <= 100:
            return float(found.group(1))
        self._parts.problem(node.mark, "J005", "a share is a number of percent", "write `20 percent`")
        return None

    def _day(self, written: Scalar) -> Day | None:
        try:
            return parse_day(written.raw)
        except ValueText as error:
            self._parts.reading.value_error(written.mark, error)
            return None

    def _occurs(self, parts: Parts) -> Occurs:
        event, fields = self._event(parts)
        share = parts.node_of("share")
        found = Occurs(
            event=event,
            share=100.0 if share is None else self._share(share) or 0.0,
            within=parts.length("within") or DAY,
            fields=self._drawn(parts, "with", fields),
            after=parts.length("after") or AT_ONCE,
        )
        parts.finish()
        return found

    def _reacts(self, parts: Parts) -> Reacts:
        template = parts.scalar("template")
        of = self._occurs(parts)
        if of.event and of.event.partition(".")[2] not in CHANNEL_REACTIONS:
            advice = "write `email.opened`, `email.clicked`, `sms.replied`; others stand under `events`"
            parts.problem(parts.mark, "J005", f"`{of.event}` is no reaction to a message", advice)
        named = template.raw if template is not None else None
        return Reacts(of.event, of.share, of.within, named, of.fields, of.after)

    def _event(self, parts: Parts) -> tuple[str, Fields | None]:
        event = parts.need("event")
        if event is None:
            return "", None
        fields = self._vocabulary.events.get(event.raw)
        if fields is None:
            advice = did_you_mean(event.raw, self._vocabulary.events)
            parts.problem(event.mark, "J011", f"the vocabulary has no event `{event.raw}`", advice)
        return event.raw, fields

    def _work(self) -> dict[str, Worked]:
        found = self._parts.mapping("work")
        entries = found.entries if found is not None else ()
        return {e.name: work for e in entries if (work := self._worked(e)) is not None}

    def _worked(self, entry: Entry) -> Worked | None:
        if not isinstance(entry.value, Mapping):
            advice = f"write `{entry.name}: {{within: 2 hours, outcomes: {{interested: 30}}}}`"
            self._parts.problem(entry.key.mark, "J005", f"`{entry.name}` says how it ends", advice)
            return None
        parts = Parts(self._parts.reading, entry.value, f"`{entry.name}`", "scenario")
        outcomes = parts.mapping("outcomes")
        shares = tuple(
            (e.name, share)
            for e in (outcomes.entries if outcomes is not None else ())
            if (share := self._share(e.value)) is not None
        )
        within = parts.length("within") or HOUR
        parts.finish()
        return Worked(shares, within)


def _of_type(key: Scalar, of: FieldType | None) -> JsonValue:
    """Reads a name in `{value: share}`, which YAML keeps as text, as what the field holds."""
    if of is not None and of.type == "number" and re.fullmatch(r"-?\d+(\.\d+)?", key.raw):
        return float(key.raw) if "." in key.raw else int(key.raw)
    if of is not None and of.type == "yes_no" and key.raw in ("true", "false"):
        return key.raw == "true"
    return key.value
