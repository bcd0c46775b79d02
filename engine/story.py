"""The log of a simulated run: what happened, day by day, in the words that scenarios expect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from language.compiled import Journey, Message
from model.commands import (
    AddScore,
    Answer,
    BeginRun,
    CallConnector,
    Connected,
    Effect,
    Enlist,
    Finish,
    Note,
    Notify,
    OpenWork,
    Permit,
    Report,
    Send,
    Sent,
    SetFacts,
    StopRuns,
    Suppress,
    WithdrawWork,
)
from model.record import record


@record
class LogLine:
    """One thing that happened: `kind` is the verb (`email`, `call`, `end`) or what the run did (`branch`,
    `waiting`).

    `day` counts calendar days in the run's zone from 0. `text` names the thing; `reason` says why, for a
    message why it was skipped.
    """

    at: datetime
    day: int
    kind: str
    text: str
    step: str = ""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """What became of one lead: the log, the ending (None: none yet), or why it was not let in.

    `taken` are the branches taken, as (step, name).
    """

    log: tuple[LogLine, ...]
    zone: str
    ending: str | None = None
    refused: str | None = None
    taken: frozenset[tuple[str, str]] = frozenset()


class Log:
    """Writes the log of one run that began at an instant, in its zone.

    That of another journey's run writes `into` the first one's log, and names its journey before its steps.
    """

    def __init__(self, journey: Journey, zone: str, begin: datetime, into: Log | None = None) -> None:
        self._of = journey.name if into is not None else ""
        self._zone, self._begin = ZoneInfo(zone), begin.astimezone(ZoneInfo(zone)).date()
        self._messages = {here.place.step: here for here in journey.program if isinstance(here, Message)}
        self._lines: list[LogLine] = into._lines if into is not None else []
        self.taken: set[tuple[str, str]] = set()
        self.ending: str | None = None

    def lines(self) -> tuple[LogLine, ...]:
        """Gives the lines in order of time."""
        return tuple(sorted(self._lines, key=lambda line: line.at))

    def write(self, at: datetime, kind: str, text: str, step: str = "", reason: str | None = None) -> None:
        """Adds a line."""
        day = (at.astimezone(self._zone).date() - self._begin).days
        named = f"{self._of}: {step}" if self._of else step
        self._lines.append(LogLine(at, day, kind, text, named, reason))

    def note(self, note: Note) -> None:
        """Adds what the run did without an effect."""
        if note.branch is not None:
            self.taken.add((note.step, note.branch))
        message = self._messages.get(note.step)
        if note.kind == "skipped" and message is not None:
            reason = note.text.partition(":")[0]
            self.write(note.at, message.channels[0], message.template, note.step, reason)
        elif note.branch is not None:
            self.write(note.at, note.kind, note.branch, note.step, note.text)
        else:
            self.write(note.at, note.kind, note.text, note.step)

    def effect(self, effect: Effect, answer: Answer, now: datetime) -> None:  # noqa: C901 - a case an effect
        """Adds an effect; work stands where its queue says that it is ready."""
        match effect:
            case Send():
                self._send(effect, answer, now)
            case OpenWork() | WithdrawWork():
                pass
            case Finish():
                self.ending = effect.ending
                if self._of:
                    self.write(now, "ended", f"{self._of} as {effect.ending}", reason=effect.reason)
                else:
                    self.write(now, "end", effect.ending, reason=effect.reason)
            case SetFacts():
                self.write(now, "set", ", ".join(effect.bound.values), effect.step)
            case AddScore(points=points):
                self.write(now, "score", "refresh" if points is None else f"{points:+g}", effect.step)
            case Report():
                self.write(now, "report", effect.outcome, effect.step)
            case Notify():
                self.write(now, "notify", effect.to, effect.step)
            case CallConnector():
                reason = answer.reason if isinstance(answer, Connected) else None
                self.write(now, effect.verb, effect.connector, effect.step, reason)
            case Suppress():
                until = effect.until.astimezone(self._zone) if effect.until is not None else None
                ends = f"until {until:%Y-%m-%d %H:%M}" if until is not None else None
                self.write(now, "suppress", effect.what, effect.step, ends)
            case BeginRun():
                self.write(now, "start_journey", effect.journey, effect.step)
            case StopRuns():
                self.write(now, "stop_journey", effect.journey, effect.step)
            case Permit():
                self.write(now, "allow", effect.what, effect.step)
            case Enlist():
                verb = "add_to_audience" if effect.add else "remove_from_audience"
                self.write(now, verb, effect.audience, effect.step)
            case _:
                assert_never(effect)

    def _send(self, effect: Send, answer: Answer, now: datetime) -> None:
        if not isinstance(answer, Sent):
            return
        channel = answer.channel or effect.channels[0]
        if answer.result == "sent":
            self.write(now, channel, effect.template, effect.step)
        elif answer.result == "held":
            self.write(now, "held", effect.template, effect.step, answer.reason)
        else:
            self.write(now, channel, effect.template, effect.step, answer.reason)
