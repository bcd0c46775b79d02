"""`cauce diff`: what changed between two versions of a journey, in steps and plain words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands import projects
from commands.house import Refused, in_store, nearest, say
from commands.output import AsJson, emit_json
from language.compiled import Journey
from language.diff import differences
from language.journey import check_journey, journey_texts
from language.lower import Around
from language.problems import Problems, render
from model.records import PublishedJourney
from runtime.folders import home_of
from runtime.project import load_project
from runtime.publishing import compared
from settings import Settings

if TYPE_CHECKING:
    from store import Store

SUFFIXES = (".yaml", ".yml")


def diff(
    journey: Annotated[str, typer.Argument(help="Its name, or a file.")],
    other: Annotated[Path | None, typer.Argument(help="The newer file.", exists=True, dir_okay=False)] = None,
    version: Annotated[
        int | None, typer.Option("--from", min=1, help="Compare with this version; else the newest.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say what changed in a journey, in its steps: from the newest published version to the file on disk.

    With two files, what changed from the first to the second.
    """
    if other is not None and version is not None:
        raise typer.BadParameter("two files have no --from")
    if other is not None:
        before, after = _read(Path(journey)), _read(other)
        names = journey, str(other)
        changes = tuple(str(change) for change in differences(before, after))
    else:
        after = _on_disk(journey)
        published = in_store(lambda store, settings: _published(store, settings, after.name, version))
        names = f"{after.name} {published.version}, published", f"{after.version}, on disk"
        changes = compared(published, after)
    if as_json:
        emit_json({"from": names[0], "to": names[1], "changes": changes})
    else:
        print_changes(" -> ".join(names), changes)


def print_changes(heading: str, changes: Sequence[str]) -> None:
    """Prints changes below their heading."""
    say(heading)
    for change in changes or ("nothing that a lead would notice",):
        say(f"  {change}")


def _on_disk(journey: str) -> Journey:
    if journey.endswith(SUFFIXES) and Path(journey).is_file():
        return _read(Path(journey))
    return projects.sound_journey(projects.project(), journey)


async def _published(store: Store, _: Settings, name: str, version: int | None) -> PublishedJourney:
    async with store.begin() as tx:
        versions = await tx.journeys.versions(name)
        wanted = version if version is not None else max(versions, default=None)
        found = await tx.journeys.get(name, wanted) if wanted is not None else None
    if found is not None:
        return found
    if not versions:
        raise Refused(f"no version of {name} is published yet; `cauce publish {name}` does it")
    raise Refused(f"{name} has no version {version}; {nearest(str(version), [str(one) for one in versions])}")


def _read(path: Path) -> Journey:
    """Compiles a file with the vocabulary and the templates of the folder it lies in."""
    if not path.is_file():
        raise Refused(f"there is no file {path}")
    project = load_project(home_of(path))
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{path} is not UTF-8") from None
    problems = Problems()
    around = Around(project.vocabulary, project.templates, journeys=journey_texts(project.sources))
    found = check_journey(str(path), text, around, problems)
    if found is not None and not problems.errors:
        return found
    lines = text.splitlines()
    shown = [
        render(one, lines[one.line - 1] if 0 < one.line <= len(lines) else "") for one in problems.errors
    ]
    raise Refused("\n".join(shown))
