"""Writes a file of journeys, scenarios or vocabulary in the one way that is easy to read.

The tree comes from the same YAML parser that the checker reads with, and values are copied as they are
written, so that nothing can mean another thing afterwards. A file that the checker cannot read stays as it
is.
"""

from __future__ import annotations

from collections import Counter

from language.format_order import Kind, arrange
from language.format_source import comments_of, read_pieces
from language.format_write import written
from language.problems import Problem, Problems
from language.syntax.journey import read_journey
from language.syntax.one_line import reworded
from language.yaml import Node, plain, read_yaml

UNREADABLE = ("J001", "J006")


class NotFormatted(Exception):
    """A file cannot be read well enough to be written again; `problems` say where."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} mistakes")
        self.problems = problems


def formatted(file: str, text: str, kind: Kind) -> str:
    """Gives the text in the language's form; a second time changes nothing.

    Raises NotFormatted where YAML itself or a condition that it broke (J001, J006) is in the way.
    """
    before = _tree(file, text, kind)
    clean = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    root = read_pieces(clean)
    if root is None:
        return text
    arrange(root, kind)
    result = written(root)
    return result if _same(before, clean, result) else text


def _tree(file: str, text: str, kind: Kind) -> Node:
    problems = Problems()
    lines = tuple(text.splitlines())
    node = read_yaml(file, text, problems)
    if node is not None and kind == "journey":
        read_journey(node, lines, problems)
    found = [reworded(problem, lines) for problem in problems.all]
    wrong = tuple(problem for problem in found if problem.code in UNREADABLE)
    if wrong or node is None:
        raise NotFormatted(wrong)
    return node


def _same(before: Node, text: str, result: str) -> bool:
    """Makes sure that values and comments are those that were there."""
    problems = Problems()
    after = read_yaml("", result, problems)
    if after is None or len(problems) or plain(after) != plain(before):
        return False
    return Counter(one.text for one in comments_of(text)) == Counter(one.text for one in comments_of(result))
