"""`cauce scan` and `cauce scans` over a real store."""

from __future__ import annotations

from datetime import UTC, datetime

from model.records import Identifier
from model.scans import Scan
from store import Tx, new_id
from tests.commands.line import CommandLine

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)
WEEKLY = """\
journey: weekly
version: 1
about: Writes to customers each week.
start:
  - every: monday at 9:00
    if: lead.status is "customer" and days_since(lead.created_at) >= 3
  - once: 2030-01-01 at 9:00
steps:
  - email: hello
"""


async def three_leads(tx: Tx) -> None:
    for number, status in enumerate(("customer", "new", "customer")):
        changes = {"email": f"{number}@example.com", "attributes": {"status": status}}
        lead = await tx.leads.create(new_id(), NOON, changes)  # type: ignore[arg-type]
        await tx.leads.attach(Identifier("email", f"{number}@example.com"), lead.id)
    nobody = await tx.leads.create(new_id(), NOON, {"attributes": {"status": "customer"}})
    await tx.leads.attach(Identifier("visitor", "v-1"), nobody.id)


def published(cauce: CommandLine) -> CommandLine:
    cauce.write("weekly.yaml", WEEKLY)
    cauce.good("publish", "weekly")
    cauce.store(three_leads)
    return cauce


def test_a_dry_run_counts_who_would_enter_and_changes_nothing(migrated: CommandLine) -> None:
    line = published(migrated)
    said = line.good("scan", "weekly/every", "--at", "2026-11-09 at 9:00", "--dry-run")
    assert said == "weekly/every at 2026-11-09 08:00 UTC: 3 looked at, 2 found, 2 would enter\n"
    early = line.good("scan", "weekly/every", "--at", "2026-11-05 at 9:00", "--dry-run")
    assert early.endswith("3 looked at, 0 found, 0 would enter\n")
    assert line.store(lambda tx: tx.events.pending()) == ()


def test_a_scan_by_hand_asks_once_for_each_lead_and_instant(migrated: CommandLine) -> None:
    line = published(migrated)
    for asked in (2, 0):
        said = line.good("scan", "weekly/every", "--at", "2026-11-09 at 9:00")
        assert said.endswith(f"3 looked at, 2 found, {asked} asked to enter\n")
    events = line.store(lambda tx: tx.events.pending())
    assert [event.body["trigger"] for event in events] == ["every", "every"]


def test_a_scan_that_is_not_there_is_named_with_those_that_are(migrated: CommandLine) -> None:
    line = published(migrated)
    assert line("scan", "weekly").err == "weekly has several scans, name one: weekly/every, weekly/once\n"
    assert line("scan", "weekly/evry").err.endswith("did you mean weekly/every?\n")
    assert line("scan", "weekly/every", "--at", "soon").err.startswith("--at: `soon` is no date")


def test_the_scans_are_listed_with_their_last_and_next_times(migrated: CommandLine) -> None:
    assert migrated.good("scans") == "no scans\n"
    scan = Scan(
        name="weekly/every", journey="weekly", trigger="every", kind="every", version=1, since=NOON,
        last_at=NOON, looked=3, found=2, next_at=NOON,
    )  # fmt: skip

    async def add(tx: Tx) -> bool:
        return await tx.scans.add(scan)

    assert migrated.store(add)
    assert "weekly/every" in migrated.good("scans")
    listed = migrated("scans", "--json").json
    assert isinstance(listed, list)
    assert [one["scan"]["looked"] for one in listed] == [3]  # type: ignore[call-overload, index]


def test_a_scan_by_dates_finds_those_of_the_day_before(migrated: CommandLine) -> None:
    migrated.write(
        "birthday.yaml",
        "journey: birthday\nversion: 1\nabout: Once a year.\nstart:\n  date: lead.born\n  at: 9:00\n"
        "  yearly: true\nsteps:\n  - email: hello\n",
    )
    migrated.good("publish", "birthday")

    async def born(tx: Tx) -> None:
        for number, day in enumerate(("1990-11-09", "1990-11-08", "1990-11-10")):
            changes = {"email": f"{number}@example.com", "attributes": {"born": day}}
            await tx.leads.create(new_id(), NOON, changes)  # type: ignore[arg-type]

    migrated.store(born)
    for words, said in (
        (("--dry-run",), "1 would enter"),
        ((), "1 asked to enter"),
        ((), "0 asked to enter"),
    ):
        out = migrated.good("scan", "birthday", "--at", "2026-11-09 at 12:00", *words)
        assert out.endswith(f"3 looked at, 1 found, {said}\n")
    (event,) = migrated.store(lambda tx: tx.events.pending())
    assert event.body["date"] == "2026-11-09"
