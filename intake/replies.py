"""A reply that says STOP is an opt-out before it is anything else."""

from __future__ import annotations

from language.keywords import STOP_ALL, keyword_of
from language.reactions import REPLIES
from language.vocabulary import Vocabulary
from model.records import InboxEvent, Lead, NewConsent, NewEvent
from store import Tx


def says_stop(event: InboxEvent, vocabulary: Vocabulary) -> bool:
    """Says whether an event is a reply that wants no more."""
    text = event.body.get("text")
    return (
        event.type in REPLIES
        and isinstance(text, str)
        and keyword_of(text, vocabulary.reply_keywords) == STOP_ALL
    )


async def opt_out(tx: Tx, lead: Lead, event: InboxEvent) -> None:
    """Writes the refusal of everything at once, and tells it to the runs as `lead.unsubscribed`."""
    refusal = NewConsent(
        lead_id=lead.id,
        channel="all",
        given=False,
        at=event.at,
        scope="all",
        basis="reply",
        source=event.source,
    )
    await tx.consents.add(refusal)
    told = NewEvent(
        source="cauce", event_id=f"opt-out/{event.id}", type="lead.unsubscribed", at=event.at, body_hash="",
        body={"channel": "all", "scope": "all"}, lead_id=lead.id,
    )  # fmt: skip
    await tx.events.insert([told])
