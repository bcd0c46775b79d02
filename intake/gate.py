"""The gate of a journey: judges an entry of one lead, opens its run, or lets it wait for its turn."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from engine.admission import Admitted, LastRun, Refused, control_reason, exprs_of, key_of, may_enter
from engine.facts import Asked, Knowledge, needs
from engine.turns import RANKS, account_of, due_at, has_room, limits_text
from intake.announce import Announcer
from intake.knowledge import Gatherer
from language.builtin import CONTROL
from language.compiled import Journey, Trigger
from language.listening import ENTERED
from model.events import Delivery, Event, Fields
from model.listening import Listener
from model.records import Enrolment, Lead, NewEnrolment, NewEvent
from model.results import NewEntry
from model.waiting import NewWaiting, Waiting
from store import Tx, new_id

OWN = "cauce"
"""Source of the events that we make ourselves."""

Turn = Literal["entered", "refused", "full"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A trigger that fired for a lead: with the event that opens the run, as the run may see it."""

    journey: Journey
    trigger: Trigger
    start: Event
    names: Fields

    @property
    def date(self) -> str | None:
        """The date that the run is about, where a trigger by `date` fired."""
        date = self.start.fields.get("date") if self.trigger.date is not None else None
        return date if isinstance(date, str) else None

    @property
    def key_date(self) -> str | None:
        """The date as the run's key, where the lead has several, each with a run of its own."""
        return self.date if self.trigger.date is not None and self.trigger.date.listed else None


def names_of(trigger: Trigger, event: Event, at: datetime) -> Fields:
    """Gives the names under which conditions read the beginning of a run that begins at `at`."""
    names: Fields = {f"start.{name}": value for name, value in event.fields.items()}
    return names | {"start.at": at.isoformat(), "start.trigger": trigger.name}


def listeners_of(journey: Journey, start: Fields) -> list[Listener]:
    """Lists what a run hears of others; what it compares with its own beginning never changes."""
    found: list[Listener] = []
    for one in journey.wide:
        if one.lookup is None or not one.lookup.path.startswith("start."):
            found.append(Listener(one.event, one.of, one.lookup.name if one.lookup is not None else ""))
        elif (own := start.get(one.lookup.path.removeprefix("start."))) is not None:
            found.append(Listener(one.event, one.of, one.lookup.name, own))
    return found


def as_last(run: Enrolment) -> LastRun:
    """Gives a run as the rules of entry see it."""
    return LastRun(run.opened_at, (run.ending or "finished") if run.state == "ended" else None)


class Gate:
    """Lets one lead in at `at`, inside the caller's transaction that has locked the lead.

    `cause` makes repeats harmless; `through` is the last row of the inbox that counts, None for all.
    """

    def __init__(
        self,
        tx: Tx,
        gatherer: Gatherer,
        lead: Lead,
        at: datetime,
        shift: float,
        cause: str,
        through: int | None = None,
        announcer: Announcer | None = None,
    ) -> None:
        self._tx = tx
        self._gatherer = gatherer
        self._lead = lead
        self._at = at
        self._shift = shift
        self._cause = cause
        self._through = through
        self._announcer = announcer

    async def enter(self, entry: Entry) -> str | None:
        """Opens a run, lets it wait for its turn, or writes down why not; gives the enrolment's id."""
        key, last, verdict = await self._judged(entry)
        if isinstance(verdict, Refused):
            await self.refuse(entry.journey, verdict)
            return None
        if entry.journey.rules.limits_entry and await self._waits(entry, key, last):
            return None
        return await self._let_in(entry, key, verdict)

    async def take_turn(self, entry: Entry, waiting: Waiting) -> Turn:
        """Judges anew one whose turn has come: it enters, is refused, or goes on waiting."""
        key, last, verdict = await self._judged(entry)
        if isinstance(verdict, Refused):
            await self._tx.waiting.remove(waiting.id)
            await self.refuse(entry.journey, verdict)
            return "refused"
        await self._tx.waiting.lock(entry.journey.name)
        if not await self._has_room(entry.journey, last):
            return "full"
        await self._tx.waiting.remove(waiting.id)
        await self._let_in(entry, key, verdict, f", waited since {waiting.since:%Y-%m-%d %H:%M} UTC")
        return "entered"

    async def refuse(self, journey: Journey, refused: Refused) -> None:
        """Writes down why a lead does not enter."""
        data: Fields = {"refused": True, "rule": refused.code, "reason": refused.reason}
        await self._note(f"not entered into {journey.name}: {refused.reason}", journey, None, data)

    async def _judged(self, entry: Entry) -> tuple[str, LastRun | None, Admitted | Refused]:
        exprs = exprs_of(entry.journey, entry.trigger)
        known = Knowledge({}, self._gatherer.zone(self._lead))
        if exprs:
            known = await self._gatherer.gather(
                self._tx, self._lead, needs(exprs), self._at, through=self._through, about=entry.start.fields
            )
        asked = Asked(self._at, names=entry.names)
        key = written(key_of(entry.journey, known, asked) or entry.key_date)
        last = await self._last(entry.journey, key)
        return key, last, may_enter(entry.journey, entry.trigger, known, asked, self._lead.id, last)

    async def _last(self, journey: Journey, key: str) -> LastRun | None:
        last = await self._tx.enrolments.last_of(self._lead.id, journey.name, key)
        return None if last is None else as_last(last)

    async def _waits(self, entry: Entry, key: str, last: LastRun | None) -> bool:
        """Lets a lead wait unless its turn is now; says whether it waits."""
        journey, tx = entry.journey, self._tx
        waiting = await tx.waiting.of(self._lead.id, journey.name, key)
        if waiting is not None and journey.again.mode == "replace":
            await tx.waiting.renew(waiting.id, _readable(entry), entry.trigger.name)
            return True
        if waiting is not None:
            await self.refuse(journey, Refused("open", "it waits for its turn already"))
            return True
        await tx.waiting.lock(journey.name)
        due = due_at(journey, self._lead.id, self._at)
        if due <= self._at and not await self._behind_others(journey) and await self._has_room(journey, last):
            return False
        await tx.waiting.add(self._in_line(entry, key, due))
        text = f"waits for its turn in {journey.name}: {limits_text(journey.rules)}"
        await self._note(text, journey, None, {"waiting": True, "due_at": due.isoformat()})
        return True

    async def _behind_others(self, journey: Journey) -> bool:
        """Says whether others wait whom this lead may not pass."""
        limit = journey.rules.at_a_time
        if journey.rules.pace is None and limit is not None and limit.per_account:
            account = account_of(self._lead.account)
            return account is not None and await self._tx.waiting.any(journey.name, account)
        return await self._tx.waiting.any(journey.name)

    async def _has_room(self, journey: Journey, last: LastRun | None) -> bool:
        """Counts who came before; a run of the lead's own that this one replaces makes room for it."""
        pace, limit, account = journey.rules.pace, journey.rules.at_a_time, account_of(self._lead.account)
        per_account = limit is not None and limit.per_account
        before = await self._tx.waiting.entered(
            journey.name,
            number=pace.number if pace is not None else None,
            opens=limit is not None and not per_account,
            account=account if per_account else None,
        )
        own = last is not None and last.ending is None
        before = replace(before, open=before.open - own, open_of_account=before.open_of_account - own)
        return has_room(journey.rules, before, account, self._at)

    def _in_line(self, entry: Entry, key: str, due: datetime) -> NewWaiting:
        journey = entry.journey
        return NewWaiting(
            id=new_id(), lead_id=self._lead.id, journey=journey.name, version=journey.version,
            start=_readable(entry), since=self._at, due_at=due, key_value=key, trigger=entry.trigger.name,
            priority=RANKS[journey.rules.priority], account=account_of(self._lead.account),
        )  # fmt: skip

    async def _let_in(self, entry: Entry, key: str, admitted: Admitted, waited: str = "") -> str:
        await self._replace(entry.journey, key)
        if admitted.control:
            return await self._hold_out(entry, key)
        journey, new = entry.journey, self._enrolment(entry, key)
        await self._tx.enrolments.open(new)
        if journey.wide:
            await self._tx.listeners.add(new.id, new.lead_id, listeners_of(journey, entry.start.fields))
        await self._tx.deliveries.add(new.id, Delivery(0, self._at, kind="open"))
        text = f"entered {journey.name} {journey.version} by {entry.trigger.name}{waited}"
        await self._note(text, journey, new.id, {"refused": False})
        await self._announce(new)
        return new.id

    async def _announce(self, new: NewEnrolment) -> None:
        """Tells other journeys that the lead has entered."""
        if self._announcer is not None:
            told = NewEvent(
                source=OWN, event_id=f"{new.id}/entered", type=ENTERED, at=self._at, body_hash="",
                body={"journey": new.journey}, lead_id=new.lead_id, run=new.id,
            )  # fmt: skip
            await self._announcer.tell(self._tx, told)

    async def _hold_out(self, entry: Entry, key: str) -> str:
        """Records a lead of the control group: an enrolment that ends at once, for goals to be counted."""
        journey, new, reason = entry.journey, self._enrolment(entry, key), control_reason(entry.journey)
        await self._tx.enrolments.open(new)
        await self._tx.enrolments.close(new.id, ending=CONTROL, outcome="neutral", reason=reason, at=self._at)
        await self._note(f"not entered into {journey.name}: {reason}", journey, new.id, {"control": True})
        return new.id

    def _enrolment(self, entry: Entry, key: str) -> NewEnrolment:
        journey = entry.journey
        return NewEnrolment(
            id=new_id(), lead_id=self._lead.id, journey=journey.name, version=journey.version,
            opened_at=self._at, start=_readable(entry), key_value=key, trigger=entry.trigger.name,
            shift=self._shift, hears=journey.hears, reads=journey.reads, watches=journey.watches,
            account=account_of(self._lead.account), date=entry.date,
        )  # fmt: skip

    async def _replace(self, journey: Journey, key: str) -> None:
        """Closes the open run and sends it the word to end: it withdraws its work and reports its ending
        itself."""
        last = await self._tx.enrolments.last_of(self._lead.id, journey.name, key)
        if journey.again.mode != "replace" or last is None or last.state == "ended":
            return
        outcome = journey.endings.get("replaced", "neutral")
        seq = await self._tx.enrolments.next_seq(last.id)
        await self._tx.deliveries.add(last.id, Delivery(seq, self._at, ending="replaced", kind="end"))
        await self._tx.enrolments.close(
            last.id, ending="replaced", outcome=outcome, reason="entered again", at=self._at
        )

    async def _note(self, text: str, journey: Journey, run: str | None, data: Fields) -> None:
        what = run or ("waiting" if "waiting" in data else "refused")
        line = NewEntry(
            lead_id=self._lead.id, at=self._at, kind="entered", text=text,
            dedup=f"entry/{self._cause}/{journey.name}/{what}", journey=journey.name, enrolment_id=run,
            data=data,
        )  # fmt: skip
        await self._tx.timeline.add_many([line])


def _readable(entry: Entry) -> Event:
    """Gives the starting event with the fields that a run may read."""
    journey, given = entry.journey, dict(entry.start.fields)
    if entry.date is not None:
        given.pop("date")
    readable = {name for start in journey.starts for name in journey.reads.get(start.event or "", ())}
    readable |= {name for name, kind in journey.inputs.items() if not kind.pii}
    readable.update(journey.things.values())
    return replace(entry.start, fields={name: given[name] for name in given.keys() & readable})


def written(key: JsonValue) -> str:
    """Writes the value of a key as the canonical text under which it is stored."""
    return "" if key is None else json.dumps(key, sort_keys=True)
