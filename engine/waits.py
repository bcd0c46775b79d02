"""`wait`, `wait_for` and `first_of`: how they begin, what opens them, how they time out (language.md §3,
§4).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.draft import Draft
from engine.hearing import hears, not_sent, waiting_event
from engine.position import Listening, Round, Token, Waiting
from engine.reading import moves
from engine.reminding import first_reminder, no_more_reminders, remind
from language.compiled import Line, Listen, Restart, Wait
from model.events import Event
from model.time import Instant


def begin_wait(draft: Draft, token: Token, wait: Wait) -> None:
    """Begins a `wait`; one that is over already, or whose instant is missing, goes straight on."""
    until = draft.resolve(token, wait.until)
    if until is None:
        _missing(draft, token, wait)
    elif until <= draft.now:
        draft.note("waiting", token.step, f"does not wait: {draft.read.shown(until)} is past")
        draft.move(token, token.index + 1)
    else:
        draft.begin_wait()
        text = f"until {draft.read.shown(until)}"
        draft.note("waiting", token.step, f"waits {text}")
        draft.enter(token, Waiting(until, text))


def end_wait(draft: Draft, token: Token, wait: Wait, state: Waiting) -> None:
    """Ends a `wait` whose time has come, unless its instant has moved."""
    until = moved(draft, token, wait.until, state.until)
    if until is None and wait.if_missing is not None:
        _missing(draft, token, wait)
    elif until is not None and until <= draft.now:
        draft.move(token, token.index + 1)
    elif until != state.until:
        text = f"until {draft.read.shown(until)}" if until is not None else "an instant not known"
        draft.note("waiting", token.step, f"its time has moved: waits {text}")
        draft.enter(token, Waiting(until, text))


def _missing(draft: Draft, token: Token, wait: Wait) -> None:
    """Goes on where the instant is not known, by `if_missing` if that is written."""
    why = "the instant to wait for is not known"
    if wait.if_missing is None:
        draft.note("missing", token.step, f"{why}: goes on")
        draft.move(token, token.index + 1)
    else:
        draft.note("branch", token.step, why, "if_missing")
        draft.move(token, wait.if_missing)


def moved(draft: Draft, token: Token, instant: Instant, until: datetime | None) -> datetime | None:
    """Reads an instant once more if it names a fact; None where it is not known any more."""
    return draft.resolve(token, instant, last=until) if moves(instant) else until


def restart_wait(draft: Draft, token: Token, wait: Wait, event: Event) -> bool:
    """Starts a `wait` over if its `restart_on` hears the event."""
    if wait.restart_on is None or not hears(draft, wait.restart_on, event, token):
        return False
    draft.use(event, token)
    draft.note("heard", token.step, f"{event.type}: the wait starts over", wait.restart_on.name or None)
    begin_wait(draft, token, wait)
    return True


def begin_listen(draft: Draft, token: Token, listen: Listen) -> None:
    """Begins to listen: waiting events in order, then conditions, then `within`."""
    found = waiting_event(draft, listen.lines, token)
    token = draft.put(replace(token, window=draft.heard))
    _mark_round(draft, token)
    until = draft.resolve(token, listen.within) if listen.within is not None else None
    if found is not None:
        take(draft, token, listen.lines[found[0]], found[1])
    elif (line := _holding(draft, token, listen)) is not None:
        take(draft, token, line, None)
    elif listen.within is None and not_sent(draft, listen.lines, token):
        take_else(draft, token, listen, "not_sent: the message was skipped")
    elif until is not None and until <= draft.now:
        take_else(draft, token, listen, f"{draft.read.shown(until)} is past")
    else:
        _settle_in(draft, token, listen, until)


def _mark_round(draft: Draft, token: Token) -> None:
    """Remembers when a listening that may start over began, so that one that takes no time rests."""
    if any(isinstance(here, Restart) and here.target == token.index for here in draft.journey.program):
        draft.rounds = {**draft.rounds, f"listen:{token.index}": Round(0, *draft.pace(token))}


def text_of(listen: Listen) -> str:
    """Says what a wait listens for."""
    return " or ".join(line.event or line.text or line.name for line in listen.lines)


def _settle_in(draft: Draft, token: Token, listen: Listen, until: datetime | None) -> None:
    draft.begin_wait()
    text = text_of(listen)
    limit = f", at most until {draft.read.shown(until)}" if until is not None else ""
    draft.note("waiting", token.step, f"waits for {text}{limit}")
    false = _false_lines(draft, token, listen)
    draft.enter(token, Listening(draft.now, until, false, text, remind_at=first_reminder(draft, listen)))


def hear(draft: Draft, token: Token, listen: Listen, event: Event) -> bool:
    """Opens the wait by the first line that hears the event."""
    for line in listen.lines:
        if hears(draft, line, event, token):
            take(draft, token, line, event)
            return True
    return False


def look(draft: Draft, token: Token, listen: Listen, state: Listening) -> bool:
    """Opens the wait by the first condition that holds now, or has become true since it began."""
    if not any(line.condition is not None for line in listen.lines):
        return False
    line = _holding(draft, token, listen, state.false_seen)
    if line is not None:
        take(draft, token, line, None)
        return True
    false = tuple(sorted({*state.false_seen, *_false_lines(draft, token, listen)}))
    if false != state.false_seen:
        draft.enter(token, replace(state, false_seen=false))
    return False


def listening_due(draft: Draft, token: Token, listen: Listen, state: Listening) -> None:
    """Does what is due in a wait: its time is over, or else it reminds."""
    if state.until is not None and state.until <= draft.now:
        time_out(draft, token, listen, state)
    elif listen.remind is not None and state.remind_at is not None and state.remind_at <= draft.now:
        remind(draft, token, listen.remind, state)


def time_out(draft: Draft, token: Token, listen: Listen, state: Listening) -> None:
    """Takes `else` when the time is over, unless its instant has moved."""
    until = state.until
    if listen.within is not None:
        until = moved(draft, token, listen.within, state.until)
    if until is not None and until <= draft.now:
        take_else(draft, token, listen, "the time is over")
    else:
        draft.enter(token, replace(state, until=until))


def _holding(draft: Draft, token: Token, listen: Listen, false_seen: tuple[int, ...] = ()) -> Line | None:
    """The first `if` that holds, or `becomes` that holds after having been found false."""
    names = draft.names(token)
    lines = [(number, line) for number, line in enumerate(listen.lines) if line.condition is not None]
    asked = [(line.condition, names) for _, line in lines if line.condition is not None]
    verdicts = draft.read.all_hold(asked)
    for (number, line), holds in zip(lines, verdicts, strict=True):
        if holds and (line.hears == "if" or number in false_seen):
            return line
    return None


def _false_lines(draft: Draft, token: Token, listen: Listen) -> tuple[int, ...]:
    names = draft.names(token)
    return tuple(
        number
        for number, line in enumerate(listen.lines)
        if line.hears == "becomes"
        and line.condition is not None
        and not draft.read.holds(line.condition, names)
    )


def take(draft: Draft, token: Token, line: Line, event: Event | None) -> None:
    """Goes on with a line that has fired, by an event or by its condition."""
    if event is not None:
        draft.use(event, token)
        why = f"{event.type} came"
    elif line.condition is not None:
        why = draft.read.because(line.text, line.condition, draft.names(token))
    else:
        why = line.text
    draft.note("branch", token.step, why, line.name or None)
    token = no_more_reminders(draft, token)
    draft.move(replace(token, event=event or token.event), line.target)


def take_else(draft: Draft, token: Token, listen: Listen, why: str) -> None:
    """Goes on with `else`."""
    draft.note("timeout", token.step, why, "else")
    draft.move(no_more_reminders(draft, token), listen.else_)
