"""`diff` on the command line: against what is published, and between files."""

from __future__ import annotations

from tests.commands.line import HELLO, CommandLine

SECOND = HELLO.replace("wait: 2 days", "wait: 3 days").replace("version: 1", "version: 2")


def test_a_journey_is_compared_with_the_newest_published_version(migrated: CommandLine) -> None:
    migrated.good("publish")
    migrated.write("hello.yaml", SECOND)
    assert migrated.good("diff", "hello").splitlines() == [
        "hello 1, published -> 2, on disk",
        "  the wait after `hello`: 2 days -> 3 days",
    ]
    assert migrated("diff", "hello", "--json").json == {
        "from": "hello 1, published",
        "to": "2, on disk",
        "changes": ["the wait after `hello`: 2 days -> 3 days"],
    }


def test_it_is_compared_with_the_version_that_is_asked_for(migrated: CommandLine) -> None:
    migrated.good("publish")
    migrated.write("hello.yaml", SECOND)
    migrated.good("publish")
    assert "nothing that a lead would notice" in migrated.good("diff", "hello")
    assert "2 days -> 3 days" in migrated.good("diff", "hello", "--from", "1")
    assert "hello has no version 7; there are 1, 2" in migrated("diff", "hello", "--from", "7").err


def test_two_files_are_compared_without_a_database(cauce: CommandLine) -> None:
    old = cauce.journeys / "hello.yaml"
    new = cauce.write("drafts/hello.yaml", SECOND)
    assert "the wait after `hello`: 2 days -> 3 days" in cauce.good("diff", old, new)
    assert cauce("diff", old, new, "--from", "1").code == 2


def test_what_cannot_be_compared_says_why(migrated: CommandLine) -> None:
    assert "no version of hello is published yet" in migrated("diff", "hello").err
    broken = migrated.write("drafts/hello.yaml", HELLO.replace("email: hello", "email: helo"))
    said = migrated("diff", migrated.journeys / "hello.yaml", broken)
    assert f"{broken}:9:12: J012" in said.err
    assert "did you mean hello?" in migrated("diff", "helo").err


def test_a_version_of_another_form_is_published_over_all_the_same(migrated: CommandLine) -> None:
    migrated.good("publish")

    import sqlite3

    with sqlite3.connect(migrated.database) as store:
        store.execute("UPDATE journeys SET compiled = '{}'")
    store.close()
    migrated.write("hello.yaml", SECOND)
    assert "another form" in migrated.good("publish")
