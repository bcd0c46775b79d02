"""What Studio's page sends and gets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, JsonValue

from api.fields import Answer, Body

FILE = r"^(\w[\w .-]*/)*\w[\w .-]*\.ya?ml$"
"""A path inside the project; no part of it begins with a dot."""
LARGEST_TEXT = 300_000
"""Characters of a file that is read; the language's own limit of 256 kB is told with a place."""

FileName = Annotated[str, Field(pattern=FILE, max_length=200)]
Text = Annotated[str, Field(max_length=LARGEST_TEXT)]


class Texts(Body):
    """A journey's file, and the texts that are being written: its own, and mostly its scenarios'."""

    file: FileName
    texts: dict[FileName, Text] = Field(max_length=4)


class LeadIn(Texts):
    """A lead to be played with: events as in scenarios, the first of which may begin the run."""

    lead: dict[str, JsonValue] = Field(max_length=200)
    events: tuple[dict[str, JsonValue], ...] = Field((), max_length=200)


class DraftIn(Body):
    """A draft to be kept over revision `read`, 0 for a first one; `base` as it was given with the file."""

    file: FileName
    text: Text
    read: int = Field(ge=0)
    base: str = Field(max_length=64)


class DropIn(Body):
    """A draft to be dropped."""

    file: FileName
    read: int = Field(ge=1)


class PublishIn(Texts):
    """A journey to be published after version `before`, the newest when it was looked at."""

    before: int | None


class DraftOut(Answer):
    """A draft without its text."""

    owner: str
    revision: int
    saved_at: datetime


class FileOut(Answer):
    """A file of the project, or one that is only a draft or only published."""

    file: str
    journey: str
    about: str
    version: int | None
    published: int | None
    mistakes: int
    on_disk: bool
    draft: DraftOut | None
    others: tuple[DraftOut, ...]


class ProjectOut(Answer):
    """What there is to open."""

    folder: str
    owner: str
    may_write: bool
    files: tuple[FileOut, ...]


class Saved(Answer):
    """What was kept."""

    revision: int
    saved_at: datetime


class DocumentOut(Answer):
    """A file with its texts: on disk, in the caller's draft, as published last."""

    file: str
    text: str | None
    base: str = Field(description="SHA-256 of the text on disk; empty where there is none.")
    draft: DraftOut | None
    draft_text: str | None
    draft_base: str | None
    others: tuple[DraftOut, ...]
    published: int | None
    published_text: str | None


class ProblemOut(Answer):
    """A mistake or a hint."""

    file: str
    line: int
    column: int
    code: str
    message: str
    suggestion: str | None
    hint: bool


class StepOut(Answer):
    """A step and the line it stands in."""

    step: str
    line: int


class WorkOut(Answer):
    """Work of the journey, a `call` or a `task`, and how it may end."""

    verb: str
    name: str
    outcomes: tuple[str, ...]


class StartOut(Answer):
    """A way in: by an event, or by request."""

    on: str
    name: str
    event: str | None
    line: int


class CheckedOut(Answer):
    """What `check` says; `sound` without a mistake, then with steps and, unless too large, a drawing."""

    journey: str | None
    version: int | None
    sound: bool
    problems: tuple[ProblemOut, ...]
    elsewhere: int = Field(description="Mistakes in files that every journey rests on.")
    svg: str | None
    steps: tuple[StepOut, ...]
    work: tuple[WorkOut, ...]
    starts: tuple[StartOut, ...]


class LogLineOut(Answer):
    """A line of the day-by-day log: `at` in the run's zone, `line` where the step stands (0: no step)."""

    at: datetime
    day: int
    kind: str
    text: str
    step: str
    reason: str | None
    line: int


class StoryOut(Answer):
    """What became of the lead."""

    zone: str
    ending: str | None
    refused: str | None
    log: tuple[LogLineOut, ...]


class LeadFault(Answer):
    """What is wrong with the lead: in `event` number, or in the lead itself."""

    event: int | None
    message: str
    suggestion: str | None


class PlayedOut(Answer):
    """The story, or why there is none."""

    story: StoryOut | None
    faults: tuple[LeadFault, ...]


class ScenarioOut(Answer):
    """A scenario as written, and how it went; `line` is where it parted from what it expects."""

    name: str
    lead: dict[str, JsonValue]
    events: tuple[dict[str, JsonValue], ...]
    line: int
    passed: bool | None
    difference: str | None
    story: StoryOut | None


class MissingOut(Answer):
    """A branch that no scenario takes."""

    step: str
    name: str
    line: int


class ScenariosOut(Answer):
    """All scenarios of the journey, and the branches that none of them takes."""

    file: str
    scenarios: tuple[ScenarioOut, ...]
    coverage: float | None
    missing: tuple[MissingOut, ...]


class PlanOut(Answer):
    """What publishing would do, or why it cannot; `stay` counts open runs by version."""

    journey: str | None
    version: int | None
    state: str
    reason: str
    before: int | None
    free: int
    changes: tuple[str, ...]
    stay: dict[int, int]
    problems: tuple[ProblemOut, ...]
    warnings: tuple[str, ...]
