"""Work for people on the real server: escalation, days, other numbers, and queues that finish alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import Client

from intake.tasks import of_task
from model.events import Fields
from model.records import Identifier, NewEvent
from model.results import Task
from tests.house import House, house, project_of

HOUR = timedelta(hours=1)
PHONE = "+34600111222"
SALES = """
    hours: {days: mon-fri, from: 9:00, to: 19:00}
    outcomes:
      won: {effect: reached, result: positive}
      later: {effect: callback}
      busy: {effect: retry}
      wrong_number: {effect: number_dead}
      do_not_call: {effect: never_call, result: negative}
"""
VOCABULARY = f"""
company: {{name: Ejemplo Motor, zone: Europe/Madrid, languages: [en]}}
lead: {{other_phone: {{type: text, pii: true}}}}
events:
  trial.started: {{}}
  trial.bought: {{}}
  interest.shown: {{}}
queues:
  sales:{SALES}
  seniors:{SALES}
teams: {{bosses: [boss@example.com]}}
endings: {{won: won, gone: lost, bought: won}}
"""
ALL = "{won: [end: won], busy or no_answer or wrong_number or do_not_call or expired: [end: gone]}"


def files(steps: str) -> dict[str, str]:
    """A project of one journey."""
    head = "journey: trial\nversion: 1\nabout: A trial.\nstart: {event: trial.started}\n"
    return {"vocabulary.yaml": VOCABULARY, "trial.yaml": head + steps}


async def tasks(world: House, queue: str | None = None) -> list[Task]:
    """The tasks by the time they are ready."""
    async with world.store.read() as tx:
        return list((await tx.tasks.list(world.clock.at, queue=queue)).items)


async def answer(world: House, task: Task, outcome: str) -> None:
    """Somebody takes a task, a moment after it was opened at the earliest, and ends it."""
    async with world.store.begin() as tx:
        taken = await tx.tasks.take(task.id, "ana", max(world.clock.at, task.ready_at), HOUR)
        assert taken is not None
        done = await tx.tasks.complete(
            task.id, taken.fence, completion_id=task.id, outcome=outcome, at=world.clock.at
        )
        assert done == "completed"
        body: Fields = {"outcome": outcome}
        await tx.events.insert([of_task(taken, "task.completed", world.clock.at, body)])
    await world.settle()


async def begin(world: House) -> None:
    """Luis has a phone, and begins."""
    await world.event("lead.updated", phone=PHONE)
    await world.event("trial.started")


async def kinds(world: House) -> list[str]:
    """The events about work, in order."""
    async with world.store.read() as tx:
        lead = await tx.leads.find_by("email", "luis@example.com")
        assert lead is not None
        known = ("ready", "overdue", "escalated", "completed", "expired", "canceled")
        rows = await tx.events.history(lead.id, [f"task.{what}" for what in known])
    return [row.type.removeprefix("task.") for row in sorted(rows, key=lambda row: row.id)]


async def test_work_that_nobody_begins_goes_to_the_other_queue_and_the_run_hears_it(
    tmp_path: Path, temporal_client: Client
) -> None:
    steps = (
        "whenever:\n  - event: task.escalated\n    do: [notify: bosses]\n"
        "steps:\n  - call: intro\n    queue: sales\n    due: 10 minutes\n"
        f"    escalate: [{{after: 15 minutes, to: seniors}}]\n    outcomes: {ALL}\n"
    )
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", files(steps))) as world:
        await begin(world)
        (before,) = await tasks(world, "sales")
        await world.pass_time(timedelta(minutes=20))
        (task,) = await tasks(world, "seniors")
        assert (task.id, task.state, await tasks(world, "sales")) == (before.id, "ready", [])
        assert [message.to for message in await world.outbox()] == ["boss@example.com"]
        await answer(world, task, "won")
        assert await kinds(world) == ["ready", "overdue", "escalated", "completed"]
        assert [run.ending for run in await world.runs()] == ["won"]


async def test_attempts_come_on_their_days_when_the_queue_opens(
    tmp_path: Path, temporal_client: Client
) -> None:
    steps = f"steps:\n  - call: intro\n    queue: sales\n    attempts: on days 1, 3\n    outcomes: {ALL}\n"
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", files(steps))) as world:
        await begin(world)
        await answer(world, (await tasks(world))[0], "no_answer")
        second = (await tasks(world))[1]
        assert second.ready_at == datetime(2026, 11, 6, 8, 0, tzinfo=UTC)
        await world.pass_time(timedelta(days=2, minutes=5))
        await answer(world, second, "busy")
        assert [run.ending for run in await world.runs()] == ["gone"]


async def test_a_wrong_number_tries_the_other_one_if_there_is_one(
    tmp_path: Path, temporal_client: Client
) -> None:
    steps = f"steps:\n  - call: intro\n    queue: sales\n    outcomes: {ALL}\n"
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", files(steps))) as world:
        await begin(world)
        await answer(world, (await tasks(world))[0], "wrong_number")
        assert [run.ending for run in await world.runs()] == ["gone"]
    other = tmp_path / "other"
    async with house(other, temporal_client, project_of(tmp_path / "defs", files(steps))) as world:
        await world.event("lead.updated", other_phone="+34910111222")
        await begin(world)
        await answer(world, (await tasks(world))[0], "wrong_number")
        second = next(task for task in await tasks(world) if task.state == "ready")
        assert (second.number, second.attempt) == ("+34910111222", 1)
        await answer(world, second, "won")
        assert [run.ending for run in await world.runs()] == ["won"]


async def test_the_queue_finishes_work_after_the_end_of_the_run(
    tmp_path: Path, temporal_client: Client
) -> None:
    steps = (
        "steps:\n  - call: intro\n    queue: sales\n    wait: false\n    attempts: 3 every 1 day\n"
        "    expires: 2 days\n  - end: won\n"
    )
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", files(steps))) as world:
        await begin(world)
        assert [run.ending for run in await world.runs()] == ["won"]
        await answer(world, (await tasks(world))[0], "no_answer")
        await world.pass_time(timedelta(days=1))
        second = (await tasks(world))[1]
        assert (second.attempt, second.state, second.ready_at.day) == (2, "ready", 5)
        assert await kinds(world) == ["ready", "completed", "ready"]
        await world.pass_time(timedelta(days=2))
        assert await kinds(world) == ["ready", "completed", "ready", "expired"]
        assert len(await tasks(world)) == 2, "what has expired is not tried again"


async def test_an_open_condition_on_work_wakes_its_run_at_once(
    tmp_path: Path, temporal_client: Client
) -> None:
    steps = (
        "steps:\n  - task: papers\n    queue: sales\n    wait: false\n    attempts: 2 every 1 hour\n"
        '  - first_of:\n      - if: not has_open("papers")\n        then: [end: bought]\n'
        "    within: 9 days\n    else: [end: gone]\n"
    )
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", files(steps))) as world:
        await world.event("trial.started")
        await answer(world, (await tasks(world))[0], "busy")
        assert [run.ending for run in await world.runs()] == [None], "it is tried again"
        await world.pass_time(timedelta(hours=1, minutes=1))
        await answer(world, (await tasks(world))[1], "won")
        assert [run.ending for run in await world.runs()] == ["bought"]


async def test_an_outcome_after_the_end_of_the_run_counts_for_the_lead_and_moves_nothing(
    tmp_path: Path, temporal_client: Client
) -> None:
    steps = (
        "exit:\n  - event: trial.bought\n    as: bought\n"
        f"steps:\n  - call: intro\n    queue: sales\n    outcomes: {ALL}\n"
    )
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", files(steps))) as world:
        await begin(world)
        (task,) = await tasks(world)
        async with world.store.begin() as tx:
            taken = await tx.tasks.take(task.id, "ana", task.ready_at, HOUR)
            assert taken is not None
            await tx.tasks.begin(task.id, taken.fence, world.clock.at)
        await world.event("trial.bought")
        async with world.store.begin() as tx:
            assert (
                await tx.tasks.complete(
                    task.id, taken.fence, completion_id="c", outcome="do_not_call", at=world.clock.at
                )
                == "completed"
            )
            done: Fields = {"outcome": "do_not_call"}
            await tx.events.insert([of_task(taken, "task.completed", world.clock.at, done)])
        await world.settle()
        (run,) = await world.runs()
        assert run.ending == "bought"
        async with world.store.read() as tx:
            assert await tx.suppressions.active(run.lead_id) == ("calls",)
            (told_of,) = await tx.events.history(run.lead_id, ["lead.unsubscribed"])
        assert (told_of.body["channel"], told_of.body["scope"]) == ("call", "all")


async def test_an_exit_takes_back_work_for_which_the_run_did_not_wait(
    tmp_path: Path, temporal_client: Client
) -> None:
    steps = (
        "exit:\n  - event: trial.bought\n    as: bought\n"
        "steps:\n  - task: papers\n    queue: sales\n    wait: false\n  - wait: 9 days\n"
    )
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", files(steps))) as world:
        await world.event("trial.started")
        await world.event("trial.bought")
        assert [task.state for task in await tasks(world)] == ["canceled"]
        assert await kinds(world) == ["ready", "canceled"]


async def test_a_call_that_another_system_tells_of_reaches_the_run_whose_work_it_is(
    tmp_path: Path, temporal_client: Client
) -> None:
    steps = (
        'exit:\n  - event: call.ended\n    where: event.result is "machine"\n    as: gone\n'
        f"steps:\n  - call: intro\n    queue: sales\n    due: 10 minutes\n    outcomes: {ALL}\n"
    )
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", files(steps))) as world:
        await begin(world)
        (task,) = await tasks(world)
        await told(world, "call.started", task.id, {})
        await world.pass_time(timedelta(minutes=20))
        assert await kinds(world) == ["ready"], "what has begun is not overdue"
        await told(world, "call.ended", "nobody's", {"result": "talked"})
        assert [run.ending for run in await world.runs()] == [None]
        await told(world, "call.ended", task.id, {"result": "machine"})
        assert [run.ending for run in await world.runs()] == ["gone"]


async def test_a_journey_may_begin_with_work_that_expired(tmp_path: Path, temporal_client: Client) -> None:
    calls = f"steps:\n  - call: intro\n    queue: sales\n    expires: 1 hour\n    outcomes: {ALL}\n"
    other = (
        "journey: late\nversion: 1\nabout: Work that nobody took.\n"
        'start: {event: task.expired, where: event.queue is "sales"}\nsteps:\n  - notify: bosses\n'
    )
    project = project_of(tmp_path / "defs", {**files(calls), "late.yaml": other})
    async with house(tmp_path, temporal_client, project) as world:
        await begin(world)
        await world.pass_time(timedelta(hours=1, minutes=1))
        assert sorted(str(run.ending) for run in await world.runs()) == ["finished", "gone"]
        assert [message.to for message in await world.outbox()] == ["boss@example.com"]


async def told(world: House, kind: str, task: str, fields: Fields) -> None:
    """A telephone system tells of a call."""
    event = NewEvent(
        source="phones", event_id=f"{kind}/{task}", type=kind, at=world.clock.at, body_hash="", body=fields,
        identifiers=(Identifier("email", "luis@example.com"),), task=task,
    )  # fmt: skip
    async with world.store.begin() as tx:
        await tx.events.insert([event])
    await world.settle()
