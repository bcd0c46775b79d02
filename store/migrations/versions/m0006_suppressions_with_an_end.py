"""Suppressions that end by themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.base import Time

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Adds when a suppression ends."""
    op.add_column("suppressions", sa.Column("until", Time(), nullable=True))
