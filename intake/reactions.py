"""Which message a reaction is about, and so which run hears it (language.md §4.2)."""

from __future__ import annotations

from dataclasses import replace

from language.keywords import keyword_of
from language.reactions import REPLIES, is_reaction
from language.vocabulary import Vocabulary
from model.events import Fields
from model.records import InboxEvent
from model.results import LedgerSend
from store import Tx


async def of_message(tx: Tx, event: InboxEvent) -> LedgerSend | None:
    """Finds the send that an event names."""
    if event.message is None or not is_reaction(event.type):
        return None
    rows = await tx.sends.find(event.message)
    channel = event.type.partition(".")[0]
    return next((row for row in rows if row.channel == channel), None)


async def placed(tx: Tx, event: InboxEvent, lead_id: str, vocabulary: Vocabulary) -> InboxEvent:
    """Gives a reaction its message, run, step, template and keyword; other events as they are.

    A reply that names no message belongs to the last one that went to the lead on that channel.
    """
    if not is_reaction(event.type) or event.run is not None:
        return event
    send = await of_message(tx, event)
    if send is None and event.message is None and event.type.endswith(".replied"):
        send = await tx.sends.last_on(lead_id, event.type.partition(".")[0])
    if send is not None and send.lead_id != lead_id:
        send = None
    found = _found(event, send, vocabulary)
    if not found:
        return event
    body: Fields = {**found, **event.body}
    message = send.send_id if send is not None else event.message
    run = send.enrolment_id if send is not None else None
    await tx.events.place(event.id, message=message, run=run, body=body)
    return replace(event, message=message, run=run, body=body)


def _found(event: InboxEvent, send: LedgerSend | None, vocabulary: Vocabulary) -> Fields:
    """Gives what we know of a reaction: its message, and the keyword of a reply."""
    found: Fields = {}
    if send is not None:
        found = {"template": send.template, "step": send.step, "campaign": send.journey}
    text = event.body.get("text")
    if event.type in REPLIES and isinstance(text, str):
        found["keyword"] = keyword_of(text, vocabulary.reply_keywords)
    return {name: value for name, value in found.items() if value is not None}
