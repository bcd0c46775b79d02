"""Audiences on the real server: by rule, by journeys and by hand; who joins, leaves and waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import Client

from intake.audiences import move_event
from tests.house import House, house, project_of
from tests.workflows.test_scans import MAIL, receivers

VOCABULARY = """
company: {name: Ejemplo Motor, zone: Europe/Madrid, languages: [en]}
contact_hours: {days: mon-sun, from: 0:00, to: 24:00}
lead: {spent: number, last_order_at: time}
events: {interest.shown: {}}
audiences:
  vip: {if: lead.spent > 100}
  quiet: {if: days_since(lead.last_order_at) > 30}
  spring_list: static
  retarget: {network: facebook}
"""
HEAD = "journey: {name}\nversion: 1\nabout: An audience.\nstart:\n  {start}\nsteps:\n"
BEGIN = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)


def files(**journeys: str) -> dict[str, str]:
    texts = {}
    for name, text in journeys.items():
        start, _, steps = text.partition("\n")
        texts[f"{name}.yaml"] = HEAD.format(name=name, start=start) + steps
    mails = {f"templates/email/{name}.en.mjml": MAIL for name in ("hello", "bye")}
    return {"vocabulary.yaml": VOCABULARY, **texts, **mails}


async def ended(world: House) -> list[tuple[str, str | None]]:
    return sorted((run.journey, run.ending) for run in await world.runs())


async def members(world: House, audience: str) -> int:
    async with world.store.read() as tx:
        return (await tx.audiences.counts()).get(audience, 0)


async def test_a_change_of_the_lead_makes_it_join_and_leave_and_wakes_who_waits_for_it(
    tmp_path: Path, temporal_client: Client
) -> None:
    waits = '  - first_of:\n      - if: in_audience("vip")\n    within: 9 days\n  - email: hello'
    texts = files(
        joined="joins: vip\n  - email: hello",
        left="leaves: vip\n  - email: bye",
        turned='becomes: in_audience("vip")\n  - email: bye',
        waiting=f"event: interest.shown\n{waits}",
    )
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", texts)) as world:
        await world.event("lead.updated", spent=50)
        await world.event("interest.shown")
        assert await ended(world) == [("waiting", None)]
        await world.event("lead.updated", spent=150)
        assert await ended(world) == [("joined", "finished"), ("turned", "finished"), ("waiting", "finished")]
        assert await members(world, "vip") == 1
        await world.event("lead.updated", spent=160)
        await world.event("lead.updated", spent=10)
        assert ("left", "finished") in await ended(world)
        assert await members(world, "vip") == 0
        assert len(await world.runs()) == 4


async def test_time_alone_moves_leads_at_night(tmp_path: Path, temporal_client: Client) -> None:
    texts = files(lapsed="joins: quiet\n  - email: hello")
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", texts), begin=BEGIN) as world:
        await world.event("lead.updated", last_order_at="2026-10-06T12:00:00Z")
        assert await world.runs() == []
        await world.pass_time(timedelta(days=3))
        (run,) = await world.runs()
        assert (run.journey, run.opened_at.date().isoformat()) == ("lapsed", "2026-11-06")
        await world.pass_time(timedelta(days=2))
        assert len(await world.runs()) == 1


async def test_a_journey_fills_audiences_which_it_and_others_ask_about(
    tmp_path: Path, temporal_client: Client
) -> None:
    steps = (
        '  - add_to_audience: retarget\n  - add_to_audience: spring_list\n    if: in_audience("retarget")\n'
        "  - remove_from_audience: retarget"
    )
    texts = files(filling=f"event: interest.shown\n{steps}", spring="joins: spring_list\n  - email: hello")
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", texts)) as world:
        await world.event("interest.shown")
        assert await ended(world) == [("filling", "finished"), ("spring", "finished")]
        assert (await members(world, "retarget"), await members(world, "spring_list")) == (0, 1)
        lines = [line.text for line in await world.timeline() if line.kind == "set"]
        assert "added to the audience spring_list" in lines


async def test_who_is_in_at_publishing_joins_only_if_the_journey_says_everybody(
    tmp_path: Path, temporal_client: Client
) -> None:
    first = project_of(tmp_path / "defs", files(none="by: request\n  - email: hello"))
    async with house(tmp_path, temporal_client, first) as world:
        for number, spent in enumerate((150, 20, 150)):
            await world.event("lead.updated", f"lead{number}@example.com", spent=spent)
        later = files(
            later="joins: vip\n  - email: bye",
            all="{joins: vip, catch_up: everybody}\n  - email: hello",
        )
        world.project = project_of(tmp_path / "later", later)
        await world.publish()
        await asyncio.sleep(0.3)
        await world.settle()
        assert await ended(world) == [("all", "finished")] * 2
        assert await receivers(world) == ["lead0", "lead2"]


async def test_a_lead_that_was_put_in_twice_joins_once(tmp_path: Path, temporal_client: Client) -> None:
    texts = files(spring="joins: spring_list\n  - email: hello")
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", texts)) as world:
        await world.event("interest.shown")
        async with world.store.begin() as tx:
            lead = await tx.leads.find_by("email", "luis@example.com")
            assert lead is not None
            move = move_event("spring_list", lead.id, world.clock.at, "one", joins=True, by="api")
            await tx.events.insert([move, replace(move, event_id="another")])
        await world.settle()
        assert await ended(world) == [("spring", "finished")]


async def test_those_in_a_new_audience_by_rule_are_found_without_joining(
    tmp_path: Path, temporal_client: Client
) -> None:
    plain = files(joined="joins: vip\n  - email: hello")
    without = {**plain, "vocabulary.yaml": VOCABULARY.replace("lead.spent > 100", "lead.spent > 1000")}
    folder = tmp_path / "old"
    async with house(folder, temporal_client, project_of(folder / "defs", without)) as world:
        await world.event("lead.updated", spent=150)
        assert await members(world, "vip") == 0
        url = f"sqlite+aiosqlite:///{folder}/house.db"
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", plain), url=url) as world:
        await world.settle()
        assert await members(world, "vip") == 1
        assert await ended(world) == [("joined", "finished")], "a rule that changed makes leads join"
