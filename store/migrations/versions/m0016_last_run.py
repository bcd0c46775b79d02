"""The run that a lead began last in a journey is found by one index, whatever the journey's size."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision: str | None = "0015"


def upgrade() -> None:
    """Widens the index of runs by lead and journey, so that it gives their order too."""
    op.drop_index(op.f("ix_enrolments_lead_id_journey_key_value_opened_at"), "enrolments")
    op.create_index(
        op.f("ix_enrolments_lead_id_journey_key_value_opened_at_id"),
        "enrolments",
        ["lead_id", "journey", "key_value", "opened_at", "id"],
    )
