"""What queues do with tasks when their time comes, and what agents must know."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.base import Json, Time

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Adds the columns."""
    op.add_column("tasks", sa.Column("skills", sa.Text(), nullable=False, server_default=""))
    op.add_column("tasks", sa.Column("agenda", Json, nullable=False, server_default="[]"))
    op.add_column("tasks", sa.Column("job", Json, nullable=True))
    op.add_column("tasks", sa.Column("contact_hours", Json, nullable=True))
    op.add_column("tasks", sa.Column("zone", sa.Text(), nullable=True))
    op.add_column("tasks", sa.Column("next_at", Time(), nullable=True))
    waits = sa.text("next_at IS NOT NULL")
    op.create_index("ix_tasks_next_at", "tasks", ["next_at"], sqlite_where=waits, postgresql_where=waits)
