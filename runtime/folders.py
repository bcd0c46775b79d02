"""Which files make a project: those of its folder, without the projects that lie below it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

VOCABULARY = ("vocabulary.yaml", "vocabulary")
OWN = ("vocabulary", "templates")
"""Folders that belong to the project around them, whatever lies in them."""


def is_project(folder: Path) -> bool:
    """Says whether a folder has a vocabulary of its own."""
    return any((folder / name).exists() for name in VOCABULARY)


def home_of(path: Path) -> Path:
    """Finds the folder of the project in which a path lies: the nearest above it that has a vocabulary."""
    start = path if path.is_dir() else path.parent
    return next((folder for folder in (start, *start.absolute().parents) if is_project(folder)), start)


def files_of(folder: Path) -> list[Path]:
    """Lists the visible files in and below a folder, in order, without those of projects below it."""
    return sorted(file for file, _ in _walked(folder) if file is not None and file.is_file())


def meant_by(path: Path) -> list[Path]:
    """Lists the folders that a folder stands for: itself, and where it is no project all projects below."""
    if is_project(path):
        return [path]
    return [path, *sorted(found for _, found in _walked(path) if found is not None)]


def _walked(folder: Path) -> Iterator[tuple[Path, None] | tuple[None, Path]]:
    """Goes through a folder: its files, and the projects below, which are not entered."""
    for above, names, files in os.walk(folder):
        here = Path(above)
        visible = [name for name in names if not name.startswith((".", "__"))]
        projects = [name for name in visible if name not in OWN and is_project(here / name)]
        names[:] = [name for name in visible if name not in projects]
        yield from ((None, here / name) for name in projects)
        yield from ((here / name, None) for name in files if not name.startswith((".", "__")))
