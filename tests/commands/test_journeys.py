"""`cauce journeys`: who waits for a turn, and the small report."""

from __future__ import annotations

from datetime import UTC, datetime

from language.builtin import CONTROL
from model.events import Event
from model.figures import Draw, ReachedGoal
from model.records import NewEnrolment
from model.waiting import NewWaiting
from store import Tx, new_id
from tests.commands.line import HELLO, CommandLine

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)
LIMITED = HELLO.replace(
    "steps:", "pace: 500 per hour\nat_a_time: 5 per account\ngoal: {event: offer.taken}\nsteps:"
)
START = Event("1", "visit.made", NOON)


async def _wait(tx: Tx) -> None:
    for _ in range(3):
        lead = await tx.leads.create(new_id(), NOON)
        waiting = NewWaiting(
            id=new_id(), lead_id=lead.id, journey="hello", version=1, start=START, since=NOON, due_at=NOON
        )
        await tx.waiting.add(waiting)


async def _enter(tx: Tx) -> None:
    for number in range(4):
        lead, run = await tx.leads.create(new_id(), NOON), new_id()
        await tx.enrolments.open(
            NewEnrolment(id=run, lead_id=lead.id, journey="hello", version=1, opened_at=NOON, start=START)
        )
        if number == 0:
            await tx.enrolments.close(run, ending=CONTROL, outcome="neutral", reason="", at=NOON)
        if number < 2:
            await tx.figures.reach(ReachedGoal(enrolment_id=run, goal="offer.taken", at=NOON, event=1))


def test_who_waits_is_shown_by_journey_with_the_limits(migrated: CommandLine) -> None:
    migrated.good("publish")
    assert migrated.good("journeys", "waiting") == "no journey lets leads wait\n"
    migrated.write("hello.yaml", LIMITED.replace("version: 1", "version: 2"))
    migrated.good("publish")
    migrated.store(_wait)
    assert migrated("journeys", "waiting", "--json").json == [
        {
            "journey": "hello", "waiting": 3, "since": "2026-11-04T12:00:00Z",
            "limits": "500 per hour, 5 per account at a time",
        }
    ]  # fmt: skip


def test_the_report_shows_entries_control_and_goals_by_version(migrated: CommandLine) -> None:
    migrated.write("hello.yaml", LIMITED)
    migrated.good("publish")
    migrated.store(_enter)
    goal = {
        "goal": "offer.taken", "reached": 1, "percent": 33.3, "control_reached": 1, "control_percent": 100.0
    }  # fmt: skip
    line = {"entries": 3, "open": 3, "control": 1, "goals": [goal]}
    found = migrated("journeys", "report", "hello", "--json").json
    assert found == {"lines": [{"version": None, **line}, {"version": 1, **line}], "splits": []}
    assert "33.3 %" in migrated.good("journeys", "report", "hello")


def test_the_report_of_an_unknown_journey_is_refused(migrated: CommandLine) -> None:
    migrated.good("publish")
    said = migrated("journeys", "report", "helo")
    assert (said.code, said.err) == (1, "no journey helo is published; did you mean hello?\n")


async def _draw(tx: Tx) -> None:
    for number in range(3):
        lead, run = await tx.leads.create(new_id(), NOON), new_id()
        await tx.enrolments.open(
            NewEnrolment(id=run, lead_id=lead.id, journey="hello", version=1, opened_at=NOON, start=START)
        )
        key = "hello/offer: a, b"
        await tx.figures.draw(Draw(split=key, lead_id=lead.id, enrolment_id=run, arm="b", at=NOON))
        if number == 0:
            await tx.figures.convert(key, lead.id, NOON)
            await tx.figures.decide(key, "b", NOON)


def test_the_report_shows_the_arms_of_a_split_and_which_has_won(migrated: CommandLine) -> None:
    split = (
        "steps:\n  - split: {a: 50, b: 50}\n    id: offer\n"
        "    winner: {by: offer.taken, within: 1 day, decide: after 3}\n    then: {a: go_on, b: go_on}\n"
    )
    migrated.write("hello.yaml", HELLO.replace("steps:\n", split))
    migrated.good("publish")
    migrated.store(_draw)
    found = migrated("journeys", "report", "hello", "--json").json
    assert isinstance(found, dict)
    arms = [{"arm": "a", "drawn": 0, "converted": 0}, {"arm": "b", "drawn": 3, "converted": 1}]
    assert found["splits"] == [{"step": "offer", "by": "offer.taken", "winner": "b", "arms": arms}]
    assert "offer.taken" in migrated.good("journeys", "report", "hello")
