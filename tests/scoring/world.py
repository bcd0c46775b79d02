"""A small world for scoring: the rules of `rules.yaml`, and events counted in days from a Monday."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path

from pydantic import JsonValue

from language.builtin import EVENTS, LEAD_FIELDS
from language.problems import Problems
from language.schema import FieldType, Schema
from model.events import Event
from scoring.conditions import LanguageConditions
from scoring.load import read_rules
from scoring.rules import RuleModel
from scoring.score import Score, score

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TEXT = FieldType("text")
SCHEMA = Schema(
    lead={
        **LEAD_FIELDS,
        "role": TEXT,
        "cnae": TEXT,
        "size": FieldType("number"),
        "signed_up_at": FieldType("time"),
    },
    events={
        **EVENTS,
        "form.submitted": {**EVENTS["form.submitted"], "valid": FieldType("yes_no")},
        "email.not_opened": {"template": TEXT},
        "web.landing": {"page": TEXT},
        "web.pricing": {"page": TEXT},
        "form.demo": {"form": TEXT},
        "trial.started": {},
    },
)
CONDITIONS = LanguageConditions(SCHEMA, "Europe/Madrid")
RULES = Path(__file__).with_name("rules.yaml")
NUMBERS = count()


def read(text: str) -> tuple[RuleModel | None, Problems]:
    """Reads rules against the world's names."""
    problems = Problems()
    return read_rules("scoring.yaml", text, CONDITIONS, problems), problems


@cache
def rules() -> RuleModel:
    """The rules of `rules.yaml`, which have no mistake."""
    model, problems = read(RULES.read_text(encoding="utf-8"))
    assert model is not None, problems.all
    return model


def day(days: float) -> datetime:
    """The instant so many days after the start, to the second."""
    return START + timedelta(seconds=round(days * 86400))


def happens(kind: str, days: float, *, message: str | None = None, **fields: JsonValue) -> Event:
    """An event; ids go up."""
    return Event(f"e{next(NUMBERS):06}", kind, day(days), dict(fields), message=message)


def opened(days: float, message: str, *, machine: bool = False) -> Event:
    """A newsletter opened."""
    return happens("email.opened", days, message=message, machine=machine)


def clicked(days: float, message: str, *, machine: bool = False) -> Event:
    """A link clicked."""
    return happens("email.clicked", days, message=message, machine=machine, url="https://example.com/")


def landed(days: float, page: str) -> Event:
    """A landing page seen."""
    return happens("web.landing", days, page=page)


def form(days: float, name: str, *, valid: bool = True) -> Event:
    """A form sent."""
    return happens("form.submitted", days, form=name, valid=valid)


def pricing(days: float) -> Event:
    """The price list seen."""
    return happens("web.pricing", days, page="/prices")


def funnel() -> list[Event]:
    """Two opens, two clicks, two landings, two forms in 2.1 days."""
    return [
        opened(0, "m1"),
        clicked(0.1, "m1"),
        landed(0.15, "/a"),
        form(0.2, "guide"),
        opened(1, "m2"),
        clicked(1.1, "m2"),
        landed(2.0, "/b"),
        form(2.1, "webinar"),
    ]


def scored(events: list[Event], days: float, stage: str | None = None, **profile: JsonValue) -> Score:
    """The score so many days after the start; profile attributes without `lead.`."""
    return score(
        rules(), events, {f"lead.{name}": value for name, value in profile.items()}, day(days), stage
    )


def codes(found: Score) -> list[str]:
    """The codes of the reasons."""
    return [reason.code for reason in found.reasons]
