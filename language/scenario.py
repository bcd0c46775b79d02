"""Reads `NAME.test.yaml`: scenarios of a journey (language.md §9)."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from typing import Literal

from language.builtin import CONTROL
from language.compiled import End, Instruction, Journey, Message, Work
from language.problems import Mark, Problems, did_you_mean
from language.scenario_history import Past, read_history
from language.scenario_replies import Replies, read_replies
from language.scenario_things import read_lead
from language.scenario_ways import (
    Moves,
    read_moves,
    read_trigger_name,
    way_of,
)
from language.syntax.parts import Parts, Reading
from language.syntax.steps import read_block
from language.values import Day, ValueText, parse_clock, parse_day, parse_length
from language.vocabulary import Vocabulary
from language.yaml import Mapping, Node, Scalar, Sequence, plain, read_yaml
from model.channels import MESSAGES
from model.events import Fields, Whose
from model.time import After, Length

Moment = After | Day
VERBS = (
    *MESSAGES, "call", "task", "end", "set", "score", "report", "notify", "suppress", "allow", "goal",
    "fetch", "webhook", "add_to_audience", "remove_from_audience", "start_journey", "stop_journey",
)  # fmt: skip
_LINE = re.compile(
    r"day (\d{1,5})(?: at (\d{1,2}:\d{2}))? ([a-z_]+) (\S+(?:, \S+)*)(?: (skipped) ([a-z_]+))?"
)
_DAY = re.compile(r"day (\d{1,5})(?: at (\d{1,2}:\d{2}))?")
_REFUSED = re.compile(r"refused (.+)")
_RESERVED = frozenset({"at", "event", "by", "call", "task", "outcome", "set", "answer"})


@dataclass(frozen=True, slots=True)
class Begin:
    """How the run begins; without `at` on Monday 2026-01-05 at 10:00 in the run's zone.

    `trigger` names the one that fires, where it is neither an event nor a request.
    """

    on: Literal["event", "request", "trigger"]
    event: str | None
    fields: Fields
    at: Day | None = None
    trigger: str | None = None


@dataclass(frozen=True, slots=True)
class Happens:
    """An event comes in: of the lead, of another one of its account, or of anybody."""

    at: Moment
    event: str
    fields: Fields
    mark: Mark
    kind: Literal["event"] = "event"
    whose: Whose = "lead"


@dataclass(frozen=True, slots=True)
class Answers:
    """Somebody ends the open work `name` with an outcome; `fields` are others of `task.completed`."""

    at: Moment
    name: str
    outcome: str
    fields: Fields
    mark: Mark
    work: str = "call"
    kind: Literal["answers"] = "answers"


@dataclass(frozen=True, slots=True)
class Changes:
    """Attributes of the lead change."""

    at: Moment
    values: Fields
    mark: Mark
    kind: Literal["changes"] = "changes"


Happening = Happens | Answers | Changes | Replies | Moves


@dataclass(frozen=True, slots=True)
class Expected:
    """One line of `expect`: on `day` (at minute `at`) `verb` does `name`; `refused`: no entry, why."""

    text: str
    mark: Mark
    verb: str
    name: str
    day: int = 0
    at: int | None = None
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One lead's story, and what is expected of it; as `control` it is held out and gets nothing."""

    name: str
    journey: str
    lead: Fields
    begin: Begin | None
    events: tuple[Happening, ...]
    expect: tuple[Expected, ...]
    mark: Mark
    control: bool = False
    history: tuple[Past, ...] = ()
    others: tuple[Journey, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """What the names of a file are checked against."""

    vocabulary: Vocabulary
    journey: Journey | None
    reading: Reading
    lead: Fields = field(default_factory=dict)
    history: tuple[Past, ...] = ()
    journeys: Map[str, Journey] = field(default_factory=dict)
    others: tuple[Journey, ...] = ()

    @property
    def program(self) -> tuple[Instruction, ...]:
        """The instructions of all journeys that run."""
        own = (self.journey,) if self.journey is not None else ()
        return tuple(item for journey in (*own, *self.others) for item in journey.program)


def read_scenarios(
    file: str, text: str, journeys: Map[str, Journey], vocabulary: Vocabulary, problems: Problems
) -> list[Scenario]:
    """Reads one file of scenarios, those that can be read."""
    node = read_yaml(file, text, problems)
    if not isinstance(node, Mapping):
        if node is not None:
            problems.add(
                node.mark,
                "J005",
                "a file of scenarios has lines of `name: value`",
                "begin with `journey: NAME`",
            )
        return []
    reading = Reading(problems, tuple(text.splitlines()), read_block)
    parts = Parts(reading, node, "a file of scenarios", "scenario")
    name = parts.need("journey")
    lead = read_lead(vocabulary, parts)
    history = read_history(vocabulary, parts)
    others = parts.names("with")
    items = parts.items("scenarios")
    if not parts.has("scenarios"):
        parts.missing("scenarios")
    parts.finish()
    if name is None:
        return []
    if name.raw not in journeys:
        advice = did_you_mean(name.raw, journeys)
        parts.problem(name.mark, "J010", f"there is no journey `{name.raw}`", advice)
    whole = _Known(vocabulary, journeys.get(name.raw), reading, lead, history, journeys)
    known = replace(whole, others=_others(whole, others))
    read = (_scenario(known, name.raw, item) for item in items)
    return [scenario for scenario in read if scenario is not None]


def _scenario(known: _Known, journey: str, node: Node) -> Scenario | None:
    if not isinstance(node, Mapping):
        known.reading.problems.add(
            node.mark, "J005", "a scenario has a `name`, `events` and `expect`", "begin with `- name: …`"
        )
        return None
    parts = Parts(known.reading, node, "a scenario", "scenario")
    name = parts.need("name")
    known = replace(known, others=(*known.others, *_others(known, parts.names("with"))))
    lead = {**known.lead, **read_lead(known.vocabulary, parts)}
    history = read_history(known.vocabulary, parts) if parts.has("history") else known.history
    happenings = [_happening(known, item) for item in _list(parts, "events")]
    control = _control(known, parts)
    expect = tuple(line for item in _list(parts, "expect") if (line := _expected(known, item)) is not None)
    if not parts.has("expect"):
        parts.missing("expect")
    parts.finish()
    played = [item for item in happenings if not isinstance(item, Replies)]
    begin = next((item for item in played[:1] if isinstance(item, Begin)), None)
    for number, item in enumerate(played):
        if number and isinstance(item, Begin):
            advice = "later ones say how long after the beginning: `at: 2 days`"
            parts.problem(parts.mark, "J005", "only the first event may begin the run", advice)
    events = tuple(item for item in happenings if item is not None and not isinstance(item, Begin))
    if name is None:
        return None
    return Scenario(name.raw, journey, lead, begin, events, expect, node.mark, control, history, known.others)


def _others(known: _Known, names: tuple[Scalar, ...]) -> tuple[Journey, ...]:
    """Finds the journeys that run beside the scenario's own."""
    for name in names:
        if name.raw not in known.journeys:
            advice = did_you_mean(name.raw, known.journeys)
            known.reading.problems.add(name.mark, "J010", f"there is no journey `{name.raw}`", advice)
    return tuple(known.journeys[name.raw] for name in names if name.raw in known.journeys)


def _control(known: _Known, parts: Parts) -> bool:
    """Reads `control: true`: this lead is one of those that the journey's `holdout` keeps out."""
    if not parts.has("control"):
        return False
    control = parts.choice("control", ("true", "false"), "false") == "true"
    if control and known.journey is not None and not known.journey.rules.holdout:
        entry = parts.entry("control")
        mark = entry.key.mark if entry else parts.mark
        parts.problem(mark, "J028", "the journey holds nobody out", "add `holdout: 5 percent` to it")
    return control


def _list(parts: Parts, name: str) -> tuple[Node, ...]:
    node = parts.node_of(name)
    match node:
        case None:
            return ()
        case Sequence():
            return node.items
        case _:
            parts.problem(node.mark, "J005", f"`{name}` is a list", "write `- …` lines")
            return ()


def _by_way(known: _Known, parts: Parts, way: str, at: Moment | None) -> Moves | Begin | None:
    """Reads that the lead comes into an audience or leaves it, or a first event that is a trigger."""
    if isinstance(at, After) and way in ("joins", "leaves"):
        return read_moves(known.vocabulary, parts, way, at)
    name = read_trigger_name(known.journey, parts, way) if known.journey is not None else None
    return Begin("trigger", None, {}, at if isinstance(at, Day) else None, name) if name else None


def _happening(known: _Known, node: Node) -> Happening | Begin | None:
    if not isinstance(node, Mapping):
        known.reading.problems.add(
            node.mark, "J005", "an event says when and what", "write `{at: 2 days, event: …}`"
        )
        return None
    parts = Parts(known.reading, node, "an event", "scenario")
    event, by, changed = parts.scalar("event"), parts.scalar("by"), parts.mapping("set")
    work = parts.entry("call") or parts.entry("task")
    at = _moment(parts)
    reserved = _RESERVED - {"task"} if event is not None else _RESERVED
    own_field = event is not None and "of" in known.vocabulary.events.get(event.raw, {})
    whose = "lead" if event is None or own_field else _whose(parts)
    reserved = reserved if own_field else reserved | {"of"}
    rest: Fields = {entry.name: plain(entry.value) for entry in node.entries if entry.name not in reserved}
    if (way := way_of(parts)) is not None:
        return _by_way(known, parts, way, at)
    if by is not None:
        _check_inputs(known, node, rest)
        return Begin("request", None, rest, at if isinstance(at, Day) else None)
    if event is not None:
        return _event(known, event, at, rest, whose)
    if parts.has("answer"):
        return read_replies(known.vocabulary, parts, at)
    if at is None:
        if not parts.has("at"):
            parts.missing("at", "say when: `at: 2 days`")
        return None
    if work is not None:
        name = parts.scalar(work.name)
        return _answer(known, parts, work.name, name, at, rest) if name is not None else None
    if changed is not None:
        return _changes(known, at, changed)
    parts.missing("event", "write `event:`, `call:` or `task:` with `outcome:`, `set:`, or `answer:`")
    return None


def _check_inputs(known: _Known, node: Mapping, given: Fields) -> None:
    if known.journey is None or not known.journey.inputs:
        return
    declared = known.journey.inputs
    for entry in node.entries:
        if entry.name in given and entry.name not in declared:
            advice = did_you_mean(entry.name, declared) or f"it has {', '.join(declared)}"
            message = f"`{known.journey.name}` has no input `{entry.name}`"
            known.reading.problems.add(entry.key.mark, "J010", message, advice)


def _changes(known: _Known, at: Moment, changed: Mapping) -> Changes:
    things = {kind: thing.fields for kind, thing in known.vocabulary.things.items()}
    roots = {**things, "lead": known.vocabulary.lead, "account": known.vocabulary.account}
    for entry in changed.entries:
        root, _, attribute = entry.name.partition(".")
        fields = roots.get(root)
        if fields is None or attribute not in fields:
            near = did_you_mean(attribute or root, fields or known.vocabulary.lead)
            message = f"`{entry.name}` is no attribute"
            known.reading.problems.add(entry.key.mark, "J010", message, near or "write `lead.…`")
    return Changes(at, {entry.name: plain(entry.value) for entry in changed.entries}, changed.mark)


def _whose(parts: Parts) -> Whose:
    """Reads whose the event is."""
    of: tuple[Whose, ...] = ("lead", "account", "anyone")
    return parts.choice("of", of, "lead")


def _event(
    known: _Known, event: Scalar, at: Moment | None, fields: Fields, whose: Whose
) -> Happening | Begin | None:
    declared = known.vocabulary.events.get(event.raw)
    if declared is None:
        advice = did_you_mean(event.raw, known.vocabulary.events)
        message = f"the vocabulary has no event `{event.raw}`"
        known.reading.problems.add(event.mark, "J011", message, advice)
        return None
    for name in fields:
        if name not in declared:
            advice = did_you_mean(name, declared)
            known.reading.problems.add(event.mark, "J010", f"`{event.raw}` has no field `{name}`", advice)
    if isinstance(at, After):
        return Happens(at, event.raw, fields, event.mark, whose=whose)
    return Begin("event", event.raw, fields, at)


def _answer(
    known: _Known, parts: Parts, verb: str, call: Scalar, at: Moment, fields: Fields
) -> Answers | None:
    outcome = parts.need("outcome")
    works = [item for item in known.program if isinstance(item, Work)]
    works = [item for item in works if item.work == verb]
    named = [item for item in works if item.name == call.raw]
    if known.journey is not None and not named:
        advice = did_you_mean(call.raw, [item.name for item in works])
        parts.problem(call.mark, "J010", f"the journey has no {verb} `{call.raw}`", advice)
        return None
    if outcome is None:
        return None
    queues = [known.vocabulary.queues[item.queue] for item in named if item.queue in known.vocabulary.queues]
    codes = {code for queue in queues for code in queue.outcomes}
    if queues and outcome.raw not in codes:
        advice = did_you_mean(outcome.raw, codes) or f"it has {', '.join(sorted(codes))}"
        parts.problem(outcome.mark, "J011", f"the queue has no outcome `{outcome.raw}`", advice)
        return None
    return Answers(at, call.raw, outcome.raw, fields, call.mark, verb)


def _moment(parts: Parts) -> Moment | None:
    """Reads `2 days 1 hour`, `2 days at 9:00`, `day 4 at 7:00`, `2026-02-05 at 7:00`."""
    written = parts.scalar("at")
    if written is None:
        return None
    text = written.raw.strip()
    try:
        if (day := _DAY.fullmatch(text)) is not None:
            return After(Length(days=int(day.group(1))), parse_clock(day.group(2)) if day.group(2) else None)
        if re.match(r"\d{4}-", text):
            return parse_day(text)
        length, _, clock = text.partition(" at ")
        return After(parse_length(length), parse_clock(clock) if clock else None)
    except ValueText as error:
        parts.reading.value_error(written.mark, error)
        return None


def _expected(known: _Known, node: Node) -> Expected | None:
    text = node.raw.strip() if isinstance(node, Scalar) else ""
    if (refused := _REFUSED.fullmatch(text)) is not None:
        return Expected(text, node.mark, "refused", refused.group(1))
    found = _LINE.fullmatch(text)
    if found is None or found.group(3) not in VERBS:
        advice = "write `day 2 email welcome`, `day 3 sms hello skipped no_consent`, `day 9 end converted`"
        shown = f"`{text}`" if text else "this"
        known.reading.problems.add(node.mark, "J005", f"{shown} says nothing that can be expected", advice)
        return None
    day, clock, verb, name, _, skipped = found.groups()
    try:
        at = parse_clock(clock) if clock else None
    except ValueText as error:
        known.reading.value_error(node.mark, error)
        return None
    _check_name(known, node, verb, name)
    return Expected(text, node.mark, verb, name, int(day), at, skipped)


def _check_name(known: _Known, node: Node, verb: str, name: str) -> None:
    if known.journey is None:
        return
    program = known.program
    match verb:
        case _ if verb in MESSAGES:
            names = {item.template for item in program if isinstance(item, Message) and verb in item.channels}
        case "call" | "task":
            names = {item.name for item in program if isinstance(item, Work) and item.work == verb}
        case "end":
            names = {*known.journey.endings, *(item.ending for item in program if isinstance(item, End))}
            names |= {CONTROL} if known.journey.rules.holdout else set()
        case "goal":
            names = {goal.name for goal in known.journey.goals}
        case _:
            return
    if name not in names:
        message = f"the journey has no `{verb}: {name}`"
        known.reading.problems.add(node.mark, "J010", message, did_you_mean(name, names))
