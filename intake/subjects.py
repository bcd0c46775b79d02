"""Whom or what a trigger is about: leads, or the things of leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from engine.facts import Knowledge
from engine.things import paths
from intake.knowledge import attributes_of
from model.records import Lead
from model.things import StoredThing
from store import Tx


@dataclass(frozen=True, slots=True)
class Subject:
    """A lead, or one of its things."""

    lead: Lead
    thing: StoredThing | None = None

    @property
    def id(self) -> str:
        """The thing's id, empty for the lead itself."""
        return self.thing.id if self.thing is not None else ""

    @property
    def key(self) -> tuple[str, str]:
        """The ids of lead and thing."""
        return self.lead.id, self.id

    def value(self, path: str) -> JsonValue:
        """Gives a field of the lead, its account or the thing."""
        own = paths(self.thing.kind, self.thing.fields) if self.thing is not None else {}
        return own[path] if path in own else attributes_of(self.lead, {}).get(path)

    def known(self, of_lead: Knowledge) -> Knowledge:
        """Adds what is known of the thing to what is known of the lead."""
        if self.thing is None:
            return of_lead
        own = paths(self.thing.kind, self.thing.fields)
        return replace(of_lead, attributes={**of_lead.attributes, **own})


async def subjects(tx: Tx, kind: str | None, leads: Sequence[Lead]) -> list[Subject]:
    """Lists the leads themselves, or all their things of a kind, in the order of the leads."""
    if kind is None:
        return [Subject(lead) for lead in leads]
    by_id = {lead.id: lead for lead in leads}
    found = await tx.things.of_leads([lead.id for lead in leads], kind)
    return [Subject(by_id[thing.lead_id], thing) for thing in found]
