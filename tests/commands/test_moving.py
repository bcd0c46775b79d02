"""`cauce move`: says who would land where, asks, and refuses what cannot be meant."""

from __future__ import annotations

import pytest

from language.compiled import dump
from model.records import PublishedJourney
from runtime.temporal_server import TemporalServer
from store import Tx
from tests.commands.line import CommandLine
from tests.engine.riding import HEAD, compiled
from tests.store.making import NOON, make_lead, new_enrolment

WAITS = "steps:\n  - email: a\n  - wait: 3 days\n    id: pause\n"


async def _two_versions(tx: Tx) -> str:
    """Publishes two versions, with a run in the first; gives its id."""
    for version, name in ((1, "pause"), (2, "calm")):
        text = HEAD.replace("journey: story", "journey: welcome").replace("version: 1", f"version: {version}")
        journey = compiled(text + WAITS.replace("pause", name))
        published = PublishedJourney(
            name="welcome", version=version, hash=f"h{version}", compiled=dump(journey), source="",
            published_at=NOON,
        )  # fmt: skip
        await tx.journeys.publish(published)
    return (await tx.enrolments.open(new_enrolment((await make_lead(tx)).id))).id


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("welcom", "--from", "1", "--to", "2"), "no journey welcom is published; did you mean welcome?"),
        (("welcome", "--from", "1", "--to", "3"), "welcome has no version 3; there are 1, 2"),
        (("welcome", "--from", "2", "--to", "2"), "--from and --to are the same version"),
        (
            ("welcome", "--from", "1", "--to", "2", "--map", "pause=clam"),
            "--map: version 2 has no step clam; did you mean calm?",
        ),
        (
            ("welcome", "--from", "1", "--to", "2", "--map", "pause"),
            "--map pause: write OLD=NEW, the id of a step in each version",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(migrated: CommandLine, words: tuple[str, ...], said: str) -> None:
    migrated.store(_two_versions)
    found = migrated("move", *words)
    assert (found.code, found.err) == (1, f"{said}\n")


def test_a_run_that_cannot_be_moved_stays_with_the_reason(
    migrated: CommandLine, temporal: TemporalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAUCE_TEMPORAL_ADDRESS", temporal.address)
    run = migrated.store(_two_versions)
    shown = migrated.good("move", "welcome", "--from", "1", "--to", "2", "--map", "pause=calm", "--yes")
    assert run in shown
    assert "run not begun" in shown


def test_a_run_that_nobody_knows_is_refused(
    migrated: CommandLine, temporal: TemporalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAUCE_TEMPORAL_ADDRESS", temporal.address)
    migrated.store(_two_versions)
    found = migrated("move", "welcome", "--from", "1", "--to", "2", "--run", "nobody")
    assert (found.code, found.err) == (1, "no open run nobody is in version 1 of welcome\n")
