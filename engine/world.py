"""A simulated world around one lead: what it knows, what it answers to the effects of a run.

It stands in for store, ledger, queues and scorer; facts and contact rules are judged by the same code as
there.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from pydantic import JsonValue

from engine.attempts import assigned, other_number
from engine.audiences import MOST_ROUNDS, fact_of, rules_of, turned
from engine.caps import caps_of
from engine.contact import may_call, may_contact
from engine.experiments import Experiments
from engine.facts import Asked, Knowledge, answer, hours_json, value_of
from engine.permission import lifted_by, opt_out, said_in, told, with_keyword
from engine.queues import Queues
from engine.reading import Reading
from engine.things import OwnThings, attributes
from engine.turn import Ask
from engine.work import NO_OTHER_NUMBER
from engine.zones import zone_or
from language.facts import START_DATE, fact_key
from language.keywords import STOP_ALL
from language.listening import ENDED, ENTERED, REQUESTED, STOP
from language.moments import read_time
from language.reactions import REPLIES
from language.vocabulary import Vocabulary
from model.channels import places_of
from model.commands import (
    AddScore,
    Answer,
    BeginRun,
    Bound,
    CallConnector,
    Connected,
    Done,
    Effect,
    Enlist,
    Finish,
    Notify,
    OpenWork,
    Permit,
    Report,
    Send,
    Sent,
    SetFacts,
    StopRuns,
    Suppress,
    WithdrawWork,
)
from model.contact import Allow, Consent, Contact, Contactability, Deny, Hold, Intent, Rest, Snooze
from model.events import Event, Fields
from model.runs import Run
from model.time import Hours

DEFAULT_LEAD: Fields = {"id": "lead", "email": "lead@example.com", "language": "es", "score": 0}


def zone_of(own: JsonValue, vocabulary: Vocabulary) -> str:
    """Gives a lead's own zone, the company's where it is unknown."""
    return zone_or(own if isinstance(own, str) else None, vocabulary.company.zone)


def _named(value: JsonValue) -> frozenset[str]:
    return frozenset(str(name) for name in value) if isinstance(value, list) else frozenset()


def hours_by_name(vocabulary: Vocabulary) -> dict[str, Hours]:
    """Gives all opening hours: `contact`, `business`, and those of the queues."""
    queues = {name: queue.hours for name, queue in vocabulary.queues.items()}
    return {**queues, "contact": vocabulary.contact_hours, "business": vocabulary.business_hours}


class World:
    """One lead and what has happened to it.

    `hours` are all opening hours: `contact`, `business`, and those of the queues; `replies` what connectors
    answer, None where one fails.
    """

    def __init__(self, vocabulary: Vocabulary, lead: Fields, at: datetime) -> None:
        self._vocabulary = vocabulary
        self.lead_id = str(lead.get("id", "lead"))
        self.experiments: Experiments | None = None
        self._caps = caps_of(vocabulary.caps)
        self.things = OwnThings(vocabulary.things, lead)
        given = {**DEFAULT_LEAD, "created_at": at.isoformat(), **lead}
        given = {name: value for name, value in given.items() if name not in vocabulary.things}
        consent = given.pop("consent", None)
        self.audiences = _named(given.pop("audiences", None))
        self.attributes = attributes(given)
        self.consents = [
            Consent(channel, bool(said), at)
            for channel, said in (consent.items() if isinstance(consent, dict) else ())
        ]
        if consent is None:
            self.consents.append(Consent("all", True, at))
        self._addresses = self._reachable()
        self.suppressions: list[str] = []
        self._rests: dict[str, datetime] = {}
        self.snooze: Snooze | None = None
        self.contacts: list[Contact] = []
        self.hours = hours_by_name(vocabulary)
        self.history: dict[str, list[Event]] = defaultdict(list)
        self._sent: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        self._last_send: dict[str, tuple[Send, str]] = {}
        self._sends = 0
        self.queues = Queues(self.accept, self._read)
        self.start_date: str | None = None
        self.replies: dict[str, Fields | None] = {}
        self._fetched: Fields = {}
        self._rules = rules_of(vocabulary)
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

    def has_rule(self, audience: str) -> bool:
        """Says whether a rule decides who is in an audience."""
        return any(rule.audience == audience for rule in self._rules)

    def enlist(self, audience: str, *, add: bool) -> bool:
        """Puts the lead into an audience or takes it out; False if it was so before."""
        if (audience in self.audiences) == add:
            return False
        self.audiences = self.audiences | {audience} if add else self.audiences - {audience}
        self._changed.add(fact_of(audience))
        return True

    def regroup(self, now: datetime) -> None:
        """Judges the audiences by rule anew, until nothing changes."""
        for _ in range(MOST_ROUNDS if self._rules else 0):
            for audience, add in turned(self._rules, self.audiences, self.known(), Asked(now)).items():
                self.enlist(audience, add=add)
                break
            else:
                return

    def zones(self) -> Fields:
        """Gives the facts that nearly every turn reads."""
        return {"lead.zone": self.attributes.get("lead.zone"), "company.zone": self._vocabulary.company.zone}

    def facts(self, ask: Ask, run: Run, now: datetime) -> Fields:
        """Answers what a turn asks for."""
        known, asked = self.known(run), self._asked(ask, run, now)
        if self.experiments is not None:
            known = replace(known, winners=self.experiments.winners(now))
        found = {fact_key(expr): answer(expr, known, asked) for expr in ask.wanted}
        if "company.zone" in found:
            found["company.zone"] = self._vocabulary.company.zone
        return found

    def accept(self, event: Event) -> None:
        """Takes an event into the lead's history, with what it says about the lead itself."""
        self._write_down(event)
        self.set(self.things.hear(event.fields))
        match event.type:
            case "lead.unsubscribed" | "lead.consent_given":
                self.consents.append(said_in(event))
                self._changed.add("lead.consent")
            case "lead.snooze_requested":
                until = event.fields.get("until")
                self.snooze = Snooze(read_time(until) if isinstance(until, str) else None)
                self._changed.add("lead.consent")
            case "call.started" | "task.started" if event.task is not None:
                self.queues.begin(event.task)
            case _ if event.type in REPLIES and event.fields.get("keyword") == STOP_ALL:
                self.accept(opt_out(event))
            case "lead.updated":
                self.set({f"lead.{name}": value for name, value in event.fields.items()})

    def remember(self, event: Event) -> None:
        """Takes an event of the time before the run into the lead's history; it is no news."""
        insort(self.history[event.type], event, key=lambda one: one.at)

    def _write_down(self, event: Event) -> None:
        self.history[event.type].append(event)
        self._news.append(event)
        self._changed.add(f"event:{event.type}")

    def set(self, values: Fields) -> None:
        """Writes attributes by their full paths; null clears."""
        self._changed.update(name for name, value in values.items() if self.attributes.get(name) != value)
        self.attributes = {n: v for n, v in {**self.attributes, **values}.items() if v is not None}
        self._addresses = self._reachable()

    def carry_out(self, effect: Effect, run: Run, now: datetime) -> Answer:  # noqa: C901 - a case an effect
        """Does what a run asks for."""
        match effect:
            case Send():
                return self._send(effect, run, now)
            case OpenWork():
                return self._open_task(effect, run, now)
            case WithdrawWork():
                what = "expired" if effect.reason == "expired" else "canceled"
                self.queues.withdraw(effect.task_ids, effect.steps, what, now)
            case SetFacts():
                values = {**effect.bound.values, **self._private(effect.bound, run, now)}
                self.set(self.things.settable(values))
            case AddScore():
                self._add_score(effect, now)
            case CallConnector():
                return self._ask(effect)
            case Suppress():
                self._suppress(effect, run, now)
            case Permit():
                self._permit(effect, run, now)
            case Enlist():
                self.enlist(effect.audience, add=effect.add)
            case BeginRun():
                self._begin(effect, run, now)
            case StopRuns():
                stopping: Fields = {"journey": effect.journey}
                self._write_down(Event(effect.id, STOP, now, stopping, run=run.enrolment_id))
            case Finish():
                self.queues.finish(run.enrolment_id, now, keeps_open=effect.keeps_open)
                ended: Fields = {"journey": run.journey, "ending": effect.ending}
                own = run.enrolment_id
                self._write_down(Event(f"{own}/ended", ENDED, now, ended, run=own))
            case Report() | Notify():
                pass
            case _:
                assert_never(effect)
        return Done(effect.token)

    def entered(self, run: Run) -> None:
        """Tells that the lead has entered a journey."""
        own, fields = run.enrolment_id, {"journey": run.journey}
        self._write_down(Event(f"{own}/entered", ENTERED, run.entered_at, {**fields}, run=own))

    def names_lead(self, effect: BeginRun, run: Run, now: datetime) -> bool:
        """Says whether a run is asked for this lead, and not for another."""
        if effect.whom is None:
            return True
        given = {**effect.whom.values, **self._private(effect.whom, run, now)}.get("lead")
        return given == self.lead_id

    def _begin(self, effect: BeginRun, run: Run, now: datetime) -> None:
        if self.names_lead(effect, run, now):
            values = {**effect.bound.values, **self._private(effect.bound, run, now)}
            inputs: Fields = {name: value for name, value in values.items() if value is not None}
            asked: Fields = {"journey": effect.journey, "inputs": inputs}
            self._write_down(Event(effect.id, REQUESTED, now, asked, run=run.enrolment_id))

    def contact(self) -> Contactability:
        """Gives what the contact rules read."""
        return Contactability(
            addresses=self._addresses,
            zones=(self.zone,),
            consents=tuple(self.consents),
            suppressions=tuple(self.suppressions),
            snooze=self.snooze,
            recent=tuple(self.contacts),
            rests=tuple(Rest(what, until) for what, until in self._rests.items()),
        )

    def _reachable(self) -> tuple[str, ...]:
        return places_of(lambda name: self.attributes.get(f"lead.{name}"))

    def _open_task(self, effect: OpenWork, run: Run, now: datetime) -> Done:
        phones = (self._text("lead.phone"), self._text("lead.other_phone"))
        given = {**effect.dial.values, **self._private(effect.dial, run, now)}.get("number")
        number = given if isinstance(given, str) else phones[0]
        if effect.number == "other" and other_number(number, phones) is None:
            return Done(effect.token, ok=False, reason=NO_OTHER_NUMBER)
        contact = self.contact()
        if number is not None and "call" not in contact.addresses:
            contact = replace(contact, addresses=(*contact.addresses, "call"))
        refused = may_call(contact, now) if effect.work == "call" else None
        if refused is not None:
            return Done(effect.token, ok=False, reason=refused)
        _, note = assigned(self._vocabulary.queues.get(effect.queue), effect.assign_to)
        self.queues.open(effect, run.journey, run.enrolment_id, now)
        return Done(effect.token, reason=note)

    def _text(self, name: str) -> str | None:
        value = self.attributes.get(name)
        return value if isinstance(value, str) else None

    def _read(self, now: datetime) -> Reading:
        """Reads the world as a run does."""
        hours = {f"hours.queue.{name}": hours_json(hours) for name, hours in self.hours.items()}
        return Reading(now, {**self.zones(), **hours, "hours.business": hours_json(self.hours["business"])})

    def _send(self, effect: Send, run: Run, now: datetime) -> Sent:
        answer_ = Sent(effect.token, "skipped", reason="no_address")
        for channel in effect.channels:
            match may_contact(self.contact(), self._intent(effect, channel, run), now):
                case Allow():
                    self._went(effect, channel, run, now)
                    return Sent(effect.token, "sent", channel)
                case Hold(until, reason) if effect.not_after is None or until <= effect.not_after:
                    return Sent(effect.token, "held", channel, reason, until)
                case Hold():
                    return Sent(effect.token, "skipped", channel, "past")
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
        sent = self._sent[run.enrolment_id]
        sent[effect.step] = (*sent.get(effect.step, ()), effect.send_id)
        self._last_send[channel] = (effect, run.enrolment_id)
        self._sends += 1
        fields: Fields = {"channel": channel, "template": effect.template, "step": effect.step}
        self.accept(
            Event(f"sent-{self._sends}", "message.sent", now, fields, effect.send_id, None, run.enrolment_id)
        )

    def _suppress(self, effect: Suppress, run: Run, now: datetime) -> None:
        if effect.until is None:
            self.suppressions.append(effect.what)
        else:
            self._rests[effect.what] = max(effect.until, self._rests.get(effect.what, effect.until))
        self._told(effect, run, now)

    def _permit(self, effect: Permit, run: Run, now: datetime) -> None:
        lifted = lifted_by(effect.what)
        self.suppressions = [what for what in self.suppressions if what not in lifted]
        self._rests = {what: until for what, until in self._rests.items() if what not in lifted}
        self.consents.append(Consent("call" if effect.what == "calls" else effect.what, True, now))
        self._told(effect, run, now)

    def _told(self, effect: Suppress | Permit, run: Run, now: datetime) -> None:
        kind, fields = told(effect, run)
        self._write_down(Event(effect.id, kind, now, fields, run=run.enrolment_id))
        self._changed.add("lead.consent")

    def _ask(self, effect: CallConnector) -> Connected:
        """Answers as the scenario has it; a connector of which it says nothing answers without any field."""
        reply = self.replies.get(effect.connector, {})
        known: Fields = {name: (reply or {}).get(name) for name in effect.answers}
        self._fetched |= {f"fetched.{effect.step}.{name}": value for name, value in known.items()}
        if reply is None:
            return Connected(effect.token, "failed", reason="it fails")
        public: Fields = {n: v for n, v in known.items() if v is not None and not effect.answers[n].pii}
        return Connected(effect.token, "answered", public)

    def _add_score(self, effect: AddScore, now: datetime) -> None:
        score = self.attributes.get("lead.score")
        before = float(score) if isinstance(score, int | float) and not isinstance(score, bool) else 0.0
        if effect.points is not None:
            self.set({"lead.score": before + effect.points})
            changed: Fields = {"from": before, "to": before + effect.points}
            self.accept(Event(effect.id, "score.changed", now, changed))

    def _private(self, bound: Bound, run: Run, now: datetime) -> Fields:
        known, asked = self.known(run), self._asked(Ask((), {}, bound.event), run, now)
        return {name: value_of(expr, known, asked) for name, expr in bound.private.items()}

    def _asked(self, ask: Ask, run: Run, now: datetime) -> Asked:
        """The circumstances of a question, with all fields of the events it speaks of, personal ones too."""
        names: Fields = {**ask.names, **self._fetched}
        for root, event_id in (("start", run.start.id), ("event", ask.event)):
            for event in (e for events in self.history.values() for e in events if e.id == event_id):
                names.update((f"{root}.{name}", value) for name, value in event.fields.items())
        return Asked(now, run, names)

    def known(self, run: Run | None = None) -> Knowledge:
        """Gives everything that facts are answered from, for a run with what it has sent."""
        said: dict[str, JsonValue] = {
            f"lead.consent.{c.channel}": c.given for c in self.consents if c.topic is None
        }
        return Knowledge(
            attributes={**self.attributes, **said, START_DATE: self.start_date},
            zone=self.zone,
            company_zone=self._vocabulary.company.zone,
            events=self.history,
            sent=self._sent.get(run.enrolment_id, {}) if run is not None else {},
            open_tasks=frozenset(task.name for task in self.queues.tasks.values()),
            audiences=self.audiences,
            contact=self.contact(),
            caps=self._caps,
            hours=self.hours,
        )

    def told(self, event: Event, run: Run) -> Event:
        """Says of which message or task an event speaks (the one named, or the last on that channel), and
        which keyword a reply has.
        """
        event = with_keyword(event, self._vocabulary.reply_keywords)
        named = event.fields.get("task")
        if event.type.startswith(("call.", "task.")) and isinstance(named, str):
            task = self.queues.claimed(named, event.at)
            return event if task is None else replace(event, task=task.id, run=task.run)
        channel = event.type.partition(".")[0]
        step = event.fields.get("step")
        for own in (run.enrolment_id, *self._sent) if isinstance(step, str) else ():
            if step in self._sent[own]:
                return replace(event, message=self._sent[own][step][-1], run=own)
        if channel not in self._last_send:
            return event
        send, own = self._last_send[channel]
        about: Fields = {"template": send.template, "step": send.step}
        return replace(event, message=send.send_id, run=own, fields={**about, **event.fields})
