"""Puts work into queues and takes it back."""

from __future__ import annotations

from dataclasses import replace

import structlog

from activities.booking import book, line
from activities.values import Values, lead_of
from engine import attempts
from engine.contact import may_call
from engine.work import NO_OTHER_NUMBER
from intake.announce import Announcer
from intake.knowledge import Gatherer
from intake.queues import Queues
from intake.tasks import numbers_of, of_task
from language.vocabulary import Vocabulary
from model.commands import Done, OpenWork, WithdrawWork
from model.events import Fields
from model.records import Lead
from model.results import NewTask
from model.runs import CarriedOut, EffectRequest
from store import Store, Tx
from templates.errors import TemplateError, to_mend
from templates.store import Templates

log = structlog.get_logger(__name__)


class Work:
    """Carries out `OpenWork` and `WithdrawWork`."""

    def __init__(
        self,
        store: Store,
        templates: Templates,
        gatherer: Gatherer,
        values: Values,
        vocabulary: Vocabulary,
        queues: Queues,
        announcer: Announcer,
    ) -> None:
        self._store = store
        self._templates = templates
        self._gatherer = gatherer
        self._values = values
        self._vocabulary = vocabulary
        self._queues = queues
        self._announcer = announcer

    async def open(self, request: EffectRequest, effect: OpenWork) -> CarriedOut:
        """Creates the task once; a call to a lead that refused calls is not made, and the answer says why."""
        async with self._store.begin() as tx:
            run = request.run
            lead = await tx.leads.lock(run.lead_id) or await lead_of(tx, run)
            if effect.queue not in self._vocabulary.queues:
                return await self._stuck(
                    tx,
                    request,
                    effect,
                    f"the vocabulary has no queue {effect.queue}: declare it, restart the worker",
                )
            number, refused = await self._number(tx, request, lead, effect)
            if refused is not None:
                return await self._not_made(tx, request, lead, effect, refused)
            values = await self._values.for_template(
                tx, run, lead, effect.bound, request.at, zone=effect.zone
            )
            script = None
            if effect.script is not None:
                try:
                    script = self._templates.render("script", effect.script, lead.language, values).text
                except TemplateError as error:
                    reason = to_mend(error, "script", effect.script)
                    return await self._stuck(tx, request, effect, reason)
            queue = self._vocabulary.queues[effect.queue]
            assign, note = attempts.assigned(queue, effect.assign_to)
            task = replace(self._task(request, effect, script), assign_to=assign, number=number)
            await self._put(tx, request, effect, task)
        return CarriedOut(Done(effect.token, reason=note), self._gatherer.zones(lead))

    async def _put(self, tx: Tx, request: EffectRequest, effect: OpenWork, task: NewTask) -> None:
        if await tx.tasks.create(task):
            await self._queues.opened(tx, task.id, request.at)
        data: Fields = {
            "task": effect.task_id, "queue": effect.queue, "attempt": effect.attempt,
            "ready_at": effect.ready_at.isoformat(),
        }  # fmt: skip
        text = f"{effect.work} {effect.name} for {effect.queue}, attempt {effect.attempt}"
        key = f"work/{effect.task_id}/opened"
        await book(
            tx,
            request.run,
            request.progress,
            [line(request.run, request.at, "work", text, key, effect.step, data)],
        )

    async def _number(
        self, tx: Tx, request: EffectRequest, lead: Lead, effect: OpenWork
    ) -> tuple[str | None, str | None]:
        """Finds the number to call, None for the lead's own, and why the lead may not be called at it."""
        if effect.work != "call":
            return None, None
        given = (await self._values.values(tx, request.run, lead, effect.dial, request.at)).get("number")
        number = str(given) if given is not None else None
        if effect.number == "other":
            number = attempts.other_number(number or lead.phone, await numbers_of(tx, lead))
            if number is None:
                return None, NO_OTHER_NUMBER
        contact = await self._gatherer.contact(tx, lead, request.at)
        if number is not None:
            contact = replace(contact, addresses=(*contact.addresses, "call"))
        return number, may_call(contact, request.at)

    async def _not_made(
        self, tx: Tx, request: EffectRequest, lead: Lead, effect: OpenWork, why: str
    ) -> CarriedOut:
        text, key = f"call {effect.name} not made: {why}", f"work/{effect.task_id}/{why}"
        skipped = line(request.run, request.at, "skipped", text, key, effect.step)
        await book(tx, request.run, request.progress, [skipped])
        return CarriedOut(Done(effect.token, ok=False, reason=why), self._gatherer.zones(lead))

    async def _stuck(self, tx: Tx, request: EffectRequest, effect: OpenWork, reason: str) -> CarriedOut:
        """Answers that the work cannot be put into its queue: the run parks and says so, nothing is lost."""
        await book(tx, request.run, request.progress)
        log.error("work is not opened", reason=reason, task=effect.task_id)
        return CarriedOut(Done(effect.token, ok=False, reason=reason))

    async def withdraw(self, request: EffectRequest, effect: WithdrawWork) -> Done:
        """Takes back what nobody has begun; the answer names what an agent holds, and until when."""
        async with self._store.begin() as tx:
            alone = await tx.tasks.alone(request.run.enrolment_id, effect.steps) if effect.steps else ()
            found = await tx.tasks.withdraw((*effect.task_ids, *alone), effect.reason, request.at)
            kind = "task.expired" if effect.reason == "expired" else "task.canceled"
            for task in found.gone:
                await self._announcer.tell(tx, of_task(task, kind, request.at))
            lines = [
                line(
                    request.run,
                    request.at,
                    "work",
                    f"work {effect.reason}",
                    f"work/{task.id}/{effect.reason}",
                    data={"task": task.id},
                )
                for task in found.gone
            ]
            await book(tx, request.run, request.progress, lines)
            leases = [task.lease_until - tx.wall() for task in found.held if task.lease_until is not None]
        until = request.at + max(leases) if leases else None
        return Done(effect.token, taken=tuple(task.id for task in found.held), until=until)

    def _task(self, request: EffectRequest, effect: OpenWork, script: str | None) -> NewTask:
        run = request.run
        return NewTask(
            id=effect.task_id, enrolment_id=run.enrolment_id, lead_id=run.lead_id, journey=run.journey,
            step=effect.step, work=effect.work, name=effect.name, queue=effect.queue,
            ready_at=effect.ready_at, at=request.at, attempt=effect.attempt, due_at=effect.due_at,
            expires_at=effect.expires_at, assign_to=effect.assign_to, script=script,
            values=effect.bound.values, priority=effect.priority, number=effect.number,
            outcomes=effect.outcomes, callback=effect.callback, skills=",".join(effect.skills),
            agenda=effect.agenda, job=effect.job, contact_hours=effect.contact_hours, zone=effect.zone,
        )  # fmt: skip
