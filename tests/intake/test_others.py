"""Events of one lead that are for others, and what an account knows; on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from temporalio.client import Client

from intake.catalog import FRESH
from model.records import Identifier
from tests.house import House, house, project_of
from tests.workflows.test_journey import PROJECT

WORDS = """
company: {name: Ejemplo Motor, zone: Europe/Madrid, languages: [en, es]}
contact_hours: {days: mon-sun, from: 0:00, to: 24:00}
lead: {status: text, referred: list of text}
account: {domain: text, in_talks: yes or no, renews_on: date}
events:
  trial.started: {plan: text, trial_id: text}
  trial.bought: {plan: text, trial_id: text}
  help.requested: {}
  interest.shown: {}
  order.paid: {customer: text, amount: number}
  outage.began: {plan: text, severity: text}
endings: {bought: won, lost: lost}
"""
HEAD = "version: 1\nabout: A story.\n"
ACCOUNT = (
    "journey: outreach\n" + HEAD + "start: {event: trial.started}\nexit:\n"
    "  - event: help.requested\n    of: account\n    as: lost\nsteps:\n  - wait: 20 days\n  - email: last\n"
)
ANYONE = (
    "journey: outreach\n" + HEAD + "start: {event: trial.started}\nsteps:\n"
    "  - first_of:\n"
    "      - event: trial.bought\n        of: anyone\n        where: event.trial_id is start.trial_id\n"
    "        then: [end: bought]\n"
    "      - event: order.paid\n        of: anyone\n"
    "        where: event.customer in lead.referred and event.amount > 100\n        then: [end: bought]\n"
    '      - event: outage.began\n        of: anyone\n        where: event.severity is "high"\n'
    "        then: [end: lost]\n    within: 20 days\n"
)
REFERRED = (
    "journey: thanks\n" + HEAD + "start:\n  event: order.paid\n  of: anyone\n"
    "  where: event.customer in lead.referred and event.amount > 100\nsteps:\n  - wait: 20 days\n"
)
TALKS = (
    "journey: outreach\n" + HEAD + "start:\n  - event: trial.started\n"
    "  - becomes: account.in_talks\n    as: talks\nexit:\n"
    "  - becomes: account.in_talks\n    as: lost\nsteps:\n"
    "  - wait: until account.renews_on - 1 day at 9:00\n  - email: last\n"
)


@asynccontextmanager
async def told(tmp_path: Path, client: Client, database: str, *journeys: str) -> AsyncIterator[House]:
    texts = {f"j{number}.yaml": text for number, text in enumerate(journeys)}
    files = {name: text for name, text in PROJECT.items() if name != "trial.yaml"}
    project = project_of(tmp_path / "defs", {**files, "vocabulary.yaml": WORDS, **texts})
    async with house(tmp_path, client, project, url=database) as world:
        yield world


async def endings(world: House) -> dict[str, str | None]:
    """The ending of each run by the address of its lead."""
    found: dict[str, str | None] = {}
    for run in await world.runs():
        async with world.store.read() as tx:
            lead = await tx.leads.get(run.lead_id)
        assert lead is not None
        found[(lead.email or "").partition("@")[0]] = run.ending
    return found


async def test_a_colleagues_event_ends_the_runs_of_the_account_and_of_no_other(
    tmp_path: Path, temporal_client: Client, database: str
) -> None:
    async with told(tmp_path, temporal_client, database, ACCOUNT) as world:
        for name, domain in (("ana", "acme"), ("luis", "acme"), ("eva", "other"), ("pau", None)):
            if domain is not None:
                await world.accept("lead.updated", f"{name}@example.com", account={"domain": domain})
            await world.accept("trial.started", f"{name}@example.com", plan="basic")
        await world.accept("lead.updated", "boss@example.com", account={"domain": "acme"})
        await world.settle()
        await world.event("help.requested", "boss@example.com")
        assert await endings(world) == {"ana": "lost", "luis": "lost", "eva": None, "pau": None}
        await world.event("help.requested", "eva@example.com")
        assert (await endings(world))["eva"] == "lost", "a lead's own events are heard as well"


async def test_anybodys_event_reaches_those_whom_it_means_also_without_a_lead(
    tmp_path: Path, temporal_client: Client, database: str
) -> None:
    async with told(tmp_path, temporal_client, database, ANYONE) as world:
        for number, name in enumerate(("ana", "luis", "eva", "pau")):
            await world.accept("trial.started", f"{name}@example.com", plan="basic", trial_id=f"t{number}")
        await world.accept("lead.updated", "luis@example.com", referred=["c1", "c2"])
        await world.settle()
        await world.event("trial.bought", "stranger@example.com", plan="basic", trial_id="t0")
        assert await endings(world) == {"ana": "bought", "luis": None, "eva": None, "pau": None}
        row = await world.take("order.paid", [], customer="c2", amount=50)
        assert (row.state, row.lead_id, row.reached) == ("applied", None, ())
        row = await world.take("order.paid", [], customer="c2", amount=500)
        assert len(row.reached) == 1
        assert (await endings(world))["luis"] == "bought"
        await world.take("outage.began", [], severity="low")
        assert (await endings(world))["eva"] is None
        row = await world.take("outage.began", [], severity="high")
        assert len(row.reached) == 2
        assert await endings(world) == {"ana": "bought", "luis": "bought", "eva": "lost", "pau": "lost"}


async def test_a_trigger_of_anyone_begins_a_run_of_each_lead_for_whom_where_holds(
    tmp_path: Path, temporal_client: Client, database: str
) -> None:
    async with told(tmp_path, temporal_client, database, ACCOUNT) as world:
        for name, referred in (("ana", "c1"), ("luis", "c1 c2"), ("eva", "c3")):
            await world.event("lead.updated", f"{name}@example.com", referred=[*referred.split()])
        world.project = project_of(
            tmp_path / "later", {**PROJECT, "vocabulary.yaml": WORDS, "trial.yaml": REFERRED}
        )
        await world.publish()
        await asyncio.sleep(2 * FRESH)
        await world.take("order.paid", [Identifier("email", "buyer@example.com")], customer="c1", amount=500)
        assert await endings(world) == {"ana": None, "luis": None}
        await world.event("lead.updated", "eva@example.com", referred=["c1"])
        await world.take("order.paid", [], customer="c1", amount=500)
        assert set(await endings(world)) == {"ana", "luis", "eva"}
        await world.take("order.paid", [], customer="c2", amount=5)
        assert len(await world.runs()) == 3


async def test_what_changes_of_an_account_wakes_and_begins_the_runs_of_all_its_leads(
    tmp_path: Path, temporal_client: Client, database: str
) -> None:
    async with told(tmp_path, temporal_client, database, TALKS) as world:
        await world.event(
            "lead.updated", "ana@example.com", account={"domain": "acme", "renews_on": "2026-12-24"}
        )
        await world.event("lead.updated", "luis@example.com", account={"domain": "acme"})
        await world.event("trial.started", "luis@example.com", plan="basic")
        (run,) = await world.runs()
        assert run.waiting_for == "until 2026-12-23 09:00", "it knows what the account knew before it joined"
        await world.event("lead.updated", "ana@example.com", account={"renews_on": "2026-12-30"})
        (run,) = await world.runs()
        assert run.waiting_for == "until 2026-12-29 09:00"
        await world.event("lead.updated", "luis@example.com", account={"in_talks": True})
        assert await endings(world) == {"luis": "lost", "ana": None}, "it became so for Ana too, who enters"
