"""Keys, switches, inbox, tasks, outbox, tables: what operators do without the API."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from model.records import Identifier
from model.results import NewOutboxMessage
from store import Tx
from tests.commands.line import CommandLine
from tests.store.making import event, make_enrolment, make_lead, task

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)


def test_tables_are_made_once(cauce: CommandLine) -> None:
    assert cauce("db", "status").code == 1
    assert not cauce.database.exists()
    assert "before: none" in cauce.good("db", "migrate")
    assert "already" in cauce.good("db", "migrate")
    assert "the newest" in cauce.good("db", "status")


@pytest.mark.parametrize(
    "words", [("tasks", "list"), ("events", "dead"), ("keys", "list"), ("stop-sending",), ("outbox", "list")]
)
def test_without_a_database_nothing_is_made_by_looking(cauce: CommandLine, words: tuple[str, ...]) -> None:
    said = cauce(*words)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(
        f"there is no database at {cauce.database} yet; `cauce up` or `cauce db migrate`"
    )
    assert not cauce.database.exists()


def test_a_database_without_tables_says_what_to_do(cauce: CommandLine) -> None:
    cauce.database.parent.mkdir()
    cauce.database.touch()
    said = cauce("tasks", "list")
    assert (said.code, said.err) == (
        1, "the database's tables are not of this version; run `cauce db migrate`\n",
    )  # fmt: skip


def test_a_file_that_is_no_database_is_one_line(cauce: CommandLine) -> None:
    cauce.database.parent.mkdir()
    cauce.database.write_bytes(b"no database at all" * 1000)
    said = cauce("tasks", "list")
    assert said.code == 1
    assert said.err.startswith("the database does not do its work (DatabaseError)")


def test_a_wrong_setting_is_named(migrated: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUCE_PORT", "eighty")
    said = migrated("tasks", "list")
    assert said.code == 1
    assert said.err.startswith("CAUCE_PORT: ")


def test_a_key_is_shown_once_and_kept_as_a_hash(migrated: CommandLine) -> None:
    words = ("keys", "create", "--name", "CRM", "--source", "crm", "--scope", "events:write")
    key, _, rest = migrated.good(*words, "--scope", "leads:write").partition("\n")
    assert key.startswith("cauce_")
    assert "of crm, scopes events:write, leads:write; it is shown this once" in rest
    stored = b"".join(path.read_bytes() for path in migrated.database.parent.iterdir())
    assert key.encode() not in stored
    listed = migrated.good("keys", "list")
    assert "CRM" in listed
    assert key not in listed


def test_a_key_is_replaced_and_then_revoked(migrated: CommandLine) -> None:
    old = _made(migrated, "keys", "create", "--name", "CRM", "--source", "crm", "--scope", "admin", "--json")
    new = _made(migrated, "keys", "rotate", old["id"], "--json")
    assert (new["source"], new["name"]) == ("crm", "CRM")
    assert new["key"] != old["key"]
    assert _states(migrated) == {old["id"]: "good", new["id"]: "good"}
    migrated.good("keys", "revoke", old["id"])
    assert _states(migrated) == {old["id"]: "revoked", new["id"]: "good"}
    assert "is revoked already" in migrated("keys", "revoke", old["id"]).err
    migrated.good("keys", "rotate", new["id"], "--at-once")
    assert _states(migrated)[new["id"]] == "revoked"


@pytest.mark.parametrize(("source", "scope"), [("CRM", "admin"), ("cauce", "admin"), ("crm", "all")])
def test_a_key_with_a_wrong_source_or_scope_is_not_made(
    migrated: CommandLine, source: str, scope: str
) -> None:
    said = migrated("keys", "create", "--name", "x", "--source", source, "--scope", scope)
    assert said.code == 1
    assert migrated.good("keys", "list") == "no keys yet; `cauce keys create` makes one\n"


def test_sending_is_stopped_and_goes_on(migrated: CommandLine) -> None:
    migrated.good("publish")
    assert "stopped for hello" in migrated.good("stop-sending", "--journey", "hello")
    assert "stopped for everything" in migrated.good("stop-sending")
    assert migrated.good("stop-sending").startswith("nothing changed: ")
    assert "stopped for hello" in migrated.good("resume-sending")
    assert migrated.good("resume-sending", "--journey", "hello") == "sending goes on\n"
    assert migrated.store(_stopped) is False


def test_the_switch_of_an_unknown_journey_is_refused(migrated: CommandLine) -> None:
    migrated.good("publish")
    said = migrated("stop-sending", "--journey", "helo")
    assert (said.code, said.err) == (1, "no journey helo is published; did you mean hello?\n")


def test_dead_letters_are_listed_and_put_back(migrated: CommandLine) -> None:
    first, second = migrated.store(_two_dead)
    listed = migrated.good("events", "dead")
    assert listed.count("ValueError") == 2
    assert migrated("events", "retry").code == 1
    said = migrated("events", "retry", str(first), "999")
    assert said.err == "999 is no dead letter; nothing was put back\n"
    assert migrated.good("events", "retry", str(first)).startswith("1 put back")
    assert migrated.good("events", "retry", "--all").startswith("1 put back")
    assert migrated.good("events", "dead") == "no dead letters\n"
    assert "pending" in migrated.good("events", "show", "web", "dead-1")
    assert second


def test_the_newest_events_come_first(migrated: CommandLine) -> None:
    async def three(tx: Tx) -> None:
        await tx.events.insert([event(f"e-{number}") for number in range(3)])

    migrated.store(three)
    listed = migrated("events", "list", "--limit", "2", "--json").json
    assert isinstance(listed, list)
    assert [one["event_id"] for one in listed if isinstance(one, dict)] == ["e-2", "e-1"]
    assert migrated.good("events", "list", "--type", "form.submitted") == "no events\n"


def test_tasks_are_listed_by_state(migrated: CommandLine) -> None:
    async def one(tx: Tx) -> str:
        run = await make_enrolment(tx, (await make_lead(tx)).id)
        await tx.tasks.create(task(run, id="t-1"))
        return run.lead_id

    lead = migrated.store(one)
    assert "t-1" in migrated.good("tasks", "list", "--queue", "inside_sales", "--lead", lead)
    assert migrated.good("tasks", "list", "--state", "completed") == "no tasks\n"


def test_the_outbox_shows_what_went_out(migrated: CommandLine) -> None:
    async def three(tx: Tx) -> None:
        for number in range(3):
            await tx.outbox.add(
                NewOutboxMessage(
                    send_id=f"s-{number}",
                    channel="sms",
                    to="+34600111222",
                    at=NOON,
                    text=f"Text {number} [ok]",
                )
            )

    migrated.store(three)
    assert "Text 0" not in migrated.good("outbox", "list", "--limit", "2")
    assert "Text 2 [ok]" in migrated.good("outbox", "list", "--limit", "2")
    assert migrated.good("outbox", "show", "2").splitlines()[-1] == "Text 1 [ok]"
    assert migrated("outbox", "show", "9").code == 1


@pytest.mark.parametrize("name", ["lead-1", "Luis@example.com", "+34 600 111 222", "crm/8812"])
def test_a_lead_is_shown_by_any_of_its_names(migrated: CommandLine, name: str) -> None:
    async def luis(tx: Tx) -> None:
        await tx.leads.create("lead-1", NOON, {"first_name": "Luis"})
        for one in (
            Identifier("email", "luis@example.com"),
            Identifier("phone", "+34600111222"),
            Identifier("external", "8812", "crm"),
        ):
            await tx.leads.attach(one, "lead-1")

    migrated.store(luis)
    assert "Luis" in migrated.good("leads", "show", name)
    assert migrated("leads", "show", f"{name}9").code == 1


def test_the_doctor_finds_a_fresh_machine_well(cauce: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    said = cauce("doctor")
    assert f"{cauce.database} is not there yet" in said.out
    assert not cauce.database.exists()
    cauce.good("db", "migrate")
    monkeypatch.setenv("CAUCE_PROT", "8001")
    assert "did you mean CAUCE_PORT?" in cauce("doctor").out


def _made(line: CommandLine, *words: str) -> dict[str, str]:
    made = line(*words).json
    assert isinstance(made, dict)
    return {name: str(value) for name, value in made.items()}


def _states(line: CommandLine) -> dict[str, str]:
    listed = line("keys", "list", "--json").json
    assert isinstance(listed, list)
    return {str(one["id"]): str(one["state"]) for one in listed if isinstance(one, dict)}


async def _stopped(tx: Tx) -> bool:
    stopped = await tx.switches.stopped()
    return stopped.everything or bool(stopped.journeys)


async def _two_dead(tx: Tx) -> tuple[int, int]:
    await tx.events.insert([event("dead-1"), event("dead-2")])
    first, second = await tx.events.pending()
    for row in (first, second):
        for _ in range(5):
            await tx.events.mark_failed(row.id, "ValueError")
    return first.id, second.id
