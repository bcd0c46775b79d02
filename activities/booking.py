"""What every effect writes beside itself: the run's notes, its progress, lines of the timeline, events for
others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from model.commands import Note
from model.events import Fields
from model.figures import Draw
from model.records import NewEvent
from model.results import NewEntry, TimelineKind
from model.runs import Progress, Run
from store import Tx

SOURCE = "cauce"
"""Source of the events that we make ourselves."""


async def book(tx: Tx, run: Run, progress: Progress, lines: Iterable[NewEntry] = ()) -> None:
    """Writes a run's notes, and `lines` after them; a repeat adds nothing.

    Where the run stands is written when it next comes to rest.
    """
    notes = [
        NewEntry(
            lead_id=run.lead_id, at=note.at, kind=note.kind, text=note.text, enrolment_id=run.enrolment_id,
            journey=run.journey, step=note.step, data={"branch": note.branch} if note.branch else {},

            dedup=f"{run.enrolment_id}/{progress.applied_seq}/{note.step}/{note.kind}/{note.at.isoformat()}/{note.text}",
        )
        for note in progress.notes
    ]  # fmt: skip
    await tx.timeline.add_many([*notes, *lines])
    for note in progress.notes:
        if note.split is not None and note.branch is not None:
            await tx.figures.draw(_draw(run, note, note.split, note.branch))


def _draw(run: Run, note: Note, split: str, arm: str) -> Draw:
    lead, enrolment = run.lead_id, run.enrolment_id
    return Draw(split=split, lead_id=lead, enrolment_id=enrolment, arm=arm, at=note.at)


def line(
    run: Run,
    at: datetime,
    kind: TimelineKind,
    text: str,
    dedup: str,
    step: str | None = None,
    data: Fields | None = None,
) -> NewEntry:
    """Makes a line of the timeline about a step of a run."""
    return NewEntry(
        lead_id=run.lead_id, at=at, kind=kind, text=text, dedup=dedup, enrolment_id=run.enrolment_id,
        journey=run.journey, step=step, data=data or {},
    )  # fmt: skip


def event(
    run: Run,
    kind: str,
    id_: str,
    at: datetime,
    fields: Fields,
    message: str | None = None,
    task: str | None = None,
) -> NewEvent:
    """Makes an event of our own about a run's lead; `id_` makes a repeat harmless."""
    return NewEvent(
        source=SOURCE, event_id=id_, type=kind, at=at, body_hash="", body=fields, lead_id=run.lead_id,
        message=message, task=task, run=run.enrolment_id,
    )  # fmt: skip
