"""One message of one run on one channel, with all that ledger, contact rules, provider and timeline say of
it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from activities.booking import book, event, line
from intake.announce import Announcer
from intake.knowledge import reader
from model.channels import address_of
from model.commands import Send, Sent
from model.contact import Caps, Intent
from model.events import Fields
from model.messages import Outgoing
from model.records import Lead
from model.results import LedgerSend, NewSend
from model.runs import EffectRequest
from model.time import Hours
from store import Tx
from templates.store import Rendered

GONE = frozenset({"accepted", "delivered", "bounced", "unknown"})
WORDS = {"accepted": "sent", "unknown": "sent, outcome unknown", "CAUCE_ONLY_TO": "not sent"}
"""How a state, or a reason that says more, reads in the timeline."""

TOLD = {
    "accepted": "message.sent",
    "unknown": "message.sent",
    "skipped": "message.skipped",
    "rejected": "message.failed",
}
"""Events that tell a final state to others."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to be judged: who it is to (`address` None: unknown) and what it says."""

    request: EffectRequest
    effect: Send
    channel: str
    lead: Lead
    content: Rendered

    @property
    def address(self) -> str | None:
        """The lead's address on the channel."""
        return address_of(self.channel, self.network, reader(self.lead))

    @property
    def network(self) -> str | None:
        """The network of a social message."""
        return self.effect.network if self.channel == "social" else None

    @property
    def name(self) -> str:
        """How the timeline calls it."""
        return f"{self.channel} {self.effect.template}"

    def intent(self, hours: Hours, caps: Caps) -> Intent:
        """Says to the contact rules what is meant; `hours` are the company's, where journey and step say
        nothing."""
        effect = self.effect
        return Intent(
            channel=self.channel,
            purpose=effect.purpose,
            topic=effect.topic,
            journey=self.request.run.journey,
            contact_key=effect.contact,
            hours=effect.hours or effect.contact_hours or hours,
            own_hours=effect.hours is not None,
            caps=caps,
            on_quiet=effect.on_quiet,
            on_cap=effect.on_cap,
            network=self.network,
        )

    def row(self) -> NewSend:
        """Gives the row of the ledger."""
        run, effect = self.request.run, self.effect
        return NewSend(
            send_id=effect.send_id,
            channel=self.channel,
            at=self.request.at,
            lead_id=run.lead_id,
            enrolment_id=run.enrolment_id,
            journey=run.journey,
            step=effect.step,
            template=effect.template,
            purpose=effect.purpose,
            topic=effect.topic,
            contact=effect.contact,
            address=self.address,
        )

    def outgoing(self) -> Outgoing:
        """Gives what the provider gets."""
        content = self.content
        return Outgoing(
            send_id=self.effect.send_id,
            channel=self.channel,
            to=self.address or "",
            text=content.text,
            at=self.request.at,
            subject=content.subject,
            html=content.html,
            language=content.language,
            template=self.effect.template,
            lead_id=self.request.run.lead_id,
            network=self.network,
        )

    def held(self, reason: str, wait: timedelta) -> Sent:
        """Answers that the run shall ask again after a while."""
        return Sent(self.effect.token, "held", self.channel, reason, self.request.at + wait)

    def answer(self, row: LedgerSend) -> Sent:
        """Answers what the ledger says of it."""
        token, on_unknown = self.effect.token, self.effect.on_unknown
        if row.state == "unknown" and on_unknown == "ask_human":
            return Sent(token, "ask_human", self.channel, "unknown")
        if row.state in GONE:
            return Sent(token, "sent", self.channel)
        return Sent(token, "skipped", self.channel, row.reason or row.state)

    def words(self, row: LedgerSend) -> str:
        """Says in the timeline what became of it."""
        done = WORDS.get(row.reason or "") or WORDS.get(row.state, row.state)
        why = f" ({row.reason})" if row.reason and row.state != "accepted" else ""
        about = f": {self.content.subject}" if self.content.subject else ""
        return f"{self.name} {done}{why}{about}"


async def write_down(
    tx: Tx,
    announcer: Announcer,
    request: EffectRequest,
    effect: Send,
    channel: str,
    state: str,
    text: str,
    reason: str | None = None,
) -> None:
    """Writes a line of the timeline and the run's progress, and tells a final state to whom it concerns.

    `state` makes the line one of its kind: a repeat adds nothing.
    """
    data: Fields = {
        "channel": channel,
        "template": effect.template,
        "send_id": effect.send_id,
        "state": state,
    }
    if reason is not None:
        data["reason"] = reason
    key = f"send/{effect.send_id}/{channel}/{state}"
    entry = line(request.run, request.at, "message", text, key, effect.step, data)
    await book(tx, request.run, request.progress, [entry])
    if state in TOLD:
        fields: Fields = {**data, "step": effect.step, "purpose": effect.purpose, "topic": effect.topic}
        told = event(request.run, TOLD[state], key, request.at, fields, message=effect.send_id)
        await announcer.tell(tx, told)
