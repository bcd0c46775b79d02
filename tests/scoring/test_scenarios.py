"""Scores of whole stories, to a tenth of a point."""

from __future__ import annotations

import random
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from model.events import Event
from scoring.counting import matches
from scoring.rules import EventRule, StateRule
from scoring.score import Score, score
from tests.scoring.world import (
    clicked,
    codes,
    day,
    form,
    funnel,
    happens,
    landed,
    opened,
    pricing,
    rules,
    scored,
)


def test_a_reader_of_121_newsletters_stays_a_reader() -> None:
    events = [opened(3 * n, f"m{n}") for n in range(121)]
    found = scored(events, 360)
    assert found.engagement == 7.2
    assert found.stage == "nurturing"
    assert (found.tier, found.strong) == ("T4", ())


def test_500_opens_in_50_days_are_worth_less_than_five_points() -> None:
    assert scored([opened(0.1 * n, f"m{n}") for n in range(501)], 50).engagement == 4.7


def test_the_same_message_opened_40_times_counts_once() -> None:
    found = scored([opened(0.01 * n, "m1") for n in range(40)], 0.5)
    assert found.engagement <= 1
    assert [item.clamped_by for item in found.contributions].count("per") == 39


def test_opens_without_a_message_id_count_each_under_the_cap() -> None:
    events = [happens("email.opened", 0, machine=False) for _ in range(40)]
    assert scored(events, 0).engagement == 10


def test_the_funnel_gives_88_9_and_the_price_list_lifts_it_to_sales_ready() -> None:
    events = funnel()
    before = scored(events, 3)
    assert (before.engagement, before.total, before.stage) == (88.9, 88.9, "nurturing")
    after = scored([*events, pricing(3)], 3, before.stage)
    assert (after.engagement, after.stage, after.crossed) == (108.9, "sales_ready", "entered")
    assert after.strong == ("pricing",)
    assert scored([*events, pricing(3)], 3.1, after.stage).crossed is None


def test_points_without_a_buying_indicator_wait_for_one() -> None:
    events = [*funnel(), landed(2.3, "/c")]
    waiting = scored(events, 2.3)
    assert (waiting.engagement, waiting.stage) == (105.0, "nurturing")
    assert codes(waiting)[0] == "needs_strong_indicator"
    crossed = scored([*events, pricing(2.5)], 2.5, waiting.stage)
    assert (crossed.engagement, crossed.stage) == (124.6, "sales_ready")
    assert "needs_strong_indicator" not in codes(crossed)


def test_a_student_keeps_the_points_and_is_never_ready() -> None:
    events = [*funnel(), pricing(3), happens("form.demo", 3, form="demo")]
    found = scored(events, 3, role="student")
    assert found.engagement == scored(events, 3).engagement
    assert (found.stage, found.disqualified, found.tier) == ("education_only", "education_only", "T4")
    assert found.total == 0
    assert codes(found)[0] == "education_only"


def test_a_ready_lead_who_turns_out_a_student_leaves() -> None:
    found = scored([*funnel(), pricing(3)], 3.5, "sales_ready", role="student")
    assert (found.stage, found.crossed) == ("education_only", "left")


def test_it_cools_once_between_day_33_and_45() -> None:
    events = [*funnel(), pricing(3), landed(3.2, "/c")]
    stage: str | None = None
    seen: list[Score] = []
    for at in (3.2, 10, 20, 33, 45, 46, 60, 90):
        seen.append(scored(events, at, stage))
        stage = seen[-1].stage
    assert [found.engagement for found in seen[:5]] == [123.5, 108.7, 90.4, 71.6, 58.1]
    assert [found.crossed for found in seen] == ["entered", None, None, None, "left", None, None, None]


def test_order_and_repetition_change_nothing() -> None:
    events = [*funnel(), pricing(3), *[opened(0.01 * n, f"n{n}") for n in range(30)]]
    expected = scored(events, 4)
    dice = random.Random(7)
    for _ in range(200):
        mixed = [*events, *dice.choices(events, k=20)]
        dice.shuffle(mixed)
        assert scored(mixed, 4) == expected


def test_what_comes_after_the_instant_is_not_looked_at() -> None:
    events = funnel()
    assert scored([*events, pricing(3)], 2.9) == scored(events, 2.9)


@pytest.mark.parametrize(
    "events",
    [
        [clicked(0.00001 * n, f"m{n}", machine=True) for n in range(12)],
        [opened(0.1, f"m{n}", machine=True) for n in range(12)],
        [form(0.1, "guide", valid=False)],
        [happens("form.submitted", 0.1, form="guide")],
    ],
    ids=["scanner clicks", "proxy opens", "false form", "form of unknown validity"],
)
def test_machines_and_false_forms_give_nothing(events: list[Event]) -> None:
    found = scored(events, 1)
    assert (found.engagement, found.contributions) == (0, ())


def test_a_rule_that_forgets_machines_gives_them_nothing_either() -> None:
    plain = replace(rules(), rules=tuple(_without_where(rule) for rule in rules().rules))
    machines = [clicked(0.1, "m1", machine=True), opened(0.1, "m2", machine=True)]
    assert matches(plain, machines) == []
    assert len(matches(plain, [clicked(0.1, "m1")])) == 1
    meant = [replace(rule, machines=True) for rule in plain.rules if isinstance(rule, EventRule)]
    assert len(matches(replace(plain, rules=tuple(meant)), machines)) == 2


def _without_where(rule: EventRule | StateRule) -> EventRule | StateRule:
    return replace(rule, where=None, machines=False) if isinstance(rule, EventRule) else rule


def test_a_demo_request_leads_to_sales_without_other_points() -> None:
    found = scored([happens("form.demo", 0, form="demo")], 0)
    assert (found.engagement, found.stage) == (60, "sales_ready")
    assert scored([happens("form.demo", 0, form="demo")], 29, "sales_ready").stage == "sales_ready"
    assert scored([happens("form.demo", 0, form="demo")], 30, "sales_ready").stage == "nurturing"


def test_a_hand_raised_by_somebody_who_does_not_fit_says_why_it_waits() -> None:
    found = scored([happens("form.demo", 0, form="demo")], 0, role="abroad")
    assert (found.grade, found.stage, codes(found)[0]) == ("D", "nurturing", "fit_too_low")


def test_fit_makes_grade_and_tier_and_leaves_the_number_alone() -> None:
    plain, fitting = scored(funnel(), 30), scored(funnel(), 30, cnae="6201")
    assert (plain.grade, fitting.grade) == ("C", "B")
    assert plain.total == fitting.total
    assert (plain.tier, fitting.tier) == ("T3", "T2")


def test_a_hot_lead_rises_a_tier_until_the_week_is_over() -> None:
    hot, later = scored(funnel(), 3), scored(funnel(), 9.2)
    assert (hot.hot, hot.tier, hot.band) == (True, "T2", "2")
    assert (later.hot, later.tier, later.band) == (False, "T3", "2")


def test_unsubscribing_weighs_for_ever_and_below_nothing() -> None:
    found = scored([happens("lead.unsubscribed", 0, channel="email")], 700)
    assert (found.engagement, found.total, found.valid_until) == (-50, -50, None)


def test_points_that_expire_go_at_once() -> None:
    events = [happens("trial.started", 0)]
    assert scored(events, 19.99).engagement == 10
    assert scored(events, 20).engagement == 0


def test_a_group_never_gives_more_than_its_cap() -> None:
    events = [landed(n, f"/{page}") for n in range(0, 35, 7) for page in "abc"]
    found = scored(events, 28)
    assert found.groups["web"] == 60
    assert {item.clamped_by for item in found.contributions} == {"group"}


def test_a_page_counts_once_a_day_whatever_its_tracking_parameters() -> None:
    events = [landed(0, "/a?utm_source=x"), landed(0.1, "/a/"), landed(0.2, "/a#top"), landed(1, "/a")]
    found = scored(events, 1)
    assert [item.clamped_by for item in found.contributions] == [None, "per", "per", None]


def test_the_day_is_the_companys_and_not_utc() -> None:
    late_evening_utc = 13.5 / 24
    after_midnight_in_madrid = 14.5 / 24
    events = [landed(late_evening_utc, "/a"), landed(after_midnight_in_madrid, "/a")]
    assert [item.clamped_by for item in scored(events, 1).contributions] == [None, None]


def test_an_instant_in_another_zone_gives_the_same_score_across_the_change_of_the_clocks() -> None:
    events = [*funnel(), pricing(3)]
    elsewhere = day(3).astimezone(ZoneInfo("Europe/Madrid"))
    assert score(rules(), events, {}, elsewhere, "sales_ready") == scored(events, 3, "sales_ready")
    late = [happens("form.demo", 80, form="demo")]
    march = score(rules(), late, {}, day(80).astimezone(ZoneInfo("Europe/Madrid")), "sales_ready")
    assert march.valid_until == scored(late, 80, "sales_ready").valid_until


def test_the_answer_in_the_contracts_words_reads_back() -> None:
    found = scored([*funnel(), pricing(3)], 3)
    response = found.to_response("r1", "s1")
    assert type(response).model_validate_json(response.model_dump_json()) == response
    assert (response.p, response.points, response.tier, response.fallback) == (None, 108.9, found.tier, False)


def test_a_model_of_another_version_rescores_from_the_same_events() -> None:
    first = score(rules(), funnel(), {}, day(3))
    assert (first.model.id, first.model.version, first.model.kind) == ("b2b-default", 3, "rules")
