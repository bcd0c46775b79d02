"""`cauce publish`: puts checked journeys into the store as immutable versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from commands import projects
from commands.house import business_now, complain, in_store, say
from commands.output import AsJson, emit_json
from language.compiled import Journey, digest, dump
from language.problems import Problem
from model.records import PublishedJourney
from runtime.project import Project
from settings import Settings

if TYPE_CHECKING:
    from store import Store, Tx

State = Literal["published", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a journey; `stay` counts open runs that stay in earlier versions, by version."""

    journey: str
    version: int
    state: State
    stay: dict[int, int]
    reason: str = ""


def publish(
    journeys: Annotated[
        list[str] | None, typer.Argument(metavar="[JOURNEY]...", help="Names; else all.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Publish journeys that `cauce check` finds no mistake in; new runs get them at once.

    A published version never changes: whoever is in an earlier one stays there. Exit code 1 where any was
    refused. The running system reads the vocabulary and the templates when it starts.
    """
    project = projects.project()
    for name in journeys or ():
        projects.known_journey(project, name)
    wanted = list(journeys or sorted(project.files))
    sound = [name for name in wanted if not project.errors_of(name)]
    problems = [] if as_json else _problems_of(project, wanted, everything=not journeys)
    projects.print_problems(project, problems)
    results = in_store(lambda store, settings: published(store, settings, project, sound)) if sound else []
    results += [Result(name, 0, "refused", {}, "it has mistakes") for name in wanted if name not in sound]
    if as_json:
        emit_json(results)
    else:
        tell(results)
    unreadable = not journeys and bool(project.errors)
    if unreadable or any(result.state == "refused" for result in results):
        raise typer.Exit(1)


async def published(store: Store, settings: Settings, project: Project, names: Sequence[str]) -> list[Result]:
    """Publishes journeys without mistakes, each in its own transaction."""
    results = []
    for name in names:
        async with store.begin() as tx:
            results.append(await _publish(tx, settings, project.journeys[name], _source(project, name)))
    return results


def tell(results: Sequence[Result]) -> None:
    """Prints what became of each journey."""
    for result in results:
        if result.state == "refused":
            complain(f"{result.journey} is refused: {result.reason}")
            continue
        stay = [f"{count} in version {version}" for version, count in result.stay.items()]
        leads = f"; open runs that stay: {', '.join(stay)}" if stay else ""
        say(f"{result.journey} {result.version} {result.state}{leads}")


async def _publish(tx: Tx, settings: Settings, journey: Journey, source: str) -> Result:
    now = await business_now(tx, settings)
    versions = await tx.journeys.versions(journey.name)
    runs = await tx.enrolments.open_by_version(journey.name)
    stay = {version: count for version, count in runs.items() if version != journey.version}
    reason = await _refusal(tx, journey, versions)
    if reason:
        return Result(journey.name, journey.version, "refused", stay, reason)
    form = PublishedJourney(
        name=journey.name,
        version=journey.version,
        hash=digest(journey),
        compiled=dump(journey),
        source=source,
        published_at=now,
    )
    state = await tx.journeys.publish(form)
    if state == "published":
        await tx.audit.add(now, "journey.publish", f"{journey.name}/{journey.version}", None)
    return Result(journey.name, journey.version, state, stay)


async def _refusal(tx: Tx, journey: Journey, versions: Sequence[int]) -> str | None:
    """Says why a version cannot be published."""
    known = await tx.journeys.get(journey.name, journey.version)
    newest = max(versions, default=0)
    if known is not None and known.hash != digest(journey):
        return (
            f"version {journey.version} is published with other content; "
            f"write `version: {newest + 1}` in its file"
        )
    if known is None and journey.version < newest:
        return f"version {newest} is published already; write `version: {newest + 1}` in its file"
    return None


def _problems_of(project: Project, names: Sequence[str], *, everything: bool) -> list[Problem]:
    if everything:
        return list(project.errors)
    return list(dict.fromkeys(problem for name in names for problem in project.errors_of(name)))


def _source(project: Project, name: str) -> str:
    return project.sources[project.files[name]]
