"""Audiences: their members, and which of those by rule were filled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.base import Time

revision = "0013"
down_revision: str | None = "0012"


def upgrade() -> None:
    """Makes both tables."""
    op.create_table(
        "audience_members",
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("at", Time(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_audience_members_lead_id")),
        sa.PrimaryKeyConstraint("audience", "lead_id", name=op.f("pk_audience_members")),
    )
    op.create_index(op.f("ix_audience_members_lead_id"), "audience_members", ["lead_id"])
    op.create_table(
        "filled_audiences",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", Time(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_filled_audiences")),
    )
