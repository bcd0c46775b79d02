"""The cookbook quotes the examples as they are, and the page of the checks what `check` says."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest

from tests.docs.examples import COOKBOOK
from tests.docs.pages import ROOT, text_of
from tests.language.golden_files import CASES, GOLDEN

EXAMPLES = ROOT / "journey_defs" / "examples"

_RECIPE = re.compile(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", re.DOTALL | re.MULTILINE)
_CHECK = re.compile(r"^## (J\d+)\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_TEXT = re.compile(r"^```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"\]\(\.\./journey_defs/examples/([a-z_]+)/\1\.yaml\)")


def quotes() -> list[tuple[str, str]]:
    """Gives what the cookbook quotes, each with the name of its example."""
    return [
        (name, quote)
        for _, recipe in _RECIPE.findall(text_of(COOKBOOK))
        for name in _NAME.findall(recipe)
        for quote in _YAML.findall(recipe)
    ]


def sections() -> list[tuple[str, str]]:
    """Gives the codes with their sections."""
    return _CHECK.findall(text_of("docs/checks.md"))


def stands_in(quote: str, text: str) -> bool:
    """Says whether lines follow each other in a text so, however far to the right."""
    wanted, lines = quote.splitlines(), text.splitlines()
    slices = ("\n".join(lines[at : at + len(wanted)]) for at in range(len(lines)))
    return any(dedent(found) == "\n".join(wanted) for found in slices)


@pytest.mark.parametrize(("name", "quote"), quotes())
def test_the_lines_of_a_recipe_stand_in_its_example(name: str, quote: str) -> None:
    assert stands_in(quote, (EXAMPLES / name / f"{name}.yaml").read_text(encoding="utf-8")), quote


def test_each_recipe_quotes_and_names_one_example() -> None:
    recipes = _RECIPE.findall(text_of(COOKBOOK))
    assert recipes
    wrong = [need for need, text in recipes if len(set(_NAME.findall(text))) != 1 or not _YAML.search(text)]
    assert wrong == []


def test_every_example_has_a_recipe() -> None:
    examples = {folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()}
    named = set(_NAME.findall(text_of(COOKBOOK)))
    assert examples - named == set(), "write in docs/cookbook.md what it is for, with some of its lines"


def test_a_line_that_stands_nowhere_is_noticed() -> None:
    assert stands_in("- wait: 1 day\n", "steps:\n  - wait: 1 day\n  - end: lost\n")
    assert not stands_in("- wait: 2 days\n", "steps:\n  - wait: 1 day\n")
    assert not stands_in("- wait: 1 day\n- end: lost\n", "- wait: 1 day\n- email: a\n- end: lost\n")


@pytest.mark.parametrize(("code", "section"), sections(), ids=[code for code, _ in sections()])
def test_the_section_of_a_code_shows_what_check_says_and_a_form_that_works(code: str, section: str) -> None:
    said = _TEXT.findall(section)
    assert said
    assert _YAML.search(section)
    golden = [(GOLDEN / case / "expected.txt").read_text("utf-8") for case in CASES if case.startswith(code)]
    assert [text for text in said if not any(text in expected for expected in golden)] == []


def test_the_table_of_codes_names_each_section_in_its_order() -> None:
    table = re.findall(r"^\| (J\d+) \|", text_of("docs/checks.md"), re.MULTILINE)
    assert table == [code for code, _ in sections()]
