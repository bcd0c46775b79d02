"""Publishes journeys: what a new version would change and for whom, then the version itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from language.checks import compare
from language.compiled import Journey, digest, dump, load
from language.diff import differences
from model.records import PublishedJourney

if TYPE_CHECKING:
    from store import Tx

State = Literal["published", "unchanged", "refused"]
UNREADABLE = "the earlier version has another form, and its steps cannot be compared"


@dataclass(frozen=True, slots=True)
class Plan:
    """What publishing a journey does: `stay` counts open runs that stay in earlier versions, by version,
    `changes` says what is new since version `before`; `free` is the next version that nobody has used.
    """

    journey: str
    version: int
    state: State
    stay: dict[int, int]
    reason: str = ""
    before: int | None = None
    changes: tuple[str, ...] = ()
    free: int = 1


def compared(before: PublishedJourney, after: Journey) -> tuple[str, ...]:
    """Gives what changed since a published version, a sentence each."""
    try:
        old = load(before.compiled)
    except ValidationError:
        return (UNREADABLE,)
    renamed = (f"{hint.message}; {hint.suggestion}" for hint in compare(old, after) if hint.hint)
    return (*(str(change) for change in differences(old, after)), *renamed)


async def planned(tx: Tx, journey: Journey) -> Plan:
    """Says what publishing a journey without mistakes would do."""
    versions = await tx.journeys.versions(journey.name)
    runs = await tx.enrolments.open_by_version(journey.name)
    before = await tx.journeys.latest(journey.name)
    plan = Plan(
        journey.name,
        journey.version,
        "published",
        {version: count for version, count in runs.items() if version != journey.version},
        before=before.version if before is not None else None,
        free=max(versions, default=0) + 1,
    )
    reason = await _refusal(tx, journey, versions)
    if reason:
        return replace(plan, state="refused", reason=reason, changes=_changes(before, journey))
    if journey.version in versions:
        return replace(plan, state="unchanged")
    return replace(plan, changes=_changes(before, journey))


async def publish(tx: Tx, plan: Plan, journey: Journey, source: str, at: datetime, by: str | None) -> Plan:
    """Publishes what was planned in the same transaction; `by` is the id of the key that asked.

    A refused plan stays as it is.
    """
    if plan.state == "refused":
        return plan
    form = PublishedJourney(
        name=journey.name,
        version=journey.version,
        hash=digest(journey),
        compiled=dump(journey),
        source=source,
        published_at=at,
    )
    state = await tx.journeys.publish(form)
    if state == "published":
        await tx.audit.add(at, "journey.publish", f"{journey.name}/{journey.version}", by)
    return replace(plan, state=state)


def _changes(before: PublishedJourney | None, journey: Journey) -> tuple[str, ...]:
    return compared(before, journey) if before is not None else ()


async def _refusal(tx: Tx, journey: Journey, versions: Sequence[int]) -> str | None:
    """Says why a version cannot be published."""
    known = await tx.journeys.get(journey.name, journey.version)
    newest = max(versions, default=0)
    if known is not None and known.hash != digest(journey):
        return (
            f"version {journey.version} is published with other content; "
            f"write `version: {newest + 1}` in its file"
        )
    if known is None and journey.version < newest:
        return f"version {newest} is published already; write `version: {newest + 1}` in its file"
    return None
