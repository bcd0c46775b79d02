"""Puts work into queues and takes it back."""

from __future__ import annotations

import structlog

from activities.booking import book, line
from activities.values import Values, lead_of
from engine.contact import may_call
from intake.knowledge import Gatherer
from model.commands import Done, OpenWork, WithdrawWork
from model.events import Fields
from model.results import NewTask
from model.runs import CarriedOut, EffectRequest
from store import Store, Tx
from templates.errors import TemplateError
from templates.store import Templates

log = structlog.get_logger(__name__)


class Work:
    """Carries out `OpenWork` and `WithdrawWork`."""

    def __init__(self, store: Store, templates: Templates, gatherer: Gatherer, values: Values) -> None:
        self._store = store
        self._templates = templates
        self._gatherer = gatherer
        self._values = values

    async def open(self, request: EffectRequest, effect: OpenWork) -> CarriedOut:
        """Creates the task once; a call to a lead that refused calls is not made, and the answer says why."""
        async with self._store.begin() as tx:
            run = request.run
            lead = await tx.leads.lock(run.lead_id) or await lead_of(tx, run)
            refused = (
                may_call(await self._gatherer.contact(tx, lead, request.at))
                if effect.work == "call"
                else None
            )
            if refused is not None:
                text = f"call {effect.name} not made: {refused}"
                skipped = line(
                    run, request.at, "skipped", text, f"work/{effect.task_id}/{refused}", effect.step
                )
                await book(tx, run, request.progress, [skipped])
                return CarriedOut(Done(effect.token, ok=False, reason=refused), self._gatherer.zones(lead))
            values = await self._values.for_template(tx, run, lead, effect.bound, request.at)
            script = None
            if effect.script is not None:
                try:
                    script = self._templates.render("script", effect.script, lead.language, values).text
                except TemplateError:
                    return await self._stuck(tx, request, effect)
            await tx.tasks.create(self._task(request, effect, script))
            data: Fields = {
                "task": effect.task_id, "queue": effect.queue, "attempt": effect.attempt,
                "ready_at": effect.ready_at.isoformat(),
            }  # fmt: skip
            text = f"{effect.work} {effect.name} for {effect.queue}, attempt {effect.attempt}"
            opened = line(run, request.at, "work", text, f"work/{effect.task_id}/opened", effect.step, data)
            await book(tx, run, request.progress, [opened])
        return CarriedOut(Done(effect.token), self._gatherer.zones(lead))

    async def _stuck(self, tx: Tx, request: EffectRequest, effect: OpenWork) -> CarriedOut:
        """Answers that the script cannot be written: the run parks and says so, nothing is lost."""
        reason = f"the script {effect.script} cannot be written"
        key = f"work/{effect.task_id}/stuck/{request.at.isoformat()}"
        said = line(request.run, request.at, "needs_attention", f"{effect.name}: {reason}", key, effect.step)
        await book(tx, request.run, request.progress, [said])
        log.error("script fails", script=effect.script, task=effect.task_id)
        return CarriedOut(Done(effect.token, ok=False, reason=reason))

    async def withdraw(self, request: EffectRequest, effect: WithdrawWork) -> Done:
        """Takes back what nobody has begun; the answer names what an agent holds, and until when."""
        async with self._store.begin() as tx:
            held = await tx.tasks.withdraw(effect.task_ids, effect.reason, request.at)
            taken = tuple(task.id for task in held)
            lines = [
                line(
                    request.run,
                    request.at,
                    "work",
                    f"work {effect.reason}",
                    f"work/{id_}/{effect.reason}",
                    data={"task": id_},
                )
                for id_ in effect.task_ids
                if id_ not in taken
            ]
            await book(tx, request.run, request.progress, lines)
            leases = [task.lease_until - tx.wall() for task in held if task.lease_until is not None]
        until = request.at + max(leases) if leases else None
        return Done(effect.token, taken=taken, until=until)

    def _task(self, request: EffectRequest, effect: OpenWork, script: str | None) -> NewTask:
        run = request.run
        return NewTask(
            id=effect.task_id, enrolment_id=run.enrolment_id, lead_id=run.lead_id, journey=run.journey,
            step=effect.step, work=effect.work, name=effect.name, queue=effect.queue,
            ready_at=effect.ready_at, at=request.at, attempt=effect.attempt, due_at=effect.due_at,
            expires_at=effect.expires_at, assign_to=effect.assign_to, script=script,
            values=effect.bound.values, priority=effect.priority, number=effect.number,
            outcomes=effect.outcomes, callback=effect.callback,
        )  # fmt: skip
