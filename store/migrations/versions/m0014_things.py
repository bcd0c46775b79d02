"""Things that leads may have several of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.base import Json, Time

revision = "0014"
down_revision: str | None = "0013"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "things",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("created_at", Time(), nullable=False),
        sa.Column("updated_at", Time(), nullable=False),
        sa.Column("recorded_at", Time(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_things")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_things_lead_id_leads")),
    )
    op.create_index(op.f("ix_things_lead_id_kind_id"), "things", ["lead_id", "kind", "id"])
