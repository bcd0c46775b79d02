"""Drafts of journeys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.base import Time

revision = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    """Makes the table of drafts."""
    op.create_table(
        "drafts",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("saved_at", Time(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "file", name=op.f("pk_drafts")),
    )
