"""The file of a story: JSON lines, each what somebody does at an instant, or who the story is about.

```
{"cast": "bought", "title": "…", "lead": {"external_id": "crm-1"}, "ends": {"journey": "…", "ending": "…"}}
{"at": "2026-11-04T17:00", "who": "CRM", "put": {"email": "…", "first_name": "…"}}
{"at": "2026-11-04T17:30", "who": "web", "event": "page.viewed", "properties": {…}, "by": ["visitor_id"]}
{"at": "2026-11-05T10:00", "who": "dealer", "task": "NAME", "queue": "QUEUE", "outcome": "CODE", "notes": "…"}
{"remark": "printed where it stands"}
```

A line with `story` belongs to that story alone, others to every story of the cast. Times without an offset
are in `zone` of the story.

ScriptError    the file cannot be played; the message begins with FILE:LINE
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

Identifier = Literal["external_id", "email", "phone", "visitor_id"]


class ScriptError(Exception):
    """The file cannot be played."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("not a time zone of the IANA database, Europe/Madrid") from None
    return name


class Line(BaseModel):
    """What every line is."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Ends(Line):
    """How a story must end."""

    journey: str
    ending: str


class Cast(Line):
    """A story, whom it is about, and its ending. `lead` holds the identifiers that its events name."""

    cast: str
    title: str
    lead: dict[Identifier, str] = Field(min_length=1)
    ends: Ends
    zone: Annotated[str, AfterValidator(_zone)] = "Europe/Madrid"


class Act(Line):
    """What somebody does; `who` is for the reader, and the agent of a task."""

    at: datetime
    who: str = Field(pattern=r"^[A-Za-z0-9_.@-]+$", max_length=100)
    story: str | None = None


class Put(Act):
    """Somebody writes what is known about the lead, `PUT /v1/leads/external:ID`."""

    put: dict[str, JsonValue]


class Posted(Act):
    """Somebody tells what happened, `POST /v1/events`.

    `by` are the identifiers it names, default the first of the cast's. `message` is the template of the
    message that it is a reaction to.
    """

    event: str
    properties: dict[str, JsonValue] = Field(default_factory=dict)
    by: tuple[Identifier, ...] = ()
    message: str | None = None


class Worked(Act):
    """Somebody claims the lead's task and completes it."""

    task: str
    queue: str
    outcome: str
    notes: str | None = None
    callback_at: datetime | None = None


class Remark(Line):
    """A sentence for the reader, printed between the acts around it."""

    remark: str
    story: str | None = None


Acted = Put | Posted | Worked


@dataclass(frozen=True, slots=True)
class Cue:
    """An act of one story, due at an aware instant in UTC; `line` is its number in the file."""

    line: int
    at: datetime
    story: str
    act: Acted
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A whole file: its stories by name and what is done, in order."""

    path: Path
    casts: dict[str, Cast]
    cues: tuple[Cue, ...]
    closing: dict[str, tuple[str, ...]]
    """Remarks after the last act, by story."""

    @property
    def begins(self) -> datetime:
        """The instant of the first act."""
        return self.cues[0].at

    def parting(self, story: str) -> datetime:
        """The instant of the first act that a story has for itself; its beginning when it shares none."""
        own = [cue.at for cue in self.cues if cue.story == story and cue.act.story is not None]
        shared = any(cue.act.story is None for cue in self.cues if cue.story == story)
        return min(own, default=self.begins) if shared else self.begins


def read(path: Path) -> Script:
    """Reads a file; raises ScriptError with the line at fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path} cannot be read: {error}") from None
    casts: dict[str, Cast] = {}
    cues: list[Cue] = []
    remarks: dict[str, list[str]] = {}
    for number, line in _lines(path, text):
        match line:
            case Cast():
                casts[line.cast] = line
                remarks[line.cast] = []
            case Remark():
                for story in _stories(line.story, casts, f"{path}:{number}"):
                    remarks[story].append(line.remark)
            case Put() | Posted() | Worked():
                for story in _stories(line.story, casts, f"{path}:{number}"):
                    at = _aware(line.at, casts[story].zone)
                    cues.append(Cue(number, at, story, line, tuple(remarks[story])))
                    remarks[story].clear()
    closing = {story: tuple(texts) for story, texts in remarks.items()}
    return Script(path, casts, _checked(path, casts, cues), closing)


def _lines(path: Path, text: str) -> Iterator[tuple[int, Cast | Remark | Acted]]:
    for number, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip():
            continue
        try:
            yield number, _kind(json.loads(raw)).model_validate_json(raw)
        except json.JSONDecodeError as error:
            raise ScriptError(f"{path}:{number}: not JSON: {error.msg} at column {error.colno}") from None
        except ValidationError as invalid:
            first = invalid.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "line"
            raise ScriptError(f"{path}:{number}: {place}: {first['msg']}") from None
        except ValueError as error:
            raise ScriptError(f"{path}:{number}: {error}") from None


def _kind(value: JsonValue) -> type[Cast | Remark | Acted]:
    kinds: dict[str, type[Cast | Remark | Acted]] = {
        "cast": Cast, "remark": Remark, "put": Put, "event": Posted, "task": Worked,
    }  # fmt: skip
    found = [kinds[key] for key in kinds if isinstance(value, dict) and key in value]
    if len(found) != 1:
        raise ValueError(f"a line has exactly one of {', '.join(kinds)}")
    return found[0]


def _stories(named: str | None, casts: dict[str, Cast], where: str) -> tuple[str, ...]:
    if named is not None and named not in casts:
        raise ScriptError(f"{where}: no line before casts a story {named!r}")
    if not casts:
        raise ScriptError(f"{where}: the first line must be a `cast`")
    return tuple(casts) if named is None else (named,)


def _aware(at: datetime, zone: str) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _checked(path: Path, casts: dict[str, Cast], cues: list[Cue]) -> tuple[Cue, ...]:
    for story, cast in casts.items():
        own = [cue for cue in cues if cue.story == story]
        if not own:
            raise ScriptError(f"{path}: nothing happens in the story {story!r}")
        for before, after in pairwise(own):
            if after.at < before.at:
                raise ScriptError(f"{path}:{after.line}: is earlier than line {before.line} of {story!r}")
        for cue in own:
            _check_names(path, cast, cue)
    if not casts:
        raise ScriptError(f"{path}: no story is cast")
    return tuple(sorted(cues, key=lambda cue: (cue.at, cue.line)))


def _check_names(path: Path, cast: Cast, cue: Cue) -> None:
    wanted: tuple[Identifier, ...] = ("external_id",) if isinstance(cue.act, Put) else ()
    if isinstance(cue.act, Posted):
        wanted = cue.act.by
    for name in wanted:
        if name not in cast.lead:
            raise ScriptError(f"{path}:{cue.line}: the lead of {cue.story!r} has no {name}")
