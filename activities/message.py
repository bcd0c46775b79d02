"""Sends messages: contact rules, ledger, provider, ledger.

The ledger alone decides that a send happens once. It is reserved under the lead's lock, in the transaction
that judges the contact rules; no transaction is open during the provider's call; what is found
`dispatching` is never sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta

import structlog
from pydantic import JsonValue
from pydantic_core import to_jsonable_python

from activities.booking import book
from activities.letter import Letter, write_down
from activities.places import Places
from activities.values import Values, lead_of
from engine.caps import caps_of
from engine.contact import may_contact
from intake.announce import Announcer
from intake.knowledge import Gatherer
from language.vocabulary import Vocabulary
from model.commands import Send, Sent
from model.contact import Allow, Deny, Hold
from model.messages import Accepted, Channel, NotSent, Receipt, Rejected, Unknown
from model.records import NewConsent
from model.results import LedgerSend
from model.runs import CarriedOut, EffectRequest
from store import Store, Tx
from templates.errors import TemplateError, to_mend
from templates.store import Templates

GRACE = timedelta(seconds=10)
"""How much longer than the provider's time-out a send may stay `dispatching` before it counts as unknown."""

log = structlog.get_logger(__name__)


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
        places: Places,
    ) -> None:
        self._store = store
        self._places = places
        self._channels = channels
        self._templates = templates
        self._vocabulary = vocabulary
        self._gatherer = gatherer
        self._values = values
        self._announcer = announcer
        self._owner = owner
        self._caps = caps_of(vocabulary.caps)

    async def send(self, request: EffectRequest, effect: Send) -> CarriedOut:
        """Sends by the first channel on which the lead may be reached."""
        done = CarriedOut(Sent(effect.token, "skipped", reason="no_address"))
        for channel in effect.channels:
            done = await self._by(channel, request, effect)
            if not isinstance(done.answer, Sent) or done.answer.result != "skipped":
                return done
        return done

    async def _by(self, name: str, request: EffectRequest, effect: Send) -> CarriedOut:
        channel = self._channels.get(name)
        if channel is None:
            why = f"nothing carries {name}: set its provider (docs/channels.md), restart the worker"
            return CarriedOut(await self._stuck(request, effect, name, why))
        try:
            letter = await self._written(name, request, effect)
        except TemplateError as error:
            return CarriedOut(await self._stuck(request, effect, name, to_mend(error, name, effect.template)))
        answer = await self._reserve(channel, letter)
        if answer is None:
            receipt = await channel.send(letter.outgoing())
            answer = await self._settle(channel, letter, receipt)
        return CarriedOut(answer, self._gatherer.zones(letter.lead))

    async def _written(self, name: str, request: EffectRequest, effect: Send) -> Letter:
        async with self._store.read() as tx:
            lead = await lead_of(tx, request.run)
            reads = self._templates.variables(name, effect.template)
            values = await self._values.for_template(
                tx, request.run, lead, effect.bound, request.at, reads=reads, zone=effect.zone
            )
        content = self._templates.render(name, effect.template, lead.language, values)
        return Letter(request, effect, name, lead, content)

    async def _reserve(self, channel: Channel, letter: Letter) -> Sent | None:
        """Judges and reserves under the lead's lock; None: the send is ours to make now."""
        at, effect = letter.request.at, letter.effect
        async with self._store.begin() as tx:
            lead = await tx.leads.lock(letter.request.run.lead_id) or letter.lead
            row = await tx.sends.get(effect.send_id, letter.channel)
            if row is not None and row.state not in ("planned", "held"):
                return await self._standing(tx, letter, row)
            contact = await self._gatherer.contact(tx, lead, at)
            if effect.zone is not None:
                contact = replace(contact, zones=(effect.zone,))
            contact = await self._places.counted(tx, letter, contact)
            verdict = may_contact(contact, letter.intent(self._vocabulary.contact_hours, self._caps), at)
            decision = to_jsonable_python({"facts": asdict(contact), "verdict": asdict(verdict)})
            await self._places.settle(tx, letter, verdict, was_held=row is not None)
            match verdict:
                case Deny(reason):
                    return await self._skip(tx, letter, row, reason, decision)
                case Hold(until, reason) if effect.not_after is None or until <= effect.not_after:
                    return await self._hold(tx, letter, row, letter.held(reason, until - at), decision)
                case Hold():
                    return await self._skip(tx, letter, row, "past", decision)
                case Allow():
                    await self._dispatch(tx, channel, letter, row, decision)
            return None

    async def _dispatch(
        self, tx: Tx, channel: Channel, letter: Letter, row: LedgerSend | None, decision: JsonValue
    ) -> None:
        deadline = tx.wall() + timedelta(seconds=channel.timeout) + GRACE
        if row is None:
            new = replace(letter.row(), owner=self._owner, deadline=deadline, decision=decision)
            await tx.sends.reserve(new, "dispatching")
            return
        await tx.sends.dispatch(
            row.send_id,
            row.channel,
            owner=self._owner,
            deadline=deadline,
            at=letter.request.at,
            address=letter.address,
            decision=decision,
        )

    async def _standing(self, tx: Tx, letter: Letter, row: LedgerSend) -> Sent:
        """Answers for a send that was begun before: by what the ledger says, never by sending again."""
        if row.state == "dispatching":
            left = row.deadline - tx.wall() if row.deadline is not None else timedelta()
            if left > timedelta():
                return letter.held("in_flight", left + timedelta(seconds=1))
            row = await tx.sends.settle(row.send_id, row.channel, "unknown", reason="worker_lost")
        await self._write(tx, letter, row.state, letter.words(row), row.reason)
        return letter.answer(row)

    async def _skip(
        self, tx: Tx, letter: Letter, row: LedgerSend | None, reason: str, decision: JsonValue
    ) -> Sent:
        new = replace(letter.row(), reason=reason, decision=decision)
        if row is None:
            await tx.sends.reserve(new, "skipped")
        else:
            await tx.sends.settle(new.send_id, new.channel, "skipped", reason=reason, decision=decision)
        await self._write(tx, letter, "skipped", f"{letter.name} skipped: {reason}", reason)
        return Sent(letter.effect.token, "skipped", letter.channel, reason)

    async def _hold(
        self, tx: Tx, letter: Letter, row: LedgerSend | None, answer: Sent, decision: JsonValue
    ) -> Sent:
        if row is None:
            await tx.sends.reserve(replace(letter.row(), reason=answer.reason, decision=decision), "held")
        until = answer.until.isoformat() if answer.until else ""
        await self._write(tx, letter, f"held/{until}", f"{letter.name} held until {until}: {answer.reason}")
        return answer

    async def _settle(self, channel: Channel, letter: Letter, receipt: Receipt) -> Sent:
        id_, name = letter.effect.send_id, letter.channel
        async with self._store.begin() as tx:
            match receipt:
                case Accepted(provider_id):
                    row = await tx.sends.settle(
                        id_, name, "accepted", provider=channel.provider, provider_id=provider_id
                    )
                case Unknown(reason):
                    row = await tx.sends.settle(
                        id_, name, "unknown", reason=reason, provider=channel.provider
                    )
                case Rejected(reason, cause):
                    row = await tx.sends.settle(id_, name, "rejected", reason=reason)
                    await self._learn(tx, letter, cause)
                case NotSent():
                    return await self._again(tx, letter, receipt)
            await self._write(tx, letter, row.state, letter.words(row), row.reason)
            return letter.answer(row)

    async def _again(self, tx: Tx, letter: Letter, receipt: NotSent) -> Sent:
        """Puts a send back that provably did not go; the run asks again later."""
        await tx.sends.settle(letter.effect.send_id, letter.channel, "planned", reason=receipt.reason)
        if receipt.cause == "configuration":
            log.error(
                "channel is refused by its provider: check its settings",
                channel=letter.channel,
                reason=receipt.reason,
            )
        answer = letter.held(receipt.reason, timedelta(seconds=max(receipt.retry_after, 1.0)))
        text = f"{letter.name} not sent: {receipt.reason}"
        await self._write(tx, letter, f"again/{answer.until}", text)
        return answer

    async def _learn(self, tx: Tx, letter: Letter, cause: str) -> None:
        """Takes from a refusal what it says about the address or the lead's will."""
        run, at = letter.request.run, letter.request.at
        if cause == "recipient" and letter.address is not None:
            await tx.suppressions.add(letter.channel, "provider_rejected", at, address=letter.address)
        if cause == "opted_out":
            refusal = NewConsent(
                lead_id=run.lead_id, channel=letter.channel, given=False, at=at, basis="provider"
            )
            await tx.consents.add(refusal)

    async def _stuck(self, request: EffectRequest, effect: Send, name: str, reason: str) -> Sent:
        log.error("message cannot be sent", channel=name, template=effect.template, reason=reason)
        async with self._store.begin() as tx:
            await book(tx, request.run, request.progress)
        return Sent(effect.token, "needs_attention", name, reason)

    async def _write(self, tx: Tx, letter: Letter, state: str, text: str, reason: str | None = None) -> None:
        await write_down(
            tx, self._announcer, letter.request, letter.effect, letter.channel, state, text, reason
        )
