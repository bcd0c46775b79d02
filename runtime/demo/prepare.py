"""Makes a fresh installation ready to be played with: tables, journeys, a key, the clock set."""

from __future__ import annotations

from datetime import UTC, datetime

from api.keys import ALL, make_key
from language.compiled import digest, dump
from model.records import PublishedJourney
from runtime.project import Project, ProjectBroken, load_project
from settings import Settings
from store import Store, Tx

SOURCE = "demo"
"""Source of all that the file's people post."""


async def prepare(settings: Settings, begins: datetime) -> str:
    """Migrates the store, publishes all journeys, sets the clock; gives an API key that may do everything.

    Raises ProjectMissing, ProjectBroken.
    """
    project = load_project(settings.journeys_dir)
    if project.errors:
        raise ProjectBroken("\n".join(project.rendered(problem) for problem in project.errors))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    key = make_key("demo", SOURCE, [ALL], datetime.now(UTC))
    store = Store.open(settings.database_url)
    try:
        await store.migrate()
        async with store.begin() as tx:
            await _publish(tx, project, begins)
            await tx.keys.add(key.record)
            await tx.clock.set(begins)
    finally:
        await store.close()
    return key.text


async def _publish(tx: Tx, project: Project, at: datetime) -> None:
    for name, journey in project.journeys.items():
        await tx.journeys.publish(
            PublishedJourney(
                name=name,
                version=journey.version,
                hash=digest(journey),
                compiled=dump(journey),
                source=project.sources[project.files[name]],
                published_at=at,
            )
        )
