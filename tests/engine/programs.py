"""Random small journeys, built of compiled instructions, and a player that drives them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zlib import crc32

from hypothesis import strategies as st
from pydantic import JsonValue

from engine.advance import advance, start
from engine.position import Position, dump_position, load_position
from engine.turn import Heard, News, Turn
from language.compiled import (
    Arm,
    Assign,
    End,
    Escalation,
    Exit,
    Fork,
    Instruction,
    Join,
    Journey,
    Jump,
    Line,
    Listen,
    Loop,
    LoopBack,
    LoopStart,
    Message,
    Place,
    QueueForm,
    RetryPlan,
    Score,
    Split,
    Test,
    Values,
    Wait,
    Way,
    Whenever,
    Work,
)
from language.facts import fact_key
from model.commands import Answer, Done, Effect, Finish, OpenWork, Send, Sent
from model.events import Delivery, Event
from model.expressions import Binary, Constant, Expr, Name
from model.runs import Run
from model.time import After, Length
from tests.engine.riding import MONDAY

EVENTS = ("order.completed", "help.requested", "email.clicked")
OUTCOMES = ("won", "busy", "later", "wrong", "never")
FORM = QueueForm(
    {"won": "reached", "busy": "retry", "later": "callback", "wrong": "number_dead", "never": "never_call",
     "no_answer": "retry", "expired": "expired"}
)  # fmt: skip
SCORE = Name("lead.score", "number")

Block = list["Step"]


@dataclass(frozen=True)
class Step:
    """A step before lowering."""

    verb: str
    size: int
    blocks: tuple[Block, ...] = ()


def _step(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Step]:
    plain: st.SearchStrategy[Step] = st.builds(
        Step,
        st.sampled_from(["message", "wait", "message", "wait", "assign", "score", "end"]),
        st.integers(1, 90),
    )
    nested = st.builds(
        Step,
        st.sampled_from(["listen", "test", "work", "split", "loop", "fork"]),
        st.integers(1, 90),
        st.tuples(inner, inner),
    )
    return st.one_of(plain, nested)


LEAVES: st.SearchStrategy[Block] = st.lists(_step(st.just([])), max_size=3)
BLOCKS: st.SearchStrategy[Block] = st.lists(
    _step(st.lists(_step(LEAVES), min_size=1, max_size=3)), min_size=2, max_size=5
)


class _Lowering:
    def __init__(self) -> None:
        self.program: list[Instruction] = []

    def place(self, verb: str) -> Place:
        return Place(f"{verb}{len(self.program)}", "steps")

    def block(self, block: Block) -> None:
        for step in block:
            self.step(step)

    def branch(self, block: Block) -> tuple[int, int]:
        """Lowers a block with a jump behind it; gives where it begins and the jump."""
        begin = len(self.program)
        self.block(block)
        self.program.append(Jump(Place("", "steps"), -1))
        return begin, len(self.program) - 1

    def branches(self, at: int, blocks: tuple[Block, ...]) -> list[int]:
        """Lowers branches behind the instruction at an index, all leading behind the last."""
        ways = [self.branch(block) for block in blocks]
        for _, jump in ways:
            self.program[jump] = Jump(Place("", "steps"), len(self.program))
        assert at < len(self.program)
        return [begin for begin, _ in ways]

    def step(self, step: Step) -> None:
        at, place = len(self.program), self.place(step.verb)
        length = After(Length(seconds=step.size * 60) if step.size % 3 else Length(days=step.size % 5 + 1))
        match step.verb:
            case "message":
                condition = at_least(step.size) if step.size % 4 == 0 else None
                channel = "email" if step.size % 2 else "sms"
                self.program.append(Message(place, (channel,), "t", "marketing", condition=condition))
            case "wait":
                restart = Line("event", "again", EVENTS[step.size % 3]) if step.size % 4 == 0 else None
                self.program.append(Wait(place, length, restart_on=restart))
            case "assign":
                value = Binary("+", Name("run.n", "number"), Constant(1, "number"))
                self.program.append(
                    Assign(place, Values({"run.n": value if step.size % 2 else Constant(1, "number")}))
                )
            case "score":
                self.program.append(Score(place, float(step.size)))
            case "end":
                self.program.append(End(place, "gone"))
            case _:
                self.nested(step, at, place, length)

    def nested(self, step: Step, at: int, place: Place, length: After) -> None:
        self.program.append(Jump(place, -1))
        if step.verb == "loop":
            self.loop(step, at, place)
            return
        if step.verb == "fork":
            self.fork(step, at, place)
            return
        first, second = self.branches(at, step.blocks)
        condition = at_least(step.size)
        match step.verb:
            case "listen":
                event = Line("event", "heard", EVENTS[step.size % 3], target=first)
                other = Line("becomes" if step.size % 2 else "if", "hot", condition=condition, target=first)
                self.program[at] = Listen(place, (event, other), length if step.size % 5 else None, second)
            case "test":
                self.program[at] = Test(place, condition, second, "hot", "yes", "no")
            case "work":
                outcomes = {
                    code: first if code == "won" else second for code in FORM.outcomes if code != "later"
                }
                retry = (
                    RetryPlan("busy", (Length(seconds=step.size * 60),), repeat=step.size % 2 == 0, limit=3),
                )
                aside = step.size % 7 == 0
                self.program[at] = Work(
                    place,
                    "task" if step.size % 5 == 0 else "call",
                    "c",
                    "sales",
                    expires=Length(days=1),
                    attempts=4,
                    retry=retry,
                    outcomes={} if aside else outcomes,
                    wait=not aside,
                    on_days=(1, 2, 4) if step.size % 11 == 0 else (),
                    escalate=(Escalation(Length(seconds=900), "sales"),) if step.size % 3 == 0 else (),
                )
            case _:
                self.program[at] = Split(place, (Arm("a", 40, first), Arm("b", 60, second)))

    def fork(self, step: Step, at: int, place: Place) -> None:
        ways, joins = [], []
        for name, block in zip("ab", step.blocks, strict=True):
            ways.append(Way(name, len(self.program)))
            self.block(block)
            joins.append(len(self.program))
            self.program.append(Join(Place("", "steps"), -1))
        for join in joins:
            self.program[join] = Join(Place("", "steps"), len(self.program))
        self.program[at] = Fork(place, tuple(ways), step.size % 2 == 0, len(self.program))

    def loop(self, step: Step, at: int, place: Place) -> None:
        self.program[at] = LoopStart(place, place.step)
        self.program.append(Jump(place, -1))
        self.block(step.blocks[0])
        self.program.append(LoopBack(place, place.step, at + 1))
        until = at_least(step.size) if step.size % 2 else None
        self.program[at + 1] = Loop(place, place.step, step.size % 4 + 1, until, len(self.program))


def at_least(score: int) -> Expr:
    """`lead.score >= …`."""
    return Binary(">=", SCORE, Constant(score, "number"))


def journey(block: Block, exits: bool) -> Journey:
    """Lowers a random block to a journey."""
    low = _Lowering()
    low.block(block)
    low.program.append(End(Place("finished", "steps"), "finished"))
    leave = (
        Exit(Line("event", "left", "left"), "gone"),
        Exit(Line("becomes", "b", condition=at_least(95)), "gone"),
    )
    side = len(low.program)
    low.program.append(Score(Place("side", "steps"), 1.0))
    low.program.append(End(Place("side_end", "steps"), "gone"))
    low.program[-1] = _side_end()
    beside = Whenever(Line("event", "help", "help.requested", target=side))
    return Journey(
        "story", 1, "", tuple(low.program), {"steps": 0}, (), exits=leave if exits else (),
        whenever=(beside,) if exits else (), queues={"sales": FORM}, life=Length(days=40), hears=EVENTS,
    )  # fmt: skip


def _side_end() -> Instruction:
    from language.compiled import SideEnd

    return SideEnd(Place("side_end", "steps"))


@dataclass(frozen=True)
class Burst:
    """What happens at one instant: minutes after the one before, codes of events, a new score."""

    minutes: int
    codes: tuple[int, ...]
    score: int


BURSTS = st.lists(
    st.builds(
        Burst, st.integers(1, 6000), st.lists(st.integers(0, 9), max_size=4).map(tuple), st.integers(0, 100)
    ),
    min_size=2,
    max_size=8,
)


@dataclass
class Player:
    """Drives a run; `through_json` writes and reads the position before each turn."""

    journey: Journey
    through_json: bool = False
    now: datetime = MONDAY
    score: int = 0
    seq: int = 0
    effects: list[Effect] = field(default_factory=list)
    held: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        begin = Event("begin", "quote.started", MONDAY)
        run = Run("run-1", "lead-1", "story", 1, MONDAY, begin)
        self.position = start(self.journey, run, MONDAY)
        self.turn: Turn[Position] = Turn(self.position)
        self.take()

    def take(self, *news: News) -> None:
        """Takes news and all that follows at this instant."""
        waiting = news
        for _ in range(3000):
            self.turn = self._asked(waiting)
            if not self.turn.effects:
                return
            waiting = tuple(self._answer(effect) for effect in self.turn.effects)
        raise AssertionError("the run does not come to rest at one instant")

    def _asked(self, news: tuple[News, ...]) -> Turn[Position]:
        facts: dict[str, JsonValue] = {}
        while True:
            if self.through_json:
                self.position = load_position(dump_position(self.position))
            turn = advance(self.journey, self.position, news, self.now, facts)
            self.position = turn.position
            if turn.ask is None:
                return turn
            assert turn.ask.wanted
            for expr in turn.ask.wanted:
                key = fact_key(expr)
                assert key not in facts
                facts[key] = self.score if key == "lead.score" else None
            news = ()

    def _answer(self, effect: Effect) -> Answer:
        self.effects.append(effect)
        if not isinstance(effect, Send):
            return Done(effect.token)
        choice = crc32(effect.send_id.encode()) % 4
        if choice == 0:
            return Sent(effect.token, "skipped", reason="cap")
        if choice == 1 and effect.send_id not in self.held:
            self.held.add(effect.send_id)
            return Sent(effect.token, "held", reason="quiet", until=self.now + timedelta(hours=5))
        return Sent(effect.token, "sent", effect.channels[0])

    def until(self, at: datetime) -> None:
        """Lets time pass, waking the run as it asked."""
        while self.turn.wake is not None and self.turn.wake <= at:
            assert self.turn.wake > self.now, "a wake-up that does not lead on"
            self.now = self.turn.wake
            self.take()
        self.now = at

    def event(self, code: int) -> Event:
        """Makes an event of a code: one that any lead sends, or one about the run's last message or work."""
        self.seq += 1
        own: dict[str, str | None] = {"run": "run-1"}
        tasks = [effect for effect in self.effects if isinstance(effect, OpenWork)]
        sends = [effect for effect in self.effects if isinstance(effect, Send)]
        made = Event(f"e{self.seq}", "left", self.now)
        if code < 2:
            return replace(made, type=EVENTS[code])
        if code < 4:
            return replace(
                made, type="email.clicked", message=sends[-1].send_id if sends else None, run=own["run"]
            )
        if code < 9 and tasks:
            fields: dict[str, JsonValue] = {"outcome": OUTCOMES[code - 4]}
            return replace(made, type="task.completed", task=tasks[-1].task_id, fields=fields, run=own["run"])
        return made if code == 9 else replace(made, type=EVENTS[0])

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return any(isinstance(effect, Finish) for effect in self.effects)


Recorded = list[tuple[datetime, int, list[Delivery]]]


def record(player: Player, bursts: list[Burst]) -> Recorded:
    """Plays bursts, one event a turn, and gives what was delivered."""
    recorded: Recorded = []
    for number, burst in enumerate(bursts, 1):
        at = player.now.replace(microsecond=number) + timedelta(minutes=burst.minutes)
        player.until(at)
        player.score = burst.score
        deliveries: list[Delivery] = [Delivery(player.seq + 1, at, None, kind="facts")]
        player.seq += 1
        player.take(Heard((deliveries[0],)))
        for code in burst.codes:
            event = player.event(code)
            deliveries.append(Delivery(player.seq, at, event))
            player.take(Heard((deliveries[-1],)))
        recorded.append((at, burst.score, deliveries))
    player.until(player.now + timedelta(days=60))
    return recorded


def replay(player: Player, recorded: Recorded, size: int = 1, times: int = 1) -> None:
    """Plays the same again, in batches of a size, each delivered so many times."""
    for at, score, deliveries in recorded:
        player.until(at)
        player.score = score
        for first in range(0, len(deliveries), size):
            for _ in range(times):
                player.take(Heard(tuple(deliveries[first : first + size])))
    player.until(player.now + timedelta(days=60))
