"""`cauce publish`: puts checked journeys into the store as immutable versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from commands import projects
from commands.comparing import compared, print_changes
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
    """What became of a journey; `stay` counts open runs that stay in earlier versions, by version, `changes`
    says what is new since version `before`.
    """

    journey: str
    version: int
    state: State
    stay: dict[int, int]
    reason: str = ""
    before: int | None = None
    changes: tuple[str, ...] = ()


def publish(
    journeys: Annotated[
        list[str] | None, typer.Argument(metavar="[JOURNEY]...", help="Names; else all.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Publish journeys that `cauce check` finds no mistake in; new runs get them at once.

    What is new since the last version is shown before, with the open runs that are inside earlier ones. A
    published version never changes: whoever is in an earlier one stays there. Exit code 1 where any was
    refused. The running system reads the vocabulary and the templates when it starts.
    """
    project = projects.project()
    for name in journeys or ():
        projects.known_journey(project, name)
    wanted = list(journeys or sorted(project.files))
    sound = [name for name in wanted if not project.errors_of(name)]
    problems = [] if as_json else _problems_of(project, wanted, everything=not journeys)
    projects.print_problems(project, problems)
    show = _keep_quiet if as_json else preview
    results = (
        in_store(lambda store, settings: published(store, settings, project, sound, show)) if sound else []
    )
    results += [Result(name, 0, "refused", {}, "it has mistakes") for name in wanted if name not in sound]
    if as_json:
        emit_json(results)
    else:
        tell(results)
    unreadable = not journeys and bool(project.errors)
    if unreadable or any(result.state == "refused" for result in results):
        raise typer.Exit(1)


def preview(plan: Result) -> None:
    """Prints what a new version changes, and who is inside the earlier ones."""
    print_changes(f"{plan.journey} {plan.before} -> {plan.version}", plan.changes)
    for version, count in plan.stay.items():
        say(f"  inside version {version} now: {count} open run{'' if count == 1 else 's'}; they stay there")


def _keep_quiet(plan: Result) -> None:
    """Shows nothing."""


async def published(
    store: Store,
    settings: Settings,
    project: Project,
    names: Sequence[str],
    show: Callable[[Result], None] = _keep_quiet,
) -> list[Result]:
    """Publishes journeys without mistakes, each in its own transaction; `show` gets each one that has an
    earlier version before it is published.
    """
    results = []
    for name in names:
        async with store.begin() as tx:
            journey, source = project.journeys[name], _source(project, name)
            plan = await _planned(tx, journey)
            if plan.state == "published" and plan.before is not None:
                show(plan)
            results.append(
                plan if plan.state == "refused" else await _publish(tx, settings, plan, journey, source)
            )
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


async def _planned(tx: Tx, journey: Journey) -> Result:
    """Says what publishing would do."""
    versions = await tx.journeys.versions(journey.name)
    runs = await tx.enrolments.open_by_version(journey.name)
    stay = {version: count for version, count in runs.items() if version != journey.version}
    reason = await _refusal(tx, journey, versions)
    if reason:
        return Result(journey.name, journey.version, "refused", stay, reason)
    if journey.version in versions:
        return Result(journey.name, journey.version, "unchanged", stay)
    before = await tx.journeys.latest(journey.name)
    changes = compared(before, journey) if before is not None else ()
    version = before.version if before is not None else None
    return Result(journey.name, journey.version, "published", stay, "", version, changes)


async def _publish(tx: Tx, settings: Settings, plan: Result, journey: Journey, source: str) -> Result:
    now = await business_now(tx, settings)
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
    return replace(plan, state=state)


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
