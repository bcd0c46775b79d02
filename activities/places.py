"""Who goes first when caps are short: a held message keeps its place from those of lower priority.

A marketing message that is held, for contact hours, a cap or a rest, and due within a day, counts for those
of lower priority as a contact made now: they are skipped or held as if it had gone. Among equal ones, who
asks first goes first. A place lapses an hour after its time, and with its run.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from activities.letter import Letter
from engine.turns import RANKS
from intake.catalog import Catalog
from model.commands import Send
from model.contact import Contact, Contactability, Hold, Verdict
from model.places import Place
from store import Tx

AHEAD = timedelta(days=1)
LATE = timedelta(hours=1)
PLACED = frozenset({"quiet", "cap", "snoozed"})
"""Reasons for which a held message keeps its place."""


class Places:
    """Keeps and counts the places of messages of published journeys."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def counted(self, tx: Tx, letter: Letter, contact: Contactability) -> Contactability:
        """Adds the messages before this one to the contacts that its caps count."""
        rank, at = RANKS[letter.effect.priority], letter.request.at
        if letter.effect.purpose != "marketing" or not await self._catalog.has_priority(tx, range(rank)):
            return contact
        before = await tx.places.before(letter.request.run.lead_id, rank, at - LATE, at + AHEAD)
        made = [Contact(at, one.channel, one.purpose, one.topic, one.contact) for one in before]
        return replace(contact, recent=(*contact.recent, *made))

    async def settle(self, tx: Tx, letter: Letter, verdict: Verdict, *, was_held: bool) -> None:
        """Keeps the place of a message that is held, gives up that of one that is not any more."""
        effect, run = letter.effect, letter.request.run
        rank = RANKS[effect.priority]
        lower = range(rank + 1, len(RANKS))
        if effect.purpose != "marketing" or not await self._catalog.has_priority(tx, lower):
            return
        if isinstance(verdict, Hold) and verdict.reason in PLACED and _goes_then(effect, verdict):
            await tx.places.keep(
                Place(
                    send_id=effect.send_id, lead_id=run.lead_id, enrolment_id=run.enrolment_id, rank=rank,
                    until=verdict.until, channel=letter.channel, purpose=effect.purpose, topic=effect.topic,
                    contact=effect.contact,
                )
            )  # fmt: skip
        elif was_held:
            await tx.places.give_up(effect.send_id)


def _goes_then(effect: Send, hold: Hold) -> bool:
    return effect.not_after is None or hold.until <= effect.not_after
