"""Messages: their `at`, the last look before they go, what comes back (language.md §3, §4.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from engine.draft import Draft
from engine.hearing import channel_of
from engine.holding import kept_back
from engine.ladder import climbed, gone_out, ladder_in, ladder_of, order_of
from engine.position import Held, Ladder, OnHold, Resuming, Said, Scheduled, Sending, Token, Unseen
from engine.reading import moves
from engine.reminding import count_for_wait
from engine.waits import moved
from language.compiled import Message
from language.reactions import seen_by
from model.commands import Send, Sent
from model.events import Event

LATE = timedelta(minutes=15)
SEND_AGAIN = "`retry` sends it once more, `skip` goes on without"
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
    not_after = _not_after(draft, token, message, state.not_after)
    if at is None:
        draft.enter(token, Scheduled(None, not_after))
    elif at == state.until:
        _go(draft, token, message, not_after, at)
    else:
        _schedule(draft, token, message, at, not_after)


def move_schedule(draft: Draft, token: Token, message: Message, state: Scheduled) -> None:
    """Reads `at` again, as a fact may have changed."""
    if message.at is not None and moves(message.at):
        at = draft.resolve(token, message.at, last=state.until)
        if at is None:
            draft.enter(token, replace(state, until=None))
        elif at != state.until:
            _schedule(draft, token, message, at, _not_after(draft, token, message, state.not_after))


def end_hold(draft: Draft, token: Token, message: Message, state: Held) -> None:
    """Judges a held message again: its `at` if that moved, its `if`, then it goes under the same id."""
    if not move_hold(draft, token, message, state):
        not_after = _not_after(draft, token, message, state.not_after)
        _go(draft, token, message, not_after, state.at, state.ladder)


def move_hold(draft: Draft, token: Token, message: Message, state: Held) -> bool:
    """Reads the `at` of a held message again; says whether it moved, and so decides anew when it goes."""
    if message.at is None or not moves(message.at) or state.ladder is not None:
        return False
    at = draft.resolve(token, message.at, last=state.at)
    if at == state.at or (state.at is None and (at is None or at <= draft.now)):
        return False
    not_after = _not_after(draft, token, message, state.not_after)
    if at is None:
        draft.note("waiting", token.step, "its time is not known any more")
        draft.enter(token, Scheduled(None, not_after))
    else:
        _schedule(draft, token, message, at, not_after)
    return True


def end_unseen(draft: Draft, token: Token, message: Message, state: Unseen) -> None:
    """Tries the next channel, as the message was not seen in time."""
    left = state.ladder.left
    draft.note("timeout", token.step, f"not seen in time: {left[0]} is next")
    _go(draft, token, message, _not_after(draft, token, message, state.not_after), None, state.ladder)


def send_again(draft: Draft, token: Token, message: Message, state: Sending) -> None:
    """Sends a message of unknown fate once more, by a new id."""
    token = draft.visit(token, token.step)
    not_after = _not_after(draft, token, message, state.not_after)
    _go(draft, token, message, not_after, state.at, state.ladder)


def hear_seen(draft: Draft, token: Token, message: Message, event: Event) -> bool:
    """Goes on where the event shows that a person has seen the message; waits to come hear it still."""
    channel, ladder = channel_of(event), ladder_in(token.state)
    if ladder is None or channel not in ladder.gone or event.type not in seen_by(channel):
        return False
    unnamed = event.message is None and event.run == draft.run.enrolment_id
    if event.fields.get("machine") is not True and (unnamed or event.message == draft.effect_id(token)):
        draft.note("heard", token.step, f"seen: {event.type}")
        _remember(draft, token, message, skipped=False)
    return False


def resume_message(draft: Draft, token: Token, message: Message, state: Resuming) -> None:
    """Judges a message again that `hold_while` kept back: its `at`, if it has not come or came too early."""
    not_after = _not_after(draft, token, message, state.not_after)
    if message.at is not None and moves(message.at) and state.ladder is None:
        at = draft.resolve(token, message.at, last=state.at)
        if at is not None and at > draft.now:
            _schedule(draft, token, message, at, not_after)
            return
    if message.skip_late and state.at is not None and state.at < draft.now - LATE:
        skip(draft, token, message, "past", f"its time was {draft.read.shown(state.at)}")
    else:
        _go(draft, token, message, not_after, state.at, state.ladder)


def sent(draft: Draft, token: Token, message: Message, state: Sending, answer: Sent) -> None:
    """Takes the answer to a send."""
    match answer.result:
        case "sent":
            _went(draft, token, message, state, answer)
        case "skipped" if gone_out(state):
            skip(draft, token, message, answer.reason or "skipped", "no other channel reaches the lead")
        case "skipped":
            _remember(draft, token, message, skipped=True)
            if message.else_ is not None:
                why = f"nobody could be reached: {answer.reason or 'skipped'}"
                draft.note("branch", token.step, why, "else")
                draft.move(draft.tokens[token.id], message.else_)
        case "held":
            _hold(draft, token, message, state, answer)
        case "needs_attention":
            draft.park(token, answer.reason or "the message could not be sent", state)
        case "ask_human":
            reason = f"whether {message.template} went out is not known: {SEND_AGAIN}"
            draft.park(_remembering(draft, token, message, skipped=False), reason, state, decide=True)


def skip(draft: Draft, token: Token, message: Message, reason: str, why: str) -> None:
    """Leaves a message out, with the reason; the run goes on. One that went by a channel goes no further."""
    text = f"{reason}: {why}" if why else reason
    if gone_out(token.state):
        draft.note("timeout", token.step, f"goes no further: {text}")
    else:
        draft.note("skipped", token.step, text)
    _remember(draft, token, message, skipped=not gone_out(token.state))


def _not_after(draft: Draft, token: Token, message: Message, stored: datetime | None) -> datetime | None:
    """Reads `not_after` once more if it names a fact."""
    return moved(draft, token, message.not_after, stored) if message.not_after is not None else stored


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
        draft.finish(
            "finished", f"the time of {token.step}, {draft.read.shown(at)}, is past", keeps_open=True
        )
    else:
        skip(draft, token, message, "past", f"its time was {draft.read.shown(at)}")


def _go(
    draft: Draft,
    token: Token,
    message: Message,
    not_after: datetime | None,
    at: datetime | None = None,
    before: Ladder | None = None,
) -> None:
    """Sends a message whose time, `at`, has come, unless something speaks against it.

    `before` is how far it has come on other channels.
    """
    if not_after is not None and draft.now > not_after:
        skip(draft, token, message, "past", f"not after {draft.read.shown(not_after)}")
    elif kept_back(draft, token, OnHold(not_after, at, before)):
        return
    elif message.condition is not None and not draft.read.holds(message.condition, draft.names(token)):
        why = draft.read.because("", message.condition, draft.names(token))
        skip(draft, token, message, "condition", why)
    else:
        own, ladder = draft.effect_id(token), ladder_of(draft, message, before)
        channels = ladder.left if ladder is not None else order_of(draft, message)
        effect = replace(_send(draft, token, message, own, not_after), channels=channels)
        draft.enter(token, Sending(own, not_after, at, ladder))
        draft.emit(effect if ladder is None else replace(effect, contact=ladder.contact))


def _send(draft: Draft, token: Token, message: Message, own: str, not_after: datetime | None) -> Send:
    return Send(
        token=token.id, step=token.step, send_id=own, channels=message.channels,
        template=message.template, purpose=message.purpose, topic=message.topic,
        contact=draft.contact(),
        bound=draft.bind(token, message.values), hours=message.hours,
        on_quiet=message.on_quiet, on_cap=message.on_cap, on_unknown=message.on_unknown, not_after=not_after,
        contact_hours=draft.journey.contact_hours, zone=draft.journey.zone, network=message.network,
        priority=draft.journey.rules.priority,
    )  # fmt: skip


def _went(draft: Draft, token: Token, message: Message, state: Sending, answer: Sent) -> None:
    """Goes on, or waits for the message to be seen where another channel is left."""
    ladder = climbed(state.ladder, answer.channel)
    if ladder is None or not ladder.left:
        _remember(draft, token, message, skipped=False)
        return
    draft.begin_wait()
    text = f"has until {draft.read.shown(ladder.until)} to be seen on {answer.channel}"
    draft.note("waiting", token.step, text)
    draft.enter(token, Unseen(ladder.until, ladder, state.not_after))


def _remember(draft: Draft, token: Token, message: Message, *, skipped: bool) -> None:
    draft.move(_remembering(draft, token, message, skipped=skipped), token.index + 1)


def _remembering(draft: Draft, token: Token, message: Message, *, skipped: bool) -> Token:
    state = token.state
    own = state.send_id if isinstance(state, Sending) else draft.effect_id(token)
    said = Said(token.step, own, skipped)
    if skipped != (token.step in draft.skipped):
        others = tuple(step for step in draft.skipped if step != token.step)
        draft.skipped = (*others, token.step) if skipped else others
    count_for_wait(draft, token, message.channels, said)
    return draft.remember(token, lambda each: each.having_said(message.channels, said))


def _hold(draft: Draft, token: Token, message: Message, state: Sending, answer: Sent) -> None:
    until = max(answer.until or draft.now, draft.now + SHORTEST_HOLD)
    if state.not_after is not None and until > state.not_after:
        skip(draft, token, message, "past", f"not after {draft.read.shown(state.not_after)}")
        return
    reason = answer.reason or "held"
    draft.waits += 1
    ladder = state.ladder if gone_out(state) else None
    draft.enter(token, Held(until, reason, state.not_after, state.at, ladder))
