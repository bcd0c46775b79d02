"""What can go wrong at the store's door.

StoreError
├── UnsupportedDatabase   the URL names neither SQLite nor PostgreSQL
├── NestedTransaction     a task that writes began to write a second time
├── NaiveTime             a time without a zone was handed in
├── BadCursor             a page was asked for with a cursor that this list never gave
├── NotFound              a row that must exist does not
├── IdentifierTaken       an identifier already names another lead
├── VersionTaken          a journey's version is published with other content
├── AlreadyEnrolled       the lead has an open run of that journey and key
└── LeaseLost             a task was taken by somebody else or is over
"""

from __future__ import annotations

from sqlalchemy.exc import DontWrapMixin, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


def is_outage(error: BaseException) -> bool:
    """Says whether an error means that the database is away or busy, so that the same may work later."""
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError)


class StoreError(Exception):
    """Any refusal by the store; its message holds no personal data."""


class UnsupportedDatabase(StoreError):
    """The database must be sqlite+aiosqlite or postgresql+asyncpg."""


class NestedTransaction(StoreError):
    """This task is inside a writing transaction; use that one, or it would wait for itself."""


class NaiveTime(StoreError, DontWrapMixin):
    """A time without a zone was handed to the store; give an aware one."""


class BadCursor(StoreError):
    """The cursor does not belong to this list; begin without one."""


class NotFound(StoreError):
    """There is no such row."""


class IdentifierTaken(StoreError):
    """The identifier already names another lead, `lead_id`."""

    def __init__(self, kind: str, lead_id: str) -> None:
        super().__init__(f"The {kind} already names the lead {lead_id}.")
        self.lead_id = lead_id


class VersionTaken(StoreError):
    """The version is published with other content; raise the number."""


class AlreadyEnrolled(StoreError):
    """The lead has an open run of this journey with this key."""


class LeaseLost(StoreError):
    """The task was taken by somebody else or is over."""
