"""`cauce fmt`: journeys, scenarios and vocabulary in the form that is easy to read."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from commands.house import complain, out, say
from language.format import NotFormatted, formatted
from language.journey import kind_of
from language.problems import Problem, render
from runtime.folders import files_of, home_of, meant_by
from settings import load

Paths = Annotated[
    list[Path] | None,
    typer.Argument(exists=True, metavar="[PATH]...", help="Files or folders; else CAUCE_JOURNEYS_DIR."),
]


@dataclass(slots=True)
class Count:
    """How many files were written, stayed as they were, and could not be read."""

    changed: int = 0
    same: int = 0
    broken: int = 0


def fmt(
    paths: Paths = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 where it would.")
    ] = False,
) -> None:
    """Write journeys, scenarios and vocabulary in one form: order, two spaces a level, conditions on lines.

    Comments are kept, and a journey does what it did. A file that cannot be read stays as it is; its mistakes
    are printed, and the exit code is 1.
    """
    count = Count()
    for file in dict.fromkeys(_files(paths or [load().journeys_dir])):
        _one(file, count, check=check)
    say(_summed_up(count, check=check))
    if count.broken or (check and count.changed):
        raise typer.Exit(1)


def _one(file: Path, count: Count, *, check: bool) -> None:
    kind = kind_of(file.relative_to(home_of(file)).as_posix())
    if kind == "other":
        complain(f"{file} is no journey, scenarios or vocabulary")
        return
    try:
        before = file.read_bytes().decode()
        after = formatted(file.as_posix(), before, kind)
    except UnicodeDecodeError:
        complain(f"{file} is not UTF-8; save it as UTF-8")
        count.broken += 1
        return
    except NotFormatted as error:
        _show(error.problems, before)
        count.broken += 1
        return
    if after == before:
        count.same += 1
        return
    count.changed += 1
    say(f"{'would format' if check else 'formatted'} {file}")
    if not check:
        _write(file.resolve(), after)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """Lists the files: those named, and of folders all that the language reads in their projects."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder in meant_by(path):
            home = home_of(folder)
            yield from (file for file in files_of(folder) if _is_ours(file.relative_to(home)))


def _is_ours(inside: Path) -> bool:
    return inside.match("*.y*ml") and kind_of(inside.as_posix()) != "other"


def _show(problems: Iterable[Problem], text: str) -> None:
    lines = text.splitlines()
    for problem in problems:
        line = lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
        out().print(render(problem, line), markup=False, highlight=False, soft_wrap=True)


def _write(file: Path, text: str) -> None:
    """Puts the new text in the old one's place at once, so that no reader sees half a file."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".fmt-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
        shutil.copymode(file, name)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _summed_up(count: Count, *, check: bool) -> str:
    done = "to format" if check else "formatted"
    parts = [f"{count.changed} {done}", f"{count.same} as they should be"]
    return ", ".join([*parts, *([f"{count.broken} not readable"] if count.broken else [])])
