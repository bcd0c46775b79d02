"""A JSON Schema of journeys, from which editors complete while one types: the language's words, and the names
that the vocabulary and the templates declare.

It says what the shape can say. What only the whole journey shows is for `cauce check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

from pydantic import JsonValue

from language.builtin import ENDINGS
from language.json_forms import (
    CONDITION,
    DRAFT,
    INSTANT,
    LENGTH,
    SCALAR,
    TEXT,
    WAIT,
    WHOLE,
    Form,
    any_of,
    described,
    either,
    hours,
    listed,
    mapped,
    one_of,
    one_or_more,
    ref,
    thing,
)
from language.json_rules import rule_forms, winner_form
from language.lower_triggers import dates_of
from language.lowering import Templates
from language.schema import Fields, FieldType
from language.syntax.messages import PREFERRED
from language.syntax.model import Of
from language.syntax.permission import ALLOWED, SUPPRESSED
from language.syntax.verbs import VERBS
from language.vocabulary import Thing, Vocabulary
from language.words_of import LineKind, Words, accepted, choices, journey_words, line_words, step_words
from model.channels import MESSAGES
from model.scoring import OutcomeType

_GO_ON: Form = {"const": "go_on"}
_SUBJECTS = ("event", "becomes", "by", "if", "joins", "leaves", "every", "once", "date")
_SOME: Form = {"minProperties": 1}
_INPUT = any_of(TEXT, {"type": "object", "required": ["type"]})


def journey_schema(vocabulary: Vocabulary, templates: Templates | None = None) -> dict[str, JsonValue]:
    """Gives the schema of a journey's file; without `templates` their names are any text."""
    forms = _Forms(vocabulary, templates)
    definitions: dict[str, JsonValue] = {
        "steps": any_of(_GO_ON, {"type": "array", "minItems": 1, "items": any_of(_GO_ON, ref("step"))}),
        "step": any_of(*(ref(f"step_{verb}") for verb in sorted(VERBS))),
        **{f"step_{verb}": forms.step(verb) for verb in sorted(VERBS)},
        **{f"line_{kind}": forms.line(kind) for kind in get_args(LineKind)},
    }
    words = journey_words()
    top = thing({word: forms.top(word) for word in words.all}, _without(words, "steps"))
    head: dict[str, JsonValue] = {
        "$schema": DRAFT,
        "title": "A journey",
        "description": "Written by `cauce schema`; write it again when the vocabulary changes.",
    }
    return {**head, **top, **either("steps", "stages"), "definitions": definitions}


class _Forms:
    """What may stand behind each word."""

    def __init__(self, vocabulary: Vocabulary, templates: Templates | None) -> None:
        self._vocabulary = vocabulary
        self._templates = templates
        self._events = one_of(sorted(vocabulary.events), "an event of the vocabulary")
        self._endings = one_of([*vocabulary.endings, *ENDINGS], "an ending of the vocabulary")
        self._codes = sorted({code for queue in vocabulary.queues.values() for code in queue.outcomes})
        self._verbs = self._verb_forms()
        self._parts = self._part_forms()

    def top(self, word: str) -> Form:
        """Gives what stands behind a word at the top of a journey."""
        forms: dict[str, Form] = {
            "journey": described(TEXT, "its name, as in `cauce publish NAME`"),
            "version": described(WHOLE, "raise it with every change that is published"),
            "about": described(TEXT, "one sentence"),
            "start": described(one_or_more(ref("line_start")), "what begins it"),
            "exit": described(one_or_more(ref("line_exit")), "what ends it at once, wherever the lead is"),
            "whenever": described(one_or_more(ref("line_whenever")), "what happens each time, beside"),
            "goal": described(ref("line_goal"), "what counts as success in reports"),
            "goals": mapped(ref("line_goal")),
            "key": described(TEXT, "one run for each value, like `start.quote_id`"),
            "again": _again(),
            "contact_hours": hours(),
            "zone": described(TEXT, "one for the whole journey, like `Europe/Madrid`; else the lead's"),
            "life": described(LENGTH, "the longest that a run may last"),
            **rule_forms(self._endings),
            "inputs": described(mapped(_INPUT), "what a request or `run:` may give, read as `start.NAME`"),
            "steps": described(ref("steps"), "what happens, one after the other"),
            "stages": described(mapped(ref("steps")), "named lists of steps; the first is where it begins"),
            **{word: one_of(words) for word, words in choices().items() if word == "on_opt_out"},
        }
        return forms.get(word, {})

    def step(self, verb: str) -> Form:
        """Gives the form of a step with this verb."""
        words = step_words(verb)
        own = {"if": CONDITION} if verb == "if" else {verb: self._verbs.get(verb, SCALAR)}
        parts = {word: self._part(verb, word) for word in words.all if word != verb}
        needed = words.needed if verb != "if" else ()
        if verb in ("call", "task"):
            needed = tuple(word for word in needed if word != "outcomes")
            return {**thing({**own, **parts}, (verb, *needed)), **either("outcomes", "wait")}
        form = thing({**own, **parts}, (verb, *needed))
        return {**form, **either("then", "else")} if verb == "if" else form

    def line(self, kind: LineKind) -> Form:
        """Gives the form of a trigger, an exit and the like."""
        words = line_words(kind)
        special: dict[tuple[LineKind, str], Form] = {
            ("exit", "as"): self._endings,
            ("start", "as"): described(TEXT, "read as `start.trigger`"),
            ("start", "by"): {"const": "request"},
            ("start", "date"): one_of(dates_of(self._vocabulary), "a date of the lead"),
            ("start", "before"): described(LENGTH, "it begins so long before the date"),
            ("start", "after"): described(LENGTH, "it begins so long after the date"),
            ("start", "at"): described(TEXT, "at this time of the day, in the lead's zone: `9:00`"),
            ("start", "yearly"): described({"const": True}, "on the day of every year"),
            ("start", "of"): described(
                {"const": "anyone"}, "begins a run of each lead for whom `where` holds"
            ),
            ("start", "catch_up"): described(
                any_of({"const": "everybody"}, LENGTH), "who is in already; a date known late by no more"
            ),
            **{("start", word): self._audiences() for word in ("joins", "leaves")},
            ("whenever", "go_to"): described(TEXT, "a stage of this journey"),
            ("whenever", "do"): ref("steps"),
        }
        forms = {word: special.get((kind, word)) or self._part("", word) for word in words.all}
        subjects = [word for word in _SUBJECTS if word in words.all and (word, kind) != ("if", "start")]
        return {**thing(forms, words.needed), **either(*subjects)}

    def _part(self, verb: str, word: str) -> Form:
        if word == "wait":
            return {"const": False}
        if verb == "start_journey" and word == "for":
            return described(TEXT, "the id of another lead, like `start.referrer_id`; else this lead")
        if verb == "parallel" and word == "until":
            return described({"const": "first"}, "over when one branch is done")
        if verb == "run" and word == "then":
            return described(mapped(ref("steps")), "the steps that follow each of its endings")
        if verb == "split" and word == "then":
            return described(mapped(ref("steps")), "the steps of each arm")
        if word == "template" and verb == "notify":
            return self._template("notify")
        return self._parts.get(word, {})

    def _part_forms(self) -> dict[str, Form]:
        of = accepted("  - wait_for: email.clicked\n    of: {}\n", get_args(Of))
        channels = one_of(MESSAGES, "a channel")
        return {
            **{name: one_of(words) for name, words in choices().items()},
            **dict.fromkeys(("id", "note", "assign_to", "to", "hours"), TEXT),
            **dict.fromkeys(("if", "where", "becomes"), self._condition()),
            **dict.fromkeys(("then", "else", "do", "overdue", "if_missing"), ref("steps")),
            "remind": thing({"every": LENGTH, "at_most": WHOLE, "do": ref("steps")}, ("every", "do")),
            **dict.fromkeys(("event", "restart_on"), self._events),
            **dict.fromkeys(("within", "at", "not_after", "expires"), INSTANT),
            "due": described(LENGTH, "somebody has begun by then, in the queue's open hours"),
            "of": one_of(of, "`lead`: whatever the key; `account`: all of the account; `anyone`"),
            "since": {"const": "start"},
            "every": described(TEXT, "`hour`, `day at 8:00`, `monday at 9:00`, `month on 1 at 9:00`"),
            "once": described(TEXT, "`2026-03-02 at 9:00`"),
            "in": any_of(TEXT, listed(TEXT)),
            "by": any_of(channels, {"const": PREFERRED}, listed(channels)),
            "for": described(LENGTH, "then it ends by itself"),
            "until_seen": described(LENGTH, "then the next channel"),
            "queue": one_of(self._vocabulary.queues, "a queue of the vocabulary"),
            "outcomes": self._outcomes(),
            "retry": self._retry(),
            "attempts": described(
                any_of(WHOLE, TEXT), "`3 every 1 day`, `on days 1, 3, 5`, or a number beside `retry`"
            ),
            "escalate": described(one_or_more(self._escalation()), "where it goes that nobody has begun"),
            "skills": described(one_or_more(TEXT), "what the agent must know"),
            "number": described(TEXT, "the number to call, like `lead.mobile`; else the lead's phone"),
            "script": self._template("script"),
            "draw": {"const": "each run"},
            "winner": winner_form(self._events),
            "value": SCALAR,
            "with": mapped(SCALAR),
        }

    def _verb_forms(self) -> dict[str, Form]:
        return {
            **{channel: self._template(channel) for channel in MESSAGES},
            "send": self._template(*MESSAGES),
            "call": described(TEXT, "what the call is named"),
            "task": described(TEXT, "what the task is named"),
            "wait": WAIT,
            "wait_for": self._events,
            "first_of": listed(ref("line_first_of")),
            "choose": listed(_arms(self._condition())),
            "split": described(mapped({"type": "number"}), "arms with their shares in percent"),
            "repeat": _repeat(self._condition()),
            "parallel": described(mapped(ref("steps")), "branches side by side"),
            "run": described(TEXT, "a journey whose steps are put in here"),
            "start_journey": described(TEXT, "a journey that begins `by: request`"),
            "stop_journey": described(TEXT, "a journey whose runs of this lead end"),
            "leave": described(TEXT, "the `id` of a `repeat` around it"),
            "go_to": described(TEXT, "a stage of this journey"),
            "end": self._endings,
            "restart": {"const": "this"},
            "set": self._settable(),
            "score": _score(),
            "report": one_of(get_args(OutcomeType), "an outcome for the scorer"),
            "notify": one_of([*self._vocabulary.teams, "lead.owner"], "a team of the vocabulary"),
            "suppress": one_of(SUPPRESSED),
            "allow": one_of(ALLOWED, "what the lead has consented to"),
            **dict.fromkeys(
                ("fetch", "webhook"),
                one_of(sorted(self._vocabulary.connectors), "a connector of the vocabulary"),
            ),
            **dict.fromkeys(("add_to_audience", "remove_from_audience"), self._audiences(filled=True)),
        }

    def _condition(self) -> Form:
        read = [f"lead.{name}" for name in self._vocabulary.lead]
        read += [f"{kind}.{name}" for kind, one in self._vocabulary.things.items() for name in one.fields]
        return described(CONDITION, f"a condition: it may read {', '.join(read)}, and functions")

    def _audiences(self, *, filled: bool = False) -> Form:
        known = self._vocabulary.audiences.values()
        names = [one.name for one in known if not filled or one.rule is None]
        return one_of(sorted(names), "an audience of the vocabulary")

    def _template(self, *channels: str) -> Form:
        if self._templates is None:
            return TEXT
        names = {name for channel in channels for name in self._templates.names(channel)}
        return one_of(sorted(names), f"a template of {' or '.join(channels)}")

    def _outcomes(self) -> Form:
        known: dict[str, JsonValue] = {code: ref("steps") for code in self._codes}
        return {"type": "object", **_SOME, "properties": known, "additionalProperties": ref("steps")}

    def _escalation(self) -> Form:
        queue = one_of(self._vocabulary.queues, "a queue with the same outcomes")
        return thing({"after": LENGTH, "to": queue}, ("after", "to"))

    def _retry(self) -> Form:
        plan = any_of(TEXT, listed(LENGTH))
        known: dict[str, JsonValue] = dict.fromkeys(self._codes, plan)
        return {"type": "object", **_SOME, "properties": known, "additionalProperties": plan}

    def _settable(self) -> Form:
        things = {kind: _without_key(one) for kind, one in self._vocabulary.things.items()}
        own: Mapping[str, Fields] = {"lead": self._vocabulary.lead, "account": self._vocabulary.account}
        owners = {**things, **own}
        names: dict[str, JsonValue] = {
            f"{owner}.{name}": _of_field(field)
            for owner, fields in owners.items()
            for name, field in fields.items()
        }
        run: JsonValue = {"^run\\.[a-z]": SCALAR}
        known: Form = {"properties": names, "patternProperties": run, "additionalProperties": False}
        return {"type": "object", **_SOME, **known}


def _without_key(thing: Thing) -> Fields:
    return {name: field for name, field in thing.fields.items() if name != thing.key}


def _of_field(field: FieldType) -> Form:
    if not field.values:
        return SCALAR
    return any_of(one_of([*map(str, field.values), "nothing"]), SCALAR)


def _arms(condition: Form) -> Form:
    return any_of(
        thing({"if": condition, "then": ref("steps")}, ("if",)),
        thing({"else": ref("steps")}, ("else",)),
    )


def _repeat(condition: Form) -> Form:
    until = thing({"until": condition, "at_most": WHOLE}, ("until",))
    return any_of(WHOLE, {"const": "for ever"}, until)


def _score() -> Form:
    points: Form = {"type": "string", "pattern": "^[+-]\\d"}
    return any_of({"const": "refresh"}, points, {"type": "number"})


def _again() -> Form:
    words = one_of(("never", "when finished", "replace", "after 30 days"))
    return described(any_of(words, {"type": "string", "pattern": "^after \\d"}), "the same lead once more")


def _without(words: Words, other: str) -> Iterable[str]:
    return tuple(word for word in words.needed if word != other)
