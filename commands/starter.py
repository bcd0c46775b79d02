"""A first version of a journey from four answers: its file, its templates, its scenarios."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from commands.starter_texts import templates
from engine.scenario_runner import ALWAYS, ScenarioResult, run_scenario
from language.compiled import Journey, Work
from language.problems import Problems
from language.scenario import read_scenarios
from language.terms import Queue, Vocabulary
from model.channels import MESSAGES

Channel = Literal["email", "sms", "call"]
REQUEST = "request"

_REACTION = {"email": "email.clicked", "sms": "sms.replied"}


@dataclass(frozen=True, slots=True)
class Answers:
    """What begins it (an event, or `request`), which channel first, how long to wait, which event counts as
    won and under which ending; `queue` where the first thing is a call.
    """

    name: str
    begins: str
    channel: Channel
    wait: str
    won: str
    ending: str
    queue: Queue | None = None

    @property
    def wanted(self) -> dict[str, str]:
        """Which texts go by which channel."""
        if self.channel == "call":
            return {"call": "script", "reminder": "email"}
        return {"hello": self.channel, "reminder": self.channel}


def starting_files(answers: Answers, vocabulary: Vocabulary) -> dict[str, str]:
    """Gives the journey and its templates, by their paths."""
    files = {f"{answers.name}.yaml": journey_text(answers)}
    if vocabulary.endings.get(answers.ending) != "won":
        files[f"vocabulary/{answers.name}.yaml"] = f"endings: {{{answers.ending}: won}}\n"
    return files | dict(templates(vocabulary.company, answers.name, answers.wanted))


def journey_text(answers: Answers) -> str:
    """Writes the journey."""
    start = "by: request" if answers.begins == REQUEST else f"event: {answers.begins}"
    cause = "on request" if answers.begins == REQUEST else f"after {answers.begins}"
    what = "Calls" if answers.channel == "call" else "Writes"
    return f"""\
journey: {answers.name}
version: 1
about: {what} {cause}, and once more after {answers.wait}, until {answers.won}.
start: {{{start}}}
goal: {{event: {answers.won}, within: 60 days}}
exit:
  - event: {answers.won}
    as: {answers.ending}

steps:
{"".join(_call(answers) if answers.channel == "call" else _message(answers))}  - end: finished
"""


def _message(answers: Answers) -> Iterator[str]:
    channel, name = answers.channel, answers.name
    yield f"  - {channel}: {name}_hello\n"
    yield f"  - wait_for: {_REACTION[channel]}  # of the message just sent\n"
    yield f"    within: {answers.wait}\n    else:\n      - {channel}: {name}_reminder\n"


def _call(answers: Answers) -> Iterator[str]:
    assert answers.queue is not None
    yield f"  - call: {answers.name}_call\n    queue: {answers.queue.name}\n"
    yield f"    script: {answers.name}_call\n    due: 4 hours\n    outcomes:\n"
    for codes, block in _outcomes(answers.queue, answers.ending):
        yield f"      {' or '.join(codes)}: {block}\n"
    yield f"  - wait: {answers.wait}\n  - email: {answers.name}_reminder\n"


def _outcomes(queue: Queue, ending: str) -> Iterator[tuple[Sequence[str], str]]:
    """Gives every outcome that needs a branch: what went well is won, after the rest it goes on."""
    handled = [one for one in queue.outcomes.values() if one.effect != "callback"]
    won = [one.code for one in handled if one.result == "positive"]
    rest = [one.code for one in handled if one.result != "positive"]
    if won:
        yield won, f"[end: {ending}]"
    yield rest, "go_on"


@dataclass(frozen=True, slots=True)
class _Draft:
    name: str
    events: tuple[str, ...] = ()


def scenarios_text(answers: Answers, journey: Journey, vocabulary: Vocabulary) -> str:
    """Writes scenarios that take every branch, as the simulator plays them."""
    head = _head(answers, vocabulary)
    alone = _played(head, _begun(answers, _Draft("the lead does nothing")), journey, vocabulary)
    drafts = [_Draft("the lead does nothing"), *_drafts(answers, journey, alone, head, vocabulary)]
    parts = [head]
    for draft in drafts:
        begun = _begun(answers, draft)
        parts.append(_written(begun, _expected(_played(head, begun, journey, vocabulary))))
    return "".join(parts)


def _head(answers: Answers, vocabulary: Vocabulary) -> str:
    consent = "{email: true, sms: true, call: true}"
    language = vocabulary.company.languages[0]
    return f"""\
journey: {answers.name}
lead:
  first_name: Ana
  language: {language}
  zone: {vocabulary.company.zone}
  email: ana@example.com
  phone: "+34600111222"
  consent: {consent}
scenarios:
"""


def _begun(answers: Answers, draft: _Draft) -> _Draft:
    """Says how the run begins, where no event does it."""
    if answers.begins != REQUEST:
        return draft
    return _Draft(draft.name, ("{by: request, at: 2026-01-05 at 10:00}", *draft.events))


def _drafts(
    answers: Answers, journey: Journey, alone: ScenarioResult, head: str, vocabulary: Vocabulary
) -> Iterator[_Draft]:
    if answers.channel == "call":
        yield from _calls(answers, journey, alone, head, vocabulary)
        moment = _after(alone, ("call",), 15)
    else:
        clicks = "clicks" if answers.channel == "email" else "replies"
        reaction = f"{{at: {_after(alone, MESSAGES, 1)}, event: {_REACTION[answers.channel]}}}"
        yield _Draft(f"the lead {clicks}, and gets no reminder", (reaction,))
        moment = _after(alone, MESSAGES, 2)
    yield _Draft(f"{answers.won} ends it at once", (f"{{at: {moment}, event: {answers.won}}}",))


def _calls(
    answers: Answers, journey: Journey, alone: ScenarioResult, head: str, vocabulary: Vocabulary
) -> Iterator[_Draft]:
    """Gives a story for each outcome; one that is tried again is answered twice."""
    work = next(item for item in journey.program if isinstance(item, Work))
    for code in work.outcomes:
        for times in (1, 2):
            answered = tuple(
                f"{{at: {_after(alone, ('call',), 5 * number)}, call: {work.name}, outcome: {code}}}"
                for number in range(1, times + 1)
            )
            draft = _Draft(f"the call ends with {code}", answered)
            played = _played(head, _begun(answers, draft), journey, vocabulary)
            if (work.place.step, code) in played.covered and code != "expired":
                yield draft
                break


def _after(alone: ScenarioResult, kinds: Sequence[str] | frozenset[str], minutes: int) -> str:
    """Names the minute so many after the first message or call."""
    line = next(line for line in alone.log if line.kind in kinds)
    zone = ZoneInfo(alone.story.zone)
    first, at = alone.log[0].at.astimezone(zone), _moved(line.at, minutes, zone)
    return f"day {(at.date() - first.date()).days} at {at.hour}:{at.minute:02}"


def _moved(at: datetime, minutes: int, zone: ZoneInfo) -> datetime:
    return (at + timedelta(minutes=minutes)).astimezone(zone)


def _played(head: str, draft: _Draft, journey: Journey, vocabulary: Vocabulary) -> ScenarioResult:
    problems = Problems()
    text = head + _written(draft, ())
    found = read_scenarios("", text, {journey.name: journey}, vocabulary, problems)
    assert found, problems.all
    return run_scenario(journey, vocabulary, found[0])


def _expected(result: ScenarioResult) -> tuple[str, ...]:
    lines = [line for line in result.log if line.kind in ALWAYS]
    return tuple(
        f"day {line.day} {line.kind} {line.text}"
        + (f" skipped {line.reason}" if line.kind in MESSAGES and line.reason else "")
        for line in lines
    )


def _written(draft: _Draft, expect: Sequence[str]) -> str:
    events = "".join(f"      - {event}\n" for event in draft.events)
    lines = "".join(f"      - {line}\n" for line in expect)
    return (
        f"  - name: {draft.name}\n"
        + (f"    events:\n{events}" if events else "")
        + (f"    expect:\n{lines}" if lines else "    expect: []\n")
    )
