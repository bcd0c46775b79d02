"""What all tools make of the words of messages: lowered, written back, named, drawn, compared."""

from __future__ import annotations

import pytest

from language.compiled import AllowLead, Message, SuppressLead, dump, load
from language.diff import differences
from language.format import formatted
from language.journey import check_project
from language.outline import label
from language.picture import svg
from model.channels import MESSAGES, PREFERENCE
from model.time import Length
from templates.store import Templates
from tests.language.compiling import HEAD, compiled, project

SEND = """steps:
  - send: offer
    by: [whatsapp, social, email]
    network: x
    until_seen: 4 hours
  - send: other
    by: lead.preferred_channel
  - allow: email
  - suppress: sms
    for: 30 days
"""


def test_they_are_lowered_and_read_back_equal() -> None:
    journey = compiled(SEND)
    first, second, allow, suppress, _ = journey.program
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert (first.channels, first.network, first.until_seen) == (
        ("whatsapp", "social", "email"), "x", Length(seconds=4 * 3600),
    )  # fmt: skip
    assert (second.preferred, set(second.channels)) == (True, {*MESSAGES} - {"social"})
    assert isinstance(allow, AllowLead)
    assert isinstance(suppress, SuppressLead)
    assert (allow.what, suppress.what, suppress.for_) == ("email", "sms", Length(days=30))
    assert load(dump(journey)) == journey


def test_every_channel_has_its_place_in_the_order() -> None:
    assert sorted(PREFERENCE) == sorted(MESSAGES)


def test_they_are_named_in_drawings() -> None:
    journey = compiled(SEND)
    assert [label(item) for item in journey.program][:4] == [
        "whatsapp, then social, then email, 4 hours each to be seen: offer",
        "preferred channel other",
        "allow email",
        "suppress sms for 30 days",
    ]
    assert label(compiled("steps:\n  - social: a\n    network: facebook\n").program[0]) == (
        "social (facebook) a"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("until_seen: 4 hours", "until_seen: 2 hours", "4 hours -> 2 hours"),
        ("for: 30 days", "for: 10 days", "30 days -> 10 days"),
        ("network: x", "network: facebook", "x -> facebook"),
    ],
)
def test_a_change_is_said_in_plain_words(old: str, new: str, said: str) -> None:
    (change,) = differences(compiled(SEND), compiled(SEND.replace(old, new)))
    assert said in str(change)


def test_their_words_have_an_order() -> None:
    mixed = "    until_seen: 4 hours\n    network: x\n    by: [whatsapp, social, email]\n"
    text = HEAD + SEND.replace(
        "    by: [whatsapp, social, email]\n    network: x\n    until_seen: 4 hours\n", mixed
    )
    assert formatted("x.yaml", text, "journey") == HEAD + SEND


def templates(*paths: str) -> Templates:
    return Templates.from_files({f"templates/{path}": "Hello" for path in paths})


def test_a_preferred_channel_is_one_for_which_the_message_is_written() -> None:
    text = HEAD + "steps:\n  - send: hello\n    by: lead.preferred_channel\n"
    written = templates("sms/hello.txt", "web/hello.en.txt", "push/other.txt")
    journey = check_project({"journey.yaml": text}, written).journeys
    assert journey == {}, "the vocabulary has no quote.started"
    files = {"journey.yaml": text, "vocabulary.yaml": "events: {quote.started: {}}\n"}
    message = check_project(files, written).journeys["example"].program[0]
    assert isinstance(message, Message)
    assert message.channels == ("sms", "web_message")


def test_a_message_that_is_written_for_no_channel_is_a_mistake_with_the_name_that_was_meant() -> None:
    text = HEAD + "steps:\n  - send: helo\n    by: lead.preferred_channel\n  - web_message: hello\n"
    files = {"journey.yaml": text, "vocabulary.yaml": "events: {quote.started: {}}\n"}
    found = check_project(files, templates("sms/hello.txt")).problems
    assert [(one.code, one.message, one.suggestion) for one in found] == [
        ("J012", "no channel has a template `helo`", "did you mean `hello`?"),
        ("J012", "there is no web_message template `hello`", "make `templates/web/hello.txt`"),
    ]


@pytest.mark.parametrize(
    ("written", "right"),
    [("whats_app", "whatsapp"), ("in_app", "web_message"), ("push_notification", "push"), ("opt_in", "allow"),
     ("robocall", "voice"), ("direct_mail", "letter"), ("tweet", "social"), ("snooze", "suppress")],
)  # fmt: skip
def test_words_that_people_write_by_mistake_name_the_right_one(written: str, right: str) -> None:
    (problem,) = project(f"steps:\n  - {written}: hello\n").problems
    assert (problem.code, problem.suggestion) == ("J003", f"write `{right}`")


def test_the_picture_shows_them() -> None:
    assert "preferred channel" in svg(compiled(SEND))
