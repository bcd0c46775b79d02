"""Puts the rooms together: the activities of a worker, the intake of an API process."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from temporalio.client import Client

from activities.carry import Activities
from activities.connect import Connect
from activities.data import Data
from activities.journeys import Journeys
from activities.message import Messages
from activities.places import Places
from activities.scan import Scans
from activities.settling import Settler
from activities.values import Values
from activities.work import Work
from channels import open_channels
from channels.connector import HttpConnectors
from channels.safe_address import SafeAddresses
from engine.run_input import HISTORY_LIMIT, VIRTUAL_HISTORY_LIMIT
from intake.announce import Announcer
from intake.apply import Applier
from intake.catalog import Catalog
from intake.knowledge import Gatherer
from intake.queues import Queues
from intake.scanning import Scanner
from intake.score import Scoring
from intake.service import Intake
from model.clock import Clock
from model.messages import Outgoing
from model.results import NewOutboxMessage
from model.scoring import Scorer
from runtime.carriers import refuse_uncarried
from runtime.nudge import nudge
from runtime.project import Project
from runtime.secrets import read_secrets, refuse_unsigned
from settings import Settings
from store import Store

INBOX, DELIVERIES = "inbox", "deliveries"


def is_virtual(settings: Settings) -> bool:
    """Says whether time is set by hand, so that runs live in virtual time."""
    return settings.clock == "manual"


def intake(
    settings: Settings,
    store: Store,
    project: Project,
    clock: Clock,
    client: Callable[[], Awaitable[Client]],
    scorer: Scorer | None = None,
) -> Intake:
    """Makes the intake of an API process; with `scorer` that one decides, and the rules stand behind it."""
    return Intake(
        store,
        project.vocabulary,
        project.sound_rules(),
        clock,
        client,
        settings.task_queue,
        history_limit=VIRTUAL_HISTORY_LIMIT if is_virtual(settings) else HISTORY_LIMIT,
        virtual=is_virtual(settings),
        longest_call=settings.provider_timeout,
        scorer=scorer,
    )


def activities(settings: Settings, store: Store, project: Project) -> Sequence[Callable[..., object]]:
    """Makes the activities of a worker."""
    gatherer = Gatherer(project.vocabulary)
    patience = settings.scorer_timeout if settings.scorer_url is not None else 0.0
    values = Values(store, gatherer, patience)
    channels = open_channels(settings, outbox(store))
    refuse_uncarried(project.journeys.values(), channels)
    catalog = Catalog(project.vocabulary)
    scoring = Scoring(project.sound_rules(), outside=settings.scorer_url is not None)
    announcer = Announcer(catalog, scoring)
    messages = Messages(
        store,
        channels,
        project.templates,
        project.vocabulary,
        gatherer,
        values,
        announcer,
        owner(),
        Places(catalog),
    )
    applier = Applier(catalog, gatherer, scoring)
    data = Data(
        store,
        applier,
        announcer,
        values,
        project.templates,
        project.vocabulary,
        channels["email"],
        virtual=is_virtual(settings),
        report_outcomes=settings.scorer_url is not None,
    )
    queues = Queues(catalog, gatherer, announcer)
    work = Work(store, project.templates, gatherer, values, project.vocabulary, queues, announcer)
    secrets = read_secrets(project)
    refuse_unsigned(project, secrets)
    reach = HttpConnectors(SafeAddresses(settings.connector_hosts))
    connect = Connect(store, values, project.vocabulary, reach, secrets)
    journeys = Journeys(store, values, Settler(applier, virtual=is_virtual(settings)))
    made = Activities(store, values, messages, work, data, connect, journeys)
    scans = Scans(store, Scanner(catalog, gatherer))
    return (made.read_facts, made.carry_out, made.save_progress, scans.scan_page)


def owner() -> str:
    """Names this process in the ledger."""
    return f"{socket.gethostname()}/{os.getpid()}"


def outbox(store: Store) -> Callable[[Outgoing], Awaitable[None]]:
    """Gives the outbox channel its shelf."""

    async def keep(message: Outgoing) -> None:
        async with store.begin() as tx:
            await tx.outbox.add(
                NewOutboxMessage(
                    send_id=message.send_id,
                    channel=message.channel,
                    to=f"{message.network}:{message.to}" if message.network else message.to,
                    at=message.at,
                    lead_id=message.lead_id,
                    subject=message.subject,
                    text=message.text,
                    html=message.html,
                    language=message.language,
                    template=message.template,
                )
            )

    return keep


@asynccontextmanager
async def nudging(settings: Settings, store: Store) -> AsyncIterator[None]:
    """Passes what this process commits on to the intake of another process, while the block lasts."""

    async def pass_on(channel: str) -> None:
        async with store.listen(channel) as waker:
            while True:
                if await waker.wait(60):
                    nudge(settings.data_dir)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(pass_on(channel)) for channel in (INBOX, DELIVERIES)]
        yield
        for task in tasks:
            task.cancel()
