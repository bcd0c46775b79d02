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


def test_the_schema_is_written_where_the_first_line_of_a_journey_names_it(cauce: CommandLine) -> None:
    said = cauce.good("schema", "--write")
    modeline = said.strip().partition("beside it: ")[2]
    name = modeline.removeprefix("# yaml-language-server: $schema=")
    assert json.loads((cauce.journeys / name).read_text("utf-8"))["title"] == "A journey"
    cauce.write("hello.yaml", f"{modeline}\n{HELLO}")
    cauce.good("fmt", "--check")
    assert cauce.good("check") == "1 journey checked: no mistakes\n"
