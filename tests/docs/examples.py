"""Makes whole files of the YAML examples in the docs, so that the checker can read them.

An example is a journey, a vocabulary, scenarios, a list of steps, or some keys of a journey; the last two
are put into a journey that begins with `quote.started`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import indent
from typing import Literal

from language.vocabulary import NAMED, SETTINGS
from tests.docs.pages import Block, blocks, pages

Kind = Literal["journey", "vocabulary", "scenarios", "steps", "parts", "other"]
JOURNEY_KEYS = frozenset({
    "about", "start", "key", "again", "exit", "whenever", "goal", "goals", "contact_hours", "zone", "life",
    "on_opt_out", "steps", "stages", "not_after", "hold_while", "holdout", "live", "pace", "at_a_time",
    "priority", "inputs",
})  # fmt: skip
COOKBOOK = "docs/cookbook.md"
START = "start: {event: quote.started}\n"
STEPS = "steps:\n  - wait: 1 day\n"

_KEY = re.compile(r"^([a-z_]+):", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Example:
    """A block of YAML with what it is."""

    block: Block
    kind: Kind

    @property
    def file(self) -> str:
        """The name under which the checker reads it."""
        suffix = ".test.yaml" if self.kind == "scenarios" else ".yaml"
        return f"{self.block.page.replace('/', '_')}_{self.block.line}{suffix}"

    @property
    def text(self) -> str:
        """The whole file."""
        head = f"journey: example_{self.block.line}\nversion: 1\n"
        match self.kind:
            case "steps":
                return f"{head}{START}steps:\n{indent(self.block.text, '  ')}"
            case "parts":
                keys = _keys(self.block.text)
                start = "" if "start" in keys else START
                steps = "" if keys & {"steps", "stages"} else STEPS
                return f"{head}{start}{self.block.text}{steps}"
            case _:
                return self.block.text

    def __str__(self) -> str:
        return str(self.block)


def examples() -> list[Example]:
    """Lists the YAML examples of all pages but the cookbook, which quotes whole journeys."""
    return [
        Example(block, kind_of(block.text))
        for page in pages()
        if page != COOKBOOK
        for block in blocks(page)
        if block.tag == "yaml"
    ]


def kind_of(text: str) -> Kind:
    """Says what an example is, by how it begins."""
    keys = _keys(text)
    if text.lstrip("# \n").startswith("- "):
        return "steps"
    if "scenarios" in keys:
        return "scenarios"
    if "journey" in keys:
        return "journey"
    if keys and keys <= JOURNEY_KEYS:
        return "parts"
    return "vocabulary" if keys and keys <= {*SETTINGS, *NAMED} else "other"


def _keys(text: str) -> set[str]:
    return set(_KEY.findall(text))
