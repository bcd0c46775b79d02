"""`fmt`: one form for every file, with nothing lost and nothing changed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml

from language.compiled import digest
from language.format import NotFormatted, formatted
from language.format_order import JOURNEY, LINE, PARTS, TRIGGER
from language.format_source import comments_of
from language.journey import check_project, kind_of
from language.problems import Problems
from language.syntax.words import PART_OF
from language.yaml import plain, read_yaml
from tests.docs.examples import JOURNEY_KEYS

SHIPPED = Path(__file__).parents[2] / "journey_defs"
VOCABULARY = (SHIPPED / "vocabulary.yaml").read_text("utf-8")
FILES = sorted(path for path in SHIPPED.glob("*.yaml") if kind_of(path.name) != "other")
JOURNEYS = [path for path in FILES if kind_of(path.name) == "journey"]


def journey(text: str) -> str:
    return formatted("x.yaml", text, "journey")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_shipped_files_are_in_the_form_already(path: Path) -> None:
    kind = kind_of(path.name)
    assert kind != "other"
    text = path.read_text("utf-8")
    assert formatted(path.name, text, kind) == text


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("path", JOURNEYS, ids=lambda path: path.name)
def test_a_journey_written_in_any_way_does_the_same_and_looks_the_same_the_second_time(
    path: Path, seed: int
) -> None:
    text = disarranged(path.read_text("utf-8"), random.Random(seed))
    once = journey(text)
    assert compiled(once) == compiled(text) == compiled(path.read_text("utf-8"))
    assert once != text
    assert journey(once) == once
    assert remarks(once) == remarks(text)


def compiled(text: str) -> str:
    project = check_project({"vocabulary.yaml": VOCABULARY, "x.yaml": text})
    assert not project.errors, project.report()
    return digest(next(iter(project.journeys.values())))


def remarks(text: str) -> list[str]:
    return sorted(comment.text for comment in comments_of(text))


def disarranged(text: str, chance: random.Random) -> str:
    """Writes the same journey otherwise: keys in any order, other braces, widths, comments, blank lines."""
    node = read_yaml("", text, Problems())
    assert node is not None
    names = yaml.dump(
        shuffled(plain(node), chance, in_order=False),
        sort_keys=False,
        allow_unicode=True,
        width=chance.choice([40, 90, 400]),
        indent=chance.choice([2, 3, 4]),
        default_flow_style=chance.choice([False, None]),
    )
    lines: list[str] = []
    for number, line in enumerate(names.splitlines()):
        whole = line.rstrip().endswith(":") or line.lstrip().startswith("- ")
        if whole and chance.random() < 0.15:
            lines.append(" " * chance.randrange(9) + f"# before {number}")
        if whole and chance.random() < 0.1:
            lines += ["", ""]
        lines.append(line + (f" # behind {number}" if whole and chance.random() < 0.15 else ""))
    return "\n".join([*lines, "# last", ""])


def shuffled(data: object, chance: random.Random, *, in_order: bool) -> object:
    """Shuffles maps; those whose order means something (stages, outcomes, arms) keep it."""
    if isinstance(data, list):
        return [shuffled(item, chance, in_order=False) for item in data]
    if not isinstance(data, dict):
        return data
    names = list(data)
    if not in_order:
        chance.shuffle(names)
    kept = ("stages", "outcomes", "split", "then", "retry", "set", "with", "goals")
    return {name: shuffled(data[name], chance, in_order=name in kept) for name in names}


def test_a_step_begins_with_its_verb_and_a_journey_with_its_name() -> None:
    text = """\
steps:
- else: [sms: b]
  within: 1 day
  wait_for: email.clicked
- {template: t, notify: team}
- queue: q
  wait: false
  outcomes: {x: go_on}
  call: hello
start: {if: lead.score >= 8, event: a.b}
version: 1
journey: x
"""
    assert (
        journey(text)
        == """\
journey: x
version: 1
start: {event: a.b, if: lead.score >= 8}
steps:
  - wait_for: email.clicked
    within: 1 day
    else: [sms: b]
  - {notify: team, template: t}
  - call: hello
    queue: q
    wait: false
    outcomes: {x: go_on}
"""
    )


def test_a_condition_that_one_line_braces_may_break_gets_a_line_of_its_own() -> None:
    text = """\
journey: x
start: {event: a.b, if: can_reach("email")}
exit: [{event: a.c, where: event.x is "y", as: done}]
steps:
  - repeat: {until: lead.name is "x", at_most: 3}
    do: [email: a]
  - {email: b, if: 'lead.tags contains "x"'}
"""
    assert (
        journey(text)
        == """\
journey: x
start:
  event: a.b
  if: can_reach("email")
exit:
  - event: a.c
    where: event.x is "y"
    as: done
steps:
  - repeat:
      until: lead.name is "x"
      at_most: 3
    do: [email: a]
  - {email: b, if: 'lead.tags contains "x"'}
"""
    )


def test_comments_stay_with_what_they_are_about() -> None:
    text = """\
# yaml-language-server: $schema=journey.schema.json
# about the name
journey: x
# about the steps

steps:
    # about the first
    - note: a    # about the note
      # about the mail
      email: a


    # about the second
    - wait: 2 days     # long
      # - email: never
    # behind the steps
version: 1 # one
# at the end
"""
    assert (
        journey(text)
        == """\
# yaml-language-server: $schema=journey.schema.json
# about the name
journey: x
version: 1 # one
# about the steps

steps:
  # about the first
  # about the mail
  - email: a
    note: a      # about the note

  # about the second
  - wait: 2 days       # long
    # - email: never
  # behind the steps
# at the end
""".replace("version: 1 #", "version: 1  #")
    )


def test_texts_over_several_lines_keep_them() -> None:
    text = """\
about: >-
      Two lines
        one deeper

      and a third
journey: "a
   b"
steps: [email: a,   # first
   wait: 2 days]
"""
    assert (
        journey(text)
        == """\
journey: "a
  b"
about: >-
  Two lines
    one deeper

  and a third
steps:
  - email: a        # first
  - wait: 2 days
"""
    )


def test_line_ends_of_other_systems_become_plain_ones() -> None:
    assert journey("\ufeffversion: 1\r\njourney: x\r\n") == "journey: x\nversion: 1\n"


def test_a_file_that_yaml_or_a_condition_breaks_is_not_written() -> None:
    for text, code in (
        ("journey: [\n", "J001"),
        ("journey: &a x\n", "J001"),
        ("journey: x\nversion: 1\nstart: {event: a.b, if: f(a, b)}\nsteps: [wait: 1 day]\n", "J006"),
        ('journey: x\nversion: 1\nstart:\n  event: a.b\n  if: "a" in lead.b\nsteps: [wait: 1 day]\n', "J006"),
    ):
        with pytest.raises(NotFormatted) as caught:
            journey(text)
        assert caught.value.problems[0].code == code


def test_a_mistake_of_another_kind_is_no_reason_not_to_write() -> None:
    assert (
        journey("steps:\n- emial: x\n  zzz: 1\njourney: x\n")
        == "journey: x\nsteps:\n  - emial: x\n    zzz: 1\n"
    )


def test_every_word_of_the_language_has_its_place() -> None:
    known = {*PARTS, *LINE, *TRIGGER}
    assert set(PART_OF) - known == set()
    assert {*JOURNEY_KEYS} - set(JOURNEY) == set()
