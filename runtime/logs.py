"""What is logged, and how: never a traceback's texts, which may hold personal data."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Final

import structlog
from structlog.typing import EventDict, WrappedLogger

from settings import Settings

TALKATIVE: Final = ("aiosqlite", "asyncpg", "httpx", "httpcore", "sqlalchemy.engine")
"""Libraries that write values or addresses into their logs below WARNING."""


def configure(settings: Settings) -> None:
    """Sets up this process's log: lines for people, or one JSON object a line."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True
    renderer = structlog.processors.JSONRenderer() if settings.log_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            discreet,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
    )


def discreet(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Keeps of an exception its class and where it was raised; its text is left out."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event.setdefault("error", type(error).__name__)
        event["at"] = place(error)
    return event


def place(error: BaseException) -> str:
    """Names the file and line where an exception was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
