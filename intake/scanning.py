"""One page of a scan: which leads it finds, and where it stands afterwards, in the caller's transaction.

The place of a scan is in the store and moves with the events of the page, so that a worker that dies loses
nothing; that a lead enters once for each occurrence is kept by the ids of these events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.admission import LastRun, by_last
from engine.dates import between
from engine.facts import Asked, judge, needs
from engine.schedule import instant_of, last_of, next_of
from intake.catalog import Catalog
from intake.crowd import gather_many
from intake.dates import Dated, Dates
from intake.fired import fired_event
from intake.gate import as_last, written
from intake.grouping import Grouping
from intake.knowledge import Gatherer
from intake.subjects import Subject, subjects
from language.compiled import Journey, Trigger
from model.records import Lead, NewEvent
from model.scans import Scan, ScanStep
from store import Tx
from store.dates import DueDate

PAGE = 500
"""Leads looked at in one transaction."""

EVERYBODY = "everybody"
"""The occurrence of those who are in an audience at publishing."""

SOON = timedelta(seconds=10)

ON_TIME = DAY = timedelta(days=1)
"""A lead enters at the very instant of the occurrence, however long the pages take, unless it is later still:
then `again: after 1 day` fits a scan of every day."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a page of leads or things came to: `entering` are those for which the condition holds and that may
    enter.
    """

    looked: int
    holding: int
    entering: tuple[Subject, ...]


def trigger_of(journey: Journey, name: str) -> Trigger | None:
    """Finds a trigger by its name."""
    return next((trigger for trigger in journey.starts if trigger.name == name), None)


class Scanner:
    """Looks for leads by the triggers of published journeys."""

    def __init__(self, catalog: Catalog, gatherer: Gatherer, page: int = PAGE) -> None:
        self._catalog = catalog
        self._gatherer = gatherer
        self._page = page
        self._dates = Dates(gatherer)
        self._grouping = Grouping(gatherer, page)

    async def page(self, tx: Tx, name: str, at: datetime) -> ScanStep:
        """Looks at the next page of what is due at `at`.

        Where the leads' dates are written, their rows are held and the scan's is not: the intake, which holds
        a lead, may want to wake its scan.
        """
        scan = await tx.scans.get(name)
        if scan is not None and scan.kind not in ("date", "audiences"):
            scan = await tx.scans.lock(name)
        if scan is None or scan.state != "on":
            return ScanStep(over=True)
        if scan.kind == "audiences":
            return await self._grouping.page(tx, scan, at)
        journey = await self._catalog.get(tx, scan.journey, scan.version)
        trigger = trigger_of(journey, scan.trigger)
        if trigger is None:
            return ScanStep(over=True)
        if trigger.audience is not None:
            return await self._members_page(tx, scan, journey, trigger, trigger.audience, at)
        if trigger.date is not None:
            return await self._date_page(tx, scan, Dated(journey, trigger, trigger.date), at)
        return await self._clock_page(tx, scan, journey, trigger, at)

    def zone(self, journey: Journey) -> str:
        """Names the zone of the journey's `every` and `once`: its own, else the company's."""
        return journey.zone or self._gatherer.vocabulary.company.zone

    async def look(
        self,
        tx: Tx,
        journey: Journey,
        trigger: Trigger,
        leads: Sequence[Lead],
        at: datetime,
        entry: datetime,
    ) -> Found:
        """Judges the trigger's condition at `at` for a page of leads, all facts read together.

        Of those for whom a scan that comes again and again holds, who may not enter once more, or waits for
        its turn, is passed over: a refusal every hour would say nothing new.
        """
        about = await subjects(tx, trigger.thing, leads)
        holding = await self._holding(tx, trigger, about, at)
        if trigger.on != "every" or (journey.key is not None and trigger.thing is None):
            return Found(len(about), len(holding), tuple(holding))
        last = await _last_runs(tx, journey, trigger, holding)
        in_line = await _in_line(tx, journey, trigger, holding)
        zone = self._gatherer.zone

        def is_free(one: Subject) -> bool:
            refused = by_last(journey, trigger, last.get(one.key), entry, zone(one.lead))
            return refused is None and one.lead.id not in in_line

        return Found(len(about), len(holding), tuple(filter(is_free, holding)))

    def events(
        self, journey: Journey, trigger: Trigger, occurrence: str, about: Sequence[Subject], at: datetime
    ) -> list[NewEvent]:
        """Makes the events by which leads ask to enter."""
        names = (journey.name, trigger.name, occurrence)
        return [fired_event(*names, one.lead.id, at, thing=one.id) for one in about]

    async def dated(
        self, tx: Tx, what: Dated, leads: Sequence[Lead], at: datetime, entry: datetime
    ) -> tuple[Found, list[NewEvent]]:
        """Finds those whose instant lies in the day before `at`, with the events by which they ask."""
        news = []
        about = await subjects(tx, what.trigger.thing, leads)
        for each in about:
            place = self._dates.place(what.journey, each.lead)
            for one in between(what.rule, each.value(what.rule.path), at - DAY, at, place):
                names = (what.journey.name, what.trigger.name)
                news.append(fired_event(*names, one.date, each.lead.id, entry, dated=True, thing=each.id))
        return Found(len(about), len(news), ()), news

    async def _clock_page(
        self, tx: Tx, scan: Scan, journey: Journey, trigger: Trigger, at: datetime
    ) -> ScanStep:
        """Looks at the next page of all leads, where an occurrence of `every` or `once` is due."""
        zone = self.zone(journey)
        occurrence = scan.occurrence or due(scan, trigger, at, zone)
        if occurrence is None:
            return await _rest(tx, scan, trigger, at, zone)
        begun = scan.occurrence is not None
        leads = await tx.scans.people((scan.cursor or "") if begun else "", self._page)
        entry = occurrence if at - occurrence < ON_TIME else at
        page = await self.look(tx, journey, trigger, leads, at, entry)
        await _ask(tx, self.events(journey, trigger, occurrence.isoformat(), page.entering, entry))
        more = len(leads) == self._page
        await tx.scans.change(
            scan.name,
            occurrence=occurrence if more else None,
            cursor=leads[-1].id if more else None,
            last_at=occurrence,
            looked=page.looked + (scan.looked if begun else 0),
            found=page.holding + (scan.found if begun else 0),
        )
        return ScanStep(more=True)

    async def _date_page(self, tx: Tx, scan: Scan, what: Dated, at: datetime) -> ScanStep:
        """Lets leads enter whose dates are due; for a new version first writes down the dates of all."""
        if scan.built != scan.version:
            return await self._build(tx, scan, what)
        rows = await tx.dates.due(scan.name, at, self._page)
        if not rows:
            next_at = await tx.dates.next(scan.name)
            if next_at != scan.next_at:
                await tx.scans.change(scan.name, next_at=next_at)
            return ScanStep(next_at=next_at)
        await self._enter(tx, what, rows, at)
        again = scan.last_at is not None and scan.last_at.date() == at.date()
        looked, found = (scan.looked, scan.found) if again else (0, 0)
        counts = {"looked": looked + len(rows), "found": found + len(rows)}
        await tx.scans.change(scan.name, last_at=at, **counts)
        return ScanStep(more=True)

    async def _build(self, tx: Tx, scan: Scan, what: Dated) -> ScanStep:
        leads = await tx.scans.everybody(scan.cursor or "", self._page)
        await self._dates.index(tx, what, leads, scan.since)
        if len(leads) == self._page:
            await tx.scans.change(scan.name, cursor=leads[-1].id)
        else:
            first = await tx.dates.next(scan.name)
            await tx.scans.change(scan.name, cursor=None, built=scan.version, next_at=first)
        return ScanStep(more=True)

    async def _enter(self, tx: Tx, what: Dated, rows: Sequence[DueDate], at: datetime) -> None:
        names = (what.journey.name, what.trigger.name)
        news = []
        for row in rows:
            entry = row.at if at - row.at < ON_TIME else at
            one = fired_event(*names, row.occurrence, row.lead_id, entry, dated=True, thing=row.subject)
            news.append(one)
        await _ask(tx, news)
        await tx.dates.done(what.name, rows)
        if what.rule.yearly:
            leads = await tx.leads.lock_many({row.lead_id for row in rows})
            next_year = replace(what, rule=replace(what.rule, catch_up=None))
            await self._dates.index(tx, next_year, leads, at)

    async def _members_page(
        self, tx: Tx, scan: Scan, journey: Journey, trigger: Trigger, audience: str, at: datetime
    ) -> ScanStep:
        """Lets those enter who are in the audience, once its members are known."""
        declared = self._gatherer.vocabulary.audiences.get(audience)
        by_rule = declared is not None and declared.rule is not None
        if by_rule and audience not in await tx.audiences.filled():
            await tx.scans.change(scan.name, next_at=at + SOON)
            return ScanStep(next_at=at + SOON)
        members = await tx.audiences.members(audience, scan.cursor or "", self._page)
        names = (journey.name, trigger.name, EVERYBODY)
        await _ask(tx, [fired_event(*names, member.lead_id, at) for member in members])
        more = len(members) == self._page
        count = {"looked": scan.looked + len(members), "found": scan.found + len(members)}
        cursor = members[-1].lead_id if more else None
        state = scan.state if more else "over"
        await tx.scans.change(scan.name, cursor=cursor, state=state, last_at=at, next_at=None, **count)
        return ScanStep(more=more, over=not more)

    async def _holding(
        self, tx: Tx, trigger: Trigger, about: Sequence[Subject], at: datetime
    ) -> list[Subject]:
        condition = trigger.condition
        if condition is None or not about:
            return list(about)
        asked = Asked(at, names={"start.at": at.isoformat(), "start.trigger": trigger.name})
        leads = list({one.lead.id: one.lead for one in about}.values())
        known = await gather_many(tx, self._gatherer, leads, needs([condition]), at)
        return [one for one in about if judge(condition, one.known(known[one.lead.id]), asked)]


def due(scan: Scan, trigger: Trigger, at: datetime, zone: str) -> datetime | None:
    """Gives the occurrence that is due at `at` and was not begun; of several that were missed, the last."""
    if trigger.every is not None:
        last = last_of(trigger.every, at, zone)
        return last if last > (scan.last_at or scan.since) else None
    if trigger.once is None or scan.last_at is not None:
        return None
    instant = instant_of(trigger.once, zone)
    return instant if scan.since < instant <= at else None


def upcoming(scan: Scan, trigger: Trigger, at: datetime, zone: str) -> datetime | None:
    """Gives the next occurrence after `at`; None where there is none."""
    if trigger.every is not None:
        return next_of(trigger.every, at, zone)
    instant = None if trigger.once is None else instant_of(trigger.once, zone)
    return instant if instant is not None and instant > at and scan.last_at is None else None


async def _last_runs(
    tx: Tx, journey: Journey, trigger: Trigger, about: Sequence[Subject]
) -> dict[tuple[str, str], LastRun]:
    """Reads the run that each lead, or each thing, was in last."""
    if trigger.thing is None:
        runs = await tx.many.last_runs([one.lead.id for one in about], journey.name)
        return {(lead, ""): as_last(run) for lead, run in runs.items()}
    found: dict[tuple[str, str], LastRun] = {}
    for one in about:
        value = one.thing.fields.get(journey.things[trigger.thing]) if one.thing is not None else None
        run = await tx.enrolments.last_of(one.lead.id, journey.name, written(value))
        if run is not None:
            found[one.key] = as_last(run)
    return found


async def _in_line(tx: Tx, journey: Journey, trigger: Trigger, about: Sequence[Subject]) -> frozenset[str]:
    """Names the leads that wait for their turn; of things, each asks for itself."""
    if trigger.thing is not None:
        return frozenset()
    return await tx.many.waiting([one.lead.id for one in about], journey.name)


async def _ask(tx: Tx, news: Sequence[NewEvent]) -> None:
    if news:
        await tx.events.insert(news)
        tx.notify("inbox")


async def _rest(tx: Tx, scan: Scan, trigger: Trigger, at: datetime, zone: str) -> ScanStep:
    next_at = upcoming(scan, trigger, at, zone)
    state = scan.state if next_at is not None else "over"
    if (next_at, state) != (scan.next_at, scan.state):
        await tx.scans.change(scan.name, next_at=next_at, state=state)
    return ScanStep(next_at=next_at, over=next_at is None)
