"""`remind` of a `wait_for`: side steps at intervals, whose messages count for it (language.md §3, §4.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.draft import Draft
from engine.position import Listening, Said, Token
from language.compiled import Listen, Remind

SIDE = "remind"


def first_reminder(draft: Draft, listen: Listen) -> datetime | None:
    """Gives when a wait that begins now reminds first; None: it does not."""
    return draft.read.add(draft.now, listen.remind.every) if listen.remind is not None else None


def remind(draft: Draft, token: Token, here: Remind, state: Listening) -> None:
    """Begins the side steps of a reminder that is due; while the last one is still at work it is left out."""
    busy = any(other.parent == token.id for other in draft.tokens.values())
    number = state.reminded + (not busy)
    over = here.at_most is not None and number >= here.at_most
    after = None if over else _next(draft, here, state.remind_at or draft.now)
    draft.enter(token, replace(state, reminded=number, remind_at=after))
    if busy:
        draft.note("dropped", token.step, "no reminder: the last one is still at work")
        return
    of = f" of {here.at_most}" if here.at_most is not None else ""
    draft.note("branch", token.step, f"reminder {number}{of}", SIDE)
    draft.spawn(here.target, SIDE, token.id, draft.event_of(token))


def _next(draft: Draft, here: Remind, last: datetime) -> datetime:
    """Counts on from the last one; of those that a stopped system missed, none is made up for."""
    following = draft.read.add(last, here.every)
    return following if following > draft.now else draft.read.add(draft.now, here.every)


def no_more_reminders(draft: Draft, token: Token) -> Token:
    """Drops what of the reminders is unsent, as the wait is over; gives the token with its last messages."""
    draft.drop_sides_of(token)
    if not any(said.also for said in token.messages.values()):
        return token
    messages = {channel: replace(said, also=()) for channel, said in token.messages.items()}
    return draft.put(replace(token, messages=messages))


def count_for_wait(draft: Draft, token: Token, channels: tuple[str, ...], said: Said) -> None:
    """Lets a reminder's message count for its wait, beside the messages before it."""
    wait = draft.tokens.get(token.parent) if token.side == SIDE and token.parent is not None else None
    if wait is None or said.skipped:
        return
    for channel in channels:
        before = wait.messages.get(channel)
        also = () if before is None or before.skipped else (*before.also, before.send_id)
        wait = wait.having_said((channel,), replace(said, also=also))
    draft.put(wait)
    for thread in list(draft.around(wait)):
        draft.put(thread.having_said(channels, said))
