"""What connectors answered to runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.base import Json, Time

revision = "0010"
down_revision: str | None = "0009"


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "answers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("enrolment_id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("at", Time(), nullable=False),
        sa.Column("recorded_at", Time(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_answers_enrolment_id_enrolments")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_answers_lead_id_leads")),
    )
    op.create_index(op.f("ix_answers_enrolment_id_at"), "answers", ["enrolment_id", "at"])
    op.create_index(op.f("ix_answers_lead_id"), "answers", ["lead_id"])
