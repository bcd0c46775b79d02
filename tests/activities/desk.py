"""Sends by hand what a run would send: a real store, the real activity, a server that stands for SendGrid."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from activities.message import Messages
from activities.places import Places
from activities.values import Values
from channels.sendgrid import Sender, SendGridChannel
from intake.announce import Announcer
from intake.catalog import Catalog
from intake.knowledge import Gatherer
from intake.score import Scoring
from language.compiled import Journey, dump
from model.commands import Send, Sent
from model.events import Event
from model.records import Identifier, NewConsent, NewEnrolment, PublishedJourney
from model.results import LedgerSend
from model.runs import EffectRequest, Progress, Run
from runtime.project import Project
from store import Store, new_id
from tests.fakes.sendgrid import FakeSendGrid
from tests.house import project_of
from tests.workflows.test_journey import PROJECT

NOON = datetime(2026, 11, 4, 11, 0, tzinfo=UTC)
"""Wednesday noon in Madrid."""

CAPPED = PROJECT["vocabulary.yaml"] + "caps: {marketing: {per_day: 1, min_gap: 1 hour}}\n"

WHEN = {
    "templates/email/when.txt": """---
subject: "{{ start.at | date: '%d/%m %H:%M' }}"
purpose: service
---
It is {{ now | date: "%H:%M" }}, and it began by {{ start.trigger }}.
"""
}


@dataclass
class Desk:
    """One lead with an address and a consent, and what sends to it."""

    store: Store
    messages: Messages
    run: Run
    fake: FakeSendGrid

    def letter(self, template: str = "nudge", send_id: str | None = None) -> Send:
        """Makes a marketing message (`nudge`) or a service one (`welcome`)."""
        purpose = "marketing" if template == "nudge" else "service"
        id_ = send_id or str(uuid4())
        return Send(1, template, id_, ("email",), template, purpose, None, contact=id_)  # type: ignore[arg-type]

    async def send(self, letter: Send, at: datetime = NOON) -> Sent:
        """Carries out one send at an instant."""
        request = EffectRequest(self.run, letter, at, Progress(1, None, None, None))
        answer = (await self.messages.send(request, letter)).answer
        assert isinstance(answer, Sent)
        return answer

    async def row(self, letter: Send) -> LedgerSend:
        """Reads the ledger's row of a send."""
        async with self.store.read() as tx:
            row = await tx.sends.get(letter.send_id, "email")
        assert row is not None
        return row

    async def refuse(self, scope: str = "marketing") -> None:
        """Writes the lead's refusal."""
        async with self.store.begin() as tx:
            word = NewConsent(lead_id=self.run.lead_id, channel="email", given=False, at=NOON)
            await tx.consents.add(replace(word, scope=scope))  # type: ignore[arg-type]

    def accepted(self) -> list[str]:
        """Lists the send_ids that the provider accepted, from its own log."""
        return [entry.send_id for entry in self.fake.accepted if entry.send_id is not None]


async def _lead(store: Store, journey: Journey) -> Run:
    async with store.begin() as tx:
        lead = await tx.leads.create(new_id(), NOON, {"email": "luis@example.com", "zone": "Europe/Madrid"})
        await tx.leads.attach(Identifier("email", "luis@example.com"), lead.id)
        await tx.consents.add(NewConsent(lead_id=lead.id, channel="email", given=True, at=NOON))
        text = dump(journey)
        published = PublishedJourney(
            name="trial", version=1, hash="h", compiled=text, source="", published_at=NOON
        )
        await tx.journeys.publish(published)
        start = Event("1", "trial.started", NOON)
        new = NewEnrolment(
            id=new_id(), lead_id=lead.id, journey="trial", version=1, opened_at=NOON, start=start
        )
        await tx.enrolments.open(new)
    return Run(new.id, lead.id, "trial", 1, NOON, start)


def _messages(store: Store, project: Project, fake: FakeSendGrid, owner: str) -> Messages:
    gatherer = Gatherer(project.vocabulary)
    channel = SendGridChannel("SG.test-key", Sender("hola@example.com"), fake.url, timeout=0.5)
    values = Values(store, gatherer)
    catalog = Catalog(project.vocabulary)
    announcer, places = Announcer(catalog, Scoring(project.sound_rules())), Places(catalog)
    return Messages(
        store, {"email": channel}, project.templates, project.vocabulary, gatherer, values, announcer, owner,
        places,
    )  # fmt: skip


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[Desk]:
    """Opens a desk on a fresh store and a fresh provider."""
    project = project_of(folder / "defs", {**PROJECT, "vocabulary.yaml": CAPPED, **WHEN})
    store = Store.open(f"sqlite+aiosqlite:///{folder}/desk.db")
    await store.migrate()
    try:
        with FakeSendGrid() as fake:
            yield Desk(
                store,
                _messages(store, project, fake, "desk"),
                await _lead(store, project.journeys["trial"]),
                fake,
            )
    finally:
        await store.close()
