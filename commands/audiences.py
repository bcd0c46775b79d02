"""`cauce audiences`: who is in which audience."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands import projects
from commands.finding import lead_named
from commands.house import Refused, business_now, in_store, nearest, say
from commands.output import AsJson, Limit, emit_json, table
from language.vocabulary import Audience
from model.audiences import Member
from settings import Settings

if TYPE_CHECKING:
    from commands.audience_file import Counted
    from store import Store

app = typer.Typer(no_args_is_help=True, help="See and fill audiences.")

Name = Annotated[str, typer.Argument(metavar="AUDIENCE", help="An audience of the vocabulary.")]
LeadName = Annotated[str, typer.Argument(metavar="LEAD", help="Id, e-mail, phone (+34…) or SOURCE/ID.")]


@dataclass(frozen=True, slots=True)
class Line:
    """An audience with the number of its members."""

    name: str
    filled_by: str
    members: int


@app.command("list")
def list_audiences(*, as_json: AsJson = False) -> None:
    """List the audiences of the vocabulary with the number of their members."""
    known = projects.project().vocabulary.audiences

    async def work(store: Store, _: Settings) -> list[Line]:
        async with store.read() as tx:
            counts = await tx.audiences.counts()
        return [Line(name, _filled_by(one), counts.get(name, 0)) for name, one in sorted(known.items())]

    found = in_store(work)
    if as_json:
        emit_json(found)
    else:
        table(("audience", "filled by", "members"), [(e.name, e.filled_by, e.members) for e in found], "none")


@app.command("members")
def members(audience: Name, limit: Limit = 100, *, as_json: AsJson = False) -> None:
    """List who is in an audience, the first to join first."""
    name = _declared(audience).name

    async def work(store: Store, _: Settings) -> tuple[Member, ...]:
        async with store.read() as tx:
            return (await tx.audiences.list(name, limit)).items

    found = in_store(work)
    if as_json:
        emit_json(found)
    else:
        table(("lead", "since (UTC)", "by"), [(one.lead_id, one.at, one.by) for one in found], "nobody")


@app.command("add")
def add(audience: Name, lead: LeadName) -> None:
    """Put a lead into an audience that no rule fills."""
    _move(_by_hand(audience), lead, joins=True)


@app.command("remove")
def remove(audience: Name, lead: LeadName) -> None:
    """Take a lead out of an audience that no rule fills."""
    _move(_by_hand(audience), lead, joins=False)


@app.command("import")
def import_(
    audience: Name,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV file, UTF-8.")
    ],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take them out instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put the leads of a CSV file into an audience, a row each.

    The first row names the columns; `lead`, `email` or `phone` says who it is: an id, an e-mail address, a
    phone number (+34…) or SOURCE/ID. Others are passed over. Leads that are not known are counted and the
    exit code is 1; `cauce leads import` makes them. The same file imported again changes nothing.
    """
    name = _by_hand(audience)

    async def work(store: Store, settings: Settings) -> Counted:
        from commands.audience_file import import_members

        async with store.read() as tx:
            now = await business_now(tx, settings)
        return await import_members(store, file, name, now, joins=not remove)

    counted = in_store(work)
    if as_json:
        emit_json(counted)
    else:
        verb = "out of" if remove else "into"
        say(f"{counted.accepted} put {verb} {name}, {counted.repeated} repeated, {counted.unknown} not known")
        for number, reason in counted.shown:
            say(f"  row {number}: {reason}")
    if counted.unknown:
        raise typer.Exit(1)


def _move(audience: str, lead: str, *, joins: bool) -> None:
    async def work(store: Store, settings: Settings) -> str:
        from intake.audiences import move_event
        from store import new_id

        async with store.begin() as tx:
            found = await lead_named(tx, lead)
            now = await business_now(tx, settings)
            await tx.events.insert([move_event(audience, found.id, now, new_id(), joins=joins, by="api")])
            tx.notify("inbox")
        return found.id

    say(f"{in_store(work)} {'joins' if joins else 'leaves'} {audience}")


def _declared(name: str) -> Audience:
    known = projects.project().vocabulary.audiences
    if name not in known:
        raise Refused(f"the vocabulary has no audience {name}; {nearest(name, list(known))}")
    return known[name]


def _by_hand(name: str) -> str:
    if _declared(name).rule is not None:
        raise Refused(f"the audience {name} is filled by its rule; change what it asks about the leads")
    return name


def _filled_by(audience: Audience) -> str:
    if audience.rule is not None:
        return "its rule"
    return "hand and journeys" + (f", for {audience.network}" if audience.network else "")
