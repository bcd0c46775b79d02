"""What of an open run needs somebody's attention."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision: str | None = "0014"


def upgrade() -> None:
    """Makes the column, and the index by which such runs are found."""
    op.add_column("enrolments", sa.Column("attention", sa.Text(), nullable=True))
    needed = sa.text("attention IS NOT NULL")
    op.create_index(
        "ix_enrolments_attention",
        "enrolments",
        ["opened_at", "id"],
        sqlite_where=needed,
        postgresql_where=needed,
    )
