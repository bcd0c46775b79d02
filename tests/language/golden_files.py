"""Reads the golden files: a folder a case, `CODE_what`: `journey.yaml`, templates, `expected.txt`."""

from __future__ import annotations

from pathlib import Path

from language.checks import compare
from language.journey import Project, check_project
from templates.store import Templates

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir())
UNCHECKED = ("expected.txt", "previous.yaml")


def checked(case: str) -> Project:
    """Checks the journey of a case."""
    return check_project(_files(case, "journey.yaml"), _templates(case))


def output(case: str) -> str:
    """Gives what `check` says of a case, and of its change from `previous.yaml` if there is one."""
    project = checked(case)
    if not (GOLDEN / case / "previous.yaml").exists():
        return project.report() + "\n"
    previous = check_project(_files(case, "previous.yaml"), None).journeys["example"]
    found = compare(previous, project.journeys["example"], "journey.yaml")
    return "\n".join(project.rendered(problem) for problem in found) + "\n"


def _files(case: str, journey: str) -> dict[str, str]:
    texts = {"vocabulary.yaml": (GOLDEN / "vocabulary.yaml").read_text(encoding="utf-8")}
    texts["journey.yaml"] = (GOLDEN / case / journey).read_text(encoding="utf-8")
    return texts


def _templates(case: str) -> Templates | None:
    folder = GOLDEN / case / "templates"
    found = {str(path.relative_to(GOLDEN / case)): path.read_text("utf-8") for path in folder.rglob("*.txt")}
    return Templates.from_files(found) if found else None
