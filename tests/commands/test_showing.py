"""`show` on the command line."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from tests.commands.line import CommandLine


def test_a_journey_is_shown_as_a_picture_and_as_a_page(cauce: CommandLine) -> None:
    assert ET.fromstring(cauce.good("show", "hello", "--format", "svg")).tag.endswith("svg")
    page = cauce.good("show", "hello", "--format", "html")
    assert page.startswith("<!doctype html>")
    assert "email · service" in page
    assert "Says hello after a visit." in page


def test_a_journey_with_mistakes_is_not_drawn(cauce: CommandLine) -> None:
    cauce.write("vocabulary/more.yaml", "leads: {}\n")
    said = cauce("show", "hello", "--format", "svg")
    assert (said.code, said.out) == (1, "")
    assert "J003" in said.err
