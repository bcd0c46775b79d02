"""One run in a simulation: its position, what it is told, and the turns it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from engine.advance import advance, start
from engine.position import Position
from engine.story import Log
from engine.turn import Heard, News, Operator, Turn
from engine.world import World
from language.compiled import Journey
from language.listening import ENTERED
from model.commands import Answer, Effect, Finish, Note
from model.events import Delivery, Event, Fields
from model.figures import Draw
from model.runs import Run

CarryOut = Callable[["SimulatedRun", Effect, datetime], Answer]


class SimulatedRun:
    """A run of one journey in a world; `carry_out` does what it asks for."""

    def __init__(self, journey: Journey, world: World, run: Run, log: Log, carry_out: CarryOut) -> None:
        self.journey, self.run, self.log = journey, run, log
        self._world, self._carry_out = world, carry_out
        self.position = start(journey, run, run.entered_at)
        self.turn: Turn[Position] = Turn(self.position)
        self.ending: str | None = None
        self._watches = frozenset(journey.watches)
        self._seq = 0

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return self.position.ended

    def close(self) -> None:
        """Makes the run one that ended before it began."""
        self.position = replace(self.position, ended=True)

    def tell(self, events: list[Event], changed: set[str], now: datetime) -> None:
        """Brings it the events that it hears, and word of the facts that it watches."""
        own = self.run.enrolment_id
        heard = [
            event
            for event in events
            if event.type in self.journey.hears and not (event.type == ENTERED and event.run == own)
        ]
        news = [self.delivery(event, now) for event in heard]
        if (changed - {f"event:{event.type}" for event in heard}) & self._watches:
            news.append(self.delivery(None, now))
        if news and not self.ended:
            self.drive((Heard(tuple(news)),), now)

    def delivery(self, event: Event | None, now: datetime) -> Delivery:
        """Makes a wake-up, of an event with the fields that the run may read."""
        self._seq += 1
        if event is None:
            return Delivery(self._seq, now, kind="facts")
        readable = self.journey.reads.get(event.type, ())
        fields = {name: value for name, value in event.fields.items() if name in readable}
        return Delivery(self._seq, now, replace(event, fields=fields))

    def end(self, ending: str, now: datetime) -> None:
        """Ends it from outside."""
        if not self.ended:
            self.drive((Operator("end", ending),), now)

    def drive(self, news: tuple[News, ...], now: datetime) -> None:
        """Takes a turn and carries out all that follows from it at this instant."""
        while True:
            self.turn = self._asked(news, now)
            if not self.turn.effects:
                return
            for effect in self.turn.effects:
                if isinstance(effect, Finish):
                    self.ending = effect.ending
            news = tuple(self._carry_out(self, effect, now) for effect in self.turn.effects)

    def _asked(self, news: tuple[News, ...], now: datetime) -> Turn[Position]:
        facts: Fields = self._world.zones()
        while True:
            turn = advance(self.journey, self.position, news, now, facts)
            self.position = turn.position
            for note in turn.notes:
                self._note(note)
            if turn.ask is None:
                return turn
            facts |= self._world.facts(turn.ask, self.run, now)
            news = ()

    def _note(self, note: Note) -> None:
        self.log.note(note)
        experiments, run = self._world.experiments, self.run
        if experiments is not None and note.split is not None and note.branch is not None:
            lead, own = run.lead_id, run.enrolment_id
            experiments.draw(
                Draw(split=note.split, lead_id=lead, enrolment_id=own, arm=note.branch, at=note.at)
            )
