"""The journey's own rules on the real server, in virtual time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from temporalio.client import Client

from tests.house import BEGIN, house, project_of
from tests.workflows.test_journey import PROJECT, VOCABULARY

HELD = PROJECT | {
    "vocabulary.yaml": VOCABULARY + "lead: {talks: yes or no}\n",
    "trial.yaml": """
journey: trial
version: 1
about: A trial that keeps quiet while somebody talks to the lead.
start:
  event: trial.started
hold_while: lead.talks
steps:
  - email: welcome
  - wait: 1 day
  - email: last
""",
}


async def test_a_run_on_hold_goes_on_when_the_fact_changes(tmp_path: Path, temporal_client: Client) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", HELD)) as world:
        await world.event("trial.started", plan="basic")
        await world.event("lead.updated", talks=True)
        await world.pass_time(timedelta(days=3))
        (run,) = await world.runs()
        assert (run.state, run.step, run.waiting_for) == ("open", "last", "held: hold_while")
        assert [message.template for message in await world.outbox()] == ["welcome"]
        await world.event("lead.updated", talks=False)
        assert [message.template for message in await world.outbox()] == ["welcome", "last"]
        assert [run.ending for run in await world.runs()] == ["finished"]
        said = [line.text for line in await world.timeline() if line.kind == "waiting"]
        assert said[-2:] == ["held: lead.talks (talks yes)", "goes on: nothing holds it any more"]


SPLIT = PROJECT | {
    "trial.yaml": """
journey: trial
version: 1
about: A trial that looks for its best beginning.
start:
  event: trial.started
steps:
  - split: {short: 50, long: 50}
    id: offer
    winner: {by: trial.bought, within: 1 day, decide: after 6}
    then:
      short:
        - email: welcome
      long:
        - email: last
  - wait: 5 days
""",
}


async def test_a_split_is_decided_once_and_everyone_later_goes_down_the_best_arm(
    tmp_path: Path, temporal_client: Client
) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", SPLIT)) as world:
        early = [f"lead{number}@example.com" for number in range(6)]
        for address in early:
            await world.accept("trial.started", address, plan="basic")
        await world.settle()
        went = {message.to: message.template for message in await world.outbox()}
        arms = {"welcome": "short", "last": "long"}
        winner = went[early[-1]]
        await world.pass_time(timedelta(minutes=1))
        for address in early:
            if went[address] == winner:
                await world.accept("trial.bought", address, plan="basic")
        await world.settle()
        await world.event("trial.started", "before@example.com", plan="basic")
        await world.pass_time(timedelta(days=1, minutes=1))
        later = [f"later{number}@example.com" for number in range(6)]
        for address in later:
            await world.accept("trial.started", address, plan="basic")
        await world.settle()
        went = {message.to: message.template for message in await world.outbox()}
        assert {went[address] for address in later} == {winner}
        said = [line.text for line in await world.timeline(later[0]) if line.kind == "branch"]
        assert said == [f"{arms[winner or '']}: it has won"]
        said = [line.text for line in await world.timeline("before@example.com") if line.kind == "branch"]
        assert said[0].endswith(": by share")


PRIORITIES = PROJECT | {
    "vocabulary.yaml": VOCABULARY + "caps: {marketing: {per_day: 1}}\n",
    **{
        f"{name}.yaml": f"""
journey: {name}
version: 1
about: One of three that want to write.
start:
  event: trial.started
priority: {priority}
steps:
  - wait: {hours} hours
  - email: {template}
"""
        for name, priority, hours, template in (
            ("beside", "low", 1, "nudge"),
            ("first", "high", 2, "offer"),
            ("usual", "normal", 1, "again"),
        )
    },
    "trial.yaml": "",
    **{
        f"templates/email/{name}.en.txt": f"---\nsubject: {name}\n---\nHello.\n"
        for name in ("offer", "again")
    },
}


async def test_of_messages_held_for_the_night_the_one_of_higher_priority_takes_the_place(
    tmp_path: Path, temporal_client: Client
) -> None:
    files = {path: text for path, text in PRIORITIES.items() if path != "trial.yaml"}
    evening = BEGIN.replace(hour=18)
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", files), begin=evening) as world:
        await world.event("lead.updated", consent={"email": True}, language="en")
        await world.event("trial.started", plan="basic")
        await world.pass_time(timedelta(hours=3))
        assert await world.outbox() == []
        async with world.store.read() as tx:
            lead = (await world.runs())[0].lead_id
            kept = await tx.places.before(lead, 3, world.clock.at, world.clock.at + timedelta(days=1))
        assert [place.rank for place in kept] == [0, 1]
        await world.pass_time(timedelta(hours=14))
        assert [message.template for message in await world.outbox()] == ["offer"]
        said = {line.step: line.text for line in await world.timeline() if line.kind == "message"}
        assert said["nudge"] == "email nudge skipped: cap"
        assert said["again"] == "email again skipped: cap"
