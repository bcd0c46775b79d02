"""`cauce leads`: import people, and see what is known of one."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from commands.finding import lead_named
from commands.house import Refused, business_now, complain, err, in_store, say
from commands.output import AsJson, Limit, emit_json, facts, table
from language.vocabulary import Vocabulary
from model.contact import Consent
from model.records import Enrolment, Identifier, Lead
from model.results import Entry
from settings import Settings

if TYPE_CHECKING:
    from commands.importing import Counted, Import, Progress
    from store import Store, Tx

app = typer.Typer(no_args_is_help=True, help="Import leads, and see what is known of one.")

SOURCE = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII)
DETAILS = (
    "id", "email", "phone", "first_name", "last_name", "postal_address", "language", "zone", "owner",
    "campaign", "source", "request_type", "preferred_channel", "score", "tier", "stage", "snoozed_until",
    "created_at", "updated_at", "erased_at",
)  # fmt: skip


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A CSV file, UTF-8.")
    ],
    errors: Annotated[
        Path | None,
        typer.Option("--errors", dir_okay=False, help="Where rows with mistakes go, with reasons."),
    ] = None,
    source: Annotated[
        str, typer.Option("--source", help="The source whose own ids `external_id` are, like crm.")
    ] = "import",
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import leads from a CSV file, a row each; separated by comma, semicolon or tab.

    The first row names the columns: email, phone, external_id (one of them at least), first_name, last_name,
    postal_address, language, zone, owner, campaign, source, request_type, preferred_channel,
    consent.CHANNEL (yes or no), attributes of the vocabulary, account.NAME. Items of a list stand
    between |. An empty cell leaves what is known.

    A row of somebody new is an event lead.created, of somebody known lead.updated: journeys that start with
    these begin.

    Rows with mistakes are passed over, and the exit code is 1; corrected, the error file can be imported as
    it is. The same file imported again changes nothing.
    """
    if not SOURCE.fullmatch(source) or source == "cauce":
        raise Refused("--source is a short lower-case name, crm or web-shop, and not cauce")
    if errors is not None and errors.exists() and errors.samefile(file):
        raise Refused("--errors names the file to import; name another one")
    counted = in_store(
        lambda store, settings: _import(store, settings, file, source, errors, dry_run=dry_run)
    )
    if as_json:
        emit_json({"dry_run": dry_run, "accepted": counted.accepted, **_numbers(counted)})
    else:
        _report(counted, errors, dry_run=dry_run)
    if counted.mistakes:
        raise typer.Exit(1)


@app.command("show")
def show(
    lead: Annotated[str, typer.Argument(metavar="LEAD", help="Id, e-mail, phone (+34…) or SOURCE/ID.")],
    limit: Limit = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """Show a lead: data, consents, runs, and the last lines of the timeline."""

    async def work(
        store: Store, _settings: Settings
    ) -> tuple[Lead, tuple[Identifier, ...], tuple[Consent, ...], tuple[Enrolment, ...], list[Entry]]:
        async with store.read() as tx:
            found = await lead_named(tx, lead)
            names, consents = await tx.leads.identifiers_of(found.id), await tx.consents.latest(found.id)
            runs = await tx.enrolments.all_of(found.id)
            return found, names, consents, runs, await _last_lines(tx, found.id, limit)

    found, names, consents, runs, lines = in_store(work)
    if as_json:
        whole = {"lead": found, "identifiers": names, "consents": consents, "runs": runs, "timeline": lines}
        emit_json(whole)
        return
    facts((name.replace("_", " "), getattr(found, name)) for name in DETAILS)
    facts([("names", [f"{one.scope or one.kind}/{one.value}" for one in names])])
    facts((name, value) for name, value in {**found.attributes, **found.account}.items())
    facts([("consents", [f"{one.channel} {'yes' if one.given else 'no'}" for one in consents])])
    say("")
    _show_runs(runs)
    say("")
    table(("at (UTC)", "kind", "journey", "what"), [_line(line) for line in lines], "nothing happened yet")


def vocabulary_of(settings: Settings) -> Vocabulary:
    """Reads the vocabulary; raises Refused where it has mistakes."""
    from runtime.project import load_project

    project = load_project(settings.journeys_dir)
    wrong = [one for one in project.shared_errors if "vocabulary" in one.file]
    if wrong:
        raise Refused(f"the vocabulary has mistakes; `cauce check {settings.journeys_dir}` shows them")
    return project.vocabulary


async def _import(
    store: Store, settings: Settings, file: Path, source: str, errors: Path | None, *, dry_run: bool
) -> Counted:
    from commands.importing import Import, import_leads

    job = Import(file, source, vocabulary_of(settings), dry_run=dry_run, errors=errors)
    async with store.read() as tx:
        now: datetime = await business_now(tx, settings)
    with _bar(job) as progress:
        return await import_leads(job, store, now, progress)


@contextmanager
def _bar(job: Import) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = err()
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("importing", total=job.path.stat().st_size)
        yield lambda read: bar.update(task, completed=read)


def _report(counted: Counted, errors: Path | None, *, dry_run: bool) -> None:
    for number, reason in counted.shown:
        complain(f"row {number}: {reason}")
    more = counted.mistakes - len(counted.shown)
    if more > 0:
        complain(f"… and {more} rows more")
    if counted.mistakes:
        complain(
            f"rows with mistakes are in {errors}" if errors else "`--errors FILE` writes them all to a file"
        )
    done = "would be accepted" if dry_run else "accepted"
    say(
        f"{counted.rows} rows: {counted.accepted} {done} ({counted.new} of new leads, "
        f"{counted.known} of known ones), "
        f"{counted.repeated} imported before, {counted.mistakes} with mistakes"
    )


def _numbers(counted: Counted) -> dict[str, object]:
    return {
        "rows": counted.rows, "new": counted.new, "known": counted.known, "repeated": counted.repeated,
        "mistakes": counted.mistakes,
        "first_mistakes": [{"row": number, "reason": reason} for number, reason in counted.shown],
    }  # fmt: skip


def _show_runs(runs: tuple[Enrolment, ...]) -> None:
    headings = ("run", "journey", "state", "step", "waits for", "until (UTC)", "ending")
    rows = [
        (
            one.id,
            f"{one.journey} {one.version}",
            one.state,
            one.step,
            one.waiting_for,
            one.waiting_until,
            one.ending,
        )
        for one in runs
    ]
    table(headings, rows, "no runs")


async def _last_lines(tx: Tx, lead_id: str, limit: int) -> list[Entry]:
    kept: deque[Entry] = deque(maxlen=limit)
    cursor: str | None = None
    while True:
        page = await tx.timeline.page(lead_id, limit=500, cursor=cursor)
        kept.extend(page.items)
        if (cursor := page.next) is None:
            return list(kept)


def _line(entry: Entry) -> tuple[object, ...]:
    return entry.at, entry.kind, entry.journey, entry.text
