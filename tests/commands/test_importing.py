"""`leads import`: every row in the inbox once, whatever the file is like."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from model.records import Identifier, InboxEvent
from store import Tx
from tests.commands.line import CommandLine

ROOT = Path(__file__).resolve().parent.parent.parent
MEASURED = (
    "import sys; from cli import app\n"
    "try: app(sys.argv[1:])\n"
    "finally: print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')],"
    " file=sys.stderr)\n"
)
MOST_MEMORY = 300 * 1024
"""KiB that an import may take."""


def test_a_row_becomes_an_event_with_normalised_fields(migrated: CommandLine) -> None:
    file = migrated.write(
        "../leads.csv",
        "external_id,email,phone,first_name,language,consent.email,consent.sms,visits,vip,born,tags,account.industry\n"
        "8812,Luis@Example.COM,+34 600 111 222,Luis,ES,yes,no,3,true,1990-02-03,a|b,cars\n",
    )
    out = migrated.good("leads", "import", file, "--source", "crm")
    assert out == (
        "1 rows: 1 accepted (1 of new leads, 0 of known ones), 0 imported before, 0 with mistakes\n"
    )
    (event,) = _events(migrated)
    assert (event.type, event.source) == ("lead.created", "crm")
    assert event.body == {
        "email": "luis@example.com", "phone": "+34600111222", "first_name": "Luis", "language": "es",
        "consent": {"email": True, "sms": False}, "account": {"industry": "cars"}, "visits": 3, "vip": True,
        "born": "1990-02-03", "tags": ["a", "b"],
    }  # fmt: skip
    assert set(event.identifiers) == {
        Identifier("external", "8812", "crm"),
        Identifier("email", "luis@example.com"),
        Identifier("phone", "+34600111222"),
    }


def test_the_same_file_again_changes_nothing(migrated: CommandLine) -> None:
    file = migrated.write("../leads.csv", "email\na@example.com\nb@example.com\n")
    migrated.good("leads", "import", file)
    assert "0 accepted" in migrated.good("leads", "import", file)
    assert "2 imported before" in migrated.good("leads", "import", file)
    assert len(_events(migrated)) == 2


def test_a_known_lead_is_updated(migrated: CommandLine) -> None:
    async def known(tx: Tx) -> None:
        lead = await tx.leads.create("lead-1", (await tx.events.backlog()).oldest or tx.wall())
        await tx.leads.attach(Identifier("email", "a@example.com"), lead.id)

    migrated.store(known)
    file = migrated.write("../leads.csv", "email,visits\na@example.com,2\nb@example.com,\nb@example.com,3\n")
    assert "3 accepted (1 of new leads, 2 of known ones)" in migrated.good("leads", "import", file)
    assert [event.type for event in _events(migrated)] == ["lead.updated", "lead.created", "lead.updated"]


def test_an_empty_cell_says_nothing(migrated: CommandLine) -> None:
    file = migrated.write("../leads.csv", "email,first_name,visits\na@example.com,,\n")
    migrated.good("leads", "import", file)
    assert _events(migrated)[0].body == {"email": "a@example.com"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_delimiter_and_byte_order_mark_are_recognised(
    migrated: CommandLine, delimiter: str, start: str
) -> None:
    rows = [["email", "first_name"], ["a@example.com", f"A{delimiter}b"]]
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    migrated.good("leads", "import", migrated.write("../leads.csv", f"{start}{text}\r\n"))
    assert _events(migrated)[0].body["first_name"] == f"A{delimiter}b".replace("\t", "\t")


def test_a_dry_run_says_what_would_happen_and_writes_nothing(migrated: CommandLine) -> None:
    file = migrated.write("../leads.csv", "email\na@example.com\nnobody\n")
    said = migrated("leads", "import", file, "--dry-run", "--json")
    assert said.code == 1
    assert said.json == {
        "dry_run": True, "accepted": 1, "rows": 2, "new": 1, "known": 0, "repeated": 0, "mistakes": 1,
        "first_mistakes": [{"row": 3, "reason": "email: not a valid e-mail address"}],
    }  # fmt: skip
    assert _events(migrated) == ()


def test_rows_with_mistakes_go_to_the_error_file_and_come_back_corrected(migrated: CommandLine) -> None:
    file = migrated.write(
        "../leads.csv",
        "email;visits;status;born;phone\n"
        "a@example.com;1;new;;\n"
        "b@example.com;many;new;;\n"
        "c@example.com;1;gone;;\n"
        "d@example.com;1;new;3/2/1990;\n"
        ";1;new;;\n"
        "e@example.com;1;new;;600999888\n"
        "f@example.com;1\n"
        "g@example.com;2;customer;;\n",
    )
    errors = migrated.folder / "errors.csv"
    said = migrated("leads", "import", file, "--errors", errors)
    assert said.code == 1
    assert "8 rows: 2 accepted" in said.out
    with errors.open(newline="") as opened:
        rows = list(csv.reader(opened, delimiter=";"))
    assert rows[0] == ["import_row", "import_error", "email", "visits", "status", "born", "phone"]
    assert [(row[0], row[1].partition(":")[0]) for row in rows[1:]] == [
        ("3", "visits"), ("4", "status"), ("5", "born"), ("6", "names nobody"), ("7", "phone"),
        ("8", "has 2 cells, the first row 5"),
    ]  # fmt: skip
    assert not any(value in said.err for value in ("b@example.com", "many", "3/2/1990", "600999888"))

    corrected = migrated.write(
        "../corrected.csv", errors.read_text().replace("many", "7").replace("gone", "new")
    )
    migrated("leads", "import", corrected)
    assert {event.body["email"] for event in _events(migrated)} == {
        f"{name}@example.com" for name in ("a", "b", "c", "g")
    }


def test_without_mistakes_there_is_no_error_file(migrated: CommandLine) -> None:
    errors = migrated.write("../errors.csv", "of an earlier import")
    migrated.good("leads", "import", migrated.write("../l.csv", "email\na@example.com\n"), "--errors", errors)
    assert not errors.exists()


def test_the_error_file_may_not_be_the_file_itself(migrated: CommandLine) -> None:
    file = migrated.write("../leads.csv", "email\na@example.com\n")
    assert migrated("leads", "import", file, "--errors", file).code == 1
    assert file.read_text() == "email\na@example.com\n"


def test_columns_at_fault_are_all_named_before_a_row_is_read(migrated: CommandLine) -> None:
    file = migrated.write("../leads.csv", "Email,visist,score,,status,status\na@example.com,1,2,3,new,new\n")
    said = migrated("leads", "import", file)
    assert said.code == 1
    assert said.err.splitlines() == [
        "nothing was imported:",
        "  column 1: unknown `Email`; did you mean `email`?",
        "  column 2: unknown `visist`; did you mean `visits`?",
        "  column 3: `score` is kept by the system and cannot be imported",
        "  column 4 has no name",
        "  column 6: `status` is there twice",
    ]
    assert _events(migrated) == ()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"first_name\nLuis\n", "no column names the lead"),
        (b"", "begins with an empty line"),
        (b"\n\n", "begins with an empty line"),
        ("email\na@example.com\n".encode("utf-16"), "UTF-16"),
        (b"email,a\xf1o\n", "not UTF-8"),
        (b"\0" * 300_000, "longer than 256 KiB"),
        (b"email\n" + b"x" * 300_000, "line 2 is longer than 256 KiB"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(migrated: CommandLine, content: bytes, says: str) -> None:
    said = migrated("leads", "import", migrated.write("../leads.csv", content))
    assert (said.code, said.out) == (1, "")
    assert says in said.err
    assert "Traceback" not in said.err


def test_broken_rows_do_not_stop_the_others(migrated: CommandLine) -> None:
    file = migrated.write(
        "../leads.csv",
        b"email,first_name\n"
        b"a@example.com,Jos\xe9\n"
        b"b@example.com,a\0b\n"
        b'c@example.com,"quoted" badly\n'
        b"d@example.com,Dora\n"
        b'e@example.com,"never ends\n',
    )
    said = migrated("leads", "import", file)
    assert said.err.splitlines()[:4] == [
        "row 2: first_name: is not UTF-8",
        "row 3: first_name: has a NUL character",
        "row 4: cannot be read: ',' expected after '\"'",
        "row 6: a quoted cell does not end: is a quote missing?",
    ]
    assert [event.body["email"] for event in _events(migrated)] == ["d@example.com"]


def test_a_vocabulary_with_mistakes_imports_nothing(migrated: CommandLine) -> None:
    migrated.write("vocabulary/more.yaml", "leads: {}\n")
    said = migrated("leads", "import", migrated.write("../leads.csv", "email\na@example.com\n"))
    assert (said.code, "cauce check" in said.err) == (1, True)
    assert _events(migrated) == ()


def test_memory_stays_flat_however_long_the_file(migrated: CommandLine) -> None:
    small = _measured(migrated, 1_000)
    large = _measured(migrated, 20_000)
    assert large < MOST_MEMORY
    assert large - small < 32 * 1024


def _measured(line: CommandLine, rows: int) -> int:
    """Imports so many rows in a process of its own; gives its greatest memory in KiB."""
    lines = (f"lead{number}@example.com,c-{number},Name {number},yes\n" for number in range(rows))
    file = line.write(f"../{rows}.csv", "email,external_id,first_name,consent.email\n" + "".join(lines))
    command = [sys.executable, "-c", MEASURED, "leads", "import", str(file), "--json"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accepted"] == rows
    return int(done.stderr.split()[-1])


def _events(line: CommandLine) -> tuple[InboxEvent, ...]:
    async def read(tx: Tx) -> tuple[InboxEvent, ...]:
        return await tx.events.pending(1000)

    return line.store(read)
