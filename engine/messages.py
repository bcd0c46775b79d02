"""Messages: their `at`, the last look before they go, what comes back (language.md §3, §4.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine.draft import Draft
from engine.holding import kept_back
from engine.position import Held, OnHold, Resuming, Said, Scheduled, Sending, Token
from engine.reading import moves
from engine.waits import moved
from language.compiled import Message
from model.commands import Send, Sent

LATE = timedelta(minutes=15)
SHORTEST_HOLD = timedelta(seconds=1)


def begin_message(draft: Draft, token: Token, message: Message) -> None:
    """Begins a message step: sets it down for its `at`, or looks whether it may go."""
    not_after = draft.resolve(token, message.not_after) if message.not_after is not None else None
    if message.at is None:
        _go(draft, token, message, not_after)
    else:
        _schedule(draft, token, message, draft.resolve(token, message.at), not_after)


def end_schedule(draft: Draft, token: Token, message: Message, state: Scheduled) -> None:
    """Sends a message whose `at` has come, unless its instant has moved."""
    at = moved(draft, token, message.at, state.until) if message.at is not None else state.until
    if at is None:
        draft.enter(token, Scheduled(None, state.not_after))
    elif at == state.until:
        _go(draft, token, message, state.not_after, at)
    else:
        _schedule(draft, token, message, at, state.not_after)


def move_schedule(draft: Draft, token: Token, message: Message, state: Scheduled) -> None:
    """Reads `at` again, as a fact may have changed."""
    if message.at is not None and moves(message.at):
        at = draft.resolve(token, message.at)
        if at is None:
            draft.enter(token, replace(state, until=None))
        elif at != state.until:
            _schedule(draft, token, message, at, state.not_after)


def end_hold(draft: Draft, token: Token, message: Message, state: Held) -> None:
    """Judges a held message again: its `at` if that moved, its `if`, then it goes under the same id."""
    if message.at is not None and moves(message.at):
        at = draft.resolve(token, message.at)
        if at is not None and at > draft.now:
            _schedule(draft, token, message, at, state.not_after)
            return
    _go(draft, token, message, state.not_after)


def resume_message(draft: Draft, token: Token, message: Message, state: Resuming) -> None:
    """Judges a message again that `hold_while` kept back: its `at`, if it has not come or came too early."""
    if message.at is not None and moves(message.at):
        at = draft.resolve(token, message.at)
        if at is not None and at > draft.now:
            _schedule(draft, token, message, at, state.not_after)
            return
    if message.skip_late and state.at is not None and state.at < draft.now - LATE:
        skip(draft, token, message, "past", f"its time was {draft.read.shown(state.at)}")
    else:
        _go(draft, token, message, state.not_after, state.at)


def sent(draft: Draft, token: Token, message: Message, state: Sending, answer: Sent) -> None:
    """Takes the answer to a send."""
    match answer.result:
        case "sent":
            _remember(draft, token, message, skipped=False)
        case "skipped":
            _remember(draft, token, message, skipped=True)
            if message.else_ is not None:
                why = f"nobody could be reached: {answer.reason or 'skipped'}"
                draft.note("branch", token.step, why, "else")
                draft.move(draft.tokens[token.id], message.else_)
        case "held":
            _hold(draft, token, message, state, answer)
        case "needs_attention":
            draft.park(
                _remembering(draft, token, message, skipped=True),
                answer.reason or "the message could not be sent",
            )


def skip(draft: Draft, token: Token, message: Message, reason: str, why: str) -> None:
    """Leaves a message out, with the reason; the run goes on."""
    draft.note("skipped", token.step, f"{reason}: {why}" if why else reason)
    _remember(draft, token, message, skipped=True)


def _schedule(
    draft: Draft, token: Token, message: Message, at: datetime | None, not_after: datetime | None
) -> None:
    if at is None:
        skip(draft, token, message, "missing", "its time is not known")
    elif at > draft.now:
        draft.begin_wait()
        draft.note("waiting", token.step, f"goes at {draft.read.shown(at)}")
        draft.enter(token, Scheduled(at, not_after))
    elif at >= draft.now - LATE or message.if_past == "send":
        _go(draft, token, message, not_after, at)
    elif message.if_past == "end":
        draft.finish("finished", f"the time of {token.step}, {draft.read.shown(at)}, is past")
    else:
        skip(draft, token, message, "past", f"its time was {draft.read.shown(at)}")


def _go(
    draft: Draft,
    token: Token,
    message: Message,
    not_after: datetime | None,
    at: datetime | None = None,
) -> None:
    """Sends a message whose time, `at`, has come, unless something speaks against it."""
    if not_after is not None and draft.now > not_after:
        skip(draft, token, message, "past", f"not after {draft.read.shown(not_after)}")
    elif kept_back(draft, token, OnHold(not_after, at)):
        return
    elif message.condition is not None and not draft.read.holds(message.condition, draft.names(token)):
        why = draft.read.because("", message.condition, draft.names(token))
        skip(draft, token, message, "condition", why)
    else:
        own = draft.effect_id(token)
        draft.enter(token, Sending(own, not_after))
        draft.emit(_send(draft, token, message, own, not_after))


def _send(draft: Draft, token: Token, message: Message, own: str, not_after: datetime | None) -> Send:
    return Send(
        token=token.id, step=token.step, send_id=own, channels=message.channels,
        template=message.template, purpose=message.purpose, topic=message.topic,
        contact=f"{draft.run.enrolment_id}/{draft.moments}",
        bound=draft.bind(token, message.values), hours=message.hours,
        on_quiet=message.on_quiet, on_cap=message.on_cap, on_unknown=message.on_unknown, not_after=not_after,
        contact_hours=draft.journey.contact_hours, zone=draft.journey.zone,
    )  # fmt: skip


def _remember(draft: Draft, token: Token, message: Message, *, skipped: bool) -> None:
    draft.move(_remembering(draft, token, message, skipped=skipped), token.index + 1)


def _remembering(draft: Draft, token: Token, message: Message, *, skipped: bool) -> Token:
    state = token.state
    own = state.send_id if isinstance(state, Sending) else draft.effect_id(token)
    said = Said(token.step, own, skipped)
    return token.having_said(message.channels, said)


def _hold(draft: Draft, token: Token, message: Message, state: Sending, answer: Sent) -> None:
    until = max(answer.until or draft.now, draft.now + SHORTEST_HOLD)
    if state.not_after is not None and until > state.not_after:
        skip(draft, token, message, "past", f"not after {draft.read.shown(state.not_after)}")
        return
    reason = answer.reason or "held"
    draft.waits += 1
    draft.enter(token, Held(until, reason, state.not_after))
