"""`new`: from four answers to a journey with templates and scenarios that pass."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cli import app
from tests.commands.line import VOCABULARY, CommandLine

QUEUES = """\
queues:
  night_shift:
    hours: {days: sat-sun, from: 20:00, to: 23:00}
    outcomes:
      sold: {label: Sold, effect: reached, result: positive}
      thinks: {label: Thinks about it, effect: reached}
      later: {effect: callback}
      engaged: {effect: retry}
      wrong_number: {effect: number_dead}
      never: {effect: never_call, result: negative}
"""
WON = ("--won", "offer.taken")


@pytest.mark.parametrize("channel", ["email", "sms", "call"])
@pytest.mark.parametrize("begins", ["visit.made", "request"])
def test_what_is_written_passes_check_and_test_with_every_branch(
    cauce: CommandLine, channel: str, begins: str
) -> None:
    cauce.write("vocabulary/queues.yaml", QUEUES)
    cauce.write("vocabulary.yaml", VOCABULARY.replace("[en]", "[es, en]"))
    cauce.good("new", "first", "--yes", "--channel", channel, "--begins", begins, *WON)
    cauce.good("check", cauce.journeys / "first.yaml")
    assert "100 % of the branches" in cauce.good("test", "first", "--min-coverage", "100")
    cauce.good("fmt", "--check")
    cauce.good("show", "first", "--format", "svg")
    names = {path.name for path in cauce.journeys.rglob("first_*")}
    assert {name.split(".")[1] for name in names} == {"es", "en"}


def test_four_questions_are_asked_and_a_wrong_answer_once_more(cauce: CommandLine) -> None:
    answers = "visit.mad\nvisit.made\nfax\nemail\n2 dayz\n3 days\noffer.taken\n"
    shown = CliRunner().invoke(app, ["new", "first"], input=answers)
    assert shown.exit_code == 0, shown.output
    assert "did you mean visit.made?" in shown.output
    assert "fax is none of email, sms, call" in shown.output
    assert "`2 dayz` is no length of time" in shown.output
    text = (cauce.journeys / "first.yaml").read_text()
    assert "start: {event: visit.made}" in text
    assert "within: 3 days" in text


def test_an_empty_answer_takes_what_is_usual(cauce: CommandLine) -> None:
    shown = CliRunner().invoke(app, ["new", "first"], input="\n\n\noffer.taken\n")
    assert shown.exit_code == 0, shown.output
    assert "start: {event: lead.created}" in (cauce.journeys / "first.yaml").read_text()
    assert "within: 2 days" in (cauce.journeys / "first.yaml").read_text()


def test_the_ending_is_one_that_counts_as_won_and_is_declared_where_there_is_none(cauce: CommandLine) -> None:
    cauce.good("new", "first", "--yes", *WON)
    assert "as: taken" in (cauce.journeys / "first.yaml").read_text()
    cauce.write("vocabulary.yaml", VOCABULARY.replace("taken: won", "taken: lost"))
    cauce.good("new", "second", "--yes", *WON)
    assert "as: converted" in (cauce.journeys / "second.yaml").read_text()
    assert (cauce.journeys / "vocabulary/second.yaml").read_text() == "endings: {converted: won}\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("hello", *WON), "has a journey hello already"),
        (("Two Words", *WON), "is no name for a journey"),
        (("vocabulary", *WON), "is no name for a journey"),
        (("first",), "Which event counts as won?"),
        (("first", "--won", "offer.takn"), "did you mean offer.taken?"),
        (("first", "--begins", "offer.taken", *WON), "cannot both begin"),
        (("first", "--wait", "soon", *WON), "no length of time"),
        (("first", "--wait", "3 years", *WON), "J031"),
        (("first", "--channel", "call", *WON), "declare one under `queues:`"),
        (("first", "--begins", "journey.enterd", *WON), "no event journey.enterd"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    cauce: CommandLine, words: tuple[str, ...], why: str
) -> None:
    before = sorted(cauce.journeys.rglob("*.*"))
    said = cauce("new", "--yes", *words)
    assert said.code == 1
    assert why in said.err
    assert sorted(cauce.journeys.rglob("*.*")) == before


def test_mistakes_in_the_vocabulary_come_first(cauce: CommandLine) -> None:
    cauce.write("vocabulary/more.yaml", "leads: {}\n")
    said = cauce("new", "first", "--yes", *WON)
    assert "J003" in said.err
    assert not (cauce.journeys / "first.yaml").exists()
