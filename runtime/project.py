"""Reads a folder of journeys from disk: texts in, everything checked and compiled out.

ProjectMissing    the folder is not there
ProjectBroken     it has mistakes that keep a process from starting; they are in the message
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from language.compiled import Journey
from language.journey import check_project, kind_of
from language.problems import Problem, Problems, render
from language.scenario import Scenario
from language.vocabulary import Vocabulary, load_vocabulary
from runtime.folders import files_of
from scoring.load import load_rules
from scoring.rules import RuleModel
from templates.store import Templates

SCORING = "scoring.yaml"
TEMPLATES = "templates"
LARGEST = 1 << 20
"""Bytes of a file that is read; the language's own limit is lower and says so with a place."""


class ProjectMissing(Exception):
    """The folder of journeys is not there."""


class ProjectBroken(Exception):
    """The shared files of the project have mistakes."""


@dataclass(frozen=True, slots=True)
class Project:
    """A folder as read: `journeys` only those without a mistake, `rules` None where missing or broken.

    `files` says where each journey stands, `sources` has the text of every file; `problems` those of all
    files, hints too. Paths begin with the folder's.
    """

    folder: Path
    vocabulary: Vocabulary
    journeys: Mapping[str, Journey]
    scenarios: tuple[Scenario, ...]
    templates: Templates
    rules: RuleModel | None
    problems: tuple[Problem, ...]
    files: Mapping[str, str]
    sources: Mapping[str, str]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that forbid publishing."""
        return tuple(problem for problem in self.problems if not problem.hint)

    @property
    def shared_errors(self) -> tuple[Problem, ...]:
        """Those in files that every journey rests on: vocabulary, templates, scoring."""
        return tuple(problem for problem in self.errors if not self._is_of_a_journey(problem.file))

    def errors_of(self, journey: str) -> tuple[Problem, ...]:
        """Those that forbid publishing one journey: in its file, its scenarios and the shared files."""
        home = self.files.get(journey, "")
        mine = {home, *self._scenario_files(home)}
        own = tuple(problem for problem in self.errors if problem.file in mine)
        return (*self.shared_errors, *own)

    def rendered(self, problem: Problem) -> str:
        """Gives a problem as text: place, message, source line, caret, suggestion."""
        return render(problem, self.line(problem))

    def line(self, problem: Problem) -> str:
        """Gives the source line that a problem is about; empty where there is none."""
        lines = self.sources.get(problem.file, "").splitlines()
        return lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""

    def sound_rules(self) -> RuleModel:
        """Gives the score's rules.

        Raises ProjectBroken where vocabulary, templates or rules have mistakes, with all of them.
        """
        if self.rules is not None and not self.shared_errors:
            return self.rules
        found = [self.rendered(problem) for problem in self.shared_errors]
        raise ProjectBroken("\n".join(found or [f"{self.folder / SCORING} is missing"]))

    def _is_of_a_journey(self, file: str) -> bool:
        return kind_of(inside(self.folder, file)) in ("journey", "scenarios")

    def _scenario_files(self, home: str) -> tuple[str, ...]:
        stem = str(PurePosixPath(home).with_suffix(""))
        return f"{stem}.test.yaml", f"{stem}.test.yml"


def load_project(folder: Path) -> Project:
    """Reads and checks everything in a folder; mistakes are in its `problems`. Raises ProjectMissing.

    A folder below that has a vocabulary of its own is another project, and none of its files are read.
    """
    if not folder.is_dir():
        raise ProjectMissing(f"{folder} is no folder of journeys; set CAUCE_JOURNEYS_DIR")
    problems = Problems()
    texts = dict(_texts(folder, wanted(folder), problems))
    templates = _templates(texts)
    written = {path: text for path, text in texts.items() if not _is_template(path)}
    checked = check_project(written, templates)
    problems.extend(checked.problems)
    rules = _rules(texts, checked.vocabulary, problems)
    return Project(
        folder=folder,
        vocabulary=checked.vocabulary,
        journeys=checked.journeys,
        scenarios=checked.scenarios,
        templates=templates,
        rules=rules,
        problems=tuple(_placed(folder, problem) for problem in problems.all),
        files={name: shown(folder, path) for name, path in checked.files.items()},
        sources={shown(folder, path): text for path, text in texts.items()},
    )


def wanted(folder: Path) -> Iterable[Path]:
    """Lists the files of a project, by path inside its folder."""
    for path in files_of(folder):
        inside = path.relative_to(folder)
        if path.suffix in (".yaml", ".yml") or _is_template(str(inside)):
            yield inside


def _texts(folder: Path, paths: Iterable[Path], problems: Problems) -> Iterable[tuple[str, str]]:
    for path in paths:
        name = path.as_posix()
        try:
            with (folder / path).open("rb") as file:
                content = file.read(LARGEST + 1)
            if len(content) > LARGEST:
                problems.extend([Problem(name, 1, 1, "J001", f"the file is larger than {LARGEST >> 20} MiB")])
                continue
            yield name, content.decode()
        except OSError as error:
            problems.extend([Problem(name, 1, 1, "J001", f"the file cannot be read: {error.strerror}")])
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            advice = "save it as UTF-8"
            problems.extend([Problem(name, line, 1, "J001", "the file is not UTF-8 here", advice)])


def _templates(texts: Mapping[str, str]) -> Templates:
    """Reads the templates, in the order of the company's languages."""
    sources = {path: text for path, text in texts.items() if kind_of(path) == "vocabulary"}
    languages = load_vocabulary(sources, Problems()).company.languages
    files = {path: text for path, text in texts.items() if _is_template(path)}
    return Templates.from_files(files, languages=tuple(languages))


def _rules(texts: Mapping[str, str], vocabulary: Vocabulary, problems: Problems) -> RuleModel | None:
    return load_rules(SCORING, texts[SCORING], vocabulary, problems) if SCORING in texts else None


def _is_template(path: str) -> bool:
    return PurePosixPath(path).parts[0] == TEMPLATES


def _placed(folder: Path, problem: Problem) -> Problem:
    return replace(problem, file=shown(folder, problem.file))


def shown(folder: Path, path: str) -> str:
    """Gives a path inside a folder as people know it, the folder before it."""
    return (folder / path).as_posix()


def inside(folder: Path, file: str) -> str:
    """Gives the path inside a folder of a file that stands there with the folder before it."""
    return PurePosixPath(file).relative_to(folder.as_posix()).as_posix()
