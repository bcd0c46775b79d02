"""`cauce audiences` over a real store."""

from __future__ import annotations

from datetime import UTC, datetime

from model.audiences import JOINED, LEFT
from model.records import Identifier
from store import Tx, new_id
from tests.commands.line import VOCABULARY, CommandLine

NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)
AUDIENCES = "audiences:\n  vip: {if: lead.visits > 3}\n  spring_list: static\n  ads: {network: facebook}\n"


async def two_leads(tx: Tx) -> None:
    for number in range(2):
        changes = {"email": f"{number}@example.com"}
        lead = await tx.leads.create(new_id(), NOON, changes)  # type: ignore[arg-type]
        await tx.leads.attach(Identifier("email", f"{number}@example.com"), lead.id)


def declared(line: CommandLine) -> CommandLine:
    line.write("vocabulary.yaml", VOCABULARY + AUDIENCES)
    line.store(two_leads)
    return line


def test_audiences_are_listed_with_what_fills_them(migrated: CommandLine) -> None:
    said = declared(migrated).good("audiences", "list")
    assert "hand and journeys, for facebook" in said
    assert "its rule" in said
    assert migrated.good("audiences", "members", "spring_list") == "nobody\n"


def test_a_lead_is_put_in_and_out_by_hand(migrated: CommandLine) -> None:
    line = declared(migrated)
    assert line.good("audiences", "add", "spring_list", "0@example.com").endswith(" joins spring_list\n")
    assert line.good("audiences", "remove", "ads", "0@example.com").endswith(" leaves ads\n")
    rows = line.store(lambda tx: tx.events.pending())
    assert [(row.type, row.body["audience"]) for row in rows] == [(JOINED, "spring_list"), (LEFT, "ads")]
    assert line("audiences", "add", "vip", "0@example.com").err.startswith(
        "the audience vip is filled by its rule"
    )
    assert line("audiences", "add", "spring", "0@example.com").err.endswith("did you mean spring_list?\n")


def test_a_file_of_leads_is_put_in_once(migrated: CommandLine) -> None:
    line = declared(migrated)
    path = line.write("../list.csv", "name,email\nAna,0@example.com\nBob,1@example.com\nEva,2@example.com\n")
    first = line("audiences", "import", "spring_list", path)
    assert first.code == 1
    assert first.out.startswith(
        "2 put into spring_list, 0 repeated, 1 not known\n  row 4: there is no such lead"
    )
    again = line("audiences", "import", "spring_list", path)
    assert again.out.startswith("0 put into spring_list, 2 repeated, 1 not known\n")
    out = line("audiences", "import", "spring_list", path, "--remove")
    assert out.out.startswith("2 put out of spring_list")
    bare = line.write("../bare.csv", "name\nAna\n")
    assert line("audiences", "import", "spring_list", bare).err.startswith("the first row names no column")
