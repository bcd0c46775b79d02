"""A guard for trials with a real account: only the listed addresses and numbers receive anything."""

from __future__ import annotations

from collections.abc import Iterable

from model.messages import Channel, Outgoing, Receipt, Rejected

REASON = "CAUCE_ONLY_TO"


class OnlyTo:
    """Hands the channel behind it what is meant for the listed, and rejects the rest.

    The cause is `content`, the only one without consequences: nobody is suppressed by a trial.
    """

    def __init__(self, behind: Channel, listed: Iterable[str]) -> None:
        self._behind = behind
        self._listed = frozenset(map(_plain, listed))

    @property
    def provider(self) -> str:
        """The name of the provider behind it."""
        return self._behind.provider

    @property
    def timeout(self) -> float:
        """The seconds of the channel behind it."""
        return self._behind.timeout

    async def send(self, message: Outgoing) -> Receipt:
        """Sends by the channel behind it, or answers `Rejected` without asking it."""
        if _plain(message.to) not in self._listed:
            return Rejected(REASON, "content")
        return await self._behind.send(message)


def _plain(address: str) -> str:
    """Brings an address to the form in which two spellings of it are alike."""
    if "@" in address:
        return address.strip().casefold()
    digits = "".join(character for character in address if character.isdigit())
    return digits.removeprefix("00")
