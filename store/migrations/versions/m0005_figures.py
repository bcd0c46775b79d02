"""Goals that enrolments reached, draws of splits and their winners."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.base import Time

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    """Makes the tables of what is counted."""
    op.create_table(
        "goals_reached",
        *_words("enrolment_id", "goal"),
        sa.Column("at", Time(), nullable=False),
        sa.Column("recorded_at", Time(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_goals_reached_enrolment_id")
        ),
        sa.PrimaryKeyConstraint("enrolment_id", "goal", name=op.f("pk_goals_reached")),
    )
    op.create_table(
        "split_draws",
        *_words("split", "lead_id", "enrolment_id", "arm"),
        sa.Column("at", Time(), nullable=False),
        sa.Column("converted_at", Time()),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_split_draws_lead_id")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_split_draws_enrolment_id")
        ),
        sa.PrimaryKeyConstraint("split", "lead_id", name=op.f("pk_split_draws")),
    )
    op.create_index(op.f("ix_split_draws_split_at_lead_id"), "split_draws", ["split", "at", "lead_id"])
    op.create_index(op.f("ix_split_draws_lead_id"), "split_draws", ["lead_id"])
    op.create_table(
        "split_winners",
        *_words("split", "arm"),
        sa.Column("decided_at", Time(), nullable=False),
        sa.PrimaryKeyConstraint("split", name=op.f("pk_split_winners")),
    )


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]
