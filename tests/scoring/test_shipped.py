"""The shipped rules tell the dealer's story, and never take a reader for a buyer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from language.builtin import EVENTS
from language.problems import Problems
from language.schema import FieldType
from language.vocabulary import Company, Vocabulary
from model.events import Event
from scoring.load import load_rules
from scoring.rules import RuleModel
from scoring.score import Score, score

MADRID = ZoneInfo("Europe/Madrid")
FILE = Path(__file__).parents[2] / "journey_defs" / "scoring.yaml"
DEALER = {"lead.source": "dealer"}


@cache
def shipped() -> RuleModel:
    """The shipped rules, over the events and fields that they need."""
    text, yes_no = FieldType("text"), FieldType("yes_no")
    events = {
        **EVENTS,
        "visit.registered": {"dealer_id": text},
        "survey.answered": {"wants_more": yes_no},
        "car.configured": {"model": text},
        "quote.started": {"quote_id": text},
        "quote.requested": {"quote_id": text},
        "test_drive.booked": {"dealer_id": text},
    }
    problems = Problems()
    vocabulary = Vocabulary(company=Company(zone="Europe/Madrid"), events=events)
    model = load_rules("scoring.yaml", FILE.read_bytes(), vocabulary, problems)
    assert model is not None, problems.all
    return model


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """An instant in Madrid."""
    return datetime(year, month, day, hour, minute, tzinfo=MADRID).astimezone(UTC)


def event(kind: str, when: datetime, **fields: JsonValue) -> Event:
    """An event whose id is its type and time."""
    return Event(f"{kind}@{when.isoformat()}", kind, when, dict(fields))


def first_act() -> list[Event]:
    """Luis visits the dealer, is not ready, and answers the survey."""
    return [
        event("visit.registered", at(2026, 11, 4, 18), dealer_id="d1"),
        event("task.completed", at(2026, 11, 5, 11), task="dealer_follow_up", outcome="not_ready"),
        event("survey.answered", at(2026, 11, 12, 20), wants_more=False),
    ]


def second_act() -> list[Event]:
    """Luis comes back on the web in February."""
    return [
        event("page.viewed", at(2027, 2, 13, 10, 0), url="https://example.com/modelos/brio?utm_source=x"),
        event("page.viewed", at(2027, 2, 13, 10, 6), url="https://example.com/modelos/duna"),
        event("car.configured", at(2027, 2, 13, 10, 20), model="brio"),
        event("quote.requested", at(2027, 2, 13, 10, 31), quote_id="q1"),
    ]


def scores(events: list[Event], when: datetime, stage: str | None = None) -> Score:
    """The score of a dealer's lead."""
    return score(shipped(), events, DEALER, when, stage)


def test_the_visit_in_november_warms_and_fades_until_february() -> None:
    assert scores(first_act(), at(2026, 11, 4, 18)).total == 35
    after = scores(first_act(), at(2026, 11, 12, 21))
    assert (25 <= after.total <= 40, after.stage, after.tier) == (True, "nurturing", "T3")
    assert 0 < scores(first_act(), at(2027, 2, 1, 9)).total < 15


def test_in_february_the_quote_makes_him_ready_at_that_event_and_not_before() -> None:
    story = [*first_act(), *second_act()]
    seen = [scores(story, step.at) for step in second_act()]
    assert [found.stage for found in seen] == ["nurturing", "nurturing", "nurturing", "sales_ready"]
    assert [found.total >= 80 for found in seen] == [False, False, False, True]
    ready = seen[-1]
    assert (ready.tier, ready.crossed, ready.strong) == ("T1", "entered", ("configured", "quote_requested"))
    assert [reason.code for reason in ready.reasons] == ["quote_requested", "configured", "model_page"]
    assert ready.reasons[0].text.en == "Asked for a quote"


def test_he_is_ready_even_without_the_visit_in_november() -> None:
    found = scores(second_act(), at(2027, 2, 13, 11))
    assert (found.total >= 80, found.stage, found.tier) == (True, "sales_ready", "T1")


def test_a_reader_of_newsletters_with_the_best_profile_is_never_ready() -> None:
    start = at(2026, 1, 5, 9)
    events: list[Event] = []
    for n in range(300):
        sent = start + timedelta(hours=9 * n)
        events.append(Event(f"o{n}", "email.opened", sent, {"machine": False}, message=f"m{n}"))
        events.append(Event(f"c{n}", "email.clicked", sent, {"machine": False}, message=f"m{n}"))
    profile: dict[str, JsonValue] = {"lead.source": "dealer", "lead.request_type": "quote"}
    stage = None
    for days in range(0, 150, 3):
        found = score(shipped(), events, profile, start + timedelta(days=days), stage)
        stage = found.stage
        assert (found.grade, found.stage, found.total <= 20) == ("A", "nurturing", True)
        assert found.tier != "T1"


def test_reading_every_model_page_for_weeks_is_no_buying_indicator() -> None:
    start = at(2027, 2, 1, 9)
    events = [
        event("page.viewed", start + timedelta(hours=7 * n), url=f"https://example.com/modelos/{n % 12}")
        for n in range(60)
    ]
    found = scores(events, start + timedelta(days=17))
    assert (found.stage, found.total <= 40, found.strong) == ("nurturing", True, ())


def test_a_job_applicant_is_not_handed_over() -> None:
    found = score(shipped(), second_act(), {"lead.request_type": "job"}, at(2027, 2, 13, 11))
    assert (found.stage, found.tier, found.total) == ("not_a_buyer", "T4", 0)


def test_unsubscribing_does_not_undo_a_quote() -> None:
    story = [*second_act(), event("lead.unsubscribed", at(2027, 2, 13, 10, 40), channel="email")]
    found = scores(story, at(2027, 2, 13, 11))
    assert found.total < scores(second_act(), at(2027, 2, 13, 11)).total
    assert found.stage == "sales_ready"
