"""`/studio/api`: what Studio's page asks for. It is the page's own and no part of the documented API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.ports import InHouse
from api.routing import Caller, ScopedRoute, needs
from api.studio import documents, judging, publishing
from api.studio.aside import aside
from api.studio.shapes import (
    FILE,
    CheckedOut,
    DocumentOut,
    DraftIn,
    DropIn,
    LeadIn,
    PlanOut,
    PlayedOut,
    ProjectOut,
    PublishIn,
    Saved,
    ScenariosOut,
    Texts,
)
from api.studio.words import WordsOut, words

routes = APIRouter(prefix="/studio/api", route_class=ScopedRoute, include_in_schema=False)

READ, WRITE = [needs("journeys:read")], [needs("journeys:write")]
File = Annotated[str, Query(pattern=FILE, max_length=200)]


@routes.get("/project", dependencies=READ)
async def list_everything(house: InHouse, caller: Caller) -> ProjectOut:
    """Lists what there is to open."""
    return await documents.everything(house, caller)


@routes.get("/document", dependencies=READ)
async def read_document(house: InHouse, caller: Caller, file: File) -> DocumentOut:
    """Opens a file."""
    return await documents.document(house, caller, file)


@routes.get("/words", dependencies=READ)
async def read_words(house: InHouse) -> WordsOut:
    """Gives the words that the editor offers."""
    return await aside(lambda: words(house.desk))


@routes.post("/check", dependencies=READ)
async def check(house: InHouse, body: Texts) -> CheckedOut:
    """Checks the texts and draws the journey."""
    return await aside(lambda: judging.checked(house.desk, body))


@routes.post("/simulate", dependencies=READ)
async def simulate(house: InHouse, body: LeadIn) -> PlayedOut:
    """Plays the journey for one lead."""
    return await aside(lambda: judging.played(house.desk, body))


@routes.post("/scenarios", dependencies=READ)
async def scenarios(house: InHouse, body: Texts) -> ScenariosOut:
    """Plays the scenarios."""
    return await aside(lambda: judging.tried(house.desk, body))


@routes.put("/draft", dependencies=WRITE)
async def save_draft(house: InHouse, caller: Caller, body: DraftIn) -> Saved:
    """Keeps a draft."""
    return await documents.save(house, caller, body)


@routes.post("/draft:drop", status_code=204, dependencies=WRITE, response_class=Response)
async def drop_draft(house: InHouse, caller: Caller, body: DropIn) -> None:
    """Drops a draft."""
    await documents.drop(house, caller, body)


@routes.post("/publish:preview", dependencies=READ)
async def preview(house: InHouse, body: Texts) -> PlanOut:
    """Says what publishing would do."""
    return await publishing.preview(house, body)


@routes.post("/publish", dependencies=WRITE)
async def publish(house: InHouse, caller: Caller, body: PublishIn) -> PlanOut:
    """Publishes."""
    return await publishing.carry_out(house, caller, body)
