"""The command line in a folder of its own, with a small sound project and a real SQLite store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import JsonValue
from typer.testing import CliRunner

from cli import app
from store import Store, Tx

T = TypeVar("T")

VOCABULARY = """\
company: {name: Test, zone: Europe/Madrid, languages: [en]}
lead:
  status: {type: text, values: [new, customer]}
  visits: number
  vip: yes or no
  born: date
  tags: list of text
account: {industry: text}
events:
  visit.made: {place: text}
  offer.taken: {place: text}
endings: {taken: won}
"""

HELLO = """\
journey: hello
version: 1
about: Says hello after a visit.
start: {event: visit.made}
exit:
  - event: offer.taken
    as: taken
steps:
  - email: hello
  - wait: 2 days
  - if: lead.visits >= 2
    then:
      - email: welcome_back
"""

SCENARIOS = """\
journey: hello
lead: {visits: 3, zone: Europe/Madrid, consent: {email: true}}
scenarios:
  - name: comes again
    expect: [day 0 email hello, day 2 email welcome_back, day 2 end finished]
  - name: takes the offer
    events: [{at: 1 day, event: offer.taken}]
    expect: [day 0 email hello, day 1 end taken]
  - name: comes once
    lead: {visits: 1}
    expect: [day 0 email hello, day 2 end finished]
"""

SCORING = """\
model: {id: small, version: 1, label: sale_90d, kind: rules}
scores: {engagement: {min: -50, max: 200}, fit: {min: -100, max: 100}}
groups: {web: {score: engagement, min: 0, max: 150}}
rules:
  - {id: visit, group: web, event: visit.made, points: 80, per: day, strong: true, expire: never}
fit_grades: {A: 60, B: 30, C: 0, D: -100}
engagement_bands: {"1": 80, "2": 30, "3": -50}
tiers: {T1: [A1, B1, C1], T2: [A2, B2, C2], T3: ["*"]}
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> JsonValue:
        """Reads what was printed as JSON."""
        value: JsonValue = json.loads(self.out)
        return value


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Runs commands; `journeys` is the project's folder."""

    folder: Path

    @property
    def journeys(self) -> Path:
        """The project."""
        return self.folder / "journeys"

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.folder / "data" / "cauce.db"

    def __call__(self, *words: str | Path) -> Said:
        """Runs a command; whatever it raises but an exit code is a defect."""
        shown = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "250"})
        if shown.exception is not None and not isinstance(shown.exception, SystemExit):
            raise shown.exception
        return Said(shown.exit_code, shown.stdout, shown.stderr)

    def good(self, *words: str | Path) -> str:
        """Runs a command that must end well; gives what it printed."""
        said = self(*words)
        assert said.code == 0, said.out + said.err
        return said.out

    def write(self, name: str, text: str | bytes) -> Path:
        """Writes a file of the project, or beside it with `../NAME`."""
        path = self.journeys / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def store(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Does something in the store, in one transaction."""

        async def opened() -> T:
            store = Store.open(f"sqlite+aiosqlite:///{self.database}")
            try:
                async with store.begin() as tx:
                    return await work(tx)
            finally:
                await store.close()

        return asyncio.run(opened())
