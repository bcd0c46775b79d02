"""Policies of leads on the real server: written, triggering, keyed, moving what waits for them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import JsonValue
from temporalio.client import Client

from model.events import Fields
from model.records import Identifier
from model.things import WRITTEN, StoredThing
from tests.house import House, house, project_of

VOCABULARY = """
company: {name: Ejemplo Motor, zone: Europe/Madrid, languages: [en]}
contact_hours: {days: mon-sun, from: 0:00, to: 24:00}
things:
  policy:
    key: policy_id
    fields: {policy_id: text, status: text, expires_on: date, holder: {type: text, pii: true}}
events:
  interest.shown: {}
  policy.sold: {policy_id: text, status: text, expires_on: date, holder: {type: text, pii: true}}
  policy.paid: {policy_id: text}
endings: {renewed: won, lost: lost, thanked: neutral}
"""
RENEWAL = """
journey: renewal
version: 1
start: {becomes: policy.status is "expiring"}
exit: {event: policy.paid, as: renewed}
steps:
  - email: soon
    if: policy.holder is known
    with: {id: start.policy_id, until: policy.expires_on}
  - wait: until policy.expires_on - 7 days
  - set: {policy.status: lapsed}
  - end: lost
"""
THANKS = """
journey: thanks
version: 1
start: {event: policy.paid, if: policy.status is "expiring"}
again: when finished
steps:
  - set: {policy.status: paid}
  - email: thanks
  - end: thanked
"""
SERVICE = "---\nsubject: S\npurpose: service\n---\n"
FILES = {
    "vocabulary.yaml": VOCABULARY,
    "renewal.yaml": RENEWAL,
    "thanks.yaml": THANKS,
    "templates/email/soon.en.txt": SERVICE + "{{ id }} {{ until }} {{ policy.holder }}",
    "templates/email/thanks.en.txt": SERVICE + "{{ policy.policy_id }} paid",
}


async def write(world: House, own: str, email: str = "luis@example.com", **fields: JsonValue) -> None:
    """Writes a policy as the API does."""
    body: Fields = {"kind": "policy", "id": own, "fields": {"policy_id": own, **fields}}
    await world.accept_row(WRITTEN, [Identifier("email", email)], body)
    await world.settle()


async def sell(world: House, own: str, until: str, holder: str | None = None) -> None:
    """Tells of a policy sold, by an event of the vocabulary."""
    await world.event("policy.sold", policy_id=own, status="active", expires_on=until, holder=holder)


async def stored(world: House, own: str) -> StoredThing:
    """Reads a policy."""
    async with world.store.read() as tx:
        found = await tx.things.get("policy", own)
    assert found is not None
    return found


async def endings(world: House) -> dict[tuple[str, JsonValue], str | None]:
    """How the runs ended, by journey and policy."""
    return {(run.journey, run.start.fields.get("policy_id")): run.ending for run in await world.runs()}


async def test_several_policies_of_one_lead_run_side_by_side(tmp_path: Path, temporal_client: Client) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", FILES)) as world:
        await world.event(
            "policy.sold", policy_id="a", status="active", expires_on="2026-12-01", holder="Ana"
        )
        await sell(world, "b", "2026-12-24")
        assert await world.runs() == []
        await write(world, "a", status="expiring")
        await write(world, "b", status="expiring")
        assert await endings(world) == {("renewal", "a"): None, ("renewal", "b"): None}
        (mail,) = await world.outbox()
        assert (mail.text or "").strip() == "a 2026-12-01 Ana"
        await write(world, "b", expires_on="2026-11-20")
        await world.pass_time(timedelta(days=10))
        assert await endings(world) == {("renewal", "a"): None, ("renewal", "b"): "lost"}
        assert (await stored(world, "b")).fields["status"] == "lapsed"
        assert (await stored(world, "a")).fields["status"] == "expiring"
        await world.event("policy.paid", policy_id="a")
        assert await endings(world) == {
            ("renewal", "a"): "renewed",
            ("renewal", "b"): "lost",
            ("thanks", "a"): "thanked",
        }
        assert [(mail.text or "").strip() for mail in await world.outbox()][1:] == ["a paid"]
        assert (await stored(world, "a")).fields["status"] == "paid"


async def test_a_policy_that_is_new_and_so_already_begins_a_run(
    tmp_path: Path, temporal_client: Client
) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", FILES)) as world:
        await write(world, "a", status="expiring", expires_on="2026-11-08")
        assert await endings(world) == {("renewal", "a"): "lost"}
        lines = [line.text for line in await world.timeline() if line.kind == "facts"]
        assert lines == ["policy a is new", "policy a: status changed"]


async def test_a_policy_stays_with_its_lead_whoever_speaks_of_it(
    tmp_path: Path, temporal_client: Client
) -> None:
    async with house(tmp_path, temporal_client, project_of(tmp_path / "defs", FILES)) as world:
        await sell(world, "a", "2026-12-01")
        owner = (await stored(world, "a")).lead_id
        await world.event("policy.sold", "eva@example.com", policy_id="a", status="expiring")
        policy = await stored(world, "a")
        assert (policy.lead_id, policy.fields["status"]) == (owner, "expiring")
        (run,) = await world.runs()
        assert (run.journey, run.lead_id) == ("renewal", owner)
        await world.event("policy.paid", "eva@example.com", policy_id="a")
        assert [run.journey for run in await world.runs()] == ["renewal"]


async def test_a_run_about_a_policy_survives_a_stop(tmp_path: Path, temporal_client: Client) -> None:
    project = project_of(tmp_path / "defs", FILES)
    async with house(tmp_path, temporal_client, project, task_queue="policies", cache=0) as world:
        await write(world, "a", status="expiring", expires_on="2026-12-01")
        at, time = world.clock.at, world.time
    async with house(tmp_path, temporal_client, project, task_queue="policies", cache=0, begin=at) as again:
        again.time, again.name = time, "later"
        await write(again, "a", expires_on="2026-11-13")
        assert await endings(again) == {("renewal", "a"): None}
        await again.pass_time(timedelta(days=2))
        assert await endings(again) == {("renewal", "a"): "lost"}


DATED = """
journey: reminder
version: 1
start: {date: policy.expires_on, before: 14 days, at: 9:00, if: policy.status is not "lapsed"}
steps:
  - email: soon
    with: {id: start.policy_id, until: start.date}
  - wait: until start.date
  - end: lost
"""
EVERY = """
journey: check_up
version: 1
start: {every: day at 8:00, if: policy.status is "active" and days_until(policy.expires_on) <= 5}
steps:
  - email: thanks
  - end: thanked
"""
CLOCK = {name: text for name, text in FILES.items() if name.startswith(("voc", "templates"))}


async def mails(world: House) -> list[str]:
    """The texts of what was sent."""
    return [(mail.text or "").split("\n")[0].strip() for mail in await world.outbox()]


async def test_a_date_of_a_policy_begins_a_run_for_each_and_takes_it_along(
    tmp_path: Path, temporal_client: Client
) -> None:
    project = project_of(tmp_path / "defs", {**CLOCK, "reminder.yaml": DATED})
    async with house(tmp_path, temporal_client, project) as world:
        await sell(world, "a", "2026-11-20")
        await sell(world, "b", "2026-11-25")
        await sell(world, "c", "2026-11-25")
        await write(world, "c", status="lapsed")
        await write(world, "b", expires_on="2026-11-24")
        await world.pass_time(timedelta(days=3))
        assert await mails(world) == ["a 2026-11-20"]
        await world.pass_time(timedelta(days=4))
        assert await mails(world) == ["a 2026-11-20", "b 2026-11-24"]
        refused = [line.text for line in await world.timeline() if line.text.startswith("not entered")]
        assert refused == ['not entered into reminder: `policy.status is not "lapsed"` does not hold']
        await write(world, "a", expires_on="2026-11-13")
        await world.pass_time(timedelta(days=3))
        assert await endings(world) == {("reminder", "a"): "lost", ("reminder", "b"): None}
        await world.pass_time(timedelta(days=11))
        assert await endings(world) == {("reminder", "a"): "lost", ("reminder", "b"): "lost"}
        assert len(await mails(world)) == 2


async def test_a_scan_looks_at_every_policy(tmp_path: Path, temporal_client: Client) -> None:
    project = project_of(tmp_path / "defs", {**CLOCK, "check_up.yaml": EVERY})
    async with house(tmp_path, temporal_client, project) as world:
        await sell(world, "a", "2026-11-08")
        await sell(world, "b", "2026-11-08")
        await sell(world, "c", "2027-11-08")
        await world.event(
            "policy.sold", "eva@example.com", policy_id="e", status="active", expires_on="2026-11-10"
        )
        await world.pass_time(timedelta(days=3))
        assert sorted(await mails(world)) == ["a paid", "b paid", "e paid"]
        assert [line.text for line in await world.timeline() if line.text.startswith("not entered")] == []


async def test_policies_known_before_a_journey_begin_runs_too(
    tmp_path: Path, temporal_client: Client
) -> None:
    plain = {**CLOCK, "renewal.yaml": RENEWAL}
    first = project_of(tmp_path / "first", plain)
    async with house(tmp_path, temporal_client, first, task_queue="later") as world:
        await sell(world, "a", "2026-11-20")
        at, time = world.clock.at, world.time
    project = project_of(tmp_path / "defs", {**CLOCK, "reminder.yaml": DATED})
    async with house(tmp_path, temporal_client, project, task_queue="later", begin=at) as again:
        again.time, again.name = time, "later"
        await again.settle()
        await again.pass_time(timedelta(days=3))
        assert await mails(again) == ["a 2026-11-20"]
