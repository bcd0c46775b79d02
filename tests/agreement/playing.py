"""Plays scenarios on the real server: all leads in one house, one clock, virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import assert_never

from pydantic import JsonValue
from temporalio.client import Client

from api.work import completed
from engine.calendar import resolve
from engine.entry import first_instant
from engine.hours import at_clock
from intake.score import ADJUSTED
from language.compiled import Journey
from language.moments import read_time
from language.scenario import Answers, Begin, Changes, Happening, Happens, Scenario
from language.scenario_replies import Replies
from language.scenario_ways import Moves
from language.values import Day
from language.vocabulary import Vocabulary
from model.events import Fields
from model.records import Identifier
from model.results import Task
from model.time import Hours
from runtime.project import Project
from store import new_id
from tests.agreement.lines import Recorded, Told, zone_for
from tests.agreement.stage import Stage
from tests.house import House, house

BEFORE = timedelta(hours=1)
"""Leads are there this long before their journeys begin."""
HORIZON = timedelta(days=500)
SCOPE = "agreement"
CHANNELS = ("email", "sms", "whatsapp", "push", "web_message", "voice", "letter", "social", "call")
ALWAYS = Hours((0, 1, 2, 3, 4, 5, 6), 0, 1440)


@dataclass
class Part:
    """One lead with its scenario: `email` is its address in the house, `begin` when it enters."""

    scenario: Scenario
    journey: Journey
    email: str
    zone: str
    begin: datetime
    lead_id: str = ""


What = Happening | Begin | None


def cast(scenarios: Sequence[tuple[Scenario, Journey]], vocabulary: Vocabulary) -> list[Part]:
    """Gives each scenario a lead of its own."""
    parts = []
    for number, (scenario, journey) in enumerate(scenarios):
        zone = zone_for(journey, vocabulary, scenario)
        begin = first_instant(scenario.begin, zone)
        parts.append(Part(scenario, journey, f"lead{number}@example.com", zone, begin))
    return parts


async def told_by_server(
    folder: Path, client: Client, project: Project, scenarios: Sequence[tuple[Scenario, Journey]]
) -> list[Told]:
    """Plays scenarios all together; gives the log of each one's run."""
    recorded = Recorded()
    parts = cast(scenarios, project.vocabulary)
    begin = min(part.begin for part in parts) - BEFORE
    async with house(folder, client, project, begin=begin, watcher=recorded) as world:
        await play(world, parts)
        return [await _told(world, recorded, part) for part in parts]


async def _told(world: House, recorded: Recorded, part: Part) -> Told:
    async with world.store.read() as tx:
        ready = await tx.events.history(part.lead_id, ["task.ready"])
    steps = [(event.at, str(event.body["step"])) for event in ready]
    log = recorded.log(part.journey, part.lead_id, part.zone, steps)
    return Told(part.scenario, part.journey, part.lead_id, log)


async def play(world: House, parts: Sequence[Part]) -> None:
    """Lets everything happen at its time, until nothing more happens by itself."""
    stage = Stage(world)
    for part in parts:
        player = _Player(world, part)
        stage.expect(part.begin - BEFORE, player.lead, player.come)
        stage.expect(part.begin, player.lead, partial(player.do, part.scenario.begin))
        for each in part.scenario.events:
            stage.expect(_instant(part, each), player.lead, partial(player.do, each))
    await stage.play(HORIZON)


class _Player:
    def __init__(self, world: House, part: Part) -> None:
        self._world, self._part = world, part

    def lead(self) -> str:
        """Gives the id of its lead; empty before it is there."""
        return self._part.lead_id

    async def come(self) -> None:
        """Makes the lead as the scenario describes it."""
        part = self._part
        lead = dict(part.scenario.lead)
        score, consent = lead.pop("score", None), lead.pop("consent", None)
        lead.pop("id", None)
        body: Fields = {"language": "es", "email": part.email, **lead}
        body["consent"] = consent if isinstance(consent, dict) else dict.fromkeys(CHANNELS, True)
        await self._accept(part, "lead.updated", body)
        await self._world.settle(self._world.clock.at - BEFORE)
        async with self._world.store.read() as tx:
            made = await tx.leads.find_by("external", part.email, SCOPE)
        assert made is not None
        part.lead_id = made.id
        if isinstance(score, int | float):
            await self._score(part, float(score))

    async def do(self, what: What) -> None:
        """Does what happens to its lead now."""
        await self._do(self._part, what, self._world.clock.at)

    async def _do(self, part: Part, what: What, now: datetime) -> None:
        match what:
            case None | Begin():
                await self._begin(part, what)
            case Happens():
                message = await self._message(part, what)
                await self._accept(part, what.event, what.fields, message)
            case Answers():
                await self._answer(part, what, now)
            case Changes():
                await self._change(part, what)
            case Replies() | Moves():
                raise NotImplementedError("connectors that answer are not played on the server")
            case _:
                assert_never(what)

    async def _begin(self, part: Part, begin: Begin | None) -> None:
        trigger = part.journey.starts[0]
        event = begin.event if begin is not None and begin.event else trigger.event
        fields = dict(begin.fields) if begin is not None else {}
        if begin is None and part.journey.key_field is not None:
            fields[part.journey.key_field] = "1"
        assert event is not None, "the way in must be an event"
        await self._accept(part, event, fields)

    async def _accept(self, part: Part, event: str, fields: Fields, message: str | None = None) -> None:
        named = [Identifier("external", part.email, SCOPE)]
        await self._world.accept_row(event, named, fields, message=message)

    async def _message(self, part: Part, happens: Happens) -> str | None:
        """Finds the message that a reaction is about: of the step named, or the last on that channel."""
        channel, _, what = happens.event.partition(".")
        if channel not in CHANNELS or what in ("missed", "started", "ended"):
            return None
        async with self._world.store.read() as tx:
            sent = [
                send
                for run in await tx.enrolments.all_of(part.lead_id)
                for send in await tx.sends.of_enrolment(run.id)
                if send.channel == channel and send.state == "accepted"
            ]
        step = happens.fields.get("step")
        meant = [send for send in sent if step in (None, send.step)]
        return max(meant, key=lambda send: send.at).send_id if meant else None

    async def _answer(self, part: Part, answers: Answers, now: datetime) -> None:
        async with self._world.store.begin() as tx:
            tasks = [
                t for t in await tx.tasks.open_for(part.lead_id) if _open(t, part.journey, answers.name, now)
            ]
            if not tasks:
                return
            task = max(tasks, key=lambda one: one.ready_at)
            taken = await tx.tasks.take(task.id, task.assign_to or "ana", now, timedelta(hours=1))
            assert taken is not None
            callback = answers.fields.get("callback_at")
            result = await tx.tasks.complete(
                task.id,
                taken.fence,
                completion_id=new_id(),
                outcome=answers.outcome,
                at=now,
                callback_at=read_time(callback) if isinstance(callback, str) else None,
            )
            assert result == "completed"
            done = await tx.tasks.get(task.id)
            assert done is not None
            await tx.events.insert(completed(done, now))

    async def _change(self, part: Part, changes: Changes) -> None:
        fields: dict[str, JsonValue] = {}
        for name, value in changes.values.items():
            root, _, attribute = name.partition(".")
            assert root == "lead", "only the lead's own attributes are set from outside"
            if attribute == "score":
                assert isinstance(value, int | float)
                await self._score(part, float(value))
            else:
                fields[attribute] = value
        if fields:
            await self._accept(part, "lead.updated", fields)

    async def _score(self, part: Part, score: float) -> None:
        """Brings the lead's score to a figure, as a step of a journey would."""
        async with self._world.store.read() as tx:
            lead = await tx.leads.get(part.lead_id)
        assert lead is not None
        points = score - (lead.score or 0.0)
        await self._accept(part, ADJUSTED, {"points": points})


def _open(task: Task, journey: Journey, name: str, now: datetime) -> bool:
    return (task.journey, task.name) == (journey.name, name) and task.ready_at <= now


def _instant(part: Part, happening: Happening) -> datetime:
    moment = happening.at
    assert moment is not None, "a moment is written"
    if isinstance(moment, Day):
        return at_clock(moment.day, 0 if moment.at is None else moment.at, part.zone)
    found = resolve(moment, part.begin, part.zone, lambda _: ALWAYS, lambda _: None)
    assert found is not None
    return found
