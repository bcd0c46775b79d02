"""Places that held messages keep from those of lower priority."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.base import Time

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    """Makes the table of kept places."""
    op.create_table(
        "kept_places",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("send_id", "lead_id", "enrolment_id")),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("until", Time(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("channel", "purpose")),
        *(sa.Column(name, sa.Text()) for name in ("topic", "contact")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_kept_places_lead_id")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_kept_places_enrolment_id")
        ),
        sa.PrimaryKeyConstraint("send_id", name=op.f("pk_kept_places")),
    )
    op.create_index(op.f("ix_kept_places_lead_id"), "kept_places", ["lead_id"])
