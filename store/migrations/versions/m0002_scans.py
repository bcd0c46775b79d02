"""Scans: the triggers that look for leads by time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.base import Time

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Makes the table of scans."""
    op.create_table(
        "scans",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "journey", "trigger", "kind")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", Time(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("occurrence", Time()),
        sa.Column("cursor", sa.Text()),
        sa.Column("last_at", Time()),
        sa.Column("next_at", Time()),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("looked", "found", "nudge", "heard")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_scans")),
    )
    unheard = sa.text("nudge > heard")
    op.create_index(
        op.f("ix_scans_unheard"), "scans", ["name"], sqlite_where=unheard, postgresql_where=unheard
    )
