"""The pages are linked, name only what is there, and say of the system what is so."""

from __future__ import annotations

import re

import pytest
import typer
from typer.core import TyperGroup

from cli import app
from tests.docs import settings_table
from tests.docs.pages import ROOT, anchors, blocks, code_words, headings, links, pages, prose, text_of

PAGES = pages()
DECISIONS = [page for page in PAGES if page.startswith("docs/decisions/")]

_TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
_PATH = re.compile(r"\.?[a-zA-Z_]+(?:/[a-zA-Z0-9_.-]+)+/?|[a-z_]+\.(?:py|toml|md)")
_COMMAND = re.compile(r"(?:^|\s)(?:\.venv/bin/)?cauce((?: [a-z][a-z-]*)+)")
_MAKE = re.compile(r"\bmake ([a-z]+)")
MADE_LATER = ("var/", "journey_defs/test_drive.yaml", "run/", "logs/", "application/", "http/")


def code_of(page: str) -> list[str]:
    """Gives what a page shows as code: between backticks, and the lines of its blocks that are no YAML."""
    shown = [
        line
        for block in blocks(page)
        if block.tag in ("", "sh", "bash", "console")
        for line in block.text.splitlines()
    ]
    return [*code_words(page), *shown]


def test_make_demo_and_make_test_are_the_first_commands_of_the_readme() -> None:
    first = next(blocks("README.md"))
    assert first.text.split() == ["make", "demo", "make", "test"]


def test_the_readme_begins_by_saying_in_three_sentences_what_it_is() -> None:
    opening = prose("README.md").split("\n\n")[1]
    assert len(re.findall(r"[.!?](?:\s|$)", re.sub(r"\]\([^)]*\)", "]", opening))) == 3


@pytest.mark.parametrize("page", PAGES)
def test_the_make_targets_of_a_page_are_in_the_makefile(page: str) -> None:
    targets = set(_TARGET.findall(text_of("Makefile")))
    named = {target for code in code_of(page) for target in _MAKE.findall(code)}
    assert named <= targets


def test_ci_runs_lint_and_test_and_nothing_else() -> None:
    assert re.findall(r"^make .*$", text_of(".ci/run"), re.MULTILINE) == ["make lint", "make test"]
    others = [
        line for line in text_of(".ci/run").splitlines() if not line.startswith(("#", "set ", "cd ", "make "))
    ]
    assert others == []


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_are_commands_of_cauce(page: str) -> None:
    wrong = [
        f"cauce{found}"
        for code in code_of(page)
        for found in _COMMAND.findall(code)
        if not _is_command(found)
    ]
    assert wrong == []


def test_a_command_that_is_not_there_is_noticed() -> None:
    assert _is_command(" keys create")
    assert _is_command(" check journeys")
    assert not _is_command(" keys conjure")
    assert not _is_command(" conjure")


def _is_command(words: str) -> bool:
    command = typer.main.get_command(app)
    for word in words.split():
        if not isinstance(command, TyperGroup):
            return True
        found = command.commands.get(word)
        if found is None:
            return False
        command = found
    return True


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_a_page_lead_to_files(page: str) -> None:
    assert [link for link in links(page) if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_a_page_into_a_page_lead_to_a_heading(page: str) -> None:
    assert [f"{to}#{name}" for to, name in anchors(page) if name not in headings(to)] == []


def test_every_page_is_linked_from_another_one() -> None:
    linked = {link for page in PAGES for link in links(page) if link != page}
    assert set(PAGES) - linked - {"README.md"} == set()


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/operations.md", *DECISIONS]
)
def test_the_paths_that_a_page_names_are_there(page: str) -> None:
    named = [word for word in code_words(page) if _PATH.fullmatch(word) and not word.startswith(MADE_LATER)]
    assert [path for path in named if not any(c.isupper() for c in path) and not _exists(path)] == []


def _exists(path: str) -> bool:
    return (ROOT / path).exists()


@pytest.mark.parametrize("page", DECISIONS)
def test_a_decision_says_context_decision_and_consequence(page: str) -> None:
    number = page.removeprefix("docs/decisions/")[:4]
    assert text_of(page).startswith(f"# {number} ")
    assert re.findall(r"^## (.+)$", text_of(page), re.MULTILINE) == ["Context", "Decision", "Consequence"]


def test_every_decision_has_its_own_number_and_stands_in_the_list() -> None:
    numbers = [page.removeprefix("docs/decisions/")[:4] for page in DECISIONS]
    assert len(set(numbers)) == len(numbers)
    assert set(DECISIONS) <= set(links("docs/architecture.md"))


def test_the_settings_in_the_docs_are_those_of_the_code() -> None:
    page = text_of("docs/operations.md")
    assert settings_table.written(page) == settings_table.table(), "run python -m tests.docs.settings_table"
