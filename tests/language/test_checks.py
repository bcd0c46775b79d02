"""Every check has a golden file and a section in the docs, and says exactly what the file says."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from language.checks import compare
from language.journey import check_project
from tests.language.compiling import compiled
from tests.language.golden_files import CASES, GOLDEN, checked, output

DOCS = Path(__file__).parents[2] / "docs" / "checks.md"
LANGUAGE = Path(__file__).parents[2] / "language"
HINTS = {"J026", "J024", "J032", "J035"}


@pytest.mark.parametrize("case", CASES)
def test_a_golden_case_says_exactly_what_it_said_before(case: str) -> None:
    assert output(case) == (GOLDEN / case / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", [case for case in CASES if not (GOLDEN / case / "previous.yaml").exists()])
def test_a_golden_case_finds_the_code_that_it_is_called_by(case: str) -> None:
    found = [problem for problem in checked(case).problems if problem.code == case[:4]]
    assert found
    assert all(problem.hint for problem in found) <= (case[:4] in HINTS)


def test_every_code_of_the_language_has_a_golden_case_and_a_section_in_the_docs() -> None:
    used = {
        code for file in LANGUAGE.rglob("*.py") for code in re.findall(r'"(J0\d\d)"', file.read_text("utf-8"))
    }
    documented = set(re.findall(r"^## (J\d+)$", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == used
    assert {case[:4] for case in CASES} == used


def test_a_journey_of_five_hundred_steps_is_checked_in_seconds() -> None:
    step = (
        '  - email: mail_{n}\n    if: lead.score > {n} and did("email.clicked", 30 days)\n  - wait: 2 days\n'
    )
    steps = "".join(step.format(n=number) for number in range(250))
    text = f"journey: long\nversion: 1\nlife: 10 years\nstart: {{event: lead.created}}\nsteps:\n{steps}"
    begin = time.perf_counter()
    project = check_project({"long.yaml": text})
    assert time.perf_counter() - begin < 5
    assert project.problems == ()
    assert len(project.journeys["long"].program) == 501


@pytest.mark.parametrize(
    "steps",
    [
        "[" * 20_000,
        "- " * 20_000,
        "{if: " * 20_000,
        "\n" + "".join(f"{'  ' * level}- if: x\n{'  ' * level}  then:\n" for level in range(300)),
        "&a [go_on]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a, *a]\n" for n in range(5_000)),
        "\n  - &a {email: welcome}\n" + "  - *a\n" * 5_000,
    ],
    ids=["flow", "block", "maps", "steps inside steps", "aliases of lists", "aliases of steps"],
)
def test_a_journey_made_to_hurt_is_refused_as_yaml_and_the_others_are_checked(steps: str) -> None:
    good = "journey: good\nversion: 1\nstart: {event: lead.created}\nsteps:\n  - wait: 2 days\n"
    bad = f"journey: bad\nversion: 1\nstart: {{event: lead.created}}\nsteps: {steps}"
    project = check_project({"bad.yaml": bad, "good.yaml": good})
    assert {(problem.file, problem.code) for problem in project.problems} == {("bad.yaml", "J001")}
    assert list(project.journeys) == ["good"]


def test_a_journey_with_a_mistake_is_not_among_the_journeys_while_the_others_are() -> None:
    good = "journey: good\nversion: 1\nstart: {event: lead.created}\nsteps:\n  - wait: 2 days\n"
    project = check_project(
        {"good.yaml": good, "bad.yaml": good.replace("good", "bad").replace("2 days", "2 dais")}
    )
    assert list(project.journeys) == ["good"]
    assert [problem.file for problem in project.errors] == ["bad.yaml"]


def test_a_comment_or_an_empty_line_is_no_new_content() -> None:
    before = compiled("steps:\n  - wait: 2 days\n")
    assert compare(before, compiled("# said otherwise\nsteps:\n\n  - wait: 2 days\n")) == ()
    assert [found.code for found in compare(before, compiled("steps:\n  - wait: 3 days\n"))] == ["J041"]


def test_the_mistakes_of_all_files_come_in_one_go() -> None:
    bad = "journey: {name}\nversion: 1\nstart: {{event: lead.creatd}}\nsteps:\n  - wait: soon\n"
    project = check_project({f"{name}.yaml": bad.format(name=name) for name in ("one", "two")})
    assert [(problem.file, problem.code) for problem in project.problems] == [
        ("one.yaml", "J011"),
        ("one.yaml", "J005"),
        ("two.yaml", "J011"),
        ("two.yaml", "J005"),
    ]
