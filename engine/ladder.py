"""The channels of one message: their order, and how far one has come that has to be seen."""

from __future__ import annotations

from dataclasses import replace

from engine.draft import Draft
from engine.position import Held, Ladder, OnHold, Resuming, Sending, State, Unseen
from language.compiled import Message
from model.expressions import Name

PREFERRED = Name("lead.preferred_channel", "text")


def order_of(draft: Draft, message: Message) -> tuple[str, ...]:
    """Gives the channels, the one that the lead prefers first where it chooses; raises MissingFacts."""
    preferred = draft.read.fact(PREFERRED) if message.preferred else None
    if preferred not in message.channels:
        return message.channels
    others = (channel for channel in message.channels if channel != preferred)
    return (str(preferred), *others)


def ladder_of(draft: Draft, message: Message, before: Ladder | None) -> Ladder | None:
    """Gives how a message begins or goes on that has to be seen; None where it has not.

    All its channels are one contact, that of the moment at which the first was tried. Raises MissingFacts.
    """
    if message.until_seen is None:
        return None
    until = draft.read.add(draft.now, message.until_seen)
    if before is not None:
        return replace(before, until=until)
    return Ladder(order_of(draft, message), until, draft.contact())


def climbed(ladder: Ladder | None, channel: str | None) -> Ladder | None:
    """Gives the ladder after the message went by a channel; those before it were refused."""
    if ladder is None or channel not in ladder.left:
        return None
    left = ladder.left[ladder.left.index(channel) + 1 :]
    return replace(ladder, left=left, gone=(*ladder.gone, channel))


def gone_out(state: State) -> bool:
    """Says whether the message of this state has gone by some channel already."""
    ladder = ladder_in(state)
    return ladder is not None and bool(ladder.gone)


def ladder_in(state: State) -> Ladder | None:
    """Gives the ladder of a state, if it has one."""
    return state.ladder if isinstance(state, Sending | Held | Unseen | OnHold | Resuming) else None
