"""The front door: all texts of a project in, checked and compiled journeys and every mistake out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal, Protocol

from language.compiled import Journey
from language.lower import Around, lower_journey
from language.lowering import TemplateProblem, Templates
from language.problems import Problem, Problems, render
from language.scenario import Scenario, read_scenarios
from language.syntax.journey import read_journey
from language.syntax.model import JourneyText
from language.syntax.one_line import reworded
from language.vocabulary import Vocabulary, load_vocabulary
from language.yaml import read_yaml

_WORK = re.compile(r"\b(?:call|task):\s*[\"']?([\w.-]+)")

Kind = Literal["vocabulary", "scenarios", "journey", "other"]


class ProjectTemplates(Templates, Protocol):
    """The templates of a project, with what is wrong in their files."""

    def problems(self) -> Sequence[TemplateProblem]:
        """Mistakes in the files themselves."""
        ...


@dataclass(frozen=True, slots=True)
class Project:
    """A project as read: `journeys` only those without a mistake, `files` where each journey stands."""

    journeys: dict[str, Journey]
    vocabulary: Vocabulary
    scenarios: tuple[Scenario, ...]
    problems: tuple[Problem, ...]
    files: dict[str, str]
    sources: Mapping[str, str]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that forbid publishing."""
        return tuple(problem for problem in self.problems if not problem.hint)

    def report(self) -> str:
        """Gives all problems as text, each with its source line and caret."""
        return "\n".join(self.rendered(problem) for problem in self.problems)

    def rendered(self, problem: Problem) -> str:
        """Gives one problem as text."""
        lines = self.sources.get(problem.file, "").splitlines()
        line = lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
        return render(problem, line)


def kind_of(path: str) -> Kind:
    """Says what a file of a project is, by its path."""
    file = PurePosixPath(path)
    if file.suffix not in (".yaml", ".yml") or {"templates", "demo"} & set(file.parts[:-1]):
        return "other"
    if file.name == "vocabulary.yaml" or "vocabulary" in file.parts[:-1]:
        return "vocabulary"
    if file.name.endswith((".test.yaml", ".test.yml")):
        return "scenarios"
    is_crowd = file.name.endswith((".crowd.yaml", ".crowd.yml"))
    return "other" if file.stem == "scoring" or is_crowd else "journey"


def check_project(files: Mapping[str, str], templates: ProjectTemplates | None = None) -> Project:
    """Reads, checks and compiles everything; `files` maps paths to texts.

    Without `templates` their names and variables are not checked, and every message is marketing.
    """
    problems = Problems()
    by_kind: dict[Kind, dict[str, str]] = {"vocabulary": {}, "scenarios": {}, "journey": {}, "other": {}}
    for path in sorted(files):
        by_kind[kind_of(path)][path] = files[path]
    vocabulary = load_vocabulary(by_kind["vocabulary"], problems)
    around = Around(vocabulary, templates, _work_in(by_kind["journey"].values()))
    journeys, places = _journeys(by_kind["journey"], around, problems)
    for problem in templates.problems() if templates is not None else ():
        problems.extend([Problem(problem.file, problem.line, problem.column, "J012", problem.message)])
    scenarios: list[Scenario] = []
    for path, text in by_kind["scenarios"].items():
        scenarios += read_scenarios(path, text, journeys, vocabulary, problems)
    lines = {path: tuple(text.splitlines()) for path, text in files.items()}
    found = tuple(reworded(problem, lines.get(problem.file, ())) for problem in problems.all)
    broken = {problem.file for problem in found if not problem.hint}
    sound = {name: journey for name, journey in journeys.items() if places[name] not in broken}
    return Project(sound, vocabulary, tuple(scenarios), found, places, dict(files))


def check_journey(file: str, text: str, around: Around, problems: Problems) -> Journey | None:
    """Reads, checks and compiles one journey; None where it cannot be read at all."""
    written = read_text(file, text, problems)
    return lower_journey(written, around, problems) if written is not None else None


def read_text(file: str, text: str, problems: Problems) -> JourneyText | None:
    """Reads one journey as far as it can be read; None where nothing is left to check."""
    node = read_yaml(file, text, problems)
    return read_journey(node, tuple(text.splitlines()), problems) if node is not None else None


def journey_texts(files: Mapping[str, str]) -> dict[str, JourneyText]:
    """Reads the journeys of a project, by their names, for one that runs another."""
    paths = [path for path in sorted(files) if kind_of(path) == "journey"]
    read = (read_text(path, files[path], Problems()) for path in reversed(paths))
    return {text.name.raw: text for text in read if text is not None}


def _work_in(texts: Iterable[str]) -> frozenset[str]:
    """Finds the names of calls and tasks, in whichever journey they stand."""
    return frozenset(name for text in texts for name in _WORK.findall(text))


def _journeys(
    files: Mapping[str, str], around: Around, problems: Problems
) -> tuple[dict[str, Journey], dict[str, str]]:
    journeys: dict[str, Journey] = {}
    places: dict[str, str] = {}
    read = {path: read_text(path, text, problems) for path, text in files.items()}
    texts = {text.name.raw: text for text in reversed(read.values()) if text is not None}
    around = replace(around, journeys=texts)
    for path, text in read.items():
        if text is None:
            continue
        journey = lower_journey(text, around, problems)
        if journey.name in places:
            message = f"the journey `{journey.name}` stands in {places[journey.name]} too"
            problems.extend([Problem(path, 1, 1, "J026", message, "give each its own name")])
            continue
        journeys[journey.name], places[journey.name] = journey, path
    return journeys, places
