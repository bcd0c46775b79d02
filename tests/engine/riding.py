"""A run under test: the real compiler and engine, with the driver's loop and the world's answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from pydantic import JsonValue

from engine.advance import advance, start
from engine.position import Position, dump_position, load_position
from engine.standing import standing
from engine.turn import Heard, News, Operator, Turn
from language.compiled import Journey
from language.facts import fact_key
from language.lower import Around, lower_journey
from language.problems import Problems
from language.syntax.journey import read_journey
from language.vocabulary import Vocabulary, load_vocabulary
from language.yaml import read_yaml
from model.commands import Answer, CallConnector, Connected, Done, Effect, Finish, Note, OpenWork, Send, Sent
from model.events import Delivery, Event, Whose
from model.runs import Run

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""10:00 in Madrid."""

VOCABULARY = """
company: {name: Ejemplo Motor, zone: Europe/Madrid, postal_address: "Calle Mayor 1, Madrid"}
lead: {other_phone: {type: text, pii: true}, status: text, renews_on: date}
account: {in_talks: yes or no}
events:
  quote.started: {quote_id: text, amount: number, expires_at: time}
  quote.changed: {quote_id: text, amount: number}
  quote.completed: {quote_id: text}
  help.requested: {topic: text}
  order.completed: {amount: number}
queues:
  inside_sales:
    hours: {days: mon-fri, from: 9:00, to: 19:00}
    outcomes:
      won: {effect: reached, result: positive}
      refused: {effect: reached, result: negative}
      busy: {effect: retry}
      later: {effect: callback}
      wrong_number: {effect: number_dead}
      do_not_call: {effect: never_call, result: negative}
  seniors:
    agents: {eva: [premium], leo: []}
    outcomes:
      won: {effect: reached, result: positive}
      refused: {effect: reached, result: negative}
      busy: {effect: retry}
      later: {effect: callback}
      wrong_number: {effect: number_dead}
      do_not_call: {effect: never_call, result: negative}
teams: {sales: [ventas@example.com]}
connectors:
  router:
    post: https://router.example.com/assign
    sends: {lead_id: text}
    answers: {owner: text, seats: number, mobile: {type: text, pii: true}}
    timeout: 9 seconds
    retry_for: 1 hour
  crm: {put: "https://crm.example.com/leads", sends: {lead_id: text}, retry_for: 1 hour}
endings: {recovered: won, lost: lost, gone: neutral}
"""
HEAD = "journey: story\nversion: 1\nabout: A story.\nstart: {event: quote.started}\n"


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary of all stories."""
    problems = Problems()
    found = load_vocabulary({"vocabulary.yaml": VOCABULARY}, problems)
    assert not problems.all, problems.all
    return found


@cache
def compiled(text: str) -> Journey:
    """Compiles the rest of a journey's text behind the usual head, without a mistake."""
    problems = Problems()
    whole = text if text.startswith("journey:") else HEAD + text
    node = read_yaml("story.yaml", whole, problems)
    written = read_journey(node, tuple(whole.splitlines()), problems) if node is not None else None
    assert written is not None, problems.all
    journey = lower_journey(written, Around(vocabulary()), problems)
    wrong = [str(problem) for problem in problems.all if not problem.hint]
    assert not wrong, wrong
    return journey


def hours(days: list[int], start_at: int, end_at: int) -> JsonValue:
    """Opening hours as a fact."""
    return {"days": list(days), "start": start_at * 60, "end": end_at * 60, "holidays": None}


class Ride:
    """One run of a journey: `facts` is what the store knows, `effects` all that was carried out."""

    def __init__(self, journey: Journey | str, *, key: JsonValue = None, **fields: JsonValue) -> None:
        self.journey = compiled(journey) if isinstance(journey, str) else journey
        self.now = MONDAY
        self.facts: dict[str, JsonValue] = {
            "lead.zone": "Europe/Madrid",
            "company.zone": "Europe/Madrid",
            "hours.queue.inside_sales": hours([0, 1, 2, 3, 4], 9, 19),
            "hours.business": hours([0, 1, 2, 3, 4], 9, 18),
        }
        self.answers: list[Answer] = []
        self.replies: list[Connected] = []
        self.effects: list[Effect] = []
        self.notes: list[Note] = []
        self.asked: list[set[str]] = []
        self.seq = 0
        begin = Event("begin", "quote.started", MONDAY, fields)
        run = Run("run-1", "lead-1", "story", 1, MONDAY, begin, "quote.started", key, self.journey.key_field)
        self.position = start(self.journey, run, MONDAY)
        self.turn: Turn[Position] = Turn(self.position)
        self.take()

    def take(self, *news: News) -> None:
        """Takes a turn and all that follows at this instant, each position once through JSON."""
        waiting: tuple[News, ...] = news
        while True:
            self.turn = self._asked(waiting)
            if not self.turn.effects:
                return
            waiting = tuple(self._carried_out(effect) for effect in self.turn.effects)

    def _asked(self, news: tuple[News, ...]) -> Turn[Position]:
        facts: dict[str, JsonValue] = {}
        while True:
            turn = advance(self.journey, self.position, news, self.now, facts)
            self.position = load_position(dump_position(turn.position))
            self.notes.extend(turn.notes)
            if turn.ask is None:
                return turn
            wanted = {fact_key(expr): expr for expr in turn.ask.wanted}
            assert not wanted.keys() <= facts.keys(), "the same facts were asked for twice"
            self.asked.append(set(wanted))
            facts |= {key: self.facts.get(key) for key in wanted}
            news = ()

    def _carried_out(self, effect: Effect) -> Answer:
        self.effects.append(effect)
        if self.answers and isinstance(effect, Send) == isinstance(self.answers[0], Sent):
            given = self.answers.pop(0)
            return type(given)(**{**{f: getattr(given, f) for f in given.__slots__}, "token": effect.token})
        if isinstance(effect, CallConnector):
            return self._replied(effect)
        if isinstance(effect, Send):
            return Sent(effect.token, "sent", effect.channels[0])
        return Done(effect.token)

    def _replied(self, effect: CallConnector) -> Connected:
        """Answers a connector by the next of `replies`, or without any field."""
        if not self.replies:
            return Connected(effect.token, "answered")
        reply = self.replies.pop(0)
        return Connected(effect.token, reply.result, reply.values, reply.reason, reply.until)

    def passes(self, **length: float) -> None:
        """Lets time pass, waking the run whenever it asked for it."""
        self.until(self.now + timedelta(**length))

    def until(self, at: datetime) -> None:
        """Lets time pass up to an instant."""
        while self.turn.wake is not None and self.turn.wake <= at and not self.ended:
            self.now = max(self.now, self.turn.wake)
            self.take()
        self.now = at

    def hears(
        self, kind: str, *, message: str | None = None, task: str | None = None, run: str | None = "run-1",
        named: str | None = None, whose: Whose = "lead", **fields: JsonValue,
    ) -> None:  # fmt: skip
        """Delivers an event now; its `outcome`, `topic` … are fields."""
        self.tell(kind, fields, message=message, task=task, run=run, named=named, whose=whose)

    def tell(
        self, kind: str, fields: dict[str, JsonValue], *, message: str | None = None, task: str | None = None,
        run: str | None = "run-1", named: str | None = None, whose: Whose = "lead",
    ) -> None:  # fmt: skip
        """Delivers an event now."""
        self.seq += 1
        own = run if message or task else None
        event = Event(named or f"e{self.seq}", kind, self.now, fields, message, task, own, whose)
        self.take(Heard((Delivery(self.seq, self.now, event),)))

    def clicks(self, step: str, kind: str = "email.clicked", **fields: JsonValue) -> None:
        """The lead reacts to the last message of a step."""
        self.tell(kind, fields, message=self.sends(step)[-1].send_id)

    def finishes(self, outcome: str, **fields: JsonValue) -> None:
        """An agent completes the last task."""
        self.tell("task.completed", {"outcome": outcome, **fields}, task=self.tasks()[-1].task_id)

    def changes(self, **facts: JsonValue) -> None:
        """Facts of the lead change, and the run is told."""
        self.facts |= {f"lead.{name}": value for name, value in facts.items()}
        self.seq += 1
        self.take(Heard((Delivery(self.seq, self.now, None, "facts"),)))

    def orders(self, order: Operator) -> None:
        """An operator steps in."""
        self.take(order)

    def sends(self, step: str | None = None) -> list[Send]:
        """The sends so far, of a step."""
        return [e for e in self.effects if isinstance(e, Send) and step in (None, e.step)]

    def tasks(self) -> list[OpenWork]:
        """The tasks so far."""
        return [effect for effect in self.effects if isinstance(effect, OpenWork)]

    @property
    def steps(self) -> list[str]:
        """The steps that had an effect, in order."""
        done = (effect for effect in self.effects if not isinstance(effect, Finish))
        return [getattr(effect, "step", effect.kind) for effect in done]

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return self.position.ended

    @property
    def ending(self) -> str | None:
        """How the run ended."""
        return next((effect.ending for effect in self.effects if isinstance(effect, Finish)), None)

    @property
    def stands(self) -> tuple[str | None, str | None]:
        """Where the run stands and what for."""
        return standing(self.position)

    def said(self, kind: str) -> list[str]:
        """The notes of a kind."""
        return [note.text for note in self.notes if note.kind == kind]
