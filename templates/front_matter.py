"""The head of a template file: YAML of `subject preview purpose topic` between `---` and `---`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches

import yaml

from templates.errors import FrontMatterError

WORDS = ("subject", "preview", "purpose", "topic")
FENCE = re.compile(r"---[ \t]*\n(?P<yaml>.*?)^---[ \t]*(\n|\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Word:
    """A text of the file and where it begins."""

    text: str
    line: int
    column: int


def split(path: str, text: str) -> FrontMatter:
    """Reads the front matter of a file and its body; what is wrong is in `problems`."""
    fenced = FENCE.match(text)
    if fenced is None:
        front = FrontMatter(path, WORDS, body=Word(text, 1, 1))
        if text.startswith("---"):
            front.problem("the front matter has no closing ---", 1, 1)
        return front
    line = text[: fenced.end()].count("\n") + 1
    front = FrontMatter(path, WORDS, above=1, body=Word(text[fenced.end() :], line, 1))
    front.read(fenced["yaml"])
    return front


def whole(path: str, text: str) -> FrontMatter:
    """Reads a file that is all front matter, its body the word `text`."""
    front = FrontMatter(path, (*WORDS, "text"))
    front.read(text)
    front.body = front.words.pop("text", None)
    if front.body is None and not front.problems:
        front.problem("a .yaml template needs `text`", 1, 1)
    return front


@dataclass(slots=True)
class FrontMatter:
    """Front matter being read; `above` is the number of lines of the file before it."""

    path: str
    allowed: tuple[str, ...]
    above: int = 0
    body: Word | None = None
    words: dict[str, Word] = field(default_factory=dict)
    problems: list[FrontMatterError] = field(default_factory=list)

    def problem(self, message: str, line: int, column: int) -> None:
        """Keeps one mistake."""
        self.problems.append(FrontMatterError(message, self.path, line, column))

    def read(self, text: str) -> None:
        """Takes the words of a flat YAML mapping, all values as text."""
        node = self._compose(text)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._take(key, value)
        elif node is not None:
            self.problem("front matter is `word: value` lines", 1 + self.above, 1)

    def _compose(self, text: str) -> yaml.Node | None:
        try:
            return yaml.compose(text, Loader=yaml.BaseLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line, column = (mark.line, mark.column) if mark is not None else (0, 0)
            self.problem(f"YAML: {error.problem}", line + 1 + self.above, column + 1)
        except (yaml.YAMLError, RecursionError) as error:
            self.problem(f"YAML: {str(error).splitlines()[0]}", 1 + self.above, 1)
        return None

    def _take(self, key: yaml.Node, value: yaml.Node) -> None:
        """Adds one word, or what is wrong with it."""
        line, column = key.start_mark.line + 1 + self.above, key.start_mark.column + 1
        name = str(key.value)
        if name not in self.allowed:
            close = get_close_matches(name, self.allowed, 1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(self.allowed)}"
            self.problem(f"unknown word {name!r}; {hint}", line, column)
        elif name in self.words:
            self.problem(f"{name!r} stands here twice", line, column)
        elif not isinstance(value, yaml.ScalarNode):
            self.problem(f"{name!r} must be a text", line, column)
        elif name != "preview" and not value.value.strip():
            self.problem(f"{name!r} is empty", line, column)
        else:
            self.words[name] = self._word(value)

    def _word(self, value: yaml.ScalarNode) -> Word:
        mark = value.start_mark
        if value.style in ("|", ">"):
            return Word(str(value.value), mark.line + 2 + self.above, 1)
        quote = 1 if value.style in ("'", '"') else 0
        return Word(str(value.value), mark.line + 1 + self.above, mark.column + 1 + quote)
