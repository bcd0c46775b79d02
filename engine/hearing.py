"""Who hears what, and the events that no wait has used yet (language.md §4.1-4.3)."""

from __future__ import annotations

from dataclasses import replace

from engine.draft import EVENTS_KEPT, Draft
from engine.ids import effect_id
from engine.position import Kept, Said, Token
from engine.program import lines_of, may_hear
from language.compiled import Journey, Line
from language.facts import names_read
from language.reactions import is_reaction
from model.events import Event


def is_of_work(event: Event) -> bool:
    """Says whether an event speaks of somebody's work; a missed call and a call that is nobody's do not."""
    return (
        event.task is not None and event.type.startswith(("task.", "call.")) and event.type != "call.missed"
    )


def hears(draft: Draft, line: Line, event: Event, token: Token | None, reader: Token | None = None) -> bool:
    """Says whether a line hears an event; `token` is the branch of the wait, None in `exit` and `whenever`,
    where `reader` is the thread of their journey.

    Raises MissingFacts.
    """
    if line.hears != "event" or not _is_type(line, event) or not _is_meant(draft, line, event, token):
        return False
    if event.fields.get("machine") is True and not _asks_for_machines(line):
        return False
    if line.where is None:
        return True
    draft.judging = event
    holds = draft.read.holds(line.where, draft.names(token or reader or draft.outermost, event))
    draft.judging = None
    return holds


def _asks_for_machines(line: Line) -> bool:
    """Says whether a line means the clicks of mail scanners too: its `where` speaks of `machine`."""
    return line.where is not None and "event.machine" in names_read(line.where)


def _is_type(line: Line, event: Event) -> bool:
    return line.event == event.type or (line.event == "replied" and event.type.endswith(".replied"))


def reaches(line: Line, event: Event) -> bool:
    """Says whether a line listens so far as to the lead of an event."""
    return event.whose == "lead" or line.of == "anyone" or line.of == event.whose


def listens_to_others(journey: Journey, event: Event) -> bool:
    """Says whether a journey is told of this event of another lead."""
    return any(one.event == event.type and one.of in ("anyone", event.whose) for one in journey.wide)


def _is_meant(draft: Draft, line: Line, event: Event, token: Token | None) -> bool:
    if not reaches(line, event):
        return False
    if line.of is not None:
        return True
    if is_reaction(event.type):
        return _is_reaction_meant(draft, line, event, token)
    if is_of_work(event):
        return _is_work_meant(draft, line, event, token)
    key = draft.journey.key_field
    return key is None or (event.fields.get(key) is not None and event.fields.get(key) == draft.run.key)


def _is_reaction_meant(draft: Draft, line: Line, event: Event, token: Token | None) -> bool:
    ours = event.run == draft.run.enrolment_id
    if line.to == "any" or (token is None and line.to is None):
        return ours or any(event.message == said for said in _all_ids(draft))
    if token is not None and line.to is None:
        said = token.messages.get(channel_of(event))
        if said is None:
            return False
        return event.message in (said.send_id, *said.also) or (event.message is None and ours)
    if event.message is None:
        said = token.messages.get(channel_of(event)) if token is not None else None
        return ours and said is not None and said.step == line.to
    return line.to is not None and event.message in _ids(draft, line.to)


def channel_of(event: Event) -> str:
    """Gives the channel on which a reaction came."""
    named = event.fields.get("channel")
    return named if event.type == "replied" and isinstance(named, str) else event.type.partition(".")[0]


def _all_ids(draft: Draft) -> list[str]:
    return [said for step in draft.visits for said in _ids(draft, step)]


def _ids(draft: Draft, step: str) -> list[str]:
    return [
        effect_id(draft.run.enrolment_id, name, visit)
        for name in draft.names_of(step)
        for visit in range(1, draft.visits.get(name, 0) + 1)
    ]


def _is_work_meant(draft: Draft, line: Line, event: Event, token: Token | None) -> bool:
    ours = event.run == draft.run.enrolment_id
    if line.to == "any" or (token is None and line.to is None):
        return ours
    if token is not None and event.fields.get("again") is True:
        return False
    worked = token.worked if token is not None else None
    step = line.to or (worked.step if worked is not None else None)
    if worked is not None and worked.step == step and event.task in worked.tasks:
        return True
    return ours and step is not None and event.fields.get("step") in draft.names_of(step)


def keep(draft: Draft, event: Event, used_by: frozenset[int] = frozenset()) -> None:
    """Keeps an event for the waits to come of the threads that have not used it, if one may hear it."""
    others = [token for token in draft.threads() if token.id not in used_by]
    if draft.ended or not others:
        return
    heard_ahead = any(may_hear(draft.journey, token.index, event.type) for token in others)
    if not heard_ahead and not hears_since_start(draft, event):
        return
    if event.whose != "lead" and not _heard_of_others(draft, event):
        return
    fields = draft.journey.reads.get(event.type)
    if fields is not None:
        event = replace(event, fields={name: value for name, value in event.fields.items() if name in fields})
    draft.unused = (*draft.unused, Kept(draft.heard, event, tuple(sorted(used_by))))[-EVENTS_KEPT:]


def _heard_of_others(draft: Draft, event: Event) -> bool:
    lines = (line for here in draft.journey.program for line in lines_of(here))
    return any(_is_type(line, event) and reaches(line, event) for line in lines)


def hears_since_start(draft: Draft, event: Event) -> bool:
    """Says whether some wait of the journey hears events of this type since entry, in whatever stage."""
    lines = (line for here in draft.journey.program for line in lines_of(here))
    return any(line.since_start and _is_type(line, event) and reaches(line, event) for line in lines)


def waiting_event(draft: Draft, lines: tuple[Line, ...], token: Token) -> tuple[int, Event] | None:
    """Finds the first kept event that a line of a wait that begins hears, and that line's number."""
    own = {token.id, *(each.id for each in draft.around(token))}
    for kept in draft.unused:
        if not own.isdisjoint(kept.used_by):
            continue
        for number, line in enumerate(lines):
            if kept.order > _from(line, kept.event, token) and hears(draft, line, kept.event, token):
                return number, kept.event
    return None


def _from(line: Line, event: Event, token: Token) -> int:
    """The number of events after which a line hears: reactions count from the moment of sending, but a stage
    entered by `go_to` hears what comes after.
    """
    if line.since_start:
        return 0
    own = line.of is None and (is_reaction(event.type) or is_of_work(event))
    return token.floor if own else token.window


def not_sent(draft: Draft, lines: tuple[Line, ...], token: Token) -> bool:
    """Says whether a wait is only for reactions to messages that were skipped."""
    return bool(lines) and all(_to_skipped(draft, line, token) for line in lines)


def _to_skipped(draft: Draft, line: Line, token: Token) -> bool:
    if line.hears != "event" or line.event is None or line.of is not None or not is_reaction(line.event):
        return False
    if line.to not in (None, "any"):
        return line.to in draft.skipped
    said = _last_by(line.event, token)
    return bool(said) and all(one.skipped and not (line.to == "any" and one.earlier) for one in said)


def _last_by(event: str, token: Token) -> list[Said]:
    """The last messages that could go by the channel of a reaction."""
    channel = event.partition(".")[0]
    return [said for on, said in token.messages.items() if event == "replied" or on == channel]
