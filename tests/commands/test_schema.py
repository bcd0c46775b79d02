"""`schema` on the command line."""

from __future__ import annotations

import json

from jsonschema import Draft7Validator

from language.problems import Problems
from language.yaml import plain, read_yaml
from tests.commands.line import HELLO, CommandLine


def test_the_schema_is_printed_and_knows_the_project(cauce: CommandLine) -> None:
    check = Draft7Validator(json.loads(cauce.good("schema")))
    for text, sound in ((HELLO, True), (HELLO.replace("email: hello", "email: helo"), False)):
        node = read_yaml("x.yaml", text, Problems())
        assert node is not None
        assert check.is_valid(plain(node)) is sound


def test_scenarios_and_vocabulary_have_schemas_too(cauce: CommandLine) -> None:
    scenarios = json.loads(cauce.good("schema", "scenarios"))
    assert scenarios["properties"]["journey"]["enum"] == ["hello"]
    assert "events" in json.loads(cauce.good("schema", "vocabulary"))["properties"]


def test_the_schemas_are_written_where_the_first_line_of_a_file_names_them(cauce: CommandLine) -> None:
    lines = cauce.good("schema", "--write").splitlines()
    modelines = [line.partition("beside it: ")[2] for line in lines]
    names = [line.removeprefix("# yaml-language-server: $schema=") for line in modelines]
    titles = [json.loads((cauce.journeys / name).read_text("utf-8"))["title"] for name in names]
    assert titles == ["A journey", "Scenarios", "A vocabulary"]
    cauce.write("hello.yaml", f"{modelines[0]}\n{HELLO}")
    cauce.good("fmt", "--check")
    assert cauce.good("check") == "1 journey checked: no mistakes\n"
