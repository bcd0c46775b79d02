"""Ends the runs of a journey that another one has stopped (language.md §3, `stop_journey`)."""

from __future__ import annotations

from collections.abc import Sequence

from language.compiled import Journey
from language.listening import STOP
from model.events import Delivery
from model.records import Enrolment, InboxEvent, Lead
from model.results import NewEntry
from store import Tx

STOPPED = "stopped"


async def stop_runs(
    tx: Tx, lead: Lead, event: InboxEvent, runs: Sequence[Enrolment], journeys: Sequence[Journey]
) -> list[str]:
    """Closes the lead's open runs of the journey and sends them the word to end: they take back their work
    and report their ending themselves. Who waits for its turn leaves the line. The run that asks ends by
    itself.
    """
    if event.type != STOP:
        return []
    name = str(event.body.get("journey"))
    endings = next((one.endings for one in journeys if one.name == name), {})
    outcome = endings.get(STOPPED, "neutral")
    stopped: list[str] = []
    for run in runs:
        if run.journey != name or run.id == event.run:
            continue
        seq = await tx.enrolments.next_seq(run.id)
        await tx.deliveries.add(run.id, Delivery(seq, event.at, ending=STOPPED, kind="end"))
        await tx.enrolments.close(
            run.id, ending=STOPPED, outcome=outcome, reason="stopped by another journey", at=event.at
        )
        stopped.append(run.id)
    await _leave_line(tx, lead, event, name)
    return stopped


async def _leave_line(tx: Tx, lead: Lead, event: InboxEvent, name: str) -> None:
    for waiting in await tx.waiting.of_lead(lead.id):
        if waiting.journey == name:
            await tx.waiting.remove(waiting.id)
            text = f"waits no longer for its turn in {name}: stopped by another journey"
            entry = NewEntry(
                lead_id=lead.id, at=event.at, kind="entered", text=text, dedup=f"stopped/{event.id}/{name}",
                journey=name, data={"refused": True, "rule": "stopped"},
            )  # fmt: skip
            await tx.timeline.add_many([entry])
