"""Reads `scoring.yaml`: YAML with places, then shape, then names and conditions; every mistake in one go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from language.problems import ConditionError, Problems, did_you_mean
from language.vocabulary import Vocabulary
from language.yaml import Mapping, Node, Scalar, Sequence, place, plain, read_yaml
from scoring.build import Build, Conditions
from scoring.conditions import LanguageConditions
from scoring.document import LATER, ScoringDocument
from scoring.rules import RuleModel

Path = tuple[int | str, ...]


class Source:
    """The file as a tree in which a path finds its line and column; where mistakes are noted."""

    def __init__(self, root: Node, problems: Problems) -> None:
        self._root = root
        self._problems = problems

    def add(self, path: Path, code: str, message: str, suggestion: str | None = None) -> None:
        """Notes a problem at a path; at the nearest place above where the path itself is not written."""
        self._problems.add(self._walk(path)[-1].mark, code, message, suggestion)

    def at_key(self, path: Path, code: str, message: str, suggestion: str | None = None) -> None:
        """Notes a problem at the key that a path ends in."""
        holder = self._walk(path[:-1])[-1]
        entry = holder.entry(str(path[-1])) if path and isinstance(holder, Mapping) else None
        self._problems.add(entry.key.mark if entry else holder.mark, code, message, suggestion)

    def condition(self, path: Path, error: ConditionError) -> None:
        """Notes a problem inside a condition, at its character."""
        node = self._walk(path)[-1]
        mark = place(node, error.offset) if isinstance(node, Scalar) else node.mark
        self._problems.add(mark, error.code, error.message, error.suggestion)

    def has(self, path: Path) -> bool:
        """Says whether a path is written."""
        return len(self._walk(path)) == len(path) + 1

    def _walk(self, path: Path) -> list[Node]:
        """Gives the nodes from the root along a path, as far as it is written."""
        nodes = [self._root]
        for part in path:
            node = _child(nodes[-1], part)
            if node is None:
                break
            nodes.append(node)
        return nodes

    def shape(self, error: ErrorDetails, known: Iterable[str]) -> None:
        """Notes what pydantic found."""
        path = error["loc"]
        word = str(path[-1]) if path else "the file"
        match error["type"]:
            case "missing":
                self.add(path[:-1], "J002", f"`{word}` is missing")
            case "extra_forbidden":
                self.at_key(path, "J003", f"unknown word `{word}`", did_you_mean(word, known))
            case _:
                self.add(path, "J005", f"`{word}`: {error['msg'].removeprefix('Value error, ')}")


def load_rules(
    filename: str, text: str | bytes, vocabulary: Vocabulary, problems: Problems
) -> RuleModel | None:
    """Reads a rule model against a vocabulary; None, with the mistakes in `problems`, where it has any."""
    conditions = LanguageConditions(vocabulary.schema(), vocabulary.company.zone)
    return read_rules(filename, text, conditions, problems)


def read_rules(
    filename: str, text: str | bytes, conditions: Conditions, problems: Problems
) -> RuleModel | None:
    """Reads a rule model with conditions read by `conditions`; None where it has mistakes."""
    before = len(problems)
    root = read_yaml(filename, text, problems)
    if root is None:
        return None
    source = Source(root, problems)
    document = _document(root, source)
    if document is None:
        return None
    for path in LATER:
        if source.has(path):
            source.at_key(path, "J003", f"`{path[-1]}` is not supported yet", "delete it")
    model = Build(document, conditions, source).model()
    return model if len(problems) == before else None


def _child(node: Node, part: int | str) -> Node | None:
    match node:
        case Mapping():
            return node.get(str(part))
        case Sequence() if isinstance(part, int) and part < len(node.items):
            return node.items[part]
        case _:
            return None


def _document(root: Node, source: Source) -> ScoringDocument | None:
    try:
        return ScoringDocument.model_validate(plain(root))
    except ValidationError as invalid:
        known = _words()
        for error in invalid.errors(include_url=False, include_input=False):
            source.shape(error, known)
        return None


def _words() -> list[str]:
    """Every word of the shape, for suggestions."""
    found: list[str] = []
    parts = [ScoringDocument.model_json_schema(), *ScoringDocument.model_json_schema()["$defs"].values()]
    for part in parts:
        found += cast("dict[str, object]", part.get("properties", {}))
    return found
