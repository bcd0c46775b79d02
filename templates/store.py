"""All templates of a company, read once, rendered as often as wanted.

`Templates` is pure over `{path: text}`; it reads no file. The language of a message is chosen so: the one
asked for (`es-MX`), its base (`es`), the company's first, the file without a language, the first by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from pydantic import JsonValue

from model.contact import Purpose
from templates.errors import (
    FrontMatterError,
    LiquidTextError,
    MissingTemplateError,
    MjmlError,
    TemplateError,
    TemplatePathError,
)
from templates.files import TemplateFile, read
from templates.liquid_text import LiquidText
from templates.mail import to_html, to_text


class Problem(NamedTuple):
    """One mistake in a template file; `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """What a template is for, and the languages that it has."""

    purpose: Purpose
    topic: str | None
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished message; only e-mail from MJML has `html`. `subject` and `preview` are single lines."""

    text: str
    purpose: Purpose
    subject: str | None = None
    html: str | None = None
    preview: str | None = None
    topic: str | None = None
    language: str | None = None


class Templates:
    """The templates of a company by channel and name."""

    def __init__(
        self, files: tuple[TemplateFile, ...], errors: tuple[TemplateError, ...], first: str | None
    ) -> None:
        self._first = first
        self._errors = list(errors)
        self._files: dict[str, dict[str, list[TemplateFile]]] = {}
        for file in files:
            self._add(file)

    @classmethod
    def from_files(cls, files: Mapping[str, str], *, languages: tuple[str, ...] = ()) -> Templates:
        """Reads `{path: text}`; a path ends in `CHANNEL/NAME[.LANG].EXTENSION`.

        `languages` are the company's. Raises nothing: what is wrong is in `problems`.
        """
        found: list[TemplateFile] = []
        errors: list[TemplateError] = []
        for path in sorted(files):
            try:
                found.append(read(path, files[path]))
            except TemplateError as error:
                errors.append(error)
        return cls(tuple(found), tuple(errors), languages[0] if languages else None)

    def names(self, channel: str) -> tuple[str, ...]:
        """Returns the names of a channel's templates, broken ones too, in alphabetical order."""
        return tuple(sorted(self._files.get(channel, {})))

    def variables(self, channel: str, name: str) -> frozenset[str]:
        """Returns the dotted variables that a template uses in any language; raises MissingTemplateError.

        Parts that cannot be read have none: `problems` tells of them.
        """
        return frozenset().union(
            *(piece.variables for file in self._all(channel, name) for piece in _pieces(file))
        )

    def info(self, channel: str, name: str) -> TemplateInfo:
        """Returns what a template is for; raises MissingTemplateError."""
        file = self._choose(channel, name, None)
        languages = (other.place.language for other in self._all(channel, name))
        known = sorted(language for language in languages if language is not None)
        return TemplateInfo(file.purpose, file.topic, tuple(known))

    def render(
        self, channel: str, name: str, language: str | None, values: Mapping[str, JsonValue]
    ) -> Rendered:
        """Returns the finished message; raises a TemplateError, of a broken file its first."""
        file = self._choose(channel, name, language)
        if file.problems:
            raise file.problems[0]
        body = file.body.render(values) if file.body is not None else ""
        preview = _line(file.preview, values)
        html = _html(file, body, preview)
        return Rendered(
            text=to_text(html) if html is not None else body.strip(),
            purpose=file.purpose,
            subject=_line(file.subject, values),
            html=html,
            preview=preview,
            topic=file.topic,
            language=file.place.language,
        )

    def problems(self) -> list[Problem]:
        """Returns every mistake of every file, by file and line."""
        errors = [*self._errors]
        for named in self._files.values():
            for files in named.values():
                errors += (error for file in files for error in file.problems)
                errors += (error for file in files for error in _mjml_problems(file))
                errors += _disagreements(files)
        return sorted(Problem(error.file, error.line, error.column, error.message) for error in errors)

    def _add(self, file: TemplateFile) -> None:
        others = self._files.setdefault(file.place.channel, {}).setdefault(file.place.name, [])
        languages = {_key(other.place.language): other.place.path for other in others}
        same = languages.get(_key(file.place.language))
        if same is None:
            others.append(file)
        else:
            self._errors.append(
                TemplatePathError(f"{same} is the same template and language", file.place.path)
            )

    def _all(self, channel: str, name: str) -> list[TemplateFile]:
        known = self._files.get(channel, {})
        if name not in known:
            raise MissingTemplateError(channel, name, tuple(get_close_matches(name, self.names(channel), 3)))
        return known[name]

    def _choose(self, channel: str, name: str, language: str | None) -> TemplateFile:
        files = {_key(file.place.language): file for file in self._all(channel, name)}
        wanted = _key(language)
        in_order = (key for key in (wanted, wanted.partition("-")[0], _key(self._first)) if key)
        return next((files[key] for key in (*in_order, "") if key in files), files[min(files)])


def _key(language: str | None) -> str:
    return (language or "").replace("_", "-").lower()


def _pieces(file: TemplateFile) -> Iterator[LiquidText]:
    return (piece for piece in (file.subject, file.preview, file.body) if piece is not None)


def _line(piece: LiquidText | None, values: Mapping[str, JsonValue]) -> str | None:
    return " ".join(piece.render(values).split()) if piece is not None else None


def _html(file: TemplateFile, body: str, preview: str | None) -> str | None:
    if not file.place.mjml or file.body is None:
        return None
    return to_html(body, file.place.path, file.body.line, preview=preview or "", language=file.place.language)


def _mjml_problems(file: TemplateFile) -> Iterator[TemplateError]:
    """What MJML says to a message without values; Liquid that needs values to render is passed over."""
    if file.place.mjml and file.body is not None:
        try:
            _html(file, file.body.render({}), None)
        except MjmlError as error:
            yield error
        except LiquidTextError:
            return


def _disagreements(files: list[TemplateFile]) -> Iterator[TemplateError]:
    """Languages of one template that differ in purpose or topic."""
    first = files[0]
    for file in files[1:]:
        if (
            not file.problems
            and not first.problems
            and (file.purpose, file.topic) != (first.purpose, first.topic)
        ):
            yield FrontMatterError(f"purpose and topic must be those of {first.place.path}", file.place.path)
