"""Writes `docs/cli.md` from the command line's own help: `python -m commands.reference`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
HEAD = """# The command line

Written from the help of `cauce` by `python -m commands.reference`; a test compares them.

Settings are `CAUCE_…` variables. Exit codes: 0 done, 1 it could not be done or mistakes were found, 2 the
command itself was wrong. Results go to standard output, errors and progress to standard error; `--json` and
`--format json` print for machines. `CAUCE_LOG_LEVEL=debug` shows where an error came from.
"""


def page(app: typer.Typer) -> str:
    """Gives the whole page."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    parts = [f"## {' '.join(path)}\n\n```\n{_help(app, path)}\n```\n" for path in _paths(root, ("cauce",))]
    return "\n".join((HEAD, *parts))


def _paths(group: TyperGroup, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _paths(command, (*path, name))
        else:
            yield (*path, name)


def _help(app: typer.Typer, path: tuple[str, ...]) -> str:
    shown = CliRunner().invoke(app, [*path[1:], "--help"], prog_name=path[0], env={"COLUMNS": "80"})
    return "\n".join(line.rstrip() for line in shown.output.strip().splitlines())


if __name__ == "__main__":
    from cli import app

    PAGE.write_text(page(app), encoding="utf-8")
