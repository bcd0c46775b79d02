"""`cauce publish`: puts checked journeys into the store as immutable versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from commands import projects
from commands.comparing import print_changes
from commands.house import business_now, complain, in_store, say
from commands.output import AsJson, emit_json
from language.problems import Problem
from runtime import publishing
from runtime.project import Project
from runtime.publishing import Plan
from settings import Settings

if TYPE_CHECKING:
    from store import Store


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
    results += [Plan(name, 0, "refused", {}, "it has mistakes") for name in wanted if name not in sound]
    if as_json:
        emit_json(results)
    else:
        tell(results)
    unreadable = not journeys and bool(project.errors)
    if unreadable or any(result.state == "refused" for result in results):
        raise typer.Exit(1)


def preview(plan: Plan) -> None:
    """Prints what a new version changes, and who is inside the earlier ones."""
    print_changes(f"{plan.journey} {plan.before} -> {plan.version}", plan.changes)
    for version, count in plan.stay.items():
        say(f"  inside version {version} now: {count} open run{'' if count == 1 else 's'}; they stay there")


def _keep_quiet(plan: Plan) -> None:
    """Shows nothing."""


async def published(
    store: Store,
    settings: Settings,
    project: Project,
    names: Sequence[str],
    show: Callable[[Plan], None] = _keep_quiet,
) -> list[Plan]:
    """Publishes journeys without mistakes, each in its own transaction; `show` gets each one that has an
    earlier version before it is published.
    """
    results = []
    for name in names:
        async with store.begin() as tx:
            journey = project.journeys[name]
            plan = await publishing.planned(tx, journey)
            if plan.state == "published" and plan.before is not None:
                show(plan)
            now = await business_now(tx, settings)
            results.append(await publishing.publish(tx, plan, journey, _source(project, name), now, None))
    return results


def tell(results: Sequence[Plan]) -> None:
    """Prints what became of each journey."""
    for result in results:
        if result.state == "refused":
            complain(f"{result.journey} is refused: {result.reason}")
            continue
        stay = [f"{count} in version {version}" for version, count in result.stay.items()]
        leads = f"; open runs that stay: {', '.join(stay)}" if stay else ""
        say(f"{result.journey} {result.version} {result.state}{leads}")


def _problems_of(project: Project, names: Sequence[str], *, everything: bool) -> list[Problem]:
    if everything:
        return list(project.errors)
    return list(dict.fromkeys(problem for name in names for problem in project.errors_of(name)))


def _source(project: Project, name: str) -> str:
    return project.sources[project.files[name]]
