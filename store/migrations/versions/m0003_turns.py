"""Leads that wait for their turn, and the account of each run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.base import Json, Time

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Makes the table of those who wait, and counts runs by account."""
    op.add_column("enrolments", sa.Column("account", sa.Text()))
    still_open = sa.text("state != 'ended'")
    op.create_index(
        op.f("ix_enrolments_at_work"),
        "enrolments",
        ["journey", "account"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "waiting_entries",
        *_words("id", "lead_id", "journey"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_words("key_value", "trigger"),
        sa.Column("start", Json, nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("due_at", Time(), nullable=False),
        sa.Column("recorded_at", Time(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text()),
        sa.ForeignKeyConstraint(
            ["journey", "version"],
            ["journeys.name", "journeys.version"],
            name=op.f("fk_waiting_entries_journey_version"),
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_waiting_entries_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_entries")),
    )
    table = "waiting_entries"
    _index(
        "ix_waiting_entries_lead_id_journey_key_value", table, "lead_id", "journey", "key_value", unique=True
    )
    _index("ix_waiting_entries_journey_priority_due_at_id", table, "journey", "priority", "due_at", "id")
    _index("ix_waiting_entries_journey_account", table, "journey", "account")


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _index(name: str, table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(op.f(name), table, columns, unique=unique)
