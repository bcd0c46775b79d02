"""What open runs hear of other leads, and by which values leads are looked up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    """Makes the tables by which runs and leads are found for the events of others."""
    op.create_table(
        "listeners",
        *_words("enrolment_id", "type", "whose", "lookup", "lead_id", "value"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_listeners_enrolment_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_listeners_lead_id")),
        sa.PrimaryKeyConstraint("enrolment_id", "type", "whose", "lookup", name=op.f("pk_listeners")),
    )
    _index("ix_listeners_type_whose_lookup_value", "listeners", "type", "whose", "lookup", "value")
    _index("ix_listeners_lead_id_type", "listeners", "lead_id", "type")
    op.create_table(
        "lead_values",
        *_words("lead_id", "path", "value"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_lead_values_lead_id")),
        sa.PrimaryKeyConstraint("lead_id", "path", "value", name=op.f("pk_lead_values")),
    )
    _index("ix_lead_values_path_value_lead_id", "lead_values", "path", "value", "lead_id")
    op.create_table(
        "lead_paths", *_words("path"), sa.PrimaryKeyConstraint("path", name=op.f("pk_lead_paths"))
    )


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _index(name: str, table: str, *columns: str) -> None:
    op.create_index(op.f(name), table, columns)
