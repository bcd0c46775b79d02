"""One template file: `CHANNEL/NAME[.LANG].{mjml,txt,yaml}`, front matter between `---` lines, then the body.

A `.yaml` file is a mapping of the front matter's words and `text`, the body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from model.channels import FOLDERS, MESSAGES
from model.contact import Purpose
from templates.errors import LiquidTextError, TemplateError, TemplatePathError
from templates.front_matter import FrontMatter, Word, split, whole
from templates.liquid_text import LiquidText, parse

FOLDERS_OF = {FOLDERS.get(channel, channel): channel for channel in (*MESSAGES, "script", "notify")}
"""Folders of templates with the channel of each."""

NAME = re.compile(r"(?P<name>[A-Za-z0-9_-]+)(\.(?P<language>[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*))?")


@dataclass(frozen=True, slots=True)
class Place:
    """What a path says."""

    path: str
    channel: str
    name: str
    language: str | None
    mjml: bool
    yaml: bool


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A file read: its pieces of Liquid (None: broken or absent) and all that is wrong with it."""

    place: Place
    purpose: Purpose
    topic: str | None
    subject: LiquidText | None
    preview: LiquidText | None
    body: LiquidText | None
    problems: tuple[TemplateError, ...]


def read(path: str, text: str) -> TemplateFile:
    """Reads one file; raises TemplatePathError where none can lie, other errors are its `problems`."""
    place = _place(path)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    front = whole(path, text) if place.yaml else split(path, text)
    purpose = _purpose(front)
    if place.channel == "email" and "subject" not in front.words and not front.problems:
        front.problem("an e-mail needs a subject", 1, 1)
    topic = front.words.get("topic")
    pieces = _Pieces(path, list(front.problems))
    return TemplateFile(
        place,
        purpose,
        topic.text if topic is not None else None,
        subject=pieces.liquid(front.words.get("subject")),
        preview=pieces.liquid(front.words.get("preview")),
        body=pieces.liquid(front.body, markup=place.mjml),
        problems=tuple(pieces.problems),
    )


@dataclass(slots=True)
class _Pieces:
    """Reads the Liquid of a file, keeping what is wrong."""

    path: str
    problems: list[TemplateError] = field(default_factory=list)

    def liquid(self, word: Word | None, *, markup: bool = False) -> LiquidText | None:
        if word is None:
            return None
        try:
            return parse(word.text, self.path, word.line, word.column, markup=markup)
        except LiquidTextError as error:
            self.problems.append(error)
            return None


def _place(path: str) -> Place:
    file = PurePosixPath(path)
    folder, extension = file.parent.name, file.suffix
    channel = FOLDERS_OF.get(folder)
    if channel is None:
        raise TemplatePathError(f"templates lie in a folder of {', '.join(FOLDERS_OF)}, not {folder!r}", path)
    if extension not in (".mjml", ".txt", ".yaml") or (extension == ".mjml" and channel != "email"):
        raise TemplatePathError("a template ends in .txt or .yaml, for e-mail also .mjml", path)
    named = NAME.fullmatch(file.stem)
    if named is None:
        raise TemplatePathError(f"{file.name!r} is not NAME or NAME.LANGUAGE, like welcome.es.txt", path)
    mjml, yaml = extension == ".mjml", extension == ".yaml"
    return Place(path, channel, named["name"], named["language"], mjml, yaml)


def _purpose(front: FrontMatter) -> Purpose:
    word = front.words.get("purpose")
    if word is None:
        return "marketing"
    if word.text not in ("marketing", "service"):
        front.problem(f"purpose is marketing or service, not {word.text!r}", word.line, word.column)
    return "service" if word.text == "service" else "marketing"
