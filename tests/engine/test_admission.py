"""Who may enter: the one function that intake and simulator ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.admission import Admitted, LastRun, Refused, is_control, may_enter
from engine.facts import Asked, Knowledge
from model.events import Fields
from tests.engine.riding import MONDAY, compiled
from tests.engine.test_simulator import lines, play

STEPS = "steps: [email: a]\n"


def judged(
    text: str, *, at: datetime = MONDAY, lead: str = "lead-1", last: LastRun | None = None, **names: str
) -> str:
    """The verdict on an entry in one word: `enters`, `control`, or the rule that refuses."""
    journey = compiled(text)
    known = Knowledge({"lead.score": 10}, "Europe/Madrid")
    given: Fields = {f"start.{name}": value for name, value in names.items()}
    verdict = may_enter(journey, journey.starts[0], known, Asked(at, names=given), lead, last)
    match verdict:
        case Refused(code=code):
            return code
        case Admitted(control=control):
            return "control" if control else "enters"


@pytest.mark.parametrize(
    ("at", "verdict"),
    [
        (datetime(2025, 12, 31, 22, 59, tzinfo=UTC), "live"),
        (datetime(2025, 12, 31, 23, 0, tzinfo=UTC), "enters"),
        (datetime(2026, 6, 30, 21, 59, tzinfo=UTC), "enters"),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), "live"),
    ],
)
def test_a_journey_is_live_from_the_first_day_to_the_end_of_the_last_in_the_companys_zone(
    at: datetime, verdict: str
) -> None:
    assert judged(f"live: {{from: 2026-01-01, until: 2026-06-30}}\n{STEPS}", at=at) == verdict


def test_a_minute_named_is_the_end_itself() -> None:
    text = f"live: {{until: 2026-01-05 at 10:30}}\n{STEPS}"
    assert judged(text, at=MONDAY + timedelta(minutes=29)) == "enters"
    assert judged(text, at=MONDAY + timedelta(minutes=30)) == "live"


YESTERDAY = MONDAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("again", "last", "verdict"),
    [
        ("never", None, "enters"),
        ("never", LastRun(YESTERDAY, "finished"), "again"),
        ("never", LastRun(YESTERDAY), "open"),
        ("when finished", LastRun(YESTERDAY, "gone"), "enters"),
        ("when finished", LastRun(YESTERDAY), "open"),
        ("when finished", LastRun(YESTERDAY, "lost"), "not_after"),
        ("after 1 day", LastRun(YESTERDAY, "gone"), "enters"),
        ("after 2 days", LastRun(YESTERDAY, "gone"), "again"),
        ("after 1 day", LastRun(YESTERDAY), "open"),
        ("replace", LastRun(YESTERDAY), "enters"),
        ("replace", LastRun(YESTERDAY, "gone"), "enters"),
        ("replace", LastRun(YESTERDAY, "lost"), "not_after"),
    ],
)
def test_the_same_lead_comes_again_as_the_journey_says(
    again: str, last: LastRun | None, verdict: str
) -> None:
    assert judged(f"again: {again}\nnot_after: lost\n{STEPS}", last=last) == verdict


def test_the_share_held_out_is_the_same_leads_each_time_and_about_as_large_as_it_says() -> None:
    journey = compiled(f"holdout: 20 percent\n{STEPS}")
    leads = [f"lead-{number}" for number in range(2_000)]
    control = [lead for lead in leads if is_control(journey, lead)]
    assert 340 < len(control) < 460
    assert judged(f"holdout: 20 percent\n{STEPS}", lead=control[0]) == "control"
    assert not any(is_control(compiled(STEPS), lead) for lead in leads)


def test_a_refusal_goes_before_the_control_group() -> None:
    journey = compiled(f"holdout: 20 percent\nlive: {{until: 2025-12-31}}\n{STEPS}")
    control = next(f"lead-{number}" for number in range(100) if is_control(journey, f"lead-{number}"))
    assert judged(f"holdout: 20 percent\nlive: {{until: 2025-12-31}}\n{STEPS}", lead=control) == "live"


def test_in_a_scenario_a_lead_is_control_where_it_says_so_and_refused_outside_the_time() -> None:
    results = play(
        "holdout: 5 percent\nlive: {until: 2026-02-28}\nsteps:\n  - email: welcome\n",
        "  - name: everybody else\n    expect: [day 0 email welcome, day 0 end finished]\n"
        "  - name: held out\n    control: true\n    expect: [day 0 end control]\n"
        "  - name: too late\n    events: [{at: 2026-03-01 at 9:00, event: quote.started}]\n"
        "    expect: [refused it is not live any more]\n",
    )
    assert [result.difference for result in results] == [None, None, None]
    assert lines(results[1], "end", "entered", "email") == ["day 0 at 10:00 end control"]
