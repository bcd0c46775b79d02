"""What a run that goes over to another version of its journey is told of.

Before, it is told of what either version hears, so that nothing is lost on the way; afterwards of what its
own does.
"""

from __future__ import annotations

from intake.gate import listeners_of
from language.compiled import Journey
from model.records import Enrolment, Told
from store import Tx


async def tell_of_both(tx: Tx, run: Enrolment, journey: Journey) -> None:
    """Lets a run be told also of what a version hears into which it is about to go."""
    reads = {
        kind: _both(run.reads.get(kind, ()), journey.reads.get(kind, ()))
        for kind in (*run.reads, *journey.reads)
    }
    told = Told(_both(run.hears, journey.hears), reads, _both(run.watches, journey.watches))
    await tx.enrolments.tell(run.id, told)
    await tx.listeners.add(run.id, run.lead_id, listeners_of(journey, run.start.fields))


async def settle(tx: Tx, run: Enrolment, journey: Journey) -> None:
    """Writes down the version that a run is in, and lets it be told of what that hears."""
    told = Told(journey.hears, journey.reads, journey.watches)
    await tx.enrolments.tell(run.id, told, journey.version)
    await tx.listeners.replace(run.id, run.lead_id, listeners_of(journey, run.start.fields))


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*one, *other}))
