"""`cauce runs`: those that stand still are listed with their reasons, and told to go on."""

from __future__ import annotations

import pytest

from model.runs import Progress
from runtime.temporal_server import TemporalServer
from store import Tx
from tests.commands.line import CommandLine
from tests.store.making import make_enrolment, make_lead

WHY = "welcome: there is no email template welcome: put it back, restart the worker"


async def _two_runs(tx: Tx) -> tuple[str, str]:
    """One that waits, one that needs attention."""
    waits = await make_enrolment(tx, (await make_lead(tx)).id)
    stuck = await make_enrolment(tx, (await make_lead(tx)).id)
    await tx.enrolments.save_progress(waits.id, Progress(0, None, "order.completed", "offer"))
    await tx.enrolments.save_progress(stuck.id, Progress(0, None, "attention", "welcome", attention=WHY))
    return waits.id, stuck.id


def test_runs_that_need_attention_are_listed_with_their_reasons(migrated: CommandLine) -> None:
    waits, stuck = migrated.store(_two_runs)
    listed = migrated.good("runs", "list", "--attention")
    assert stuck in listed
    assert WHY in listed
    assert waits not in listed
    assert waits in migrated.good("runs", "list", "--journey", "welcome")


def test_runs_of_a_journey_that_nobody_knows_are_refused(migrated: CommandLine) -> None:
    migrated.store(_two_runs)
    said = migrated("runs", "retry", "--journey", "welcom")
    assert (said.code, said.err) == (1, "no journey welcom is published; did you mean welcome?\n")


@pytest.mark.parametrize("words", [(), ("x", "--journey", "welcome")])
def test_a_retry_says_which_runs_it_means(migrated: CommandLine, words: tuple[str, ...]) -> None:
    said = migrated("runs", "retry", *words)
    assert said.code == 1
    assert said.err.startswith("name runs or a journey: ")


def test_a_run_that_cannot_be_told_is_named_with_the_reason(
    migrated: CommandLine, temporal: TemporalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAUCE_TEMPORAL_ADDRESS", temporal.address)
    _, stuck = migrated.store(_two_runs)
    said = migrated("runs", "retry", "--journey", "welcome")
    assert (said.code, said.out, said.err) == (1, "0 tried again\n", f"{stuck}: run not begun\n")
