"""A simulated world around one lead: what it knows, what it answers to the effects of a run.

It stands in for store, ledger, queues and scorer; facts and contact rules are judged by the same code as
there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from pydantic import JsonValue

from engine.caps import caps_of
from engine.contact import may_call, may_contact
from engine.facts import Asked, Knowledge, answer, value_of
from engine.turn import Ask
from engine.zones import zone_or
from language.facts import fact_key
from language.moments import read_time
from language.vocabulary import Vocabulary
from model.channels import places_of
from model.commands import (
    AddScore,
    Answer,
    Bound,
    Done,
    Effect,
    Finish,
    Notify,
    OpenWork,
    Report,
    Send,
    Sent,
    SetFacts,
    Suppress,
    WithdrawWork,
)
from model.contact import Allow, Consent, Contact, Contactability, Deny, Hold, Intent, Snooze
from model.events import Event, Fields
from model.runs import Run
from model.time import Hours

DEFAULT_LEAD: Fields = {"id": "lead", "email": "lead@example.com", "language": "es"}


def zone_of(own: JsonValue, vocabulary: Vocabulary) -> str:
    """Gives a lead's own zone, the company's where it is unknown."""
    return zone_or(own if isinstance(own, str) else None, vocabulary.company.zone)


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the simulated queues."""

    id: str
    name: str
    step: str
    queue: str
    ready_at: datetime


class World:
    """One lead and what has happened to it.

    `hours` are all opening hours: `contact`, `business`, and those of the queues.
    """

    def __init__(self, vocabulary: Vocabulary, lead: Fields, at: datetime) -> None:
        self._vocabulary = vocabulary
        self.lead_id = str(lead.get("id", "lead"))
        self._caps = caps_of(vocabulary.caps)
        given = {**DEFAULT_LEAD, "created_at": at.isoformat(), **lead}
        consent = given.pop("consent", None)
        self.attributes: Fields = {
            f"lead.{name}": value for name, value in given.items() if value is not None
        }
        self.consents = [
            Consent(channel, bool(said), at)
            for channel, said in (consent.items() if isinstance(consent, dict) else ())
        ]
        if consent is None:
            self.consents.append(Consent("all", True, at))
        self._addresses = self._reachable()
        self.suppressions: list[str] = []
        self.snooze: Snooze | None = None
        self.contacts: list[Contact] = []
        queues = {name: queue.hours for name, queue in vocabulary.queues.items()}
        fixed = {"contact": vocabulary.contact_hours, "business": vocabulary.business_hours}
        self.hours: dict[str, Hours] = {**queues, **fixed}
        self.history: dict[str, list[Event]] = defaultdict(list)
        self.sent: dict[str, tuple[str, ...]] = {}
        self.last_send: dict[str, Send] = {}
        self.tasks: dict[str, Task] = {}
        self._changed: set[str] = set()
        self._news: list[Event] = []

    @property
    def zone(self) -> str:
        """The lead's zone, the company's where it is unknown."""
        return zone_of(self.attributes.get("lead.zone"), self._vocabulary)

    def drain(self) -> tuple[list[Event], set[str]]:
        """Gives the events accepted and the names of facts changed since the last time."""
        events, changed = self._news, self._changed
        self._news, self._changed = [], set()
        return events, changed

    def zones(self) -> Fields:
        """Gives the facts that nearly every turn reads."""
        return {"lead.zone": self.attributes.get("lead.zone"), "company.zone": self._vocabulary.company.zone}

    def facts(self, ask: Ask, run: Run, now: datetime) -> Fields:
        """Answers what a turn asks for."""
        known, asked = self.known(), self._asked(ask, run, now)
        found = {fact_key(expr): answer(expr, known, asked) for expr in ask.wanted}
        if "company.zone" in found:
            found["company.zone"] = self._vocabulary.company.zone
        return found

    def accept(self, event: Event) -> None:
        """Takes an event into the lead's history, with what it says about the lead itself."""
        self.history[event.type].append(event)
        self._news.append(event)
        self._changed.add(f"event:{event.type}")
        match event.type:
            case "lead.unsubscribed" | "lead.consent_given":
                self._heard_consent(event, given=event.type == "lead.consent_given")
            case "lead.snooze_requested":
                until = event.fields.get("until")
                self.snooze = Snooze(read_time(until) if isinstance(until, str) else None)
            case "lead.updated":
                self.set({f"lead.{name}": value for name, value in event.fields.items()})

    def set(self, values: Fields) -> None:
        """Writes attributes by their full paths; null clears."""
        self._changed.update(name for name, value in values.items() if self.attributes.get(name) != value)
        self.attributes = {n: v for n, v in {**self.attributes, **values}.items() if v is not None}
        self._addresses = self._reachable()

    def open_task(self, name: str, now: datetime) -> Task | None:
        """Finds the open task of this name that an agent may take now, the latest first."""
        ready = [task for task in self.tasks.values() if task.name == name and task.ready_at <= now]
        return ready[-1] if ready else None

    def carry_out(self, effect: Effect, run: Run, now: datetime) -> Answer:
        """Does what a run asks for."""
        match effect:
            case Send():
                return self._send(effect, run, now)
            case OpenWork():
                return self._open_task(effect)
            case WithdrawWork():
                for withdrawn in effect.task_ids:
                    self.tasks.pop(withdrawn, None)
            case SetFacts():
                self.set({**effect.bound.values, **self._private(effect.bound, run, now)})
            case AddScore():
                self._add_score(effect, now)
            case Suppress():
                self.suppressions.append(effect.what)
                self._changed.add("lead.consent")
            case Finish():
                self.tasks = {name: task for name, task in self.tasks.items() if name in effect.keep}
            case Report() | Notify():
                pass
            case _:
                assert_never(effect)
        return Done(effect.token)

    def contact(self) -> Contactability:
        """Gives what the contact rules read."""
        return Contactability(
            addresses=self._addresses,
            zones=(self.zone,),
            consents=tuple(self.consents),
            suppressions=tuple(self.suppressions),
            snooze=self.snooze,
            recent=tuple(self.contacts),
        )

    def _reachable(self) -> tuple[str, ...]:
        return places_of(lambda name: self.attributes.get(f"lead.{name}"))

    def _open_task(self, effect: OpenWork) -> Done:
        refused = may_call(self.contact()) if effect.work == "call" else None
        if refused is not None:
            return Done(effect.token, ok=False, reason=refused)
        task = Task(effect.task_id, effect.name, effect.step, effect.queue, effect.ready_at)
        self.tasks[effect.task_id] = task
        self._changed.add("event:task.ready")
        return Done(effect.token)

    def _send(self, effect: Send, run: Run, now: datetime) -> Sent:
        answer_ = Sent(effect.token, "skipped", reason="no_address")
        for channel in effect.channels:
            match may_contact(self.contact(), self._intent(effect, channel, run), now):
                case Allow():
                    self._went(effect, channel, run, now)
                    return Sent(effect.token, "sent", channel)
                case Hold(until, reason):
                    return Sent(effect.token, "held", channel, reason, until)
                case Deny(reason):
                    answer_ = Sent(effect.token, "skipped", channel, reason)
        return answer_

    def _intent(self, effect: Send, channel: str, run: Run) -> Intent:
        return Intent(
            channel=channel,
            purpose=effect.purpose,
            topic=effect.topic,
            journey=run.journey,
            contact_key=effect.contact,
            hours=effect.hours or effect.contact_hours or self._vocabulary.contact_hours,
            own_hours=effect.hours is not None,
            caps=self._caps,
            on_quiet=effect.on_quiet,
            on_cap=effect.on_cap,
            network=effect.network if channel == "social" else None,
        )

    def _went(self, effect: Send, channel: str, run: Run, now: datetime) -> None:
        self.contacts.append(Contact(now, channel, effect.purpose, effect.topic, effect.contact))
        self.sent[effect.step] = (*self.sent.get(effect.step, ()), effect.send_id)
        self.last_send[channel] = effect
        fields: Fields = {"channel": channel, "template": effect.template, "step": effect.step}
        number = sum(len(sends) for sends in self.sent.values())
        self.accept(
            Event(f"sent-{number}", "message.sent", now, fields, effect.send_id, None, run.enrolment_id)
        )

    def _add_score(self, effect: AddScore, now: datetime) -> None:
        score = self.attributes.get("lead.score")
        before = float(score) if isinstance(score, int | float) and not isinstance(score, bool) else 0.0
        if effect.points is not None:
            self.set({"lead.score": before + effect.points})
            changed: Fields = {"from": before, "to": before + effect.points}
            self.accept(Event(effect.id, "score.changed", now, changed))

    def _heard_consent(self, event: Event, *, given: bool) -> None:
        channel, topic = event.fields.get("channel"), event.fields.get("topic")
        self.consents.append(
            Consent(
                channel if isinstance(channel, str) else "all",
                given,
                event.at,
                topic if isinstance(topic, str) else None,
                "all" if event.fields.get("scope") == "all" else "marketing",
            )
        )
        self._changed.add("lead.consent")

    def _private(self, bound: Bound, run: Run, now: datetime) -> Fields:
        known, asked = self.known(), self._asked(Ask((), {}, bound.event), run, now)
        return {name: value_of(expr, known, asked) for name, expr in bound.private.items()}

    def _asked(self, ask: Ask, run: Run, now: datetime) -> Asked:
        """The circumstances of a question, with all fields of the events it speaks of, personal ones too."""
        names: Fields = dict(ask.names)
        for root, event_id in (("start", run.start.id), ("event", ask.event)):
            for event in (e for events in self.history.values() for e in events if e.id == event_id):
                names.update((f"{root}.{name}", value) for name, value in event.fields.items())
        return Asked(now, run, names)

    def known(self) -> Knowledge:
        """Gives everything that facts are answered from."""
        said: dict[str, JsonValue] = {
            f"lead.consent.{c.channel}": c.given for c in self.consents if c.topic is None
        }
        return Knowledge(
            attributes={**self.attributes, **said},
            zone=self.zone,
            events=self.history,
            sent=self.sent,
            open_tasks=frozenset(task.name for task in self.tasks.values()),
            contact=self.contact(),
            caps=self._caps,
            hours=self.hours,
        )

    def told(self, event: Event, run: Run) -> Event:
        """Says of which message or task an event speaks: the one named, or the last on that channel."""
        channel = event.type.partition(".")[0]
        send = self.last_send.get(channel)
        step = event.fields.get("step")
        if isinstance(step, str) and step in self.sent:
            return replace(event, message=self.sent[step][-1], run=run.enrolment_id)
        if send is None:
            return event
        about: Fields = {"template": send.template, "step": send.step}
        return replace(event, message=send.send_id, run=run.enrolment_id, fields={**about, **event.fields})
