"""`cauce new`: a first version of a journey from four questions, with templates and scenarios that pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from commands import projects
from commands.house import Refused, nearest, say
from commands.starter import REQUEST, Answers, Channel, scenarios_text, starting_files
from engine.scenario_runner import coverage, run_scenario
from language.builtin import EVENTS
from language.problems import Problem
from language.terms import Queue, Vocabulary
from language.values import ValueText, parse_length
from runtime.project import Project, load_project

_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_TAKEN = frozenset({"vocabulary", "scoring", "templates", "demo"})
_GUESSES = ("purchase", "purchased", "completed", "sold", "won", "signed", "booked")

Begins = Annotated[
    str | None, typer.Option("--begins", metavar="EVENT", help="What begins it, or `request`.")
]
First = Annotated[Channel | None, typer.Option("--channel", help="Which channel comes first.")]
Wait = Annotated[
    str | None, typer.Option("--wait", metavar="LENGTH", help="How long to wait, like `2 days`.")
]
Won = Annotated[str | None, typer.Option("--won", metavar="EVENT", help="What counts as won.")]
InQueue = Annotated[str | None, typer.Option("--queue", help="Who calls; else the first queue.")]


def new(
    name: Annotated[str, typer.Argument(help="The journey's name, like welcome_series.")],
    begins: Begins = None,
    channel: First = None,
    wait: Wait = None,
    won: Won = None,
    queue: InQueue = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: the options, and what is usual.")] = False,
) -> None:
    """Write a first version of a journey: four questions, and it is there with templates and scenarios.

    What it writes passes `cauce check` and `cauce test` with every branch, in the company's languages. Change
    it from there.
    """
    project = projects.project()
    _free(project, name)
    ask = _Questions(project.vocabulary, yes=yes)
    began = ask.event("What begins it: an event, or `request`?", begins, "lead.created", REQUEST)
    first = ask.channel("Which channel comes first: email, sms or call?", channel)
    length = ask.length("How long to wait before the second try?", wait)
    counts = ask.event("Which event counts as won?", won, _usual(project.vocabulary))
    if began == counts:
        raise Refused(f"{began} cannot both begin the journey and count as won")
    caller = _queue(project.vocabulary, queue) if first == "call" else None
    ending = _ending(project.vocabulary)
    written = _write(project, Answers(name, began, first, length, counts, ending, caller))
    for path in written:
        say(f"written: {path}")
    say(f"cauce show {name} draws it, cauce test {name} plays its scenarios, cauce publish {name} starts it")


class _Questions:
    """Asks what no option says; with `yes` takes what is usual."""

    def __init__(self, vocabulary: Vocabulary, *, yes: bool) -> None:
        self._vocabulary = vocabulary
        self._yes = yes

    def event(self, question: str, given: str | None, usual: str | None, other: str = "") -> str:
        """Asks for an event of the vocabulary."""
        known = sorted(self._vocabulary.events)

        def read(text: str) -> str:
            if text in known or (other and text == other):
                return text
            raise ValueError(f"the vocabulary has no event {text}; {nearest(text, known)}")

        return self._ask(question, given, usual, read)

    def channel(self, question: str, given: Channel | None) -> Channel:
        """Asks for the first channel."""
        known = get_args(Channel)

        def read(text: str) -> str:
            if text in known:
                return text
            raise ValueError(f"{text} is none of {', '.join(known)}")

        return cast("Channel", self._ask(question, given, "email", read))

    def length(self, question: str, given: str | None) -> str:
        """Asks for a length of time."""

        def read(text: str) -> str:
            try:
                parse_length(text)
            except ValueText as error:
                raise ValueError(f"{error.message}: {error.suggestion}") from None
            return text

        return self._ask(question, given, "2 days", read)

    def _ask(self, question: str, given: str | None, usual: str | None, read: Callable[[str], str]) -> str:
        if given is None and not self._yes:
            return cast("str", typer.prompt(question, default=usual, value_proc=_asked_again(read)))
        if given is None and usual is None:
            raise Refused(f"{question} Say it with an option; `cauce new --help` lists them")
        try:
            return read(given if given is not None else usual or "")
        except ValueError as error:
            raise Refused(str(error)) from None


def _asked_again(read: Callable[[str], str]) -> Callable[[str], str]:
    """Makes a wrong answer be asked for once more."""

    def checked(text: str) -> str:
        try:
            return read(text.strip())
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None

    return checked


def _free(project: Project, name: str) -> None:
    if not _NAME.fullmatch(name) or name in _TAKEN:
        raise Refused(f"{name} is no name for a journey: small letters, digits and _, like welcome_series")
    if name in project.files or (project.folder / f"{name}.yaml").exists():
        raise Refused(f"{project.folder} has a journey {name} already; choose another name")
    if project.shared_errors:
        shown = "\n".join(project.rendered(problem) for problem in project.shared_errors)
        raise Refused(f"{shown}\nthe vocabulary and the templates come first")


def _usual(vocabulary: Vocabulary) -> str | None:
    """Guesses which event is a success, by its name."""
    for word in _GUESSES:
        for event in vocabulary.events:
            if event not in EVENTS and word in event.split("."):
                return event
    return None


def _ending(vocabulary: Vocabulary) -> str:
    won = [name for name, outcome in vocabulary.endings.items() if outcome == "won"]
    return "converted" if "converted" in won or not won else won[0]


def _queue(vocabulary: Vocabulary, name: str | None) -> Queue:
    if not vocabulary.queues:
        raise Refused("a call needs a queue of people: declare one under `queues:` in the vocabulary")
    wanted = name if name is not None else next(iter(vocabulary.queues))
    if wanted not in vocabulary.queues:
        raise Refused(f"the vocabulary has no queue {wanted}; {nearest(wanted, list(vocabulary.queues))}")
    return vocabulary.queues[wanted]


def _write(project: Project, answers: Answers) -> list[Path]:
    """Writes everything and proves it; where something is wrong, nothing stays."""
    files = starting_files(answers, project.vocabulary)
    taken = [path for path in files if (project.folder / path).exists()]
    if taken:
        raise Refused(f"{project.folder / taken[0]} is there already; choose another name")
    written: list[Path] = []
    try:
        for path, text in files.items():
            written.append(_put(project.folder / path, text))
        found = _sound(project.folder, answers.name)
        text = scenarios_text(answers, found.journeys[answers.name], found.vocabulary)
        written.append(_put(project.folder / f"{answers.name}.test.yaml", text))
        _prove(_sound(project.folder, answers.name), answers.name)
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        raise
    return written


def _put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _sound(folder: Path, name: str) -> Project:
    project = load_project(folder)
    wrong: tuple[Problem, ...] = project.errors_of(name)
    if wrong:
        raise Refused("\n".join(project.rendered(problem) for problem in wrong))
    return project


def _prove(project: Project, name: str) -> None:
    """Raises Refused unless all scenarios pass and take every branch."""
    journey = project.journeys[name]
    mine = [one for one in project.scenarios if one.journey == name]
    results = [run_scenario(journey, project.vocabulary, one) for one in mine]
    failed = next((result.difference for result in results if result.difference is not None), None)
    missing = coverage(journey, results).missing
    if failed is not None or missing:
        what = (
            failed.message if failed is not None else f"no scenario takes {', '.join(map(' '.join, missing))}"
        )
        raise Refused(f"with these answers the journey does not do what it should: {what}")
