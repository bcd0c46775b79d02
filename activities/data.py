"""Writes what a run sets, scores, reports, suppresses and tells its people."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import structlog
from pydantic_core import to_json

from activities.audiences import event_of as move_of
from activities.booking import book, event, line
from activities.permission import event_of, permit, suppress
from activities.settling import Settler
from activities.values import Values, lead_of
from engine.things import named
from intake.announce import Announcer
from intake.apply import Applier
from intake.score import ADJUSTED
from intake.tasks import of_task
from language.vocabulary import Vocabulary
from model.commands import AddScore, Done, Enlist, Finish, Notify, Permit, Report, SetFacts, Suppress
from model.contact import Purpose
from model.events import Fields
from model.messages import Accepted, Channel, Outgoing
from model.records import Lead, NewEvent
from model.results import NewEntry, NewOutcome, NewSend
from model.runs import EffectRequest, Run
from model.scoring import OutcomeReport, OutcomeType
from model.things import WRITTEN
from store import Store, Tx
from templates.errors import TemplateError
from templates.store import Templates

ENDINGS: Mapping[str, OutcomeType] = {
    "unsubscribed": "unsubscribed",
    "life_over": "timeout",
    "finished": "timeout",
}
"""Outcome types of neutral endings; others count as withdrawn."""

SERVICE: Purpose = "service"

log = structlog.get_logger(__name__)


class Data:
    """Carries out `SetFacts`, `AddScore`, `Suppress`, `Permit`, `Report`, `Finish` and `Notify`."""

    def __init__(
        self,
        store: Store,
        applier: Applier,
        announcer: Announcer,
        values: Values,
        templates: Templates,
        vocabulary: Vocabulary,
        email: Channel,
        *,
        virtual: bool,
        report_outcomes: bool,
    ) -> None:
        self._store = store
        self._settler = Settler(applier, virtual=virtual)
        self._announcer = announcer
        self._values = values
        self._templates = templates
        self._vocabulary = vocabulary
        self._email = email
        self._report_outcomes = report_outcomes

    async def set_facts(self, request: EffectRequest, effect: SetFacts) -> Done:
        """Writes attributes, through the inbox like everybody; they are in force when this returns."""
        async with self._store.begin() as tx:
            lead = await lead_of(tx, request.run)
            values = await self._values.values(tx, request.run, lead, effect.bound, request.at)
            fields: Fields = {
                path.removeprefix("lead."): value
                for path, value in values.items()
                if path.startswith("lead.")
            }
            account: Fields = {
                path.removeprefix("account."): value
                for path, value in values.items()
                if path.startswith("account.")
            }
            if account:
                fields["account"] = account
            news = [event(request.run, "lead.updated", effect.id, request.at, fields)] if fields else []
            news += self._things(request, effect, values)
            await self._settler.take_in(tx, request, *news)
        return Done(effect.token)

    async def add_score(self, request: EffectRequest, effect: AddScore) -> Done:
        """Adds points, or has the score judged anew."""
        points: Fields = {"points": effect.points or 0}
        async with self._store.begin() as tx:
            await self._settler.take_in(
                tx, request, event(request.run, ADJUSTED, effect.id, request.at, points)
            )
        return Done(effect.token)

    async def suppress(self, request: EffectRequest, effect: Suppress) -> Done:
        """Stops marketing, a channel, calls or all for the lead, and tells its other runs."""
        async with self._store.begin() as tx:
            await book(tx, request.run, request.progress, [await suppress(tx, request, effect)])
            await self._settler.take_in(tx, request, event_of(request, effect))
        return Done(effect.token)

    async def permit(self, request: EffectRequest, effect: Permit) -> Done:
        """Records a consent, lifts what journeys stopped of it, and tells the lead's runs."""
        async with self._store.begin() as tx:
            await book(tx, request.run, request.progress, [await permit(tx, request, effect)])
            await self._settler.take_in(tx, request, event_of(request, effect))
        return Done(effect.token)

    async def enlist(self, request: EffectRequest, effect: Enlist) -> Done:
        """Puts the lead into an audience or takes it out."""
        async with self._store.begin() as tx:
            verb = "added to" if effect.add else "removed from"
            text = f"{verb} the audience {effect.audience}"
            told = line(request.run, request.at, "set", text, effect.id, effect.step)
            await book(tx, request.run, request.progress, [told])
            await self._settler.take_in(tx, request, move_of(request, effect))
        return Done(effect.token)

    async def report(self, request: EffectRequest, effect: Report) -> Done:
        """Records an outcome of a step for the scorer."""
        async with self._store.begin() as tx:
            lead = await lead_of(tx, request.run)
            label = 1 if effect.outcome in ("sale", "handed_over", "visit") else 0
            told = await self._outcome(tx, request, lead, effect.id, effect.outcome, label, effect.value)
            await book(tx, request.run, request.progress, [told])
        return Done(effect.token)

    async def finish(self, request: EffectRequest, effect: Finish) -> Done:
        """Closes the run, withdraws its untouched work, reports its ending once."""
        run = request.run
        async with self._store.begin() as tx:
            alone = await tx.tasks.alone(run.enrolment_id) if effect.keeps_open else ()
            left = [task.id for task in await tx.tasks.of_enrolment(run.enrolment_id) if task.id not in alone]
            gone = (await tx.tasks.withdraw(left, "withdrawn", request.at)).gone
            for task in gone:
                await self._announcer.tell(tx, of_task(task, "task.canceled", request.at))
            await tx.enrolments.close(
                run.enrolment_id,
                ending=effect.ending,
                outcome=effect.outcome,
                reason=effect.reason,
                at=request.at,
                applied_seq=request.progress.applied_seq,
            )
            lead = await lead_of(tx, run)
            label = {"won": 1, "lost": 0, "neutral": None}[effect.outcome]
            kind = {"won": "sale", "lost": "lost"}.get(
                effect.outcome, ENDINGS.get(effect.ending, "withdrawn")
            )
            id_ = f"{run.enrolment_id}/ending"
            outcome = await self._outcome(tx, request, lead, id_, kind, label, None)
            await book(tx, run, request.progress, [self._ending(request, effect), outcome])
            fields: Fields = {"journey": run.journey, "ending": effect.ending}
            told = event(run, "journey.ended", f"{run.enrolment_id}/ended", request.at, fields)
            await self._announcer.tell(tx, told)
        return Done(effect.token)

    async def notify(self, request: EffectRequest, effect: Notify) -> Done:
        """Writes to a team of the vocabulary or to the lead's owner, once each."""
        async with self._store.read() as tx:
            lead = await lead_of(tx, request.run)
            values = await self._values.for_template(tx, request.run, lead, effect.bound, request.at)
        addresses = self._addresses(effect.to, lead)
        subject, text = self._words(request.run, effect, values)
        for address in addresses:
            await self._tell(request, effect, address, subject, text)
        async with self._store.begin() as tx:
            told = f"notified {effect.to}" if addresses else f"nobody to notify at {effect.to}"
            await book(tx, request.run, request.progress, [
                line(request.run, request.at, "set", told, effect.id, effect.step)
            ])  # fmt: skip
        return Done(effect.token)

    def _addresses(self, to: str, lead: Lead) -> tuple[str, ...]:
        if to == "lead.owner":
            return (lead.owner,) if lead.owner is not None and "@" in lead.owner else ()
        return tuple(self._vocabulary.teams.get(to, ()))

    def _words(self, run: Run, effect: Notify, values: Fields) -> tuple[str, str]:
        default = (
            f"{run.journey}: {effect.step}",
            f"Lead {run.lead_id} is at {effect.step} of {run.journey}.",
        )
        if effect.template is None:
            return default
        try:
            found = self._templates.render("notify", effect.template, None, values)
        except TemplateError as error:
            log.error(
                "template fails", template=effect.template, channel="notify", error=type(error).__name__
            )
            return default
        return found.subject or default[0], found.text

    async def _tell(
        self, request: EffectRequest, effect: Notify, address: str, subject: str, text: str
    ) -> None:
        send_id = f"{effect.id}/{hashlib.sha256(address.encode()).hexdigest()[:12]}"
        async with self._store.begin() as tx:
            new = NewSend(
                send_id=send_id, channel="email", at=request.at, enrolment_id=request.run.enrolment_id,
                journey=request.run.journey, step=effect.step, template=effect.template, purpose=SERVICE,
                address=address, owner="notify", deadline=tx.wall(),
            )  # fmt: skip
            _, made = await tx.sends.reserve(new, "dispatching")
        if not made:
            return
        receipt = await self._email.send(
            Outgoing(send_id=send_id, channel="email", to=address, text=text, at=request.at, subject=subject)
        )
        async with self._store.begin() as tx:
            if isinstance(receipt, Accepted):
                await tx.sends.settle(
                    send_id,
                    "email",
                    "accepted",
                    provider=self._email.provider,
                    provider_id=receipt.provider_id,
                )
            else:
                await tx.sends.settle(send_id, "email", "unknown", reason=receipt.reason)

    def _things(self, request: EffectRequest, effect: SetFacts, values: Fields) -> list[NewEvent]:
        """Makes the events that write the things that the run is about; of others nothing is known."""
        run, known = request.run, self._vocabulary.things
        news = []
        for kind, own in named(known, run.start.fields).items():
            said = {
                path.removeprefix(f"{kind}."): v for path, v in values.items() if path.startswith(f"{kind}.")
            }
            if said:
                key = known[kind].key
                body: Fields = {"kind": kind, "id": own, "fields": {**said, key: run.start.fields[key]}}
                news.append(event(run, WRITTEN, f"{effect.id}/{kind}", request.at, body))
        return news

    def _ending(self, request: EffectRequest, effect: Finish) -> NewEntry:
        text = f"{request.run.journey} ended: {effect.ending} ({effect.outcome}): {effect.reason}"
        data: Fields = {"ending": effect.ending, "outcome": effect.outcome}
        return line(request.run, request.at, "ending", text, f"{request.run.enrolment_id}/ending", data=data)

    async def _outcome(
        self,
        tx: Tx,
        request: EffectRequest,
        lead: Lead,
        id_: str,
        kind: str,
        label: int | None,
        value: float | None,
    ) -> NewEntry:
        """Records an outcome once and gives its line of the timeline."""
        scored = await tx.scores.latest(lead.id) if self._report_outcomes else None
        report = OutcomeReport.model_validate({
            "outcome_id": id_, "score_id": None if scored is None else scored.score_id, "lead_id": lead.id,
            "type": kind, "label": label, "value": value, "occurred_at": request.at, "observed_at":
            request.at,
        })  # fmt: skip
        body: Fields = report.model_dump(mode="json")
        snapshot: Fields = {
            "score": lead.score,
            "tier": lead.tier,
            "stage": lead.stage,
            "reasons": lead.reasons,
        }
        await tx.outcomes.record(
            NewOutcome(
                outcome_id=id_,
                lead_id=lead.id,
                type=kind,
                at=request.at,
                body=body,
                body_hash=hashlib.sha256(to_json(body)).hexdigest(),
                label=report.label,
                value=value,
                enrolment_id=request.run.enrolment_id,
                score_id=report.score_id,
                snapshot=snapshot,
                report=self._report_outcomes,
            )
        )
        data: Fields = {"type": kind, "label": label}
        return line(request.run, request.at, "outcome", f"outcome {kind}", f"outcome/{id_}", data=data)
