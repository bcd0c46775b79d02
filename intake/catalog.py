"""The published journeys as intake and workflows need them: parsed once, by name and version."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping

from engine.audiences import rules_of
from engine.experiments import splits_of
from engine.turns import RANKS
from language.compiled import Journey, Split, load
from language.reactions import REPLIES
from language.vocabulary import Vocabulary
from language.wide import Wide, paths_of
from store import Tx

FRESH = 0.2
"""Seconds for which the list of published versions is kept."""


def _heard_by(journey: Journey) -> Iterator[str]:
    yield from journey.hears
    yield from (fact.removeprefix("event:") for fact in journey.watches if fact.startswith("event:"))
    yield from (start.event for start in journey.starts if start.event is not None)
    yield from (goal.event for goal in journey.goals)
    yield from (split.winner.event for split in splits_of(journey).values() if split.winner is not None)


def _asked_by_rules(vocabulary: Vocabulary) -> set[str]:
    """Lists the types of events that decide who is in an audience."""
    facts = {fact for rule in rules_of(vocabulary) for fact in rule.reads}
    return {fact.removeprefix("event:") for fact in facts if fact.startswith("event:")}


def _by_goal(journeys: Iterable[Journey]) -> Mapping[str, frozenset[str]]:
    """Lists the names of journeys by the types of events that count as their goals."""
    found: dict[str, set[str]] = defaultdict(set)
    for journey in journeys:
        for goal in journey.goals:
            for kind in REPLIES if goal.event == "replied" else (goal.event,):
                found[kind].add(journey.name)
    return {kind: frozenset(names) for kind, names in found.items()}


def _by_event(journeys: Iterable[Journey]) -> Mapping[str, tuple[Wide, ...]]:
    found: dict[str, list[Wide]] = defaultdict(list)
    for journey in journeys:
        for one in journey.wide:
            if one not in found[one.event]:
                found[one.event].append(one)
    return {kind: tuple(sorted(those, key=lambda one: one.of)) for kind, those in found.items()}


def _paths(journeys: Iterable[Journey]) -> frozenset[str]:
    those = tuple(journeys)
    of_lines = [one.lookup for journey in those for one in journey.wide]
    return paths_of([*of_lines, *(start.lookup for journey in those for start in journey.starts)])


class Catalog:
    """Compiled journeys of the store, kept in memory: a published version never changes."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._journeys: dict[tuple[str, int], Journey] = {}
        self._texts: dict[tuple[str, int], str] = {}
        self._listed: tuple[Journey, ...] = ()
        self._heard: frozenset[str] = frozenset()
        self._goals: Mapping[str, frozenset[str]] = {}
        self._ranks: frozenset[int] = frozenset()
        self._splits: Mapping[str, Split] = {}
        self._wide: Mapping[str, tuple[Wide, ...]] = {}
        self._paths: frozenset[str] = frozenset()
        self._until = 0.0

    async def latest(self, tx: Tx) -> tuple[Journey, ...]:
        """Lists the newest version of every journey, by name; what was just published may miss for `FRESH`
        s."""
        await self._refresh(tx)
        return self._listed

    async def heard_of_others(self, tx: Tx, kind: str) -> tuple[Wide, ...]:
        """Lists how runs of the published versions listen to events of this type of other leads, those of
        the account first."""
        await self._refresh(tx)
        return self._wide.get(kind, ())

    async def looked_up(self, tx: Tx) -> frozenset[str]:
        """Lists the attributes of leads by which journeys look somebody up."""
        await self._refresh(tx)
        return self._paths

    async def is_heard(self, tx: Tx, kind: str) -> bool:
        """Says whether a run of any published version may hear, watch or be begun by events of this type."""
        await self._refresh(tx)
        return kind in self._heard

    async def with_goals(self, tx: Tx, kind: str) -> frozenset[str]:
        """Names the journeys of which some version has a goal that events of this type may reach."""
        await self._refresh(tx)
        return self._goals.get(kind, frozenset())

    async def has_priority(self, tx: Tx, ranks: Container[int]) -> bool:
        """Says whether some version of a journey has one of these ranks of priority (0: the highest)."""
        await self._refresh(tx)
        return any(rank in ranks for rank in self._ranks)

    async def splits(self, tx: Tx) -> Mapping[str, Split]:
        """Lists the splits with a winner of all versions by their keys, each as it is written last."""
        await self._refresh(tx)
        return self._splits

    async def _refresh(self, tx: Tx) -> None:
        if time.monotonic() < self._until:
            return
        versions = await tx.journeys.all_versions()
        journeys = {key: await self.get(tx, *key) for key in versions}
        newest = {name: journey for (name, _), journey in journeys.items()}
        self._listed = tuple(newest[name] for name in sorted(newest))
        self._goals = _by_goal(journeys.values())
        self._ranks = frozenset(RANKS[one.rules.priority] for one in journeys.values())
        self._splits = {key: split for one in journeys.values() for key, split in splits_of(one).items()}
        by_runs = {kind for journey in journeys.values() for kind in _heard_by(journey)}
        self._heard = frozenset(by_runs | _asked_by_rules(self.vocabulary))
        self._wide = _by_event(journeys.values())
        self._paths = _paths(journeys.values())
        self._until = time.monotonic() + FRESH

    async def get(self, tx: Tx, name: str, version: int) -> Journey:
        """Reads one version; raises LookupError where it was never published."""
        found = self._journeys.get((name, version))
        if found is None:
            published = await tx.journeys.get(name, version)
            if published is None:
                raise LookupError(f"journey {name} {version} is not published")
            found = self._journeys[name, version] = load(published.compiled)
            self._texts[name, version] = published.compiled
        return found

    async def text(self, tx: Tx, name: str, version: int) -> str:
        """Reads the compiled form of one version as it was published; raises LookupError."""
        await self.get(tx, name, version)
        return self._texts[name, version]
