"""`/v1/journeys/{name}/…`: figures of a journey, for those who run it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from pydantic import Field

from api.fields import Answer
from api.journeys import JourneyName, must, read
from api.ports import InHouse
from api.routing import needs, router
from engine.experiments import splits_of
from engine.report import report, split_lines
from engine.turns import limits_text

routes = router("journeys")


class LineOut(Answer):
    """The line of leads that wait for their turn to enter."""

    journey: str
    waiting: int
    since: datetime | None = Field(description="Business time at which the first of them came.")
    limits: str = Field(description="`pace` and `at_a_time` of the newest version; empty without them.")


class GoalOut(Answer):
    """A goal; shares are in percent, null where nobody entered."""

    goal: str
    reached: int
    percent: float | None
    control_reached: int
    control_percent: float | None


class ReportLine(Answer):
    """The figures of one version."""

    version: int | None = Field(description="Null: all versions together.")
    entries: int = Field(description="Leads that entered, each time that they did.")
    open: int = Field(description="Of these, how many are inside now.")
    control: int = Field(description="Leads that `holdout` kept out.")
    goals: tuple[GoalOut, ...]


class ArmOut(Answer):
    """An arm of a split."""

    arm: str
    drawn: int
    converted: int


class SplitOut(Answer):
    """A split that looks for its winner; `by` is the event that counts, `winner` null while it is open."""

    step: str
    by: str
    winner: str | None
    arms: tuple[ArmOut, ...]


class ReportOut(Answer):
    """The report of a journey; `splits` are those of its newest version."""

    journey: str
    lines: tuple[ReportLine, ...]
    splits: tuple[SplitOut, ...]


@routes.get("/journeys/{name}/waiting", dependencies=[needs("journeys:read")], summary="See who waits")
async def waiting(house: InHouse, name: JourneyName) -> LineOut:
    """Says how many leads wait for their turn to enter (`pace`, `at_a_time`), and since when."""
    async with house.store.read() as tx:
        rules = read((await must(tx, name)).compiled).rules
        line = await tx.waiting.count(name)
    return LineOut(journey=name, waiting=line.waiting, since=line.since, limits=limits_text(rules))


@routes.get("/journeys/{name}/report", dependencies=[needs("journeys:read")], summary="Read the report")
async def read_report(house: InHouse, name: JourneyName) -> ReportOut:
    """Counts entries, the control group, who reached which goal, and what the arms of splits did.

    The first line is of all versions, then each has one, the newest first.

    A goal counts from the entry on, within its time, also after the end of the run, once for each enrolment.
    """
    async with house.store.read() as tx:
        journey = read((await must(tx, name)).compiled)
        names, splits = [goal.name for goal in journey.goals], splits_of(journey)
        lines = report(await tx.figures.entries(name), await tx.figures.goals(name), names)
        counts = {key: await tx.figures.arms(key) for key in splits}
        arms = split_lines(splits, await tx.figures.winners(splits), counts)
    whole = {"journey": name, "lines": map(asdict, lines), "splits": map(asdict, arms)}
    return ReportOut.model_validate(whole)
