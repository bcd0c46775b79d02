"""Draws journeys and what happens to their leads: any construct inside any other, sound by construction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

VOCABULARY = """
company: {name: Ejemplo Motor, zone: Europe/Madrid, languages: [en], postal_address: "Calle Mayor 1, Madrid"}
contact_hours: {days: mon-sat, from: 9:00, to: 20:00}
business_hours: {days: mon-fri, from: 9:00, to: 18:00}
caps: {marketing: {per_day: 2, per_week: 6, min_gap: 1 hour}}
lead:
  colour: {type: text, values: [red, green, blue]}
  visits: number
  due_on: date
events:
  thing.begun: {of: text, amount: number, ends_at: time}
  thing.changed: {amount: number}
  thing.done: {}
  help.asked: {topic: text}
queues:
  desk:
    hours: {days: mon-fri, from: 9:00, to: 18:00}
    outcomes:
      won: {effect: reached, result: positive}
      refused: {effect: reached, result: negative}
      busy: {effect: retry}
      wrong_number: {effect: number_dead}
  seniors:
    hours: {days: mon-fri, from: 9:00, to: 18:00}
    outcomes:
      won: {effect: reached, result: positive}
      refused: {effect: reached, result: negative}
      busy: {effect: retry}
      wrong_number: {effect: number_dead}
teams: {sales: [ventas@example.com]}
endings: {bought: won, gone: lost, left: neutral}
reply_keywords: {stop_all: [stop, baja]}
"""
HEADS = {"email": "subject: Hello\n", "sms": "", "whatsapp": ""}
TEMPLATES = {
    f"templates/{kind}/{name}.txt": f"---\n{head}purpose: {purpose}\n---\nHello.\n"
    for kind, head in HEADS.items()
    for name, purpose in (("hello", "marketing"), ("offer", "marketing"), ("receipt", "service"))
}
EVENTS = ("thing.changed", "thing.done", "help.asked")
CONDITIONS = (
    "lead.score >= 50",
    'lead.colour is "red"',
    "lead.visits > 2 or lead.colour is not known",
    "start.amount > 100",
    'did("thing.changed", 7 days)',
    'times("help.asked") >= 2',
    'weekday() in ["monday", "friday"]',
    'can_reach("sms")',
    "days_since(lead.due_on) > 3",
)
STATES = ("lead.score >= 70", 'lead.colour is "blue"', "lead.visits >= 5")
LENGTHS = ("2 hours", "5 hours", "1 day", "2 days", "3 business days", "1 week", "2 days at 9:00")
INSTANTS = (
    "until 18:30",
    "until monday at 9:00",
    "until lead.due_on + 2 days at 11:00",
    "until contact_hours",
)
Lines = list[str]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A journey with a scenario for it, as the texts of two files."""

    name: str
    journey: str
    scenario: str


@dataclass
class Drawing:
    """Draws one journey; `works` are the names of its calls, for what happens to it."""

    dice: Random
    works: list[str] = field(default_factory=list)
    count: int = 0

    def steps(self, depth: int, most: int = 4) -> Lines:
        """Draws a list of steps, each line indented from nothing."""
        lines: Lines = []
        for _ in range(self.dice.randint(1, most)):
            lines += self.step(depth)
        return lines

    def step(self, depth: int) -> Lines:
        """Draws one step; one that holds others only while `depth` lasts."""
        flat: list[Callable[[int], Lines]] = [self.message, self.message, self.wait, self.wait, self.data]
        inner: list[Callable[[int], Lines]] = [
            self.choice, self.choose, self.split, self.repeat, self.wait_for, self.first_of, self.call,
            self.parallel, self.task,
        ]  # fmt: skip
        return self.dice.choice(flat + inner if depth > 0 else flat)(depth - 1)

    def message(self, _: int) -> Lines:
        """Draws an e-mail, an SMS or a `send`, with parts of its own now and then."""
        template = self.dice.choice(("hello", "offer", "receipt"))
        kind = self.dice.choice(("email", "email", "sms", "whatsapp", "send"))
        lines = [f"- {kind}: {template}", f"  id: {self._id('m')}"]
        if kind == "send":
            lines.append(f"  by: {self.dice.choice(('[sms, email]', '[email, sms]', '[whatsapp, email]'))}")
            lines += [f"  until_seen: {self.dice.choice(('4 hours', '2 days'))}"] if self._chance(2) else []
        if self._chance(4):
            lines.append(f"  if: {self._condition()}")
        if self._chance(6):
            lines.append(f"  at: {self.dice.choice(('3 hours', 'lead.due_on at 10:00', 'until 16:00'))}")
            lines.append(f"  if_past: {self.dice.choice(('skip', 'send'))}")
        if self._chance(5):
            lines.append(f"  on_quiet: {self.dice.choice(('hold', 'skip'))}")
        if self._chance(5):
            lines.append(f"  on_cap: {self.dice.choice(('hold', 'skip'))}")
        return lines

    def wait(self, _: int) -> Lines:
        """Draws a wait, which some event may start over."""
        lines = [f"- wait: {self.dice.choice(LENGTHS + INSTANTS)}"]
        if "due_on" in lines[0] and self._chance(2):
            return [*lines, "  if_missing:", "    - score: +5"]
        return [*lines, "  restart_on: thing.changed"] if self._chance(5) else lines

    def data(self, _: int) -> Lines:
        """Draws a step that changes or tells something."""
        told = ("allow: sms", "suppress: sms", "score: +15", "score: -20", "report: visit", "notify: sales")
        written = ("set: {run.step: start.amount}", "set: {lead.colour: green}")
        return [f"- {self.dice.choice(told + written)}"]

    def choice(self, depth: int) -> Lines:
        """Draws an `if`."""
        lines = [f"- if: {self._condition()}", "  then:", *self._inside(depth)]
        return self._else(lines, depth)

    def choose(self, depth: int) -> Lines:
        """Draws a `choose`."""
        lines = ["- choose:"]
        for _ in range(self.dice.randint(1, 3)):
            lines += [f"    - if: {self._condition()}", "      then:", *self._inside(depth, 8)]
        return [*lines, "    - else:", *self._inside(depth, 8)] if self._chance(2) else lines

    def split(self, depth: int) -> Lines:
        """Draws a split."""
        share = self.dice.choice((20, 50, 70))
        lines = [f"- split: {{a: {share}, b: {100 - share}}}", f"  id: {self._id('s')}", "  then:"]
        return [*lines, "    a:", *self._inside(depth, 6), "    b:", *self._inside(depth, 6)]

    def repeat(self, depth: int) -> Lines:
        """Draws a repeat with a wait in each round."""
        until = f"{{until: '{self._condition()}', at_most: 3}}"
        lines = [f"- repeat: {self.dice.choice(('2', '3', until))}", "  do:", *self._inside(depth)]
        return [*lines, "    - wait: 1 day"]

    def wait_for(self, depth: int) -> Lines:
        """Draws a `wait_for`, of an event or a reaction."""
        event = self.dice.choice((*EVENTS, "email.clicked", "sms.replied"))
        lines = [f"- wait_for: {event}", f"  within: {self.dice.choice(LENGTHS)}"]
        if self._chance(5):
            lines.append("  since: start" if event in EVENTS else "  to: any")
        if self._chance(3):
            lines += ["  remind:", "    every: 1 day", "    at_most: 2", "    do:", "      - email: offer"]
            lines.append(f"        id: {self._id('m')}")
        if self._chance(2):
            lines += ["  then:", *self._inside(depth)]
        return self._else(lines, depth)

    def first_of(self, depth: int) -> Lines:
        """Draws a `first_of`."""
        lines = ["- first_of:"]
        for _ in range(self.dice.randint(1, 3)):
            kind = self.dice.choice(("event", "event", "if", "becomes"))
            what = self.dice.choice(EVENTS if kind == "event" else STATES)
            lines += [f"    - {kind}: {what}", "      then:", *self._inside(depth, 8)]
        return self._else([*lines, f"  within: {self.dice.choice(LENGTHS)}"], depth)

    def call(self, depth: int) -> Lines:
        """Draws a call."""
        name = self._id("call")
        self.works.append(name)
        lines = [f"- call: {name}", "  queue: desk"]
        if self._chance(3):
            lines += ["  due: 2 hours", "  overdue:", "    - notify: sales"]
        if self._chance(2):
            lines.append(f"  expires: {self.dice.choice(('3 days', '2 business days'))}")
        retries = ("attempts: 3 every 1 day", "retry: {busy: 3 hours, no_answer: [2 hours, 1 day]}")
        lines += [f"  {self.dice.choice(retries)}"] if self._chance(2) else []
        lines += ["  outcomes:", "    won:", *self._inside(depth, 6), "    refused: go_on"]
        return [*lines, "    busy or no_answer:", *self._inside(depth, 6), "    wrong_number: go_on"]

    def parallel(self, depth: int) -> Lines:
        """Draws branches side by side."""
        lines = ["- parallel:"]
        for name in ("a", "b", "c")[: self.dice.randint(2, 3)]:
            lines += [f"    {name}:", *self._inside(depth, 6)]
        return [*lines, "  until: first"] if self._chance(3) else lines

    def task(self, depth: int) -> Lines:
        """Draws a task, or work that the run does not wait for."""
        name = self._id("task")
        if self._chance(2):
            return [f"- task: {name}", "  queue: desk", "  wait: false", "  expires: 2 days"]
        lines = [f"- task: {name}", "  queue: desk", "  escalate:", "    - {after: 4 hours, to: seniors}"]
        return [*lines, "  outcomes:", "    won: go_on", "    refused:", *self._inside(depth, 6),
                "    busy: go_on", "    wrong_number: go_on"]  # fmt: skip

    def _else(self, lines: Lines, depth: int) -> Lines:
        return [*lines, "  else:", *self._inside(depth)] if self._chance(2) else lines

    def _inside(self, depth: int, indent: int = 4) -> Lines:
        return [" " * indent + line for line in self.steps(depth, 2)]

    def _condition(self) -> str:
        return self.dice.choice(CONDITIONS)

    def _chance(self, of: int) -> bool:
        return self.dice.randrange(of) == 0

    def _id(self, kind: str) -> str:
        self.count += 1
        return f"{kind}_{self.count}"


def draw(seed: int, number: int) -> Drawn:
    """Draws the journey of this number, with a lead and what happens to it."""
    drawing = Drawing(Random(f"{seed}/{number}"))
    name = f"drawn_{number}"
    steps = drawing.steps(3, 6)
    head = [
        f"journey: {name}",
        "version: 1",
        "start:",
        "  event: thing.begun",
        f'  where: event.of is "{name}"',
        *_rules(drawing.dice),
    ]
    journey = "\n".join([*head, "steps:", *(f"  {line}" for line in steps)]) + "\n"
    return Drawn(name, journey, _scenario(drawing, name))


def _rules(dice: Random) -> Iterator[str]:
    yield "exit:"
    yield f"  - {dice.choice(('event: thing.done', 'becomes: lead.visits >= 9'))}"
    yield "    as: bought"
    if dice.randrange(3) == 0:
        yield from ("whenever:", "  - event: help.asked", "    do:", "      - notify: sales")
    if dice.randrange(4) == 0:
        yield 'hold_while: lead.colour is "blue"'


def _scenario(drawing: Drawing, name: str) -> str:
    """Draws a lead and what happens: each thing at a minute of its own, so that no two meet."""
    dice = drawing.dice
    lead = {
        "score": dice.choice((0, 30, 60, 90)),
        "zone": dice.choice(("Europe/Madrid", "America/New_York", "Atlantic/Canary")),
        "visits": dice.randint(0, 4),
        "due_on": dice.choice(("2026-01-02", "2026-01-09", "2026-01-20")),
        "phone": '"+34600111222"',
        "consent": dice.choice(("{email: true, sms: true}", "{email: true}")),
    }
    known = [f"{key}: {value}" for key, value in lead.items() if key == "zone" or dice.randrange(4)]
    begin = f"{{at: 2026-01-05 at 10:00, event: thing.begun, of: {name}, amount: {dice.choice((50, 500))}}}"
    numbers = dice.sample(range(1, 6), dice.randint(1, 5))
    listed = "".join(f"      - {event}\n" for event in (begin, *(_happens(drawing, n) for n in numbers)))
    return (
        f"journey: {name}\nlead: {{language: en, {', '.join(known)}}}\nscenarios:\n"
        f"  - name: drawn\n    events:\n{listed}    expect: []\n"
    )


def _happens(drawing: Drawing, number: int) -> str:
    dice = drawing.dice
    at = f"{dice.randint(0, 9)} days {dice.randint(1, 9)} hours {number * 10 + 3} minutes"
    outcome = dice.choice(("won", "refused", "busy"))
    what = dice.choice(
        (
            "event: thing.changed, amount: 700",
            "event: thing.done",
            "event: help.asked, topic: price",
            "event: email.clicked",
            "event: sms.replied, text: yes",
            "set: {lead.colour: blue}",
            "set: {lead.colour: red}",
            "set: {lead.score: 85}",
            'set: {lead.due_on: "2026-01-15"}',
            *(f"call: {name}, outcome: {outcome}" for name in drawing.works),
        )
    )
    return f"{{at: {at}, {what}}}"
