"""Facts for the engine, and values for templates: the only place where a run's personal data is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from engine.facts import Asked, answers, needs, value_of
from intake import things
from intake.knowledge import Gatherer, as_event, as_start, attributes_of
from language.facts import names_read, walk
from model.commands import Bound
from model.events import Fields
from model.expressions import Expr, Private
from model.records import InboxEvent, Lead
from model.runs import FactsAnswer, FactsRequest, Run
from store import Store, Tx
from templates.dates import ZONE

SCORED = frozenset({"lead.score", "lead.tier"})
"""Facts that an outside scorer decides."""


@asynccontextmanager
async def timeout_after(seconds: float) -> AsyncIterator[None]:
    """Ends the block after some seconds, without an error."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            yield


class LeadGone(Exception):
    """The run's lead is not in the store."""


class Values:
    """Reads facts and values for one store and vocabulary.

    `patience` is how many seconds a condition on the score waits for an outside scorer that was asked.
    """

    def __init__(self, store: Store, gatherer: Gatherer, patience: float = 0.0) -> None:
        self._store = store
        self._gatherer = gatherer
        self._patience = patience

    async def read_facts(self, request: FactsRequest) -> FactsAnswer:
        """Answers the facts that a turn lacks. Raises LeadGone."""
        run = request.run
        if self._patience and any(names_read(expr) & SCORED for expr in request.wanted):
            await self._wait_for_score(request)
        private = any(isinstance(node, Private) for expr in request.wanted for node in walk(expr))
        async with self._store.read() as tx:
            own = await self._events(tx, request.event, run.start.id) if private else {}
            names = request.names | own | await fetched(tx, run, request.wanted)
            lead = await lead_of(tx, run)
            wanted = needs(request.wanted)
            known = await self._gatherer.gather(
                tx, lead, wanted, request.at, run.enrolment_id, about=run.start.fields
            )
        return FactsAnswer(answers(request.wanted, known, Asked(request.at, run, names)))

    async def values(self, tx: Tx, run: Run, lead: Lead, bound: Bound, at: datetime) -> Fields:
        """Gives the values bound to a step, personal ones included."""
        if not bound.private:
            return bound.values
        names = await self._events(tx, bound.event, bound.start or run.start.id)
        exprs: Iterable[Expr] = bound.private.values()
        names |= await fetched(tx, run, exprs)
        known = await self._gatherer.gather(
            tx, lead, needs(exprs), at, run.enrolment_id, about=run.start.fields
        )
        asked = Asked(at, run, names)
        return bound.values | {name: value_of(expr, known, asked) for name, expr in bound.private.items()}

    async def for_template(
        self,
        tx: Tx,
        run: Run,
        lead: Lead,
        bound: Bound,
        at: datetime,
        *,
        reads: frozenset[str] | None = None,
        zone: str | None = None,
    ) -> Fields:
        """Gives all that a template may read: `lead`, `account`, `start`, and what the step binds.

        `reads` are the variables that it does read, where they are known: the starting event is looked up
        only for personal fields of it. Instants are worded in the `zone`, else in the lead's.
        """
        fields = {name.partition(".")[2] for name in reads or () if name.startswith("start.")}
        needed = reads is None or not fields <= run.start.fields.keys()
        start = await tx.events.by_id(int(run.start.id)) if needed and run.start.id.isdigit() else None
        given = _start_of(run, start, bound)
        tree: Fields = {
            "lead": _tree(attributes_of(lead, {}), "lead."),
            "account": dict(lead.account),
            "start": {"at": run.entered_at.isoformat(), "trigger": run.trigger}
            | given
            | (await self._date(tx, run) if reads is None or "date" in fields else {}),
            "now": at.isoformat(),
            ZONE: zone or self._gatherer.zone(lead),
        }
        return tree | await self._things(tx, run, lead, reads) | await self.values(tx, run, lead, bound, at)

    async def _things(self, tx: Tx, run: Run, lead: Lead, reads: frozenset[str] | None) -> Fields:
        """Gives the things that a template reads, by their kind."""
        known = self._gatherer.vocabulary.things
        kinds = frozenset(known if reads is None else (name.partition(".")[0] for name in reads))
        flat = await things.attributes(tx, self._gatherer.vocabulary, lead, kinds, run.start.fields)
        return {kind: _tree(flat, f"{kind}.") for kind in known.keys() & kinds}

    async def _date(self, tx: Tx, run: Run) -> Fields:
        """Gives the date that the run is about, as it is now."""
        found = await tx.enrolments.get(run.enrolment_id)
        return {"date": found.date} if found is not None and found.date is not None else {}

    async def _wait_for_score(self, request: FactsRequest) -> None:
        """Waits while the lead's score is due, as long as the patience lasts; then the old one serves."""
        async with timeout_after(self._patience):
            while await self._is_due(request):
                await asyncio.sleep(0.05)

    async def _is_due(self, request: FactsRequest) -> bool:
        async with self._store.read() as tx:
            due = (await lead_of(tx, request.run)).score_due_at
        return due is not None and due <= request.at

    async def _events(self, tx: Tx, event: str | None, start: str) -> Fields:
        """Reads the whole fields of the event being judged and of the starting one."""
        names: Fields = {}
        for root, row_id in (("event", event), ("start", start)):
            row = await tx.events.by_id(int(row_id)) if row_id is not None and row_id.isdigit() else None
            if row is not None:
                told = as_start(row) if root == "start" or row_id == start else as_event(row)
                names |= {f"{root}.{name}": value for name, value in told.fields.items()}
        return names


async def fetched(tx: Tx, run: Run, exprs: Iterable[Expr]) -> Fields:
    """Reads what connectors answered to the run, as far as one of the expressions may name it."""
    if not any(name.startswith("fetched.") for expr in exprs for name in names_read(expr)):
        return {}
    given = (await tx.answers.latest(run.enrolment_id)).values()
    return {f"fetched.{one.step}.{name}": value for one in given for name, value in one.fields.items()}


def _start_of(run: Run, row: InboxEvent | None, bound: Bound) -> Fields:
    """Gives what `start.` reads: the inputs of an inlined journey, else the event that began the run."""
    if bound.own_start is not None:
        return bound.own_start
    return {**(as_start(row).fields if row is not None else {}), **run.start.fields}


async def lead_of(tx: Tx, run: Run) -> Lead:
    """Reads the lead of a run; raises LeadGone."""
    lead = await tx.leads.get(run.lead_id)
    if lead is None:
        raise LeadGone(run.lead_id)
    return lead


def _tree(flat: Fields, root: str) -> Fields:
    return {name.removeprefix(root): value for name, value in flat.items() if name.startswith(root)}
