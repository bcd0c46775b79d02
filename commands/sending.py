"""`cauce stop-sending` and `cauce resume-sending`: the stop switch, also while the API is down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from commands.house import Refused, business_now, in_store, nearest, say
from model.records import Stopped
from settings import Settings

if TYPE_CHECKING:
    from store import Store, Tx

OfJourney = Annotated[
    str | None, typer.Option("--journey", metavar="JOURNEY", help="Of one journey alone; else of all.")
]


def stop_sending(journey: OfJourney = None) -> None:
    """Stop all messages and calls, or those of one journey.

    It holds from the next send on; one that is at its provider goes out. Runs go on and hold what they have
    to send until `cauce resume-sending`.
    """
    _turn(journey, stop=True)


def resume_sending(journey: OfJourney = None) -> None:
    """Let messages and calls go again; what was held goes out as its rules allow."""
    _turn(journey, stop=False)


def _turn(journey: str | None, *, stop: bool) -> None:
    async def work(store: Store, settings: Settings) -> tuple[bool, Stopped]:
        async with store.begin() as tx:
            changed = await _turned(tx, settings, journey, stop=stop)
            return changed, await tx.switches.stopped()

    changed, stopped = in_store(work)
    say(("" if changed else "nothing changed: ") + _worded(stopped))


async def _turned(tx: Tx, settings: Settings, journey: str | None, *, stop: bool) -> bool:
    at = await business_now(tx, settings)
    if not stop:
        changed = await tx.switches.resume(journey)
    else:
        if journey is not None and await tx.journeys.latest(journey) is None:
            names = [one.name for one in await tx.journeys.all_latest()]
            raise Refused(f"no journey {journey} is published; {nearest(journey, names)}")
        changed = await tx.switches.stop(at, journey)
    await tx.audit.add(at, "sending.stop" if stop else "sending.start", journey or "*", None)
    return changed


def _worded(stopped: Stopped) -> str:
    if stopped.everything:
        return "sending is stopped for everything; `cauce resume-sending` lets it go on"
    if stopped.journeys:
        return f"sending is stopped for {', '.join(stopped.journeys)}"
    return "sending goes on"
