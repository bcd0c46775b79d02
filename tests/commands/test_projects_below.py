"""A folder below a project that has a vocabulary of its own is a project of its own."""

from __future__ import annotations

import pytest

from runtime.folders import files_of
from runtime.project import load_project
from tests.commands.line import HELLO, SCENARIOS, VOCABULARY, CommandLine

BELOW = {
    "vocabulary.yaml": VOCABULARY + "queues: {desk: {outcomes: {done: {effect: done}}}}\n",
    "hello.yaml": HELLO.replace("email: hello", "sms: hallo").replace("wait: 2 days", "wait: 2 dayz"),
    "hello.test.yaml": SCENARIOS,
    "scoring.yaml": "no: rules\n",
    "templates/sms/hallo.txt": "---\npurpose: nonsense\n---\nHi.\n",
}


@pytest.fixture
def above(cauce: CommandLine) -> CommandLine:
    """A sound project with a broken one two folders below it, which has names of the upper one."""
    for name, text in BELOW.items():
        cauce.write(f"examples/birthday/{name}", text)
    return cauce


def test_the_upper_project_reads_nothing_of_it(above: CommandLine) -> None:
    project = load_project(above.journeys)
    assert [project.rendered(problem) for problem in project.problems] == []
    assert list(project.journeys) == ["hello"]
    assert list(project.vocabulary.queues) == []
    assert project.templates.names("sms") == ()
    assert above.good("check") == "1 journey checked: no mistakes\n"
    assert "3 scenarios of 1 journeys, all as expected" in above.good("test")
    assert "desk" not in above.good("schema")


def test_named_it_is_read_with_its_own_vocabulary(above: CommandLine) -> None:
    folder = above.journeys / "examples" / "birthday"
    said = above("check", folder)
    assert said.code == 1
    assert f"{folder}/hello.yaml:10:" in said.out
    assert f"{folder}/templates/sms/hallo.txt:" in said.out
    assert list(load_project(folder).vocabulary.queues) == ["desk"]


def test_a_folder_that_is_no_project_stands_for_the_projects_in_it(above: CommandLine) -> None:
    for name in ("vocabulary.yaml", "hello.yaml"):
        above.write(f"examples/other/{name}", (above.journeys / name).read_bytes())
    said = above("check", above.journeys / "examples")
    assert said.code == 1
    assert "examples/birthday/hello.yaml:10:" in said.out
    assert "2 journeys checked" in above("check", above.journeys / "examples").out


def test_fmt_of_the_upper_project_leaves_it_alone(above: CommandLine) -> None:
    crooked = "endings:   {taken: won}\n"
    below = above.write("examples/birthday/vocabulary/endings.yaml", crooked)
    assert above.good("fmt", "--check", above.journeys) == "0 to format, 3 as they should be\n"
    assert above("fmt", "--check", above.journeys / "examples").code == 1
    above("fmt", above.journeys / "examples")
    assert below.read_text() != crooked


def test_the_vocabulary_folder_belongs_to_the_project_around_it(above: CommandLine) -> None:
    above.write("vocabulary/vocabulary.yaml", "endings: {left: lost}\n")
    assert above.journeys / "vocabulary" / "vocabulary.yaml" in files_of(above.journeys)
    assert "left" in load_project(above.journeys).vocabulary.endings
