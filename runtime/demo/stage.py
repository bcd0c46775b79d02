"""Plays a script and tells its stories one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from rich.console import Console

from runtime.demo.house import House
from runtime.demo.pace import Pace
from runtime.demo.player import Player
from runtime.demo.script import Script
from runtime.demo.teller import Said, Teller, Told
from runtime.demo.watcher import Totals, Watcher

SOON = timedelta(seconds=59)
"""After this what an act led to at once is told."""


class Stage:
    """A script on a running system: the first story is told while it is played, the others afterwards.

    All are played at once, because runs leap together as fast as one alone.
    """

    def __init__(self, console: Console, script: Script, house: House, pace: Pace) -> None:
        self._console = console
        self._script = script
        self._house = house
        self._player = Player(script, house, pace, self._at_rest)
        first = next(iter(script.casts))
        self._remarks = {story: _remarks(script, story) for story in script.casts}
        self._watchers: dict[str, Watcher] = {}
        self._first = first
        self._teller = self._make_teller(first)
        self._pace = pace

    async def play(self) -> list[Totals]:
        """Plays and tells everything, and counts what happened to each lead; raises PlayFailed."""
        await self._player.play()
        for story in self._script.casts:
            if story != self._first:
                await self._tell_afterwards(story)
        return [await self._watchers[story].totals() for story in self._script.casts]

    async def _at_rest(self) -> None:
        self._teller.tell(await self._news(self._first))

    async def _tell_afterwards(self, story: str) -> None:
        parting = self._script.parting(story)
        news = await self._news(story)
        self._make_teller(story).tell(one for one in news if one.at >= parting or _is_own(one))

    async def _news(self, story: str) -> Sequence[Told]:
        now = self._pace.now()
        due = [said for said in self._remarks[story] if said.at <= now]
        self._remarks[story] = self._remarks[story][len(due) :]
        lead_id = self._player.leads.get(story)
        if lead_id is None:
            return due
        watcher = self._watchers.setdefault(story, Watcher(self._house, lead_id))
        return sorted([*due, *await watcher.news()], key=lambda one: one.at)

    def _make_teller(self, story: str) -> Teller:
        parts = self._player.parts
        return Teller(self._console, self._script.casts[story], parts.posters, parts.scripts)


def _remarks(script: Script, story: str) -> list[Said]:
    """Lists a story's remarks, each just after the act before it."""
    found: list[Said] = []
    before = script.begins - SOON
    for cue in script.cues:
        if cue.story == story:
            found += [Said(before + SOON, text, cue.act.story is not None) for text in cue.remarks]
            before = cue.at
    return found + [Said(before + SOON, text, own=True) for text in script.closing[story]]


def _is_own(one: Told) -> bool:
    return isinstance(one, Said) and one.own
