"""How `parallel` and `leave` are read, and the steps that speak of other journeys."""

from __future__ import annotations

from language.syntax import model as m
from language.syntax.parts import Parts
from language.yaml import Entry, Scalar


def read_parallel(parts: Parts, entry: Entry) -> m.ParallelStep | None:
    """Reads `parallel: {name: [steps]}` with `until: first`."""
    branches, until = parts.mapping(entry.name), parts.scalar("until")
    if until is not None and until.raw != "first":
        advice = "write `until: first`, or leave it out: then it ends when all branches are done"
        parts.problem(until.mark, "J005", f"`until` cannot be `{until.raw}`", advice)
    if branches is None:
        return None
    if len(branches.entries) < 2:
        advice = "add another branch, or write its steps without `parallel`"
        parts.problem(entry.key.mark, "J005", "`parallel` has one branch only", advice)
    arms: list[m.ParallelArm] = []
    for branch in branches.entries:
        block = parts.reading.read_block(parts.reading, branch)
        arms.append(m.ParallelArm(branch.key, block or m.Block((), branch.key.mark, broken=True)))
    return m.ParallelStep(tuple(arms), until is not None)


def read_leave(_: Parts, repeat: Scalar) -> m.LeaveStep:
    """Reads `leave: ID`."""
    return m.LeaveStep(repeat)


def read_run(parts: Parts, journey: Scalar) -> m.RunStep:
    """Reads `run: JOURNEY` with `with` and `then: {ending: [steps]}`."""
    values, then = parts.pairs("with"), parts.mapping("then")
    branches: list[m.Branch] = []
    for entry in then.entries if then is not None else ():
        block = parts.reading.read_block(parts.reading, entry)
        endings = tuple(entry.name.split(" or "))
        branches.append(m.Branch(endings, entry.key, block or m.Block((), entry.key.mark, broken=True)))
    return m.RunStep(journey, values, tuple(branches))


def read_start_journey(parts: Parts, journey: Scalar) -> m.StartJourneyStep:
    """Reads `start_journey: JOURNEY` with `with` and `for`."""
    return m.StartJourneyStep(journey, parts.pairs("with"), parts.scalar("for"))


def read_stop_journey(_: Parts, journey: Scalar) -> m.StopJourneyStep:
    """Reads `stop_journey: JOURNEY`."""
    return m.StopJourneyStep(journey)
