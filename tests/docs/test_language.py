"""The pages for those who write journeys name all words of the language, and no others."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

import pytest

from language.format_order import JOURNEY, LINE, PARTS, TRIGGER
from language.functions import NAMES
from language.journey import check_project
from language.names import WORDS
from language.problems import Problems
from language.syntax.journey import WHOLE
from language.syntax.steps import GO_ON
from language.syntax.verbs import VERBS
from language.syntax.words import PART_OF
from language.yaml import read_yaml
from tests.docs.examples import JOURNEY_KEYS
from tests.docs.pages import ROOT, links, pages, text_of

START = "docs/language.md"
CARD = "docs/card.md"
LANGUAGE = [page for page in pages() if page == START or page.startswith("docs/language/")]
PICTURES = sorted((ROOT / "docs" / "language" / "pictures").iterdir())
CONDITIONS = "In conditions"

_ROW = re.compile(r"^\| `([a-z_]+)` \| (.+) \| `(.+)` \|$", re.MULTILINE)
_JOURNEY = """journey: card
version: 1
start: {{event: quote.started}}
steps:
  - email: welcome
  - wait_for: email.replied
  - repeat: 3
    do:
      - wait: 1 day
      - if: '{condition}'
        then: [notify: sales_managers]
"""


def known() -> set[str]:
    """Lists all words that may stand in a journey and work."""
    return {*VERBS, *PART_OF, *JOURNEY, *TRIGGER, *LINE, *PARTS, *NAMES, *WORDS, GO_ON}


def rows(*, conditions: bool) -> list[tuple[str, str]]:
    """Gives the words of the card with their examples."""
    above, _, below = text_of(CARD).partition(f"## {CONDITIONS}\n")
    return [(word, example) for word, _, example in _ROW.findall(below if conditions else above)]


def test_every_verb_part_function_and_key_stands_on_the_pages_of_the_language() -> None:
    assert (
        _not_named({*VERBS, *PART_OF, *NAMES, *JOURNEY_KEYS, *JOURNEY, *TRIGGER, *LINE, *PARTS, WHOLE}) == []
    )


def _not_named(words: Iterable[str]) -> list[str]:
    text = "\n".join(text_of(page) for page in LANGUAGE)
    return sorted(word for word in words if not re.search(rf"(?<![\w.]){re.escape(word)}(?!\w)", text))


def test_the_first_page_leads_to_all_others_and_each_leads_back() -> None:
    assert set(LANGUAGE) - {START} <= set(links(START))
    assert [page for page in LANGUAGE if page != START and START not in links(page)] == []


def test_the_card_has_every_word_of_the_language_once_and_no_other() -> None:
    above = [word for word, _ in rows(conditions=False)]
    below = [word for word, _ in rows(conditions=True)]
    assert sorted(above) == sorted(set(above))
    assert sorted(below) == sorted(set(below))
    assert {*above, *below} == known()


def test_the_conditions_on_the_card_are_the_words_of_conditions() -> None:
    assert {word for word, _ in rows(conditions=True)} == {*NAMES, *WORDS}


@pytest.mark.parametrize(("word", "example"), rows(conditions=False))
def test_an_example_on_the_card_shows_its_word_and_is_yaml(word: str, example: str) -> None:
    problems = Problems()
    assert read_yaml("card.yaml", example, problems) is not None
    assert problems.all == ()
    assert re.search(rf"\b{word}\b", example)


@pytest.mark.parametrize(("word", "example"), rows(conditions=True))
def test_a_condition_on_the_card_shows_its_word_and_has_no_mistake(word: str, example: str) -> None:
    assert re.search(rf"\b{word}\b", example)
    vocabulary = text_of("journey_defs/vocabulary.yaml")
    files = {
        "vocabulary.yaml": vocabulary,
        "vocabulary/card.yaml": "lead: {interests: list of text}",
        "card.yaml": _JOURNEY.format(condition=example),
    }
    project = check_project(files)
    assert not project.errors, project.report()


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_stands_alone_says_what_it_shows_and_is_on_a_page(picture: Path) -> None:
    text = picture.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    tags = [child.tag.rpartition("}")[2] for child in root]
    assert tags[:3] == ["title", "desc", "rect"], "a title, a description, and a ground of its own"
    assert len(text) < 8_000
    assert not re.search(r"<script|<style|href=|url\(|@import|<image", text)
    assert picture.relative_to(ROOT).as_posix() in {link for page in LANGUAGE for link in links(page)}
