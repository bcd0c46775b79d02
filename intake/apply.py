"""Applies one lead's event: facts, score, entries, wake-ups, timeline, all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.facts import Asked, needs
from intake import accounts, things
from intake.accounts import Accounts
from intake.announce import Announcer
from intake.anonymous import is_anonymous
from intake.audiences import Audiences, facts_of
from intake.catalog import Catalog
from intake.changes import ABOUT_LEADS, CONSENT_CHANNELS, apply_changes, wake_from_snooze
from intake.dates import Dates
from intake.enrol import Enroller
from intake.experiments import count_conversions
from intake.goals import count_goals
from intake.identify import Resolved, resolve
from intake.knowledge import Gatherer, as_event, attributes_of
from intake.lead_values import LeadIndex
from intake.others import Others
from intake.queues import Queues
from intake.reactions import of_message, placed
from intake.replies import opt_out, says_stop
from intake.score import CHANGED, SCORER, Scoring, take_answer
from intake.stopping import stop_runs
from intake.tasks import SELF
from intake.turns import leave_lines
from language.compiled import Journey
from language.listening import ENTERED, STOP
from model.events import Delivery, Fields
from model.records import Enrolment, InboxEvent, Lead
from model.results import NewEntry
from model.scans import FIRED
from model.things import WRITTEN
from store import Tx

CONSENT_FACTS = frozenset({"lead.consent", *(f"lead.consent.{channel}" for channel in CONSENT_CHANNELS)})
ABOUT_CONSENT = ABOUT_LEADS | {"lead.consent_given", "lead.unsubscribed", "lead.snooze_requested"}

QUIET = frozenset(
    {
        CHANGED, ENTERED, FIRED, STOP, WRITTEN, accounts.CHANGED, "message.sent", "message.skipped",
        "message.failed", "task.ready", "task.escalated", "task.expired", "task.canceled",
    }
)  # fmt: skip
"""Events whose line in the timeline is written by what caused them."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What an event did: its lead, if it has one, and the runs that it opened or woke."""

    lead_id: str | None
    reached: tuple[str, ...]


class Applier:
    """Applies events one by one, each lead's in the order of their acceptance."""

    def __init__(self, catalog: Catalog, gatherer: Gatherer, scoring: Scoring) -> None:
        self._catalog = catalog
        self._gatherer = gatherer
        self._scoring = scoring
        self._index = LeadIndex(catalog)
        self._accounts = Accounts(self._index)
        self._announcer = Announcer(catalog, scoring)
        self._others = Others(catalog, gatherer, self._index, self._announcer)
        self._queues = Queues(catalog, gatherer, self._announcer)
        self._dates = Dates(gatherer)
        self._audiences = Audiences(gatherer)

    async def apply(self, tx: Tx, event: InboxEvent, shift: float) -> Applied:
        """Applies an event that still waits. Raises identify.UnknownLead."""
        named = await of_message(tx, event)
        if event.lead_id is None and named is not None:
            event = replace(event, lead_id=named.lead_id)
        resolved = await resolve(tx, event)
        if resolved is None:
            reached = await self._of_nobody(tx, event, shift)
            await tx.events.mark_applied(event.id, reached)
            return Applied(None, reached)
        lead = resolved.lead
        if event.lead_id != lead.id or named is not None:
            await tx.events.assign([event.id], lead.id)
        event = await placed(tx, event, lead.id, self._catalog.vocabulary)
        event = await self._queues.placed(tx, event, lead.id)
        if event.type == "task.completed":
            event = await self._queues.completed(tx, event, lead)
        await self._write_down(tx, lead, event, resolved.words)
        reached = await self._take_effect(tx, lead, event, shift, resolved)
        await tx.events.mark_applied(event.id, reached)
        return Applied(lead.id, reached)

    async def settle(self, tx: Tx, lead_id: str, shift: float) -> None:
        """Applies, in order, all that waits for one lead."""
        await tx.leads.lock(lead_id)
        for event in await tx.events.pending_of(lead_id):
            await self.apply(tx, event, shift)

    async def _of_nobody(self, tx: Tx, event: InboxEvent, shift: float) -> tuple[str, ...]:
        """Takes an event without a lead to those who hear anybody's."""
        journeys = await self._catalog.latest(tx)
        woken = await self._others.wake(tx, event, None)
        return (*woken, *await self._others.enter(tx, event, journeys, shift))

    async def _take_effect(
        self, tx: Tx, lead: Lead, event: InboxEvent, shift: float, resolved: Resolved
    ) -> tuple[str, ...]:
        journeys = await self._catalog.latest(tx)
        watched = [journey for journey in journeys if any(start.on == "becomes" for start in journey.starts)]
        before = await self._holding(tx, lead, event, watched)
        facts_before = attributes_of(lead, {})
        open_runs = await tx.enrolments.open_for(lead.id)
        first = lead
        lead = await self._facts(tx, lead, event)
        lead = await self._accounts.share(tx, first, lead, event)
        await self._index.write(tx, lead, None if resolved.touched else first)
        moved = await self._audiences.take(tx, lead, event)
        written = await things.take_in(tx, self._catalog.vocabulary, lead, event)
        changed = self._changed(lead, event, facts_before) | facts_of(moved)
        turned = await self._holding(tx, lead, event, watched) - before
        stopped = await stop_runs(tx, lead, event, open_runs, journeys)
        going_on = [run for run in open_runs if run.id not in stopped]
        woken = [*stopped, *await self._wake(tx, going_on, event, changed, written)]
        woken += await self._others.wake(tx, event, lead)
        others = await self._others.enter(tx, event, journeys, shift)
        await leave_lines(tx, self._gatherer, lead, event, journeys)
        await self._others.leave_lines(tx, event, lead, journeys)
        await count_goals(tx, self._catalog, self._gatherer, lead, event)
        await count_conversions(tx, self._catalog, lead, event)
        woken += await self._dates.follow(
            tx, journeys, lead, changed, facts_before, written, event.at, created=resolved.created
        )
        await self._audiences.follow(tx, lead, event, changed, created=resolved.created)
        if await is_anonymous(tx, lead):
            return (*woken, *others)
        enroller = Enroller(tx, self._gatherer, lead, event, shift, announcer=self._announcer)
        entries = await enroller.fired(journeys, turned | {("", move, "") for move in moved})
        opened = [await enroller.enter(entry) for entry in entries]
        return (*woken, *others, *(run for run in opened if run is not None))

    async def _facts(self, tx: Tx, lead: Lead, event: InboxEvent) -> Lead:
        if event.type in self._scoring.interest:
            lead = await wake_from_snooze(tx, lead, event.at)
        lead = await apply_changes(tx, lead, event)
        if event.type == CHANGED and event.source == SCORER:
            return await take_answer(tx, lead, event)
        if says_stop(event, self._catalog.vocabulary):
            await opt_out(tx, lead, event)
        if lead.score is None or event.type in self._scoring.types or event.type in ABOUT_LEADS:
            rescored = await self._scoring.rescore(tx, lead, event.at, str(event.id), event.id)
            lead = rescored.lead
            if rescored.told is not None:
                await self._announcer.tell(tx, rescored.told)
        return lead

    def _changed(self, lead: Lead, event: InboxEvent, before: Fields) -> frozenset[str]:
        after = attributes_of(lead, {})
        names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        words = CONSENT_FACTS if event.type in ABOUT_CONSENT else frozenset()
        if event.type == CHANGED:
            names |= {"lead.score", "lead.tier", "lead.stage"}
        written = {f"lead.{name}" for name in event.body} if event.type in ABOUT_LEADS else frozenset()
        return frozenset({*names, *words, *written, f"event:{event.type}"}) - {"lead.updated_at"}

    async def _holding(
        self, tx: Tx, lead: Lead, event: InboxEvent, journeys: Sequence[Journey]
    ) -> set[things.Turned]:
        """Names the `becomes` triggers whose condition holds now."""
        starts = [(journey, start) for journey in journeys for start in journey.starts]
        exprs = [start.becomes for _, start in starts if start.becomes is not None]
        if not exprs:
            return set()
        known = await self._gatherer.gather(tx, lead, needs(exprs), event.at, through=event.id)
        return await things.turned(tx, lead, starts, known, Asked(event.at))

    async def _wake(
        self,
        tx: Tx,
        runs: Sequence[Enrolment],
        event: InboxEvent,
        changed: frozenset[str],
        written: Sequence[things.Change],
    ) -> list[str]:
        woken = []
        for run in runs:
            heard = event.type in run.hears and not (event.type == ENTERED and run.id == event.run)
            own = things.changed_for(run, written, self._catalog.vocabulary.things)
            if heard or (changed | own) & set(run.watches):
                seq = await tx.enrolments.next_seq(run.id)
                fields = run.reads.get(event.type, ())
                told = as_event(event, fields) if heard else None
                await tx.deliveries.add(
                    run.id, Delivery(seq, event.at, told, kind="event" if heard else "facts")
                )
                woken.append(run.id)
        return woken

    async def _write_down(self, tx: Tx, lead: Lead, event: InboxEvent, words: Sequence[str]) -> None:
        lines = [
            NewEntry(
                lead_id=lead.id, at=event.at, kind="identity", text=word, dedup=f"identity/{event.id}/{word}"
            )
            for word in words
        ]
        if event.type not in QUIET and (event.type, event.source) != ("call.ended", SELF):
            data: Fields = {"source": event.source, "id": event.event_id, "type": event.type}
            lines.append(
                NewEntry(
                    lead_id=lead.id,
                    at=event.at,
                    kind="event",
                    text=event.type,
                    dedup=f"event/{event.id}",
                    enrolment_id=event.run,
                    data={**data, "properties": event.body},
                )
            )
        await tx.timeline.add_many(lines)
