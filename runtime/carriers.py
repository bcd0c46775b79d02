"""Which channels of messages are carried by nothing, though journeys send by them."""

from __future__ import annotations

from collections.abc import Container, Iterable

from language.compiled import Journey, Message
from settings import SettingsError, variable


def used_by(journeys: Iterable[Journey]) -> dict[str, list[str]]:
    """Lists the channels by which journeys send, with the names of those journeys."""
    found: dict[str, list[str]] = {}
    for journey in journeys:
        sends = (item for item in journey.program if isinstance(item, Message))
        for channel in sorted({channel for send in sends for channel in send.channels}):
            found.setdefault(channel, []).append(journey.name)
    return found


def advice_for(channel: str, journeys: Iterable[str]) -> tuple[str, str]:
    """Says what is wrong with a channel that nothing carries, and what to do."""
    says = f"nothing carries it, and {', '.join(sorted(journeys))} would send by it"
    keep = f"set {variable(channel)}=outbox to keep its messages in the outbox"
    return says, f"{keep}, or take the channel out of the journey"


def refuse_uncarried(journeys: Iterable[Journey], carried: Container[str]) -> None:
    """Raises SettingsError where a journey sends by a channel that nothing carries."""
    found = [
        (channel, *advice_for(channel, names))
        for channel, names in used_by(journeys).items()
        if channel not in carried
    ]
    if found:
        raise SettingsError("\n".join(f"{channel}: {says}; {advice}" for channel, says, advice in found))
