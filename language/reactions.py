"""What leads do with messages: which events are reactions, and which show that a person has seen one."""

from __future__ import annotations

from collections.abc import Mapping

from language.builtin import EVENTS
from model.channels import MESSAGES

REACTIONS = frozenset(
    {"delivered", "opened", "clicked", "bounced", "complained", "failed", "read", "replied", "shown",
     "dismissed"}
)  # fmt: skip
_SEEN = frozenset({"opened", "read", "clicked", "replied", "shown", "dismissed"})
_SEEN_ON_ARRIVAL = frozenset({"sms", "voice"})
"""Channels that report nothing but the delivery."""

REPLIES = tuple(f"{channel}.replied" for channel in MESSAGES if f"{channel}.replied" in EVENTS)
"""The events that `replied` without a channel means."""


def is_reaction(event: str) -> bool:
    """Says whether an event of this type answers a message."""
    channel, _, what = event.partition(".")
    return event == "replied" or (channel in MESSAGES and what in REACTIONS)


def seen_by(channel: str) -> tuple[str, ...]:
    """Lists the events by which a message on this channel counts as seen, unless a machine caused them."""
    words = _SEEN | ({"delivered"} if channel in _SEEN_ON_ARRIVAL else frozenset())
    return tuple(event for event in (f"{channel}.{word}" for word in sorted(words)) if event in EVENTS)


def _of(*words: str) -> tuple[str, ...]:
    return tuple(f"{c}.{word}" for c in MESSAGES for word in words if f"{c}.{word}" in EVENTS)


ASKED: Mapping[str, tuple[str, ...]] = {
    "opened": _of("opened", "read", "shown"),
    "clicked": _of("clicked"),
    "replied": REPLIES,
}
"""Events behind the functions that ask about a message step of the run."""
