"""From whatever went wrong to one line that says what, where and what to do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

from commands.house import Refused, complain
from settings import SettingsError

if TYPE_CHECKING:
    from typer._click import Context

DEBUG = "CAUCE_LOG_LEVEL"


class Commands(TyperGroup):
    """The root of the commands: nobody sees a traceback, unless CAUCE_LOG_LEVEL=debug."""

    def invoke(self, ctx: Context) -> object:
        """Runs a command; what it raises is printed as a line and ends with exit code 1."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            line = explained(error)
            if line is None or os.environ.get(DEBUG) == "debug":
                raise
            complain(line)
            raise typer.Exit(1) from None


def explained(error: Exception) -> str | None:
    """Words an error; None for those that the command line words itself."""
    match error:
        case Refused() | SettingsError():
            return str(error)
        case BrokenPipeError():
            return None
    if type(error).__module__.startswith(("typer.", "click.")):
        return None
    return _of_a_room(error) or (
        f"something went wrong inside cauce ({type(error).__name__}); {DEBUG}=debug shows where"
    )


def _of_a_room(error: Exception) -> str | None:
    """Imports the rooms only once something went wrong: a command must not wait for those it needs not."""
    from runtime.connect import TemporalUnreachable
    from runtime.ports import PortTaken
    from runtime.project import ProjectBroken, ProjectMissing
    from runtime.state import AlreadyRunning
    from runtime.temporal_server import BinaryMissing
    from store.errors import StoreError

    project = (ProjectBroken, ProjectMissing)
    running = (TemporalUnreachable, PortTaken, AlreadyRunning, BinaryMissing)
    if isinstance(error, (StoreError, *project, *running)):
        return str(error)
    unreachable = isinstance(error, OSError) and error.filename is None
    if unreachable or type(error).__module__.startswith(("sqlalchemy", "asyncpg", "sqlite3")):
        name = type(getattr(error, "orig", None) or error).__name__
        return f"the database does not do its work ({name}); is it running, and CAUCE_DATABASE_URL right?"
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror or type(error).__name__}"
    return None
