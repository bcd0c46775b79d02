"""`publish`: what is put into the store, and what is refused."""

from __future__ import annotations

from dataclasses import replace

from language.compiled import load
from model.records import PublishedJourney
from store import Tx
from tests.commands.line import HELLO, CommandLine
from tests.store.making import make_lead, new_enrolment

MISTAKEN = HELLO.replace("journey: hello", "journey: other").replace("email: hello", "email: helo")


def test_a_journey_is_published_once(migrated: CommandLine) -> None:
    assert migrated.good("publish") == "hello 1 published\n"
    assert migrated.good("publish", "hello") == "hello 1 unchanged\n"
    assert _published(migrated).source == HELLO
    assert load(_published(migrated).compiled).name == "hello"


def test_other_content_needs_another_version(migrated: CommandLine) -> None:
    migrated.good("publish")
    migrated.write("hello.yaml", HELLO.replace("2 days", "3 days"))
    said = migrated("publish")
    assert said.code == 1
    assert said.err == (
        "hello is refused: version 1 is published with other content; write `version: 2` in its file\n"
    )
    assert _published(migrated).source == HELLO


def test_a_new_version_says_how_many_runs_stay_in_the_old_one(migrated: CommandLine) -> None:
    migrated.good("publish")
    migrated.store(_two_runs)
    migrated.write("hello.yaml", HELLO.replace("2 days", "3 days").replace("version: 1", "version: 2"))
    assert migrated.good("publish").splitlines() == [
        "hello 1 -> 2",
        "  the wait after `hello`: 2 days -> 3 days",
        "  inside version 1 now: 2 open runs; they stay there",
        "hello 2 published; open runs that stay: 2 in version 1",
    ]


def test_an_older_version_than_the_newest_is_refused(migrated: CommandLine) -> None:
    migrated.write("hello.yaml", HELLO.replace("version: 1", "version: 4"))
    migrated.good("publish")
    migrated.write("hello.yaml", HELLO.replace("version: 1", "version: 3"))
    assert "version 4 is published already; write `version: 5`" in migrated("publish").err


def test_a_journey_with_mistakes_is_refused_and_the_others_are_published(migrated: CommandLine) -> None:
    migrated.write("other.yaml", MISTAKEN)
    said = migrated("publish")
    assert said.code == 1
    assert "other.yaml:9:12: J012" in said.out
    assert "hello 1 published" in said.out
    assert "other is refused: it has mistakes" in said.err


def test_a_journey_whose_scenarios_have_mistakes_is_refused(migrated: CommandLine) -> None:
    migrated.write("hello.test.yaml", "journey: hello\nscenarios: 3\n")
    assert "hello is refused" in migrated("publish", "hello").err


def test_nothing_is_published_over_a_vocabulary_with_mistakes(migrated: CommandLine) -> None:
    migrated.write("vocabulary/more.yaml", "leads: {}\n")
    said = migrated("publish")
    assert said.code == 1
    assert "J003" in said.out
    assert "hello is refused" in said.err


def _published(line: CommandLine) -> PublishedJourney:
    async def read(tx: Tx) -> PublishedJourney | None:
        return await tx.journeys.latest("hello")

    found = line.store(read)
    assert found is not None
    return found


async def _two_runs(tx: Tx) -> None:
    for _ in range(2):
        lead = await make_lead(tx)
        await tx.enrolments.open(replace(new_enrolment(lead.id), journey="hello"))
