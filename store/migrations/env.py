"""Alembic's environment: migrates the connection that `store.migrate` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from store.base import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
