"""`cauce schema`: what editors complete from while a journey is typed."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from commands import projects
from commands.house import say
from language.json_schema import journey_schema

NAME = "journey.schema.json"
MODELINE = f"# yaml-language-server: $schema={NAME}"


def schema(
    *,
    write: Annotated[bool, typer.Option("--write", help=f"Write {NAME} beside the vocabulary.")] = False,
) -> None:
    """Print a JSON Schema of journeys, with the names of this vocabulary and these templates.

    Editors that read YAML complete from it: VS Code with its YAML extension where the first line of a journey
    is `# yaml-language-server: $schema=journey.schema.json`. Write it again when the vocabulary changes.
    """
    project = projects.project()
    text = json.dumps(journey_schema(project.vocabulary, project.templates), indent=1, ensure_ascii=False)
    if not write:
        typer.echo(text)
        return
    path = project.folder / NAME
    path.write_text(text + "\n", encoding="utf-8")
    say(f"written: {path}; the first line of a journey beside it: {MODELINE}")
