"""The project on disk while somebody writes in it: read again when its files change, checked with other texts
in place of some files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock

from language.journey import check_project, kind_of
from language.problems import Problem
from runtime.project import Project, inside, load_project, shown, wanted

_NAME = re.compile(r"^journey:[ \t]*[\"']?([\w.-]+)", re.MULTILINE)
_WORD = re.compile(r"[\w.-]+")

Stamp = tuple[tuple[str, int, int], ...]


class Desk:
    """A folder of journeys, read when first asked for and again after any of its files changed.

    May be asked from several threads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._read: tuple[Stamp, Project] | None = None

    def project(self) -> Project:
        """Gives the project as it is on disk. Raises ProjectMissing."""
        with self._lock:
            stamp = _stamp(self._folder)
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, load_project(self._folder))
            return self._read[1]

    def edited(self, texts: Mapping[str, str]) -> Project:
        """Gives the project as it would be with these texts, by path inside the folder."""
        return edited(self.project(), texts)


def edited(project: Project, texts: Mapping[str, str]) -> Project:
    """Gives a project as it would be with other texts in some files, which need not be there yet.

    Only journeys and scenarios may be among them. Checked anew are those files alone that the texts name or
    that are about the same journeys; what is known of the others stays.
    """
    everything = {inside(project.folder, path): text for path, text in project.sources.items()}
    everything |= texts
    concerned = _concerned(everything, texts)
    checked = check_project({path: everything[path] for path in concerned}, project.templates)
    files = {shown(project.folder, path) for path in concerned}
    fresh = [_placed(project.folder, problem) for problem in checked.problems]
    kept = [one for one in project.problems if one.file not in files and one not in fresh]
    homes = {name: file for name, file in project.files.items() if file not in files}
    homes |= {name: shown(project.folder, path) for name, path in checked.files.items()}
    others = {name: one for name, one in project.journeys.items() if project.files[name] not in files}
    scenarios = [one for one in project.scenarios if one.mark.file not in concerned]
    return replace(
        project,
        journeys={**others, **checked.journeys},
        scenarios=(*scenarios, *checked.scenarios),
        problems=tuple(sorted([*kept, *fresh], key=lambda one: (one.file, one.line, one.column))),
        files=homes,
        sources={**project.sources, **{shown(project.folder, path): text for path, text in texts.items()}},
    )


def _concerned(everything: Mapping[str, str], texts: Iterable[str]) -> set[str]:
    """Names the files that have to be read for some of them to be judged: the vocabulary, the journeys that
    they name in whatever place, and so on, and the scenarios of those that are edited.
    """
    journeys = {path: _named(text) for path, text in everything.items() if kind_of(path) == "journey"}
    scenarios = {path: _named(text) for path, text in everything.items() if kind_of(path) == "scenarios"}
    found = {path for path in everything if kind_of(path) == "vocabulary"}
    edited_names = {name for path in texts if (name := (journeys | scenarios).get(path))}
    stems = {path.removesuffix(".yaml").removesuffix(".yml") for path in texts}
    mine = {
        path
        for path, name in scenarios.items()
        if name in edited_names
        or path.removesuffix(".yaml").removesuffix(".yml").removesuffix(".test") in stems
    }
    todo = [*texts, *mine]
    while todo:
        path = todo.pop()
        if path in found:
            continue
        found.add(path)
        words = set(_WORD.findall(everything[path]))
        todo += [other for other, name in journeys.items() if name in words]
    return found


def _named(text: str) -> str:
    name = _NAME.search(text)
    return name.group(1) if name else ""


def _stamp(folder: Path) -> Stamp:
    """Tells by names, sizes and times whether any file is another than before."""
    if not folder.is_dir():
        return ()
    states = ((path, (folder / path).stat()) for path in wanted(folder))
    return tuple((path.as_posix(), state.st_mtime_ns, state.st_size) for path, state in states)


def _placed(folder: Path, problem: Problem) -> Problem:
    return replace(problem, file=shown(folder, problem.file))
