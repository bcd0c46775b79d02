"""`cauce …`: the command line, a module of `commands` for each group."""

from __future__ import annotations

import typer

from commands import (
    audiences,
    beginning,
    checking,
    comparing,
    database,
    events,
    formatting,
    journeys,
    json_schema,
    keys,
    leads,
    moving,
    outbox,
    publishing,
    running,
    runs,
    scans,
    sending,
    showing,
    simulating,
    tasks,
    testing,
)
from commands.errors import Commands

app = typer.Typer(
    name="cauce",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Runs every lead's journey across e-mail, SMS, call center and web as a durable workflow.",
    epilog="Settings are CAUCE_… variables; `cauce doctor` checks them.",
)
app.command()(running.up)
app.command()(running.demo)
app.command()(running.doctor)
app.command()(beginning.new)
app.command()(checking.check)
app.command()(formatting.fmt)
app.command("test")(testing.run_tests)
app.command()(simulating.simulate)
app.command()(showing.show)
app.command()(comparing.diff)
app.command()(publishing.publish)
app.command()(moving.move)
app.command("schema")(json_schema.schema)
app.command()(scans.scan)
app.command("scans")(scans.scans)
app.add_typer(leads.app, name="leads")
app.add_typer(audiences.app, name="audiences")
app.add_typer(events.app, name="events")
app.add_typer(journeys.app, name="journeys")
app.add_typer(runs.app, name="runs")
app.add_typer(tasks.app, name="tasks")
app.add_typer(outbox.app, name="outbox")
app.command("stop-sending")(sending.stop_sending)
app.command("resume-sending")(sending.resume_sending)
app.add_typer(database.app, name="db")
app.add_typer(keys.app, name="keys")


def main() -> None:
    """Runs the command line."""
    app()


if __name__ == "__main__":
    main()
