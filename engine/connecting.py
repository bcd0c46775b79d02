"""`fetch` and `webhook`: asking a connector until it answers or its time is over (language.md §3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.asking import Connecting, Unanswered
from engine.draft import Draft
from engine.ids import share_of
from engine.position import Token
from language.compiled import Connect
from language.values import length_text
from model.commands import CallConnector, Connected
from model.events import Fields

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)


def begin_connect(draft: Draft, token: Token, here: Connect) -> None:
    """Asks for the first time; what is sent is read now, for all tries; raises MissingFacts."""
    give_up = draft.read.add(draft.now, here.retry_for)
    _ask(draft, token, here, Connecting(draft.bind(token, here.values), give_up))


def ask_again(draft: Draft, token: Token, here: Connect, state: Unanswered) -> None:
    """Asks once more."""
    _ask(draft, token, here, Connecting(state.bound, state.give_up, state.tries + 1, state.reason))


def ask_anew(draft: Draft, token: Token, here: Connect, state: Connecting) -> None:
    """Asks once somebody has mended what kept it from asking; that try did not count, its time begins now."""
    give_up = draft.read.add(draft.now, here.retry_for)
    _ask(draft, token, here, Connecting(draft.bind(token, here.values), give_up, state.tries, state.reason))


def connected(draft: Draft, token: Token, here: Connect, state: Connecting, given: Connected) -> None:
    """Takes what became of a try."""
    reason = given.reason or "no answer"
    match given.result:
        case "answered":
            _remember(draft, token.step, {token.step: True, **_named(token.step, given.values)})
            draft.move(token, token.index + 1)
        case "failed":
            _without(draft, token, here, reason)
        case "later":
            _later(draft, token, here, state, reason, given.until)
        case "needs_attention":
            draft.park(token, reason, state)


def _ask(draft: Draft, token: Token, here: Connect, state: Connecting) -> None:
    draft.enter(token, state)
    draft.emit(
        CallConnector(
            token.id, token.step, draft.effect_id(token), here.verb, here.connector, state.bound,
            here.answers, here.timeout, state.tries,
        )
    )  # fmt: skip


def _later(
    draft: Draft, token: Token, here: Connect, state: Connecting, reason: str, asked: datetime | None
) -> None:
    """Waits for the next try, longer each time; gives up where that is too late."""
    until = max(draft.now + pause(draft.effect_id(token), state.tries), asked or draft.now)
    if until > state.give_up:
        after = f" after {length_text(here.retry_for)}" if state.tries > 1 else ""
        _without(draft, token, here, f"{reason}, given up{after}")
        return
    if reason != state.reason:
        text = f"{here.verb} {here.connector}: {reason}, tries again until {draft.read.shown(state.give_up)}"
        draft.note("retry", token.step, text)
    draft.begin_wait(new_contact=False)
    draft.enter(token, Unanswered(until, state.bound, state.give_up, state.tries, reason))


def _without(draft: Draft, token: Token, here: Connect, reason: str) -> None:
    """Goes on without an answer: what was fetched before at this step is missing, too."""
    _remember(draft, token.step, {})
    if here.else_ is not None:
        draft.note("branch", token.step, f"no answer from {here.connector}: {reason}", "else")
        draft.move(token, here.else_)
    else:
        draft.note("missing", token.step, f"no answer from {here.connector}: {reason}; goes on")
        draft.move(token, token.index + 1)


def _remember(draft: Draft, step: str, found: Fields) -> None:
    others = {n: v for n, v in draft.fetched.items() if n != step and not n.startswith(f"{step}.")}
    draft.fetched, draft.dirty = {**others, **found}, True


def _named(step: str, values: Fields) -> Fields:
    return {f"{step}.{name}": value for name, value in values.items() if value is not None}


def pause(own: str, tries: int) -> timedelta:
    """Gives the pause after so many tries: doubled each time, spread by a hash, as many runs wait at once."""
    whole = min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)
    return whole * (0.75 + share_of(own, str(tries)) / 200)
