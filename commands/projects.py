"""Reads the project that a command is about, and prints what is wrong in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from commands.house import Refused, nearest, out
from language.compiled import Journey
from language.problems import Problem
from runtime.project import Project, load_project
from settings import load


def project() -> Project:
    """Reads the project of the settings. Raises ProjectMissing."""
    return load_project(load().journeys_dir)


def sound_journey(found: Project, name: str) -> Journey:
    """Gives a journey without mistakes; raises Refused where it is not there or has some."""
    known_journey(found, name)
    wrong = found.errors_of(name)
    if wrong:
        raise Refused("\n".join([*(found.rendered(problem) for problem in wrong), summed_up(wrong)]))
    return found.journeys[name]


def known_journey(found: Project, name: str) -> None:
    """Raises Refused where the project has no journey of that name."""
    if name not in found.files:
        raise Refused(f"{found.folder} has no journey {name}; {nearest(name, list(found.files))}")


def print_problems(found: Project, problems: Iterable[Problem]) -> None:
    """Prints problems with their source line and a caret."""
    for problem in problems:
        out().print(_drawn(found, problem), soft_wrap=True, highlight=False)


def summed_up(problems: Sequence[Problem]) -> str:
    """Counts mistakes and hints."""
    hints = sum(problem.hint for problem in problems)
    mistakes = len(problems) - hints
    files = len({problem.file for problem in problems if not problem.hint})
    parts = [_counted(mistakes, "mistake") + f" in {_counted(files, 'file')}"] if mistakes else []
    parts += [_counted(hints, "hint")] if hints else []
    return ", ".join(parts) or "no mistakes"


def _drawn(found: Project, problem: Problem) -> Text:
    """Colours what `render` gives: place, code, caret, suggestion."""
    text = Text(found.rendered(problem))
    place = f"{problem.file}:{problem.line}:{problem.column}:"
    colour = "yellow" if problem.hint else "red"
    text.stylize("bold", 0, len(place))
    text.stylize(colour, len(place) + 1, len(place) + 1 + len(problem.code))
    text.highlight_regex(r"(?m)^ +\^$", f"bold {colour}")
    text.highlight_regex(r"(?m)^ +suggestion: .*$", "green")
    return text


def _counted(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
