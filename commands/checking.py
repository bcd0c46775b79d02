"""`cauce check`: every mistake of every file in one go."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import typer

from commands import projects
from commands.house import say
from commands.output import emit_json
from language.problems import as_json
from runtime.folders import home_of, meant_by
from runtime.project import Project, load_project
from settings import load

Paths = Annotated[
    list[Path] | None,
    typer.Argument(exists=True, metavar="[PATH]...", help="Files or folders; else CAUCE_JOURNEYS_DIR."),
]


def check(
    paths: Paths = None,
    how: Annotated[
        Literal["text", "json"], typer.Option("--format", help="For people or machines.")
    ] = "text",
) -> None:
    """Check journeys, vocabulary, templates, scoring and scenarios; exit code 1 on mistakes.

    A file is checked with the vocabulary and the templates of the folder it lies in. A folder below a project
    that has a vocabulary of its own is a project of its own.
    """
    wanted = _wanted(paths or [])
    found = [
        (project, [one for one in project.problems if _named(one.file, only)]) for project, only in wanted
    ]
    problems = [problem for _, some in found for problem in some]
    if how == "json":
        emit_json([as_json(problem) for problem in problems])
    else:
        for project, some in found:
            projects.print_problems(project, some)
        count = sum(_named(file, only) for project, only in wanted for file in project.files.values())
        checked = f"{count} journey{'' if count == 1 else 's'} checked: "
        say(checked + projects.summed_up(problems))
    if any(not problem.hint for problem in problems):
        raise typer.Exit(1)


def _wanted(paths: Iterable[Path]) -> list[tuple[Project, set[str] | None]]:
    """Reads the projects of the paths; of each, the files asked for, None for all."""
    wanted: dict[Path, set[str] | None] = {}
    for path in (one for each in paths for one in (meant_by(each) if each.is_dir() else [each])):
        folder = home_of(path)
        if path.is_dir() and path.absolute() == folder.absolute():
            wanted[folder] = None
        elif (named := wanted.setdefault(folder, set())) is not None:
            named.add(os.path.abspath(path))
    if not wanted:
        wanted[load().journeys_dir] = None
    return [(load_project(folder), named) for folder, named in wanted.items()]


def _named(file: str, named: set[str] | None) -> bool:
    """Says whether a file is one of those asked for, or lies in a folder of them."""
    place = os.path.abspath(file)
    return named is None or any(place == one or place.startswith(one + os.sep) for one in named)
