"""Waiting on the real server, in virtual time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from temporalio.client import Client

from tests.house import BEGIN, house, project_of
from tests.workflows.test_journey import PROJECT, VOCABULARY

RENEWAL = PROJECT | {
    "vocabulary.yaml": VOCABULARY + "lead: {renews_on: date}\n",
    "trial.yaml": """
journey: trial
version: 1
about: A last word on the day before the renewal.
start: {event: trial.started}
steps:
  - wait: 1 hour
  - wait: until lead.renews_on - 1 day at 10:00
  - email: last
""",
}
REMINDED = PROJECT | {
    "trial.yaml": """
journey: trial
version: 1
about: A trial that reminds of itself until the lead has a look.
start: {event: trial.started}
steps:
  - email: welcome
  - wait_for: email.clicked
    remind: {every: 1 day, at_most: 3, do: [email: nudge]}
    within: 5 days
    then: [end: qualified]
    else: [end: lost]
""",
}


async def test_a_wait_moves_with_its_fact_and_rests_while_it_is_not_known(
    tmp_path: Path, temporal_client: Client
) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", RENEWAL)) as world:
        await world.event("lead.updated", renews_on=f"{BEGIN + timedelta(days=10):%Y-%m-%d}")
        await world.event("trial.started", plan="basic")
        await world.pass_time(timedelta(days=1))
        await world.event("lead.updated", renews_on=None)
        (run,) = await world.runs()
        assert (run.waiting_for, run.state) == ("an instant not known", "open")
        await world.pass_time(timedelta(days=10))
        assert await world.outbox() == []
        day = world.clock.at + timedelta(days=3)
        await world.event("lead.updated", renews_on=f"{day:%Y-%m-%d}")
        (run,) = await world.runs()
        assert run.waiting_until == (day - timedelta(days=1)).replace(
            hour=9, minute=0, second=0, microsecond=0
        )
        await world.pass_time(timedelta(days=2))
        assert [message.template for message in await world.outbox()] == ["last"]


async def test_a_click_on_a_reminder_opens_the_wait_and_no_other_goes(
    tmp_path: Path, temporal_client: Client
) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", REMINDED)) as world:
        await world.event("lead.consent_given", channel="email")
        await world.event("trial.started", plan="basic")
        await world.pass_time(timedelta(days=2, hours=1))
        sent = await world.outbox()
        assert [message.template for message in sent] == ["welcome", "nudge", "nudge"]
        await world.take("email.clicked", [], message=sent[1].send_id, url="https://example.com")
        (run,) = await world.runs()
        assert run.ending == "qualified"
        assert len(await world.outbox()) == 3
