"""Begins and ends runs of other journeys, through the inbox like everybody (language.md §3)."""

from __future__ import annotations

from activities.booking import SOURCE, book, line
from activities.settling import Settler
from activities.values import Values, lead_of
from language.listening import REQUESTED, STOP
from model.commands import BeginRun, Bound, Done, StopRuns
from model.events import Fields
from model.records import Lead, NewEvent
from model.runs import EffectRequest
from store import Store, Tx

NOBODY = "nobody is known by the id that `for` gives"


class Journeys:
    """Carries out `BeginRun` and `StopRuns`."""

    def __init__(self, store: Store, values: Values, settler: Settler) -> None:
        self._store = store
        self._values = values
        self._settler = settler

    async def begin(self, request: EffectRequest, effect: BeginRun) -> Done:
        """Asks for a run; one of this lead is judged before this returns, one of another lead in its turn."""
        run, at = request.run, request.at
        async with self._store.begin() as tx:
            lead = await lead_of(tx, run)
            whom = lead if effect.whom is None else await self._named(tx, request, lead, effect.whom)
            if whom is None:
                text = f"{effect.journey} is not begun: {NOBODY}"
                await book(
                    tx, run, request.progress, [line(run, at, "missing", text, effect.id, effect.step)]
                )
                return Done(effect.token, ok=False, reason=NOBODY)
            values = await self._values.values(tx, run, lead, effect.bound, at)
            given: Fields = {name: value for name, value in values.items() if value is not None}
            body: Fields = {"journey": effect.journey, "inputs": given}
            asked = self._event(request, REQUESTED, effect.id, body, whom.id)
            if whom.id == lead.id:
                await self._settler.take_in(tx, request, asked)
            else:
                await tx.events.insert([asked])
                await book(tx, run, request.progress)
                tx.notify("inbox")
        return Done(effect.token)

    async def stop(self, request: EffectRequest, effect: StopRuns) -> Done:
        """Ends the open runs; they have ended before this returns."""
        body: Fields = {"journey": effect.journey}
        asked = self._event(request, STOP, effect.id, body, request.run.lead_id)
        async with self._store.begin() as tx:
            await self._settler.take_in(tx, request, asked)
        return Done(effect.token)

    async def _named(self, tx: Tx, request: EffectRequest, lead: Lead, whom: Bound) -> Lead | None:
        """Finds a lead by our id, or by the id that another system has given it."""
        name = (await self._values.values(tx, request.run, lead, whom, request.at)).get("lead")
        if not isinstance(name, str | int) or isinstance(name, bool) or not str(name).strip():
            return None
        text = str(name).strip()
        return await tx.leads.get(text) or await tx.leads.by_external(text)

    def _event(self, request: EffectRequest, kind: str, id_: str, body: Fields, lead_id: str) -> NewEvent:
        return NewEvent(
            source=SOURCE, event_id=id_, type=kind, at=request.at, body_hash="", body=body, lead_id=lead_id,
            run=request.run.enrolment_id,
        )  # fmt: skip
