"""A journey from YAML to its ending, on the real server."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from model.runs import workflow_id
from tests.house import House, house, project_of

VOCABULARY = """
company: {name: Ejemplo Motor, zone: Europe/Madrid, languages: [en, es]}
contact_hours: {days: mon-sun, from: 9:00, to: 20:00}
events:
  trial.started: {plan: text}
  interest.shown: {}
  trial.bought: {plan: text}
queues:
  sales:
    hours: {days: mon-fri, from: 9:00, to: 19:00}
    outcomes:
      interested: {effect: reached, result: positive}
      not_interested: {effect: reached, result: negative}
endings: {qualified: won, lost: lost, bought: won}
reply_keywords: {stop_all: [stop, baja]}
"""

JOURNEY = """
journey: trial
version: 1
about: A trial that becomes a customer.
start:
  event: trial.started
exit:
  - event: trial.bought
    as: bought
steps:
  - email: welcome
  - wait: 2 days
  - if: lead.score >= 60
    then:
      - call: intro
        queue: sales
        due: 1 day
        retry: {no_answer: 2 hours}
        attempts: 2
        outcomes:
          interested: [end: qualified]
          not_interested: [end: lost]
          no_answer: go_on
    else:
      - email: nudge
  - wait: 3 days
  - email: last
"""

PROJECT = {
    "vocabulary.yaml": VOCABULARY,
    "trial.yaml": JOURNEY,
    "templates/email/welcome.en.mjml": (
        "---\nsubject: Welcome\npurpose: service\n---\n<mjml><mj-body><mj-section><mj-column>"
        "<mj-text>Hello {{ lead.first_name }}</mj-text></mj-column></mj-section></mj-body></mjml>"
    ),
    "templates/email/nudge.en.mjml": (
        "---\nsubject: Still there?\n---\n<mjml><mj-body><mj-section><mj-column>"
        "<mj-text>Have a look</mj-text></mj-column></mj-section></mj-body></mjml>"
    ),
    "templates/email/last.en.mjml": (
        "---\nsubject: Last day\npurpose: service\n---\n<mjml><mj-body><mj-section><mj-column>"
        "<mj-text>Bye</mj-text></mj-column></mj-section></mj-body></mjml>"
    ),
}


async def story(world: House) -> list[str]:
    return [f"{line.kind}: {line.text}" for line in await world.timeline()]


async def test_a_cool_lead_without_consent_gets_service_mail_only(
    tmp_path: Path, temporal_client: Client
) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", PROJECT)) as world:
        await world.event("lead.updated", first_name="Luis", language="en")
        await world.event("trial.started", plan="basic")
        await world.pass_time(timedelta(days=6))
        assert [message.template for message in await world.outbox()] == ["welcome", "last"]
        (run,) = await world.runs()
        assert (run.state, run.ending) == ("ended", "finished"), await story(world)


async def test_a_hot_lead_is_called(tmp_path: Path, temporal_client: Client) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", PROJECT)) as world:
        await world.event("lead.updated", first_name="Luis", language="en", phone="+34600111222")
        await world.event("trial.started", plan="basic")
        await world.event("interest.shown")
        await world.pass_time(timedelta(days=2, minutes=1))
        async with world.store.read() as tx:
            (task,) = (await tx.tasks.list(world.clock.at)).items
        assert (task.name, task.queue, task.state) == ("intro", "sales", "ready"), await story(world)
        assert any("lead.score >= 60" in line for line in await story(world))


async def test_an_exit_ends_it_at_once(tmp_path: Path, temporal_client: Client) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", PROJECT)) as world:
        await world.event("trial.started", plan="basic")
        await world.event("trial.bought", plan="basic")
        (run,) = await world.runs()
        assert (run.state, run.ending, run.outcome) == ("ended", "bought", "won"), await story(world)
        async with world.store.read() as tx:
            (outcome,) = await tx.outcomes.of(run.lead_id)
        assert (outcome.type, outcome.label) == ("sale", 1)


@pytest.mark.parametrize(("seconds", "activities"), [(5.0, 0), (6.0, 3)])
async def test_a_provider_that_may_take_long_is_called_by_a_normal_activity(
    seconds: float, activities: int, tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", PROJECT)
    async with house(tmp_path, temporal_client, project, provider_timeout=seconds) as world:
        await world.event("trial.started", plan="basic")
        await world.pass_time(timedelta(days=6))
        assert [message.template for message in await world.outbox()] == ["welcome", "last"]
        (run,) = await world.runs()
        history = await temporal_client.get_workflow_handle(workflow_id(run.id)).fetch_history()
        kinds = [event.WhichOneof("attributes") for event in history.events]
        assert kinds.count("activity_task_scheduled_event_attributes") == activities
