"""What the lowering of one journey knows and collects, and the checks of names that several verbs share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from language.advice import no_event
from language.builtin import ENDINGS
from language.compiled import End, Line, Place, Return, Scope, Values
from language.expressions import Expressions, Here
from language.facts import reads_pii
from language.problems import Problems, did_you_mean
from language.program import Program
from language.reactions import is_reaction
from language.schema import Fields, start_fields
from language.step_ids import StepIds
from language.syntax.model import Block, Hearing, JourneyText, Pair, Step
from language.vocabulary import Vocabulary
from language.yaml import Scalar
from model.channels import FOLDERS, MESSAGES
from model.expressions import Expr

REACTIONS = frozenset({*MESSAGES, "message", "replied"})
WORK_EVENTS = frozenset({"task", "call"})
GIVEN_TO_TEMPLATES = frozenset({"lead", "account", "start", "now"})
LowerBlock = Callable[["Lowering", Block | None, Here], Here | None]


class TemplateInfo(Protocol):
    """What a template is for."""

    @property
    def purpose(self) -> Literal["marketing", "service"]:
        """Marketing or service."""
        ...

    @property
    def topic(self) -> str | None:
        """What it is about."""
        ...


class TemplateProblem(Protocol):
    """A mistake in a template's file."""

    @property
    def file(self) -> str:
        """The path."""
        ...

    @property
    def line(self) -> int:
        """From 1."""
        ...

    @property
    def column(self) -> int:
        """From 1."""
        ...

    @property
    def message(self) -> str:
        """What is wrong."""
        ...


class Templates(Protocol):
    """What the language asks of the templates."""

    def names(self, channel: str) -> tuple[str, ...]:
        """Names of a channel's templates."""
        ...

    def variables(self, channel: str, name: str) -> frozenset[str]:
        """Dotted names that a template reads."""
        ...

    def info(self, channel: str, name: str) -> TemplateInfo:
        """What a template is for."""
        ...


@dataclass(frozen=True, slots=True)
class Side:
    """Steps that run beside the run, lowered behind everything else."""

    label: int
    block: Block
    here: Here
    stage: str


@dataclass(slots=True)
class Repeated:
    """A repeat being lowered: its step, its loop's name, the label behind it, the number of forks around it;
    `left` once a `leave` leads out of it.
    """

    step: str
    name: str
    exit: int
    depth: int
    left: bool = False


@dataclass(slots=True)
class Shared:
    """What a lowering has in common with those of the journeys that it inlines: the texts of all journeys,
    and the stages (labels) and scopes of the inlined ones.
    """

    journeys: Mapping[str, JourneyText] = field(default_factory=dict)
    stages: dict[str, int] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)
    queues: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Returns:
    """Where the endings of an inlined journey lead: labels, `behind` for those not named."""

    named: dict[str, int]
    behind: int


@dataclass(slots=True)
class Lowering:
    """The state of one lowering.

    `stage` is the one being lowered, `depth` the number of forks around, `repeats` those around, `restart`
    the listen that may start over here and its depth, `everything` all event types that `event` may be of
    where a stage is entered, `own_key` the key that the journey has without naming one. Of an inlined
    journey `prefix` stands before its ids and stages, `within` are the journeys around it, `line_of_run`
    is where it is put in.
    """

    text: JourneyText
    vocabulary: Vocabulary
    problems: Problems
    expressions: Expressions
    ids: StepIds
    templates: Templates | None
    everything: frozenset[str]
    block: LowerBlock
    program: Program = field(default_factory=Program)
    stage: str = ""
    restart: tuple[int, int] | None = None
    own_key: str | None = None
    in_side: bool = False
    broken: bool = False
    lost_way: bool = False
    loops: int = 0
    depth: int = 0
    repeats: list[Repeated] = field(default_factory=list)
    sides: list[Side] = field(default_factory=list)
    endings: set[str] = field(default_factory=set)
    shared: Shared = field(default_factory=Shared)
    prefix: str = ""
    within: tuple[str, ...] = ()
    returns: Returns | None = None
    line_of_run: int = 0

    @property
    def queues(self) -> set[str]:
        """The queues that are named anywhere."""
        return self.shared.queues

    def place(self, step: Step) -> Place:
        """Says where the instructions of a step come from."""
        return Place(self.ids.of(step), self.stage, self.line_of_run or step.verb.mark.line)

    def end(self, place: Place, ending: str) -> None:
        """Ends the journey, which an inlined one does by returning."""
        self.endings.add(ending)
        if self.returns is None:
            self.program.emit(End(place, ending))
        else:
            target = self.returns.named.get(ending, self.returns.behind)
            self.program.emit(Return(place, ending, target))

    def error(self, where: Scalar, code: str, message: str, suggestion: str | None = None) -> None:
        """Reports a problem at a scalar."""
        self.problems.add(where.mark, code, message, suggestion)

    def condition(self, text: Scalar | None, here: Here) -> Expr | None:
        """Reads a condition that may be missing."""
        return self.expressions.condition(text, here) if text is not None else None

    def values(self, pairs: tuple[Pair, ...], here: Here) -> Values:
        """Reads `with`."""
        items = {pair.name.raw: self.expressions.value(pair.value, here) for pair in pairs}
        known = {name: expr for name, expr in items.items() if expr is not None}
        return Values(known, tuple(name for name, expr in known.items() if reads_pii(expr)))

    def ending(self, name: Scalar) -> str:
        """Checks an ending's name and remembers it."""
        known = (*self.vocabulary.endings, *ENDINGS)
        if name.raw not in known:
            advice = did_you_mean(name.raw, known) or f"declare it: `endings: {{{name.raw}: won}}`"
            self.error(name, "J011", f"the vocabulary has no ending `{name.raw}`", advice)
        self.endings.add(name.raw)
        return name.raw

    def stage_name(self, name: Scalar) -> str:
        """Checks a stage's name."""
        known = [stage.name.raw for stage in self.text.stages] if self.text.has_stages else []
        if name.raw not in known and not (self.text.has_stages and self.broken):
            listed = (
                f"the stages are {', '.join(known)}" if known else "only a journey with `stages` has them"
            )
            advice = did_you_mean(name.raw, known) or listed
            self.error(name, "J020", f"there is no stage `{name.raw}`", advice)
            self.lost_way = True
        return f"{self.prefix}{name.raw}"

    def event(self, name: Scalar) -> bool:
        """Checks an event's name."""
        if name.raw in self.vocabulary.events:
            return True
        advice = no_event(name.raw, self.vocabulary.events)
        self.error(name, "J011", f"the vocabulary has no event `{name.raw}`", advice)
        return False

    def template(self, channel: str, name: Scalar, given: tuple[Pair, ...]) -> TemplateInfo | None:
        """Checks that a template is there and that everything it reads is given to it."""
        if self.templates is None:
            return None
        known = self.templates.names(channel)
        if name.raw not in known:
            advice = did_you_mean(name.raw, known) or _make(channel, name.raw)
            self.error(name, "J012", f"there is no {channel} template `{name.raw}`", advice)
            return None
        self._variables(channel, name, frozenset(pair.name.raw for pair in given))
        return self.templates.info(channel, name.raw)

    def _variables(self, channel: str, name: Scalar, given: frozenset[str]) -> None:
        read = self.templates.variables(channel, name.raw) if self.templates else frozenset()
        of_events = self.expressions.schema.fields_of_events(self.expressions.starts)
        starts = start_fields(of_events, self.expressions.own_start)
        things = self.expressions.schema.things
        owners = {"lead": self.vocabulary.lead, "account": self.vocabulary.account}
        roots: dict[str, Fields] = {**things, **owners, "start": starts}
        for variable in sorted(read):
            root, _, rest = variable.partition(".")
            message = f"the {channel} template `{name.raw}` reads `{variable}`"
            fields = roots.get(root)
            first = rest.split(".")[0]
            if root in things and root not in given:
                self.expressions.things.setdefault(root, name)
            if fields is not None and root not in given:
                if first and first not in fields:
                    advice = did_you_mean(first, fields) or f"it has {', '.join(sorted(fields)[:12])}"
                    owner = "the trigger" if root == "start" else "the vocabulary"
                    self.error(name, "J013", f"{message}, which {owner} does not have", advice)
            elif root not in given | GIVEN_TO_TEMPLATES:
                advice = f"give it: `with: {{{root}: …}}`"
                self.error(name, "J013", f"{message}, which nobody gives it", advice)

    def line(self, hearing: Hearing, here: Here, name: str, target: int = -1) -> Line:
        """Lowers a line that hears an event or watches a condition."""
        subject, text = hearing.subject, hearing.subject.raw
        to = self._sender(hearing)
        if hearing.hears != "event":
            condition = self.expressions.condition(subject, here)
            return Line(hearing.hears, name, condition=condition, target=target, text=text)
        if self.event(subject):
            self._check_key(hearing)
        where = self.condition(hearing.where, Here(frozenset({subject.raw}), here.in_loop))
        text = hearing.where.raw if hearing.where else ""
        return Line(
            "event", name, subject.raw, where, None, hearing.of, to, hearing.since_start, target, text
        )

    def _sender(self, hearing: Hearing) -> str | None:
        """Checks the step that `to` names: a message for a reaction, work for what became of work."""
        to, event = hearing.to, hearing.subject.raw
        if to is None:
            return None
        work = event.split(".")[0] in WORK_EVENTS and event != "call.missed"
        if not work and not is_reaction(event):
            message = f"`to` is for reactions and work, and `{event}` answers no message"
            self.error(to, "J028", message, "leave it out")
        elif hearing.of is not None:
            message = f"`to` names a step of this run, and `of: {hearing.of}` hears those of other runs too"
            self.error(to, "J028", message, "keep one of them")
        elif to.raw not in (known := self._named(self.ids.work if work else self.ids.messages)):
            what = "call or task" if work else "message"
            advice = did_you_mean(to.raw, known) or f"name a {what}, or `any`"
            self.error(to, "J010", f"`to` names no {what}: `{to.raw}`", advice)
        return to.raw if to.raw == "any" else f"{self.prefix}{to.raw}"

    def _named(self, ids: Iterable[str]) -> set[str]:
        return {"any", *(name.removeprefix(self.prefix) for name in ids)}

    def _check_key(self, hearing: Hearing) -> None:
        """A keyed journey hears what carries its key, or says whom it listens to."""
        key = self.text.key.raw if self.text.key is not None else self.own_key
        event = hearing.subject.raw
        if key is None or hearing.of is not None or not key.startswith("start."):
            return
        attribute = key.removeprefix("start.")
        first = event.split(".")[0]
        own = first in REACTIONS or (first in WORK_EVENTS and event != "call.missed")
        if not self.prefix and self.text.key is not None and not self.expressions.start_has(attribute):
            return
        if not own and attribute not in self.vocabulary.events[event]:
            message = f"`{event}` does not carry `{attribute}`, so no run of this journey would hear it"
            self.error(
                hearing.subject, "J036", message, f"add `of: lead` to hear it whatever the `{attribute}`"
            )
        elif event in self.expressions.starts:
            message = f"`{event}` begins this journey, and is not heard again with the same `{attribute}`"
            advice = f"add `of: lead` to hear it with any `{attribute}`"
            self.problems.add(hearing.subject.mark, "J035", message, advice, hint=True)


def _make(channel: str, name: str) -> str:
    return f"make `templates/{FOLDERS.get(channel, channel)}/{name}.txt`"
