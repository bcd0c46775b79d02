"""Compiles small journeys against the golden vocabulary."""

from __future__ import annotations

from language.compiled import Journey
from language.journey import Project, check_project
from tests.language.golden_files import GOLDEN

HEAD = "journey: example\nversion: 1\nstart: {event: quote.started}\n"


def project(text: str) -> Project:
    """Checks one journey; what stands above the steps may be left out."""
    whole = text if text.startswith("journey:") else HEAD + text
    vocabulary = (GOLDEN / "vocabulary.yaml").read_text(encoding="utf-8")
    return check_project({"journey.yaml": whole, "vocabulary.yaml": vocabulary})


def compiled(text: str) -> Journey:
    """Compiles one journey that has no mistake."""
    found = project(text)
    assert found.errors == (), found.report()
    return found.journeys["example"]


def codes(text: str) -> list[str]:
    """Lists the codes of a journey's problems."""
    return [problem.code for problem in project(text).problems]
