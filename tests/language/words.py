"""A small schema and random conditions over it, for the tests of conditions."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from language import builtin
from language.schema import FieldType, Schema, Scope, start_fields

NUMBER, TEXT, TIME = FieldType("number"), FieldType("text"), FieldType("time")
YES_NO, DATE = FieldType("yes_no"), FieldType("date")

SCHEMA = Schema(
    lead={
        **builtin.LEAD_FIELDS,
        "status": FieldType("text", values=("new", "mql", "customer")),
        "interests": FieldType("list", "text", values=("suv", "van", "city")),
        "visits": FieldType("list", "time"),
        "birthday": FieldType("date", pii=True),
        "renews_on": DATE,
        "vip": YES_NO,
        "secret_vip": FieldType("yes_no", pii=True),
        "last_login_at": TIME,
    },
    account={"industry": TEXT, "in_talks": YES_NO},
    things={"policy": {"policy_id": TEXT, "status": TEXT, "expires_on": DATE}},
    thing_keys={"policy": "policy_id"},
    events={
        **builtin.EVENTS,
        "quote.started": {**builtin.COMMON_FIELDS, "quote_id": TEXT, "amount": NUMBER, "expires_at": TIME},
    },
    queues=frozenset({"dispatch"}),
    audiences=frozenset({"vip"}),
    channels=frozenset(builtin.CHANNELS),
)
SCOPE = Scope(
    event=SCHEMA.fields_of_events(["sms.replied", "quote.started"]),
    start=start_fields(SCHEMA.events["quote.started"]),
    round=True,
)
NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "UTC")

_LENGTHS = st.sampled_from(("30 days", "1 month", "90 minutes", "2 days 1 hour", "45 seconds", "1 year"))
_NUMBERS = st.sampled_from(
    (
        "lead.score",
        "start.amount",
        "7",
        "-2",
        "0.5",
        "hour()",
        "count(lead.interests)",
        "round",
        "days_since(lead.last_login_at)",
        "hours_since(start.at)",
        "days_until(lead.renews_on)",
        'times("quote.started", 90 days)',
        'last("quote.started").amount',
    )
)
_TEXTS = st.sampled_from(
    (
        '"van"',
        '"a \\"b\\" \\\\"',
        "lead.first_name",
        "account.industry",
        "event.text",
        "weekday()",
        "lower(event.text)",
        'last("sms.replied").text',
        "policy.status",
    )
)
_TIMES = st.sampled_from(
    (
        "now",
        "lead.last_login_at",
        "start.expires_at",
        "2026-03-02",
        "2026-03-02T09:00:00Z",
        "lead.birthday",
        "policy.expires_on",
        "lead.renews_on",
    )
)
_ANY = st.sampled_from(("run.tries", "run.when", "fetched.router.owner", "returned.x"))
_CALLS = st.sampled_from(
    (
        "lead.vip",
        "lead.secret_vip",
        "in_contact_hours()",
        'queue_open("dispatch")',
        'has_open("review")',
        'can_reach("sms")',
        'in_audience("vip")',
        'opened("welcome")',
        'did("email.clicked")',
        "true",
        "run.flag",
        'did("email.clicked", 30 days, template is "welcome" and not machine)',
        'did("quote.started", this run)',
        'did("quote.started", amount > start.amount)',
        'did("email.clicked", template is lead.tier)',
        'did("sms.replied", 3 days, text contains "yes" or keyword in ["a", "b"])',
    )
)
_ORDER = st.sampled_from(("<", "<=", ">", ">=", "is", "is not"))


def _times() -> st.SearchStrategy[str]:
    moved = st.builds("{} {} {}".format, _TIMES, st.sampled_from("+-"), _LENGTHS)
    return st.one_of(_TIMES, moved)


def _atoms() -> st.SearchStrategy[str]:
    sums = st.builds("{} {} ({} - {})".format, _NUMBERS, st.sampled_from("+-"), _NUMBERS, _NUMBERS)
    spans = st.builds("{} - {}".format, _times(), _TIMES)
    return st.one_of(
        _CALLS,
        st.builds("{} {} {}".format, _NUMBERS, _ORDER, st.one_of(_NUMBERS, sums, _ANY)),
        st.builds(
            "{} {} {}".format,
            _TEXTS,
            st.sampled_from(("is", "is not", "contains")),
            _TEXTS.filter(lambda t: t != "weekday()"),
        ).filter(lambda text: not text.startswith("weekday()")),
        st.builds("{} {} {}".format, _times(), _ORDER, _times()),
        st.builds("{} {} {}".format, spans, _ORDER, _LENGTHS),
        st.builds("{} {} {}".format, _ANY, _ORDER, st.one_of(_NUMBERS, _times(), _ANY)),
        st.builds(
            "{} {}".format, st.one_of(_TEXTS, _times(), _ANY), st.sampled_from(("is known", "is not known"))
        ),
        st.sampled_from(
            ('lead.status not in ["new", "mql"]', 'lead.interests contains "suv"', '"van" in lead.interests')
        )
        | st.sampled_from(
            ("(lead.score > 3) is not lead.vip", "run.tries in [1, 2]", "lead.visits contains now")
        ),
    )


def conditions() -> st.SearchStrategy[str]:
    """Conditions of every form, as text."""
    return st.recursive(
        _atoms(),
        lambda inner: st.one_of(
            st.builds("{} and {}".format, inner, inner),
            st.builds("{} or {}".format, inner, inner),
            st.builds("not ({})".format, inner),
            st.builds("({} or {}) and {}".format, inner, inner, inner),
            st.builds("{} and ({} and {})".format, inner, inner, inner),
        ),
        max_leaves=5,
    )
