"""The runs of some leads that hear others are found by one index."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision: str | None = "0011"


def upgrade() -> None:
    """Widens the index of listeners by lead."""
    op.drop_index(op.f("ix_listeners_lead_id_type"), "listeners")
    op.create_index(
        op.f("ix_listeners_lead_id_type_whose_lookup"), "listeners", ["lead_id", "type", "whose", "lookup"]
    )
