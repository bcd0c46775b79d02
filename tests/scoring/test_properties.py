"""What holds for any events."""

from __future__ import annotations

import time
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from model.events import Event
from scoring.score import Score, score
from tests.scoring.world import (
    RULES,
    START,
    clicked,
    day,
    form,
    happens,
    landed,
    opened,
    pricing,
    read,
    rules,
    scored,
)

DAYS = st.floats(0, 90).map(lambda days: round(days, 4))
MESSAGES = st.sampled_from([f"m{n}" for n in range(8)])
GOOD = st.one_of(
    st.builds(opened, DAYS, MESSAGES, machine=st.booleans()),
    st.builds(clicked, DAYS, MESSAGES, machine=st.booleans()),
    st.builds(landed, DAYS, st.sampled_from(["/a", "/b", "/c"])),
    st.builds(form, DAYS, st.sampled_from(["guide", "webinar"]), valid=st.booleans()),
    st.builds(pricing, DAYS),
    st.builds(lambda days: happens("form.demo", days, form="demo"), DAYS),
    st.builds(lambda days: happens("trial.started", days), DAYS),
)
BAD = st.one_of(
    st.builds(lambda days: happens("lead.unsubscribed", days, channel="email"), DAYS),
    st.builds(lambda days, message: happens("email.not_opened", days, message=message), DAYS, MESSAGES),
)
EVENTS = st.lists(st.one_of(GOOD, GOOD, GOOD, BAD), max_size=40)
QUICK = settings(max_examples=60, deadline=None)


def decided(found: Score) -> tuple[str, str, str, bool]:
    """What thresholds decide."""
    return found.band, found.tier, found.stage, found.total >= 80


@QUICK
@given(EVENTS, st.data())
def test_permutation_and_repetition_change_nothing(events: list[Event], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events or [pricing(0)])))))
    kept = events if events else mixed[:1]
    assert scored(list(mixed), 91) == scored(kept, 91)


@QUICK
@given(st.lists(st.builds(opened, DAYS, st.uuids().map(str)), max_size=300), st.floats(0, 120))
def test_opens_never_pass_their_groups_cap_nor_reach_sales(events: list[Event], at: float) -> None:
    found = scored(events, at)
    assert 0 <= found.engagement <= 20
    assert found.stage == "nurturing"


@QUICK
@given(EVENTS, st.floats(91, 200), st.floats(0, 200))
def test_the_score_stays_inside_its_limits(events: list[Event], at: float, more: float) -> None:
    found = scored(events, at + more)
    assert -60 <= found.engagement <= 200
    for group in rules().groups:
        if group.score == "engagement":
            assert group.limits.low <= found.groups[group.id] <= group.limits.high


@QUICK
@given(st.lists(GOOD, max_size=40), st.floats(90, 300), st.floats(0, 300))
def test_good_points_only_fade(events: list[Event], at: float, more: float) -> None:
    assert scored(events, at + more).engagement <= scored(events, at).engagement


@QUICK
@given(EVENTS, st.floats(0, 120), st.data())
def test_nothing_changes_before_valid_until_and_something_then(
    events: list[Event], at: float, data: st.DataObject
) -> None:
    past = [event for event in events if event.at <= day(at)]
    now = scored(past, at, data.draw(st.sampled_from([None, "sales_ready"])))
    until = now.valid_until
    last = START + timedelta(days=3000) if until is None else until - timedelta(seconds=3)
    for share in [*data.draw(st.lists(st.floats(0, 1), min_size=6, max_size=6)), 1.0]:
        between = day(at) + (last - day(at)) * share
        if between >= day(at):
            assert decided(score(rules(), past, {}, between, now.stage)) == decided(now)
    if until is not None:
        assert until > day(at)
        assert decided(score(rules(), past, {}, until, now.stage)) != decided(now)


@QUICK
@given(EVENTS, st.floats(0, 120))
def test_hysteresis_settles(events: list[Event], at: float) -> None:
    first = scored(events, at)
    again = scored(events, at, first.stage)
    assert (again.stage, again.crossed) == (first.stage, None)


def test_following_valid_until_sees_every_change_that_polling_sees() -> None:
    events = [
        opened(0, "m1"),
        landed(0, "/a"),
        form(0, "guide"),
        form(1, "webinar"),
        pricing(1),
        landed(1, "/b"),
    ]
    events += [happens("form.demo", 2, form="demo"), happens("email.not_opened", 2, message="m2")]
    followed, now = [], scored(events, 2)
    while now.valid_until is not None:
        followed.append(now.valid_until)
        now = score(rules(), events, {}, now.valid_until, now.stage)
    polled, now = [], scored(events, 2)
    for hour in range(48, 24 * 400):
        found = scored(events, hour / 24, now.stage)
        if decided(found) != decided(now):
            polled.append(found.as_of)
        now = found
    assert len(followed) == len(polled) >= 4
    for exact, hourly in zip(followed, polled, strict=True):
        assert timedelta(0) <= hourly - exact < timedelta(hours=1)


def test_two_hundred_events_take_under_two_milliseconds() -> None:
    events = [opened(n * 0.4, f"m{n}") for n in range(80)] + [clicked(n * 0.4, f"m{n}") for n in range(60)]
    events += [landed(n * 0.7, f"/{n % 9}") for n in range(40)] + [pricing(n) for n in range(20)]
    scored(events, 35)
    taken = []
    for _ in range(20):
        begin = time.process_time()
        scored(events, 35)
        taken.append(time.process_time() - begin)
    assert min(taken) < 0.002


def test_points_that_creep_up_to_a_threshold_for_ever_are_judged_in_no_time() -> None:
    text = RULES.read_text(encoding="utf-8").replace(
        "points: 10, expire: 20 days", "points: 49.95, expire: never"
    )
    model, _ = read(text)
    assert model is not None
    events = [
        happens("trial.started", 0),
        pricing(0),
        happens("email.not_opened", 0, message="m1"),
        opened(0, "m2"),
    ]
    begin, steps = time.process_time(), 0
    found = score(model, events, {}, day(1))
    while found.valid_until is not None:
        found, steps = score(model, events, {}, found.valid_until, found.stage), steps + 1
        assert steps < 10
    assert time.process_time() - begin < 1
