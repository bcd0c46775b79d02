"""Dates of leads: when they let them enter, and which date a run is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.base import Time

revision = "0007"
down_revision: str | None = "0006"

_KEY = ("scan", "lead_id", "subject", "occurrence")


def upgrade() -> None:
    """Makes the table of entries to come, and the columns that go with it."""
    op.create_table(
        "due_dates",
        *(sa.Column(name, sa.Text(), nullable=False) for name in _KEY),
        sa.Column("at", Time(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_due_dates_lead_id")),
        sa.PrimaryKeyConstraint(*_KEY, name=op.f("pk_due_dates")),
    )
    op.create_index(op.f("ix_due_dates_scan_at_lead_id"), "due_dates", ["scan", "at", "lead_id"])
    op.create_index(op.f("ix_due_dates_lead_id"), "due_dates", ["lead_id"])
    op.add_column("scans", sa.Column("built", sa.Integer()))
    op.add_column("enrolments", sa.Column("date", sa.Text()))
