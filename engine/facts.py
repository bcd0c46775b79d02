"""Answers the facts that conditions name, from what is known about one lead at one instant.

The store and the simulator both gather a `Knowledge`; the answers come from here alone, so that both agree.
`needs` says what to gather before `answers` is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from engine.calendar import add
from engine.contact import may_contact
from engine.hours import at_clock, is_open
from language.evaluate import Context, evaluate, holds
from language.facts import START_DATE, bind, fact_key, fact_nodes, names_read
from language.facts import walk as nodes
from language.reactions import ASKED
from model.contact import Allow, Caps, Contactability, Hold, Intent
from model.events import Event, Fields
from model.expressions import Call, Constant, Duration, Expr, Name, Private
from model.record import record
from model.runs import Run
from model.time import Hours, Length

HISTORY = frozenset({"did", "times", "last"})


@dataclass(frozen=True, slots=True)
class Needs:
    """What answering takes: event types of the lead's history, and what else is asked about.

    `things` are the first words of names, among them the kinds of things.
    """

    events: frozenset[str]
    steps: bool
    tasks: bool
    reach: bool
    consents: bool
    splits: frozenset[str] = frozenset()
    dated: bool = False
    audiences: bool = False
    things: frozenset[str] = frozenset()


@record
class Knowledge:
    """What is known about a lead, as far as `needs` said.

    `attributes` are full paths (`lead.score`, `account.industry`). `events` is the history by type, oldest
    first. `sent` maps a message step of the run to the send_ids that went out. `open_tasks` are names of
    work. `winners` maps splits to the arms that won. `hours` has `contact`, `business` and every queue by its
    name.
    """

    attributes: Fields
    zone: str
    company_zone: str | None = None
    events: Mapping[str, Sequence[Event]] = field(default_factory=dict)
    sent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open_tasks: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    winners: Mapping[str, str] = field(default_factory=dict)
    contact: Contactability | None = None
    caps: Caps = field(default_factory=Caps)
    hours: Mapping[str, Hours] = field(default_factory=dict)


def needs(wanted: Iterable[Expr]) -> Needs:
    """Says what must be gathered to answer these facts."""
    wanted = tuple(wanted)
    calls = [node for expr in wanted for node in nodes(expr) if isinstance(node, Call)]
    names = {call.function for call in calls}
    types = {_text(call) for call in calls if call.function in HISTORY}
    types.update(kind for name in names & ASKED.keys() for kind in ASKED[name])
    paths = {node.path for expr in wanted for node in nodes(expr) if isinstance(node, Name)}
    return Needs(
        events=frozenset(types),
        steps=bool(names & {*ASKED, "sent"}),
        tasks="has_open" in names,
        reach="can_reach" in names,
        consents=any(path.startswith("lead.consent") for path in paths),
        splits=frozenset(_text(call) for call in calls if call.function == "split_winner"),
        dated=START_DATE in paths,
        audiences="in_audience" in names,
        things=frozenset(path.partition(".")[0] for path in paths),
    )


@record
class Asked:
    """The circumstances of a question: the run (None outside one), its own values by full path, business
    time."""

    at: datetime
    run: Run | None = None
    names: Fields = field(default_factory=dict)


def answers(wanted: Iterable[Expr], known: Knowledge, asked: Asked) -> Fields:
    """Answers each fact under its key; null is known to be missing."""
    return {fact_key(expr): answer(expr, known, asked) for expr in wanted}


def context(exprs: Iterable[Expr], known: Knowledge, asked: Asked) -> Context:
    """Gives all that judging these expressions takes, their facts answered."""
    bound = [bind(expr, asked.names) for expr in exprs]
    facts = answers((fact for expr in bound for fact in fact_nodes(expr)), known, asked)
    return Context(names=asked.names, facts=facts, now=asked.at, zone=known.zone)


def judge(condition: Expr, known: Knowledge, asked: Asked) -> bool:
    """Says whether a condition holds."""
    return holds(bind(condition, asked.names), context((condition,), known, asked))


def value_of(expr: Expr, known: Knowledge, asked: Asked) -> JsonValue:
    """Gives the value of an expression; null where it is missing."""
    return evaluate(bind(expr, asked.names), context((expr,), known, asked))


def answer(expr: Expr, known: Knowledge, asked: Asked) -> JsonValue:
    """Answers one fact."""
    match expr:
        case Name(path="company.zone"):
            return known.company_zone or known.zone
        case Name():
            return _named(expr.path, known)
        case Private():
            return judge(expr.condition, known, asked)
        case Call():
            return _called(expr, known, asked)
        case _:
            return value_of(expr, known, asked)


def _called(call: Call, known: Knowledge, asked: Asked) -> JsonValue:
    if call.function in HISTORY:
        return _history(call, known, asked)
    name = _text(call)
    match call.function:
        case "opened" | "clicked" | "replied":
            return _reacted(call, known)
        case "sent":
            return bool(known.sent.get(name))
        case "has_open":
            return name in known.open_tasks
        case "can_reach":
            return _can_reach(name, known, asked.at)
        case "split_winner":
            return known.winners.get(name)
        case "in_audience":
            return name in known.audiences
        case "queue_open" | "in_contact_hours":
            return _open(name or "contact", known, asked.at)
        case _:
            return value_of(call, known, asked)


def _history(call: Call, known: Knowledge, asked: Asked) -> JsonValue:
    found = _matching(call, known, asked)
    if call.function == "did":
        return bool(found)
    if call.function == "times":
        return len(found)
    if not found:
        return None
    return found[-1].at.isoformat() if call.field in (None, "at") else found[-1].fields.get(call.field or "")


def _named(path: str, known: Knowledge) -> JsonValue:
    if path.startswith("hours."):
        found = known.hours.get(path.removeprefix("hours.").removeprefix("queue."))
        return None if found is None else hours_json(found)
    return known.attributes.get(path)


def hours_json(hours: Hours) -> JsonValue:
    """Writes opening hours as a fact."""
    return {"days": list(hours.days), "start": hours.start, "end": hours.end, "holidays": hours.holidays}


def _text(call: Call) -> str:
    first = call.args[0] if call.args else None
    return str(first.value) if isinstance(first, Constant) else ""


def _matching(call: Call, known: Knowledge, asked: Asked) -> list[Event]:
    since = _since(call, known, asked)
    recent = [
        event
        for event in known.events.get(_text(call), ())
        if event.at <= asked.at and (since is None or event.at >= since) and _of_key(call, event, asked)
    ]
    where = call.where
    if where is None or "field.machine" not in names_read(where):
        recent = [event for event in recent if event.fields.get("machine") is not True]
    return recent if where is None else [event for event in recent if _fits(where, event, known, asked)]


def _fits(where: Expr, event: Event, known: Knowledge, asked: Asked) -> bool:
    own: Fields = {f"field.{name}": value for name, value in event.fields.items()}
    return judge(where, known, Asked(asked.at, asked.run, {**asked.names, **own}))


def _since(call: Call, known: Knowledge, asked: Asked) -> datetime | None:
    match call.window:
        case Duration(months, days, seconds):
            back = add(asked.at, Length(months=months, days=days, seconds=seconds), known.zone, sign=-1)
            return back if seconds else _day_start(back, known.zone)
        case "this run":
            return None if asked.run is None else asked.run.entered_at
        case None:
            return None


def _day_start(at: datetime, zone: str) -> datetime:
    """Gives the beginning of a local day: `30 days` means today and the thirty days before."""
    return at_clock(at.astimezone(ZoneInfo(zone)).date(), 0, zone)


def _of_key(call: Call, event: Event, asked: Asked) -> bool:
    """Says whether an event of `this run` is of the run's key, where it carries the key's field."""
    run = asked.run
    if call.window != "this run" or run is None or run.key is None or run.key_field is None:
        return True
    return event.fields.get(run.key_field, run.key) == run.key


def _reacted(call: Call, known: Knowledge) -> JsonValue:
    sends = set(known.sent.get(_text(call), ()))
    return any(
        event.message in sends and event.fields.get("machine") is not True
        for kind in ASKED[call.function]
        for event in known.events.get(kind, ())
    )


def _can_reach(channel: str, known: Knowledge, at: datetime) -> bool:
    """Says whether a marketing message may go by the channel, now or after a wait for contact hours."""
    if known.contact is None:
        return False
    intent = Intent(channel, "marketing", caps=known.caps, hours=known.hours.get("contact"))
    return isinstance(may_contact(known.contact, intent, at), Allow | Hold)


def _open(of: str, known: Knowledge, at: datetime) -> bool:
    hours = known.hours.get(of)
    zone = known.zone if of == "contact" else known.company_zone or known.zone
    return is_open(hours, at, zone) if hours is not None else of == "contact"
