"""What a compiled journey has to be told: the events it hears, the fields it reads, the facts it watches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from language.compiled import Journey, Line, Listen, Message, Wait, Work
from language.facts import HISTORY, START_DATE, fact_nodes, walk
from language.reactions import ASKED, REPLIES, seen_by
from language.vocabulary import Vocabulary
from language.wide import Wide, wide
from model.channels import attributes_of as addresses
from model.expressions import Call, Constant, Expr, Name, Private
from model.time import Instant, Moment

WORK_EVENTS = ("task.started", "task.completed", "task.expired", "task.canceled", "call.started")
OPT_OUT, OPT_IN = "lead.unsubscribed", "lead.consent_given"
OPT_OUT_FIELDS = ("channel", "scope", "topic")
REQUESTED = "journey.requested"
"""The event by which API, import, a person or another journey asks for a run: fields `journey`, `inputs`."""

ENTERED = "journey.entered"
"""The event that a lead has entered a journey; the run itself does not hear it."""

ENDED = "journey.ended"

STOP = "journey.stop_requested"
"""The event by which a run ends those of a journey; its field is `journey`."""

COMPLETED_FIELDS = ("again", "callback_at", "outcome")


def heard(journey: Journey) -> tuple[str, ...]:
    """Lists the event types that a run is told of."""
    found = {line.event for line in lines_of(journey) if line.event is not None}
    if "replied" in found:
        found.update(REPLIES)
    if any(isinstance(item, Work) for item in journey.program):
        found.update(WORK_EVENTS)
    if journey.on_opt_out == "end":
        found.update((OPT_OUT, OPT_IN))
    for item in journey.program:
        if isinstance(item, Message) and item.until_seen is not None:
            found.update(event for channel in item.channels for event in seen_by(channel))
    return tuple(sorted(found))


def read_fields(
    journey: Journey, reads: Mapping[str, set[str]], vocabulary: Vocabulary
) -> dict[str, tuple[str, ...]]:
    """Lists, for each event type heard or starting a run, the fields that reach it; never personal data."""
    starts = {trigger.event for trigger in journey.starts if trigger.event is not None}
    found: dict[str, tuple[str, ...]] = {}
    if journey.inputs:
        found[REQUESTED] = tuple(sorted(name for name, kind in journey.inputs.items() if not kind.pii))
    for event in sorted({*heard(journey), *starts}):
        declared = vocabulary.events.get(event, {})
        needed = set(reads.get(event, ()))
        if journey.key_field is not None and journey.key_field in declared:
            needed.add(journey.key_field)
        if event in starts:
            needed.update(key for key in journey.things.values() if key in declared)
        if "machine" in declared:
            needed.add("machine")
        if event.startswith(("task.", "call.")) and "step" in declared:
            needed.add("step")
        if event == "task.completed":
            needed.update(COMPLETED_FIELDS)
        if event in (OPT_OUT, OPT_IN):
            needed.update(OPT_OUT_FIELDS)
        found[event] = tuple(
            sorted(name for name in needed if name not in declared or not declared[name].pii)
        )
    return found


def watched(journey: Journey) -> tuple[str, ...]:
    """Lists the facts whose change wakes an open run: of open conditions and of instants that may move."""
    names: set[str] = set()
    for expr in _open_conditions(journey):
        names.update(facts_read(expr))
    return tuple(sorted(names))


def heard_of_others(journey: Journey) -> tuple[Wide, ...]:
    """Lists the events of other leads that a run is told of."""
    found: list[Wide] = []
    for line in lines_of(journey):
        if line.event is not None and (line.of == "account" or line.of == "anyone"):
            found.extend(one for one in wide(line.event, line.of, line.where) if one not in found)
    return tuple(found)


def lines_of(journey: Journey) -> Iterator[Line]:
    """Gives every line that listens."""
    yield from (exit_.line for exit_ in journey.exits)
    yield from (whenever.line for whenever in journey.whenever)
    for scope in journey.scopes.values():
        yield from (exit_.line for exit_ in scope.exits)
        yield from (whenever.line for whenever in scope.whenever)
    for item in journey.program:
        if isinstance(item, Listen):
            yield from item.lines
        if isinstance(item, Wait) and item.restart_on is not None:
            yield item.restart_on


def _open_conditions(journey: Journey) -> Iterator[Expr]:
    for line in lines_of(journey):
        if line.condition is not None:
            yield line.condition
    if journey.rules.hold_while is not None:
        yield journey.rules.hold_while.condition
    yield from (scope.hold_while.condition for scope in journey.scopes.values() if scope.hold_while)
    for instant in _instants(journey):
        if isinstance(instant, Moment):
            yield instant.base


def _instants(journey: Journey) -> Iterator[Instant | None]:
    for item in journey.program:
        match item:
            case Wait():
                yield item.until
            case Listen():
                yield item.within
            case Message():
                yield from (item.at, item.not_after)
            case Work() if isinstance(item.expires, Moment):
                yield item.expires
            case _:
                pass


def facts_read(expr: Expr) -> Iterator[str]:
    """Names what a condition depends on: `lead.score`, and `event:TYPE` for what history asks about."""
    for fact in fact_nodes(expr):
        for node in walk(fact):
            match node:
                case Name() if not _inside_run(node.path):
                    yield node.path
                case Call() if node.function in HISTORY and isinstance(node.args[0], Constant):
                    yield f"event:{node.args[0].value}"
                case Call():
                    yield from _state(node)
                case Private() | _:
                    pass


def _state(call: Call) -> Iterator[str]:
    argument = call.args[0].value if call.args and isinstance(call.args[0], Constant) else None
    match call.function:
        case "opened" | "clicked" | "replied":
            yield from (f"event:{event}" for event in ASKED[call.function])
        case "sent":
            yield "event:message.sent"
        case "has_open":
            yield from (f"event:task.{what}" for what in ("ready", "completed", "expired", "canceled"))
        case "can_reach":
            yield from (f"lead.{name}" for name in (*addresses(str(argument)), "consent"))
        case "in_audience":
            yield f"audience:{argument}"
        case _:
            return


def _inside_run(path: str) -> bool:
    root = path.split(".", 1)[0]
    inside = root in ("event", "start", "run", "fetched", "returned", "round", "now", "field")
    return inside and path != START_DATE
