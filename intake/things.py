"""What an event says about the things of leads: written under the lead's lock, and told to its runs.

A thing belongs to the lead of the event that made it. An event of another lead that carries its key writes it
too, by an event of its own that waits for that lead's turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.facts import Asked, Knowledge, judge
from engine.things import changed, named, paths, said, written
from language.compiled import Journey, Trigger
from language.vocabulary import Thing, Vocabulary
from model.events import Fields
from model.records import Enrolment, InboxEvent, Lead, NewEvent
from model.results import NewEntry
from model.things import WRITTEN, StoredThing
from store import Tx, digest

SOURCE = "cauce"

Turned = tuple[str, str, str]
"""What has turned: the journey, the trigger by `becomes` and the id of the thing that it is about, or "".

That the lead came into an audience or left it has no journey: `("", "joins:vip", "")`.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one thing: `names` are the full paths of the fields that differ, `was` how they were.

    `new`: nobody knew it before.
    """

    kind: str
    id: str
    names: frozenset[str]
    was: Fields = field(default_factory=dict)
    new: bool = False


async def take_in(tx: Tx, vocabulary: Vocabulary, lead: Lead, event: InboxEvent) -> list[Change]:
    """Writes what an event says of the lead's things; those of other leads are written in their turn."""
    found = []
    for kind, own, fields in _spoken_of(vocabulary, event):
        before = await tx.things.get(kind, own)
        if before is not None and before.lead_id != lead.id:
            await tx.events.insert([_forwarded(event, before, fields)])
            tx.notify("inbox")
            continue
        found.append(await _written(tx, lead, event, before, kind, own, fields))
    return [change for change in found if change.names]


def _spoken_of(vocabulary: Vocabulary, event: InboxEvent) -> list[tuple[str, str, Fields]]:
    """Lists the things that an event names, with what it says of each."""
    if event.type == WRITTEN:
        kind, fields = event.body.get("kind"), event.body.get("fields")
        thing = vocabulary.things.get(kind) if isinstance(kind, str) else None
        if thing is None or not isinstance(fields, dict):
            return []
        own = named({thing.name: thing}, fields)
        return [(thing.name, own[thing.name], said(thing, fields))] if own else []
    ids = named(vocabulary.things, event.body)
    return [(kind, own, said(vocabulary.things[kind], event.body)) for kind, own in ids.items()]


async def _written(
    tx: Tx, lead: Lead, event: InboxEvent, before: StoredThing | None, kind: str, own: str, fields: Fields
) -> Change:
    was = before.fields if before is not None else {}
    now = written(was, fields)
    if before is None:
        await tx.things.make(kind, own, lead.id, now, event.at)
    elif now != was:
        await tx.things.change(kind, own, now, event.at)
    if event.type == WRITTEN:
        words = ", ".join(sorted(name.partition(".")[2] for name in changed(kind, was, now)))
        text = f"{kind} {own}: {words or 'nothing'} changed" if before is not None else f"{kind} {own} is new"
        data: Fields = {"kind": kind, "id": own, "fields": fields}
        line = NewEntry(
            lead_id=lead.id, at=event.at, kind="facts", text=text, dedup=f"thing/{event.id}", data=data
        )
        await tx.timeline.add_many([line])
    return Change(kind, own, changed(kind, was, now), paths(kind, was), before is None)


def _forwarded(event: InboxEvent, thing: StoredThing, fields: Fields) -> NewEvent:
    return written_event(thing.kind, thing.id, thing.lead_id, fields, f"{event.id}/{thing.kind}", event)


def written_event(
    kind: str, own: str, lead_id: str | None, fields: Fields, event_id: str, like: InboxEvent
) -> NewEvent:
    """Makes the event that writes a thing because of another event."""
    body: Fields = {"kind": kind, "id": own, "fields": fields}
    return NewEvent(
        source=SOURCE, event_id=f"thing/{event_id}", type=WRITTEN, at=like.at, body_hash=digest(body),
        body=body, lead_id=lead_id,
    )  # fmt: skip


def changed_for(run: Enrolment, changes: Sequence[Change], things: Mapping[str, Thing]) -> frozenset[str]:
    """Names the facts that changed for a run: those of the things that its trigger names."""
    if not changes:
        return frozenset()
    own = named(things, run.start.fields)
    return frozenset().union(*(each.names for each in changes if own.get(each.kind) == each.id))


async def attributes(
    tx: Tx, vocabulary: Vocabulary, lead: Lead, kinds: frozenset[str], about: Fields
) -> Fields:
    """Gives the fields, by full path, of the lead's things that the fields of an event name."""
    found: Fields = {}
    wanted = {kind: thing for kind, thing in vocabulary.things.items() if kind in kinds}
    for kind, own in named(wanted, about).items():
        thing = await tx.things.get(kind, own)
        if thing is not None and thing.lead_id == lead.id:
            found |= paths(kind, thing.fields)
    return found


async def turned(
    tx: Tx, lead: Lead, starts: Sequence[tuple[Journey, Trigger]], known: Knowledge, asked: Asked
) -> set[Turned]:
    """Names the `becomes` triggers that hold now, those about things with each thing for which they do."""
    kinds = {trigger.thing for _, trigger in starts if trigger.thing is not None}
    own = await tx.things.of_lead(lead.id) if kinds else ()
    found: set[Turned] = set()
    for journey, trigger in starts:
        if trigger.becomes is None:
            continue
        if trigger.thing is None:
            if judge(trigger.becomes, known, asked):
                found.add((journey.name, trigger.name, ""))
            continue
        for thing in own:
            if thing.kind == trigger.thing and judge(trigger.becomes, _with(known, thing), asked):
                found.add((journey.name, trigger.name, thing.id))
    return found


def _with(known: Knowledge, thing: StoredThing) -> Knowledge:
    return replace(known, attributes={**known.attributes, **paths(thing.kind, thing.fields)})
