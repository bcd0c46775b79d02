"""Scenarios on a simulated clock, by the same engine, facts and contact rules."""

from __future__ import annotations

from datetime import date

from engine.scenario_runner import ScenarioResult, branches, coverage, run_scenario, shown
from engine.simulator import simulate
from language.compiled import Journey
from language.journey import check_project
from language.problems import Problems
from language.scenario import Begin, read_scenarios
from language.values import Day
from language.vocabulary import Vocabulary, load_vocabulary
from tests.engine.riding import VOCABULARY, compiled, vocabulary

DRIP = """
exit:
  - event: order.completed
    as: recovered
steps:
  - email: welcome
  - wait: 2 days
  - if: lead.score >= 70
    then:
      - call: intro
        queue: inside_sales
        attempts: 3 every 1 day
        outcomes:
          won: [end: recovered]
          refused: [end: lost]
          busy or no_answer: go_on
          wrong_number or do_not_call: go_on
    else:
      - sms: question
  - wait: 5 days
  - email: last_words
"""
LEAD = 'lead: {score: 75, phone: "+34600111222", consent: {email: true, sms: true}}'


def play(text: str, scenarios: str, *, words: Vocabulary | None = None) -> list[ScenarioResult]:
    """Plays the scenarios of a file about a journey."""
    journey, problems = compiled(text), Problems()
    head = f"journey: story\n{LEAD}\nscenarios:\n"
    read = read_scenarios("s.test.yaml", head + scenarios, {"story": journey}, vocabulary(), problems)
    assert not problems.all, problems.all
    return [run_scenario(journey, words or vocabulary(), scenario) for scenario in read]


def lines(result: ScenarioResult, *kinds: str) -> list[str]:
    """The log's lines of some kinds."""
    return [shown(line, result.story.zone) for line in result.log if line.kind in kinds]


def test_the_scenarios_of_the_language_pass() -> None:
    results = play(
        DRIP,
        "  - name: a hot lead is called\n    events: [{at: 2 days 1 hour, call: intro, outcome: won}]\n"
        "    expect: [day 0 email welcome, day 2 call intro, day 2 end recovered]\n"
        "  - name: a purchase ends it at once\n    lead: {score: 45}\n"
        "    events: [{at: 4 days, event: order.completed}]\n"
        "    expect: [day 0 email welcome, day 2 sms question, day 4 end recovered]\n",
    )
    assert [result.difference for result in results] == [None, None]
    assert results[0].log[0].at.isoformat() == "2026-01-05T09:00:00+00:00", "Monday at 10:00 in Madrid"


def test_a_failing_scenario_shows_the_line_where_it_parted() -> None:
    wrong, short, extra = play(
        DRIP,
        "  - name: wrong day\n    lead: {score: 1}\n    expect: [day 0 email welcome, day 3 sms question]\n"
        "  - name: too little\n    lead: {score: 1}\n    events: [{at: 3 days, event: order.completed}]\n"
        "    expect: [day 0 email welcome, day 2 sms question, day 3 end recovered, day 8 email last_words]\n"
        "  - name: too much\n    lead: {score: 1}\n    expect: [day 0 email welcome]\n",
    )
    assert wrong.difference is not None
    assert wrong.difference.message == (
        "expected `day 3 sms question`, but it was `day 2 at 10:00 sms question`"
    )
    assert wrong.difference.line == 6
    assert short.difference is not None
    assert short.difference.message.endswith("but nothing more happened")
    assert extra.difference is not None
    assert extra.difference.message == "`day 2 at 10:00 sms question` was not expected"


def test_every_attempt_of_a_call_stands_on_the_day_it_is_ready() -> None:
    (result,) = play(
        DRIP,
        "  - name: nobody answers\n    events:\n"
        "      - {at: 2 days 1 hour, call: intro, outcome: no_answer}\n"
        "      - {at: 3 days at 12:00, call: intro, outcome: no_answer}\n"
        "      - {at: 4 days at 12:00, call: intro, outcome: no_answer}\n"
        "    expect: [day 0 email welcome, day 2 call intro, day 3 at 9:00 call intro, day 4 call intro,"
        " day 9 email last_words, day 9 end finished]\n",
    )
    assert result.difference is None


def test_an_outcome_for_a_call_that_is_not_open_fails_the_scenario() -> None:
    (result,) = play(
        DRIP,
        "  - name: too early\n    events: [{at: 1 day, call: intro, outcome: won}]\n"
        "    expect: [day 0 email welcome]\n",
    )
    assert result.difference is not None
    assert result.difference.message == "no call intro is open for the outcome won"


def test_a_skipped_message_is_compared_once_one_is_written() -> None:
    unsaid, said = play(
        "steps:\n  - sms: a\n  - email: b\n",
        "  - name: unsaid\n    lead: {consent: {email: true}}\n"
        "    expect: [day 0 email b, day 0 end finished]\n"
        "  - name: said\n    lead: {consent: {email: true}}\n"
        "    expect: [day 0 sms a skipped no_consent, day 0 email b, day 0 end finished]\n",
    )
    assert (unsaid.difference, said.difference) == (None, None)


def test_a_line_of_another_verb_makes_all_of_that_verb_compared() -> None:
    text = "steps:\n  - set: {lead.status: mql}\n  - notify: sales\n  - set: {lead.status: sql}\n"
    some, all_ = play(
        text,
        "  - name: some\n    expect: [day 0 set lead.status, day 0 end finished]\n"
        "  - name: all\n    expect: [day 0 set lead.status, day 0 set lead.status, day 0 end finished]\n",
    )
    assert some.difference is not None
    assert all_.difference is None


def test_an_entry_refused_says_why() -> None:
    text = (
        'journey: story\nversion: 1\nabout: A.\nstart:\n  event: quote.started\n  if: can_reach("sms")\n'
        "exit:\n  - if: lead.score >= 90\n    as: lost\nsteps:\n  - sms: a\n"
    )
    nobody, already, in_ = play(
        text,
        "  - name: no phone\n    lead: {phone: nothing, consent: {sms: false}}\n"
        '    expect: [refused can_reach("sms")]\n'
        "  - name: exit holds\n    lead: {score: 95}\n"
        "    expect: [refused its exit `lead.score >= 90` holds already]\n"
        "  - name: not refused\n    expect: [refused can_reach]\n",
    )
    assert (nobody.difference, already.difference) == (None, None)
    assert in_.difference is not None


def test_the_first_event_sets_the_clock_and_gives_the_fields() -> None:
    text = "steps:\n  - email: a\n    at: start.expires_at - 1 day\n"
    begin = Begin(
        "event", "quote.started", {"expires_at": "2026-02-10T12:00:00+01:00"}, Day(date(2026, 2, 5), 7 * 60)
    )
    story = simulate(compiled(text), vocabulary(), {}, begin)
    sent = next(line for line in story.log if line.kind == "email")
    assert (sent.day, sent.at.isoformat()) == (4, "2026-02-09T11:00:00+00:00")


def test_messages_wait_for_contact_hours_and_are_stopped_by_caps() -> None:
    words = load_vocabulary(
        {
            "v.yaml": VOCABULARY
            + "caps: {marketing: {per_day: 1}}\ncontact_hours: {days: mon-fri, from: 9:00, to: 20:00}\n"
        },
        Problems(),
    )
    text = "steps:\n  - wait: 12 hours\n  - email: a\n  - wait: 1 hour\n  - email: b\n"
    (result,) = play(
        text,
        "  - name: at night\n"
        "    expect: [day 1 at 9:00 email a, day 1 at 10:00 email b skipped cap, day 1 end finished]\n",
        words=words,
    )
    assert result.difference is None, result.difference


def test_a_reaction_is_to_the_last_message_and_history_answers_conditions() -> None:
    text = (
        "steps:\n  - email: a\n  - wait_for: email.clicked\n    within: 1 day\n    then:\n"
        '      - if: clicked("a") and did("email.clicked", this run)\n        then: [email: b]\n'
    )
    (result,) = play(
        text,
        "  - name: clicks\n    events: [{at: 2 hours, event: email.clicked}]\n"
        "    expect: [day 0 email a, day 0 email b, day 0 end finished]\n",
    )
    assert result.difference is None, result.difference


def test_an_opt_out_in_between_stops_marketing() -> None:
    (result,) = play(
        DRIP,
        "  - name: opts out\n    lead: {score: 1}\n"
        "    events: [{at: 1 day, event: lead.unsubscribed, channel: all, scope: marketing}]\n"
        "    expect: [day 0 email welcome, day 2 sms question skipped no_consent,"
        " day 7 email last_words skipped no_consent, day 7 end finished]\n",
    )
    assert result.difference is None, result.difference


def test_a_changed_score_opens_a_wait_and_a_score_step_changes_it() -> None:
    text = (
        "steps:\n  - score: +10\n  - first_of:\n      - if: lead.score >= 100\n        then: [email: hot]\n"
        "    within: 5 days\n    else: [end: lost]\n"
    )
    at_once, later = play(
        text,
        "  - name: at once\n    lead: {score: 90}\n    expect: [day 0 email hot, day 0 end finished]\n"
        "  - name: later\n    lead: {score: 10}\n    events: [{at: 2 days, set: {lead.score: 120}}]\n"
        "    expect: [day 2 email hot, day 2 end finished]\n",
    )
    assert (at_once.difference, later.difference) == (None, None)


def test_coverage_names_the_branches_that_no_scenario_took() -> None:
    journey: Journey = compiled(DRIP)
    results = play(
        DRIP,
        "  - name: won\n    events: [{at: 2 days 1 hour, call: intro, outcome: won}]\n    expect: []\n"
        "  - name: bought\n    lead: {score: 1}\n"
        "    events: [{at: 4 days, event: order.completed}]\n    expect: []\n",
    )
    counted = coverage(journey, results)
    every = set(branches(journey))
    assert {("the choice after 2 days", "yes"), ("intro", "won"), ("exit", "recovered")} <= every
    assert set(counted.missing) == {
        ("intro", name) for name in ("refused", "busy", "no_answer", "wrong_number", "do_not_call")
    }
    assert counted.percent == 100 * (len(every) - 5) / len(every)


def test_a_hundred_simulated_journeys_take_less_than_two_seconds() -> None:
    import time

    begin = time.process_time()
    for number in range(100):
        assert (
            simulate(compiled(DRIP), vocabulary(), {"id": f"lead-{number}", "score": 1}).ending == "finished"
        )
    assert time.process_time() - begin < 2


def test_a_scenario_of_a_scan_begins_by_its_trigger() -> None:
    journey = (
        "journey: story\nversion: 1\nabout: A scan.\nstart:\n"
        "  - every: monday at 9:00\n    if: lead.score > 50\n"
        '  - once: 2026-03-02 at 9:00\nsteps:\n  - email: start_here\n    if: start.trigger is "once"\n'
        "  - email: every_week\n"
    )
    first, second, third = play(
        journey,
        "  - name: by the first trigger\n    expect: [day 0 at 10:00 email every_week, day 0 end finished]\n"
        "  - name: at the day of the second\n    events: [once: 2026-03-02 at 9:00]\n"
        "    expect: [day 0 at 9:00 email start_here, day 0 email every_week, day 0 end finished]\n"
        "  - name: at a time of its own\n    lead: {score: 3}\n"
        "    events: [{at: 2026-01-12 at 9:00, every: mon at 9:00}]\n"
        "    expect: ['refused `lead.score > 50`']\n",
    )  # fmt: skip
    assert first.passed, first.difference
    assert second.passed, second.difference
    assert third.passed, third.difference
    assert second.log[0].at.isoformat() == "2026-03-02T08:00:00+00:00"


RENEWAL = (
    "journey: story\nversion: 1\nabout: A date.\n"
    "start:\n  date: lead.renews_on\n  before: 7 days\n  at: 9:00\n"
    "steps:\n  - email: soon\n  - wait: until start.date at 12:00\n  - email: today\n"
)


def test_a_scenario_of_a_date_begins_at_its_instant_or_with_a_date_that_fits() -> None:
    results = play(
        RENEWAL,
        "  - name: the lead has a date\n    lead: {renews_on: 2026-06-20}\n"
        "    expect: [day 0 at 9:00 email soon, day 7 at 12:00 email today, day 7 end finished]\n"
        "  - name: the lead has none\n"
        "    expect: [day 0 at 10:00 email soon, day 7 at 12:00 email today, day 7 end finished]\n"
        "  - name: named as in the journey\n    events: [{at: 2026-03-02 at 9:00, date: lead.renews_on}]\n"
        "    expect: [day 0 at 9:00 email soon, day 7 email today, day 7 end finished]\n",
    )
    assert [result.difference for result in results] == [None] * 3
    assert results[0].log[0].at.date() == date(2026, 6, 13)


def test_in_a_scenario_a_date_that_moves_takes_its_run_along() -> None:
    results = play(
        RENEWAL,
        "  - name: later\n    lead: {renews_on: 2026-06-20}\n"
        "    events: [{at: 2 days, set: {lead.renews_on: 2026-06-30}}]\n"
        "    expect: [day 0 email soon, day 17 at 12:00 email today, day 17 end finished]\n"
        "  - name: sooner\n    lead: {renews_on: 2026-06-20}\n"
        "    events: [{at: 2 days, set: {lead.renews_on: 2026-06-16}}]\n"
        "    expect: [day 0 email soon, day 3 at 12:00 email today, day 3 end finished]\n"
        "  - name: gone and back\n    lead: {renews_on: 2026-06-20}\n"
        "    events:\n      - {at: 2 days, set: {lead.renews_on: nothing}}\n"
        "      - {at: 20 days, set: {lead.renews_on: 2026-07-10}}\n"
        "    expect: [day 0 email soon, day 27 at 12:00 email today, day 27 end finished]\n",
    )
    assert [result.difference for result in results] == [None] * 3


AUDIENCES = """
audiences:
  vip: {if: lead.score > 100}
  club:
    if: in_audience("vip") and lead.status is "old"
  spring: static
"""
JOINING = (
    "journey: story\nversion: 1\nabout: An audience.\nstart:\n  - joins: vip\n  - leaves: spring\nsteps:\n"
    '  - add_to_audience: spring\n    if: start.trigger is "joins"\n'
    '  - first_of:\n      - if: in_audience("club")\n    within: 5 days\n    else: [end: gone]\n'
    '  - email: club\n    if: in_audience("spring")\n'
)


def test_in_a_scenario_audiences_follow_the_lead_and_the_steps() -> None:
    problems = Problems()
    words = load_vocabulary({"vocabulary.yaml": VOCABULARY + AUDIENCES}, problems)
    files = {"vocabulary.yaml": VOCABULARY + AUDIENCES, "story.yaml": JOINING}
    journey = check_project(files).journeys["story"]
    text = (
        "journey: story\nlead: {score: 120, email: a@example.com}\nscenarios:\n"
        "  - name: joins\n    events: [{at: 2 days, set: {lead.status: old}}]\n"
        "    expect: [day 0 add_to_audience spring, day 2 email club, day 2 end finished]\n"
        "  - name: leaves, and comes back\n    lead: {audiences: [spring], status: old}\n"
        "    events: [leaves: spring]\n    expect: [day 0 end finished]\n"
        "  - name: is put in by hand\n    lead: {audiences: [spring]}\n"
        "    events:\n      - leaves: spring\n      - {at: 1 day, joins: spring}\n"
        "      - {at: 3 days, set: {lead.status: old}}\n    expect: [day 3 email club, day 3 end finished]\n"
        "  - name: is in no club\n    expect: [day 5 end gone]\n"
        "  - name: is no vip\n    lead: {score: 3}\n    expect: [refused not in the audience vip]\n"
    )
    scenarios = read_scenarios("s.test.yaml", text, {"story": journey}, words, problems)
    assert not problems.all, problems.all
    results = [run_scenario(journey, words, scenario) for scenario in scenarios]
    assert [result.difference for result in results] == [None] * 5


def test_a_scenario_may_say_what_the_lead_did_before() -> None:
    journey = (
        "journey: story\nversion: 1\nabout: Orders.\n"
        'start:\n  event: quote.started\n  if: times("order.completed", 30 days) >= 2\n'
        "steps:\n"
        "  - wait_for: order.completed\n    within: 1 day\n"
        "    then: [email: heard]\n    else: [email: not_heard]\n"
    )
    twice = "[{ago: 3 days, event: order.completed}, {ago: 20 days, event: order.completed, amount: 3}]"
    results = play(
        journey,
        f"  - name: ordered twice this month\n    history: {twice}\n"
        "    expect: [day 1 email not_heard, day 1 end finished]\n"
        f"  - name: one of them too long ago\n    history: {twice.replace('20 days', '31 days')}\n"
        "    expect: [refused order.completed]\n"
        "  - name: never\n    expect: [refused order.completed]\n",
    )
    assert [result.difference for result in results] == [None] * 3


def test_a_reply_on_any_channel_is_heard_with_its_keyword_and_the_runs_own_instants_are_waited_for() -> None:
    journey = (
        "journey: story\nversion: 1\nabout: Replies.\nstart: {event: quote.started}\nsteps:\n"
        "  - set: {run.ends: start.expires_at}\n  - sms: ask\n"
        '  - first_of:\n      - event: replied\n        where: event.keyword is "yes"\n'
        "        then: [sms: said_yes]\n"
        "    within: until run.ends - 1 day at 12:00\n    else: [sms: said_nothing]\n"
        "  - wait: until run.ends\n"
    )
    first = '{event: quote.started, quote_id: q, expires_at: "2026-01-13T18:00:00+01:00"}'
    answered, silent = play(
        journey,
        f"  - name: answers\n    events: [{first}, {{at: 1 day, event: sms.replied, keyword: yes}}]\n"
        "    expect: [day 0 sms ask, day 1 sms said_yes, day 8 at 18:00 end finished]\n"
        f"  - name: says no\n    events: [{first}, {{at: 1 day, event: sms.replied, keyword: no}}]\n"
        "    expect: [day 0 sms ask, day 7 at 12:00 sms said_nothing, day 8 at 18:00 end finished]\n",
    )
    assert answered.passed, answered.difference
    assert silent.passed, silent.difference
