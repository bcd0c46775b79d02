"""Sends messages: contact rules, ledger, provider, ledger.

The ledger alone decides that a send happens once. It is reserved under the lead's lock, in the transaction
that judges the contact rules; no transaction is open during the provider's call; what is found
`dispatching` is never sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

import structlog
from pydantic_core import to_jsonable_python

from activities.booking import book, event, line
from activities.values import Values, lead_of
from engine.caps import caps_of
from engine.contact import may_contact
from intake.announce import Announcer
from intake.knowledge import Gatherer
from language.vocabulary import Vocabulary
from model.commands import Send, Sent
from model.contact import Deny, Hold, Intent
from model.events import Fields
from model.messages import Accepted, Channel, NotSent, Outgoing, Receipt, Rejected, Unknown
from model.records import Lead, NewConsent
from model.results import LedgerSend, NewSend
from model.runs import EffectRequest
from store import Store, Tx
from templates.errors import TemplateError
from templates.store import Rendered, Templates

GRACE = timedelta(seconds=10)
"""How much longer than the provider's time-out a send may stay `dispatching` before it counts as unknown."""

WORDS = {"accepted": "sent", "unknown": "sent, outcome unknown", "CAUCE_ONLY_TO": "not sent"}
"""How a state, or a reason that says more, reads in the timeline."""

GONE = frozenset({"accepted", "delivered", "bounced", "unknown"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message ready to be judged: to whom, and what it says."""

    lead: Lead
    address: str | None
    content: Rendered


class Messages:
    """Carries out `Send`."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        templates: Templates,
        vocabulary: Vocabulary,
        gatherer: Gatherer,
        values: Values,
        announcer: Announcer,
        owner: str,
    ) -> None:
        self._store = store
        self._channels = channels
        self._templates = templates
        self._vocabulary = vocabulary
        self._gatherer = gatherer
        self._values = values
        self._announcer = announcer
        self._owner = owner
        self._caps = caps_of(vocabulary.caps)

    async def send(self, request: EffectRequest, effect: Send) -> Sent:
        """Sends by the first channel on which the lead may be reached."""
        answer = Sent(effect.token, "skipped", reason="no_address")
        for channel in effect.channels:
            answer = await self._by(channel, request, effect)
            if answer.result != "skipped":
                return answer
        return answer

    async def _by(self, name: str, request: EffectRequest, effect: Send) -> Sent:
        channel = self._channels.get(name)
        if channel is None:
            return await self._stuck(request, effect, name, "no_channel")
        try:
            prepared = await self._prepare(name, request, effect)
        except TemplateError as error:
            log.error("template fails", template=effect.template, channel=name, error=type(error).__name__)
            return await self._stuck(request, effect, name, "template")
        answer = await self._reserve(name, channel, request, effect, prepared)
        if answer is not None:
            return answer
        receipt = await channel.send(self._outgoing(name, request, effect, prepared))
        return await self._settle(name, channel, request, effect, prepared, receipt)

    async def _prepare(self, name: str, request: EffectRequest, effect: Send) -> Prepared:
        async with self._store.read() as tx:
            lead = await lead_of(tx, request.run)
            values = await self._values.for_template(tx, request.run, lead, effect.bound, request.at)
        content = self._templates.render(name, effect.template, lead.language, values)
        return Prepared(lead, lead.email if name == "email" else lead.phone, content)

    async def _reserve(
        self, name: str, channel: Channel, request: EffectRequest, effect: Send, prepared: Prepared
    ) -> Sent | None:
        """Judges and reserves under the lead's lock; None: the send is ours to make now."""
        async with self._store.begin() as tx:
            lead = await tx.leads.lock(request.run.lead_id) or prepared.lead
            row = await tx.sends.get(effect.send_id, name)
            if row is not None and row.state not in ("planned", "held"):
                return await self._standing(tx, row, request, effect)
            contact = await self._gatherer.contact(tx, lead, request.at)
            if effect.zone is not None:
                contact = replace(contact, zones=(effect.zone,))
            verdict = may_contact(contact, self._intent(name, request, effect), request.at)
            decision = to_jsonable_python({"facts": asdict(contact), "verdict": asdict(verdict)})
            new = replace(self._new(name, request, effect, prepared), decision=decision)
            match verdict:
                case Deny(reason):
                    return await self._skip(tx, new, row, request, effect, reason)
                case Hold(until, reason):
                    if effect.not_after is not None and until > effect.not_after:
                        return await self._skip(tx, new, row, request, effect, "past")
                    return await self._hold(
                        tx, new, row, request, effect, Sent(effect.token, "held", name, reason, until)
                    )
            deadline = tx.wall() + timedelta(seconds=channel.timeout) + GRACE
            if row is None:
                await tx.sends.reserve(replace(new, owner=self._owner, deadline=deadline), "dispatching")
                return None
            await tx.sends.dispatch(
                effect.send_id, name, owner=self._owner, deadline=deadline, at=request.at,
                address=prepared.address, decision=decision,
            )  # fmt: skip
            return None

    async def _standing(self, tx: Tx, row: LedgerSend, request: EffectRequest, effect: Send) -> Sent:
        """Answers for a send that was begun before: by what the ledger says, never by sending again."""
        if row.state == "dispatching":
            left = row.deadline - tx.wall() if row.deadline is not None else timedelta()
            if left > timedelta():
                until = request.at + left + timedelta(seconds=1)
                return Sent(effect.token, "held", row.channel, "in_flight", until)
            row = await tx.sends.settle(row.send_id, row.channel, "unknown", reason="worker_lost")
        return await self._told(tx, row, request, effect)

    async def _told(self, tx: Tx, row: LedgerSend, request: EffectRequest, effect: Send) -> Sent:
        answer = _answer(row, effect)
        text = f"{row.channel} {effect.template}: {row.state}" + (f" ({row.reason})" if row.reason else "")
        await self._write(tx, request, effect, row.channel, row.state, text)
        return answer

    async def _skip(
        self, tx: Tx, new: NewSend, row: LedgerSend | None, request: EffectRequest, effect: Send, reason: str
    ) -> Sent:
        if row is None:
            await tx.sends.reserve(replace(new, reason=reason), "skipped")
        else:
            await tx.sends.settle(new.send_id, new.channel, "skipped", reason=reason, decision=new.decision)
        text = f"{new.channel} {effect.template} skipped: {reason}"
        await self._write(tx, request, effect, new.channel, "skipped", text, reason)
        return Sent(effect.token, "skipped", new.channel, reason)

    async def _hold(
        self, tx: Tx, new: NewSend, row: LedgerSend | None, request: EffectRequest, effect: Send, answer: Sent
    ) -> Sent:
        if row is None:
            await tx.sends.reserve(replace(new, reason=answer.reason), "held")
        until = answer.until.isoformat() if answer.until else ""
        text = f"{new.channel} {effect.template} held until {until}: {answer.reason}"
        await self._write(tx, request, effect, new.channel, f"held/{until}", text)
        return answer

    async def _settle(
        self,
        name: str,
        channel: Channel,
        request: EffectRequest,
        effect: Send,
        prepared: Prepared,
        receipt: Receipt,
    ) -> Sent:
        async with self._store.begin() as tx:
            match receipt:
                case Accepted(provider_id):
                    row = await tx.sends.settle(
                        effect.send_id, name, "accepted", provider=channel.provider, provider_id=provider_id
                    )
                case Unknown(reason):
                    row = await tx.sends.settle(
                        effect.send_id, name, "unknown", reason=reason, provider=channel.provider
                    )
                case Rejected(reason, cause):
                    row = await tx.sends.settle(effect.send_id, name, "rejected", reason=reason)
                    await self._learn(tx, name, request, prepared, cause)
                case NotSent():
                    return await self._again(tx, name, request, effect, receipt)
            about = f": {prepared.content.subject}" if prepared.content.subject else ""
            done = WORDS.get(row.reason or "") or WORDS.get(row.state, row.state)
            why = f" ({row.reason})" if row.reason and row.state != "accepted" else ""
            text = f"{name} {effect.template} {done}{why}{about}"
            await self._write(tx, request, effect, name, row.state, text, row.reason)
            return _answer(row, effect)

    async def _again(self, tx: Tx, name: str, request: EffectRequest, effect: Send, receipt: NotSent) -> Sent:
        """Puts a send back that provably did not go; the run asks again later."""
        await tx.sends.settle(effect.send_id, name, "planned", reason=receipt.reason)
        if receipt.cause == "configuration":
            log.error(
                "channel is refused by its provider: check its settings", channel=name, reason=receipt.reason
            )
        until = request.at + timedelta(seconds=max(receipt.retry_after, 1.0))
        await self._write(
            tx,
            request,
            effect,
            name,
            f"again/{until.isoformat()}",
            f"{name} {effect.template} not sent: {receipt.reason}",
        )
        return Sent(effect.token, "held", name, receipt.reason, until)

    async def _learn(self, tx: Tx, name: str, request: EffectRequest, prepared: Prepared, cause: str) -> None:
        """Takes from a refusal what it says about the address or the lead's will."""
        if cause == "recipient" and prepared.address is not None:
            await tx.suppressions.add(name, "provider_rejected", request.at, address=prepared.address)
        if cause == "opted_out":
            refusal = NewConsent(
                lead_id=request.run.lead_id, channel=name, given=False, at=request.at, basis="provider"
            )
            await tx.consents.add(refusal)

    async def _stuck(self, request: EffectRequest, effect: Send, name: str, reason: str) -> Sent:
        async with self._store.begin() as tx:
            text = f"{name} {effect.template} needs attention: {reason}"
            await self._write(tx, request, effect, name, f"stuck/{request.at.isoformat()}", text, reason)
        return Sent(effect.token, "needs_attention", name, reason)

    async def _write(
        self,
        tx: Tx,
        request: EffectRequest,
        effect: Send,
        channel: str,
        state: str,
        text: str,
        reason: str | None = None,
    ) -> None:
        data: Fields = {
            "channel": channel,
            "template": effect.template,
            "send_id": effect.send_id,
            "state": state,
        }
        if reason is not None:
            data["reason"] = reason
        key = f"send/{effect.send_id}/{channel}/{state}"
        await book(
            tx,
            request.run,
            request.progress,
            [line(request.run, request.at, "message", text, key, effect.step, data)],
        )
        kind = {
            "accepted": "message.sent",
            "unknown": "message.sent",
            "skipped": "message.skipped",
            "rejected": "message.failed",
        }
        if state in kind:
            fields: Fields = {
                "channel": channel, "template": effect.template, "step": effect.step, "purpose":
                effect.purpose, "topic": effect.topic, "reason": reason,
            }  # fmt: skip
            told = event(request.run, kind[state], key, request.at, fields, message=effect.send_id)
            await self._announcer.tell(tx, told)

    def _intent(self, name: str, request: EffectRequest, effect: Send) -> Intent:
        return Intent(
            channel=name, purpose=effect.purpose, topic=effect.topic, journey=request.run.journey,
            contact_key=effect.contact, hours=effect.hours or effect.contact_hours or self._vocabulary.contact_hours,
            own_hours=effect.hours is not None, caps=self._caps, on_quiet=effect.on_quiet, on_cap=effect.on_cap,
        )  # fmt: skip

    def _new(self, name: str, request: EffectRequest, effect: Send, prepared: Prepared) -> NewSend:
        return NewSend(
            send_id=effect.send_id, channel=name, at=request.at, lead_id=request.run.lead_id,
            enrolment_id=request.run.enrolment_id, journey=request.run.journey, step=effect.step,
            template=effect.template, purpose=effect.purpose, topic=effect.topic, contact=effect.contact,
            address=prepared.address,
        )  # fmt: skip

    def _outgoing(self, name: str, request: EffectRequest, effect: Send, prepared: Prepared) -> Outgoing:
        content = prepared.content
        return Outgoing(
            send_id=effect.send_id, channel=name, to=prepared.address or "", text=content.text, at=request.at,
            subject=content.subject, html=content.html, language=content.language, template=effect.template,
            lead_id=request.run.lead_id,
        )  # fmt: skip


def _answer(row: LedgerSend, effect: Send) -> Sent:
    if row.state == "unknown" and effect.on_unknown == "ask_human":
        return Sent(effect.token, "needs_attention", row.channel, "unknown")
    if row.state in GONE:
        return Sent(effect.token, "sent", row.channel)
    return Sent(effect.token, "skipped", row.channel, row.reason or row.state)
