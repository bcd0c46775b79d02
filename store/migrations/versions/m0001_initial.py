"""The first tables."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from store.base import BigId, Json, Time

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Makes all tables."""
    _make_people()
    _make_inbox_and_runs()
    _make_effects()
    _make_operations()


def _make_people() -> None:
    op.create_table(
        "keys",
        *_words("id", "name", "source", "hash"),
        sa.Column("scopes", Json, nullable=False),
        *_times("created_at"),
        *_maybe_times("expires_at", "revoked_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("hash", name=op.f("uq_keys_hash")),
    )
    op.create_table(
        "leads",
        *_words("id"),
        *_texts("email", "phone", "postal_address", "first_name", "last_name", "language", "zone", "owner"),
        *_texts("campaign", "source", "request_type", "preferred_channel", "tier", "stage"),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("reasons", Json, nullable=True),
        *_maybe_times("score_due_at"),
        sa.Column("snoozed", sa.Boolean(), nullable=False),
        *_maybe_times("snoozed_until"),
        sa.Column("attributes", Json, nullable=False),
        sa.Column("account", Json, nullable=False),
        *_times("created_at", "updated_at"),
        *_maybe_times("erased_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
    )
    _index("ix_leads_created_at_id", "leads", "created_at", "id")
    _index("ix_leads_score_due", "leads", "score_due_at", where="score_due_at IS NOT NULL")
    op.create_table(
        "identifiers",
        *_words("kind", "scope", "value", "lead_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_identifiers_lead_id")),
        sa.PrimaryKeyConstraint("kind", "scope", "value", name=op.f("pk_identifiers")),
    )
    _index("ix_identifiers_lead_id", "identifiers", "lead_id")
    op.create_table(
        "consents",
        sa.Column("id", BigId, nullable=False),
        *_words("lead_id", "channel", "scope"),
        *_texts("topic"),
        sa.Column("given", sa.Boolean(), nullable=False),
        *_times("at", "recorded_at"),
        *_texts("basis", "source", "wording"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_consents_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    _index("ix_consents_lead_id_id", "consents", "lead_id", "id")
    op.create_table(
        "suppressions",
        sa.Column("id", BigId, nullable=False),
        *_texts("lead_id", "address"),
        *_words("what", "reason"),
        *_times("at", "recorded_at"),
        *_maybe_times("lifted_at"),
        sa.CheckConstraint("(lead_id IS NULL) <> (address IS NULL)", name=op.f("ck_suppressions_one_target")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_suppressions_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
    )
    _index(
        "uq_suppressions_address", "suppressions", "address", "what", unique=True, where="lifted_at IS NULL"
    )
    _index("uq_suppressions_lead", "suppressions", "lead_id", "what", unique=True, where="lifted_at IS NULL")


def _make_inbox_and_runs() -> None:
    op.create_table(
        "journeys",
        *_words("name"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_words("hash", "compiled", "source"),
        *_times("published_at"),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_journeys")),
    )
    op.create_table(
        "enrolments",
        *_words("id", "lead_id", "journey"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_words("key_value"),
        *_texts("trigger"),
        *_times("opened_at", "recorded_at"),
        sa.Column("start", Json, nullable=False),
        sa.Column("shift", sa.Double(), nullable=False),
        sa.Column("hears", Json, nullable=False),
        sa.Column("reads", Json, nullable=False),
        sa.Column("watches", Json, nullable=False),
        *_words("state"),
        *_texts("ending", "outcome", "reason"),
        *_maybe_times("ended_at"),
        sa.Column("next_seq", sa.BigInteger(), nullable=False),
        sa.Column("applied_seq", sa.BigInteger(), nullable=False),
        *_maybe_times("waiting_until"),
        *_texts("waiting_for", "step"),
        sa.ForeignKeyConstraint(
            ["journey", "version"],
            ["journeys.name", "journeys.version"],
            name=op.f("fk_enrolments_journey_version"),
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_enrolments_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
    )
    _index("ix_enrolments_journey_opened_at_id", "enrolments", "journey", "opened_at", "id")
    _index(
        "ix_enrolments_lead_id_journey_key_value_opened_at",
        "enrolments",
        "lead_id",
        "journey",
        "key_value",
        "opened_at",
    )
    _index("ix_enrolments_live", "enrolments", "opened_at", "id", where="state != 'ended'")
    _index("ix_enrolments_opened_at_id", "enrolments", "opened_at", "id")
    _index(
        "uq_enrolments_open",
        "enrolments",
        "lead_id",
        "journey",
        "key_value",
        unique=True,
        where="state != 'ended'",
    )
    op.create_table(
        "deliveries",
        *_words("enrolment_id"),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payload", Json, nullable=False),
        *_times("at", "recorded_at"),
        *_words("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *_maybe_times("retry_at"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_deliveries_enrolment_id")),
        sa.PrimaryKeyConstraint("enrolment_id", "seq", name=op.f("pk_deliveries")),
    )
    _index("ix_deliveries_waiting", "deliveries", "enrolment_id", "seq", where="state = 'waiting'")
    op.create_table(
        "events",
        sa.Column("id", BigId, nullable=False),
        *_words("source", "event_id", "type"),
        *_times("at", "recorded_at"),
        sa.Column("body", Json, nullable=False),
        *_words("body_hash"),
        sa.Column("identifiers", Json, nullable=False),
        *_texts("lead_id", "visitor", "message", "task", "run"),
        *_words("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *_texts("error"),
        *_maybe_times("applied_at"),
        sa.Column("reached", Json, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_events_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_events_source_event_id")),
    )
    _index("ix_events_dead", "events", "id", where="state = 'dead'")
    _index("ix_events_lead_id_type_id", "events", "lead_id", "type", "id")
    _index("ix_events_pending", "events", "id", where="state = 'pending'")
    _index("ix_events_pending_lead", "events", "lead_id", "id", where="state = 'pending'")
    _index("ix_events_visitor", "events", "visitor", where="visitor IS NOT NULL")


def _make_effects() -> None:
    op.create_table(
        "sends",
        *_words("send_id", "channel"),
        *_texts("enrolment_id", "lead_id", "journey", "step", "template"),
        *_words("purpose"),
        *_texts("topic", "contact", "address"),
        *_words("state"),
        *_texts("owner"),
        *_maybe_times("deadline"),
        *_texts("provider", "provider_id", "reason"),
        sa.Column("decision", Json, nullable=True),
        *_times("at", "recorded_at", "updated_at"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_sends_enrolment_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_sends_lead_id")),
        sa.PrimaryKeyConstraint("send_id", "channel", name=op.f("pk_sends")),
    )
    _index("ix_sends_dispatching", "sends", "deadline", where="state = 'dispatching'")
    _index("ix_sends_enrolment_id_at", "sends", "enrolment_id", "at")
    _index("ix_sends_lead_id_at", "sends", "lead_id", "at")
    _index("ix_sends_provider_provider_id", "sends", "provider", "provider_id")
    op.create_table(
        "outbox_messages",
        sa.Column("id", BigId, nullable=False),
        *_words("send_id", "channel"),
        *_texts("lead_id"),
        *_words("to"),
        *_texts("subject", "text", "html", "language", "template"),
        *_times("at", "recorded_at"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_outbox_messages_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
    )
    _index("ix_outbox_messages_lead_id_id", "outbox_messages", "lead_id", "id")
    _index("ix_outbox_messages_send_id", "outbox_messages", "send_id")
    op.create_table(
        "tasks",
        *_words("id", "enrolment_id", "lead_id", "journey", "step", "work", "name", "queue", "state"),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("callback", sa.Boolean(), nullable=False),
        *_times("at", "recorded_at", "ready_at"),
        *_maybe_times("due_at", "expires_at"),
        *_texts("assign_to", "script", "priority", "number"),
        sa.Column("values", Json, nullable=False),
        sa.Column("outcomes", Json, nullable=False),
        *_texts("agent"),
        *_maybe_times("lease_until"),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        *_texts("outcome", "notes", "completion_id"),
        *_maybe_times("callback_at", "began_at", "completed_at"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_tasks_enrolment_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_tasks_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    _index("ix_tasks_enrolment_id", "tasks", "enrolment_id")
    _index("ix_tasks_lead_id_ready_at", "tasks", "lead_id", "ready_at")
    _index("ix_tasks_queue_state_ready_at", "tasks", "queue", "state", "ready_at")
    _index("ix_tasks_ready_at_id", "tasks", "ready_at", "id")
    op.create_table(
        "timeline",
        sa.Column("id", BigId, nullable=False),
        *_words("lead_id"),
        *_times("at", "recorded_at"),
        *_words("kind"),
        *_texts("enrolment_id", "journey", "step"),
        *_words("text"),
        sa.Column("data", Json, nullable=False),
        *_words("dedup"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_timeline_enrolment_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_timeline_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline")),
        sa.UniqueConstraint("dedup", name=op.f("uq_timeline_dedup")),
    )
    _index("ix_timeline_enrolment_id_at_id", "timeline", "enrolment_id", "at", "id")
    _index("ix_timeline_lead_id_at_id", "timeline", "lead_id", "at", "id")
    op.create_table(
        "outcomes",
        sa.Column("id", BigId, nullable=False),
        *_words("outcome_id", "lead_id"),
        *_texts("enrolment_id", "score_id"),
        *_words("type"),
        sa.Column("label", sa.Integer(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        *_times("at", "recorded_at"),
        sa.Column("body", Json, nullable=False),
        *_words("body_hash"),
        sa.Column("snapshot", Json, nullable=True),
        sa.Column("treatment", Json, nullable=True),
        *_texts("supersedes"),
        *_words("reported"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_outcomes_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
        sa.UniqueConstraint("outcome_id", name=op.f("uq_outcomes_outcome_id")),
    )
    _index("ix_outcomes_lead_id_at", "outcomes", "lead_id", "at")
    _index("ix_outcomes_unreported", "outcomes", "id", where="reported = 'waiting'")
    op.create_table(
        "scores",
        *_words("score_id", "request_id", "lead_id"),
        *_times("at", "recorded_at"),
        *_words("body_hash"),
        sa.Column("request", Json, nullable=False),
        sa.Column("response", Json, nullable=False),
        sa.PrimaryKeyConstraint("score_id", name=op.f("pk_scores")),
        sa.UniqueConstraint("request_id", name=op.f("uq_scores_request_id")),
    )
    _index("ix_scores_lead_id_at", "scores", "lead_id", "at")


def _make_operations() -> None:
    op.create_table(
        "switches",
        *_words("scope"),
        *_times("at", "recorded_at"),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_switches")),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        *_times("at"),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_table(
        "idempotency",
        *_words("key_id", "idempotency_key", "request_hash"),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("response", Json, nullable=True),
        *_times("created_at"),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_idempotency_key_id")),
        sa.PrimaryKeyConstraint("key_id", "idempotency_key", name=op.f("pk_idempotency")),
    )
    _index("ix_idempotency_created_at", "idempotency", "created_at")
    op.create_table(
        "audit",
        sa.Column("id", BigId, nullable=False),
        *_times("at", "recorded_at"),
        *_texts("key_id"),
        *_words("action"),
        *_texts("target"),
        sa.ForeignKeyConstraint(["key_id"], ["keys.id"], name=op.f("fk_audit_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text()) for name in names]


def _times(*names: str) -> list[sa.Column[datetime]]:
    return [sa.Column(name, Time(), nullable=False) for name in names]


def _maybe_times(*names: str) -> list[sa.Column[datetime]]:
    return [sa.Column(name, Time()) for name in names]


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str | None = None) -> None:
    part = None if where is None else sa.text(where)
    op.create_index(op.f(name), table, columns, unique=unique, sqlite_where=part, postgresql_where=part)
