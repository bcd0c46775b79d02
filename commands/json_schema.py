"""`cauce schema`: what editors complete from while a journey, its scenarios or the vocabulary are typed."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer
from pydantic import JsonValue

from commands import projects
from commands.house import say
from language.json_scenarios import scenario_schema
from language.json_schema import journey_schema
from language.json_vocabulary import vocabulary_schema
from runtime.project import Project

Kind = Literal["journey", "scenarios", "vocabulary"]
NAMES: dict[Kind, str] = {
    "journey": "journey.schema.json",
    "scenarios": "scenarios.schema.json",
    "vocabulary": "vocabulary.schema.json",
}
MODELINE = "# yaml-language-server: $schema="


def schema(
    kind: Annotated[Kind, typer.Argument(help="Of which files.")] = "journey",
    *,
    write: Annotated[bool, typer.Option("--write", help="Write all three beside the vocabulary.")] = False,
) -> None:
    """Print a JSON Schema of journeys, scenarios or the vocabulary, with the names of this project.

    Editors that read YAML complete from it: VS Code with its YAML extension where the first line of a journey
    is `# yaml-language-server: $schema=journey.schema.json`. Write them again when the vocabulary changes.
    """
    project = projects.project()
    if not write:
        typer.echo(_text(project, kind))
        return
    for each, name in NAMES.items():
        path = project.folder / name
        path.write_text(_text(project, each) + "\n", encoding="utf-8")
        say(f"written: {path}; the first line of a file beside it: {MODELINE}{name}")


def _text(project: Project, kind: Kind) -> str:
    schemas: dict[Kind, dict[str, JsonValue]] = {
        "journey": journey_schema(project.vocabulary, project.templates),
        "scenarios": scenario_schema(project.vocabulary, project.journeys),
        "vocabulary": vocabulary_schema(),
    }
    return json.dumps(schemas[kind], indent=1, ensure_ascii=False)
