"""Steps, waits, messages, choices and endings of one run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.position import Parked, Position
from engine.turn import Operator
from model.commands import AddScore, Done, Finish, Notify, Report, Sent, SetFacts, Suppress
from tests.engine.riding import MONDAY, Ride


def test_a_journey_of_two_messages_and_a_wait_runs_to_its_end() -> None:
    ride = Ride("steps:\n  - email: hello\n  - wait: 2 days\n  - sms: again\n")
    assert ride.steps == ["hello"]
    ride.until(MONDAY + timedelta(days=2))
    assert ride.steps == ["hello", "again"]
    assert ride.ending == "finished"
    assert isinstance(ride.effects[-1], Finish)
    assert ride.turn.wake is None


def test_the_same_step_has_another_send_id_at_each_visit_and_the_same_in_each_run() -> None:
    text = "steps:\n  - repeat: 2\n    do:\n      - email: hello\n      - wait: 1 day\n"
    first, second = Ride(text), Ride(text)
    for ride in (first, second):
        ride.passes(days=3)
    ids = [send.send_id for send in first.sends()]
    assert len(set(ids)) == 2
    assert ids == [send.send_id for send in second.sends()]


def test_messages_without_a_wait_between_them_are_one_contact() -> None:
    ride = Ride("steps:\n  - email: a\n  - sms: b\n  - wait: 1 hour\n  - email: c\n")
    ride.passes(hours=2)
    contacts = [send.contact for send in ride.sends()]
    assert contacts[0] == contacts[1] != contacts[2]


def test_a_wait_in_days_keeps_the_wall_time_over_the_change_of_clocks() -> None:
    ride = Ride("steps:\n  - wait: 90 days\n  - email: a\n")
    assert ride.turn.wake == datetime(2026, 4, 5, 8, 0, tzinfo=UTC)


def test_a_wait_for_an_instant_that_is_past_or_missing_goes_straight_on() -> None:
    past = Ride(
        "steps:\n  - wait: until start.expires_at\n  - email: a\n", expires_at="2026-01-01T00:00:00+00:00"
    )
    assert past.steps == ["a"]
    missing = Ride("steps:\n  - wait: until start.expires_at\n  - email: a\n")
    assert missing.steps == ["a"]
    assert missing.said("missing") == ["the instant to wait for is not known: goes on"]


def test_a_wait_for_a_fact_moves_with_it_and_rests_while_it_is_cleared() -> None:
    ride = Ride("steps:\n  - wait: 1 minute\n  - wait: until lead.renews_on at 9:00\n  - email: a\n")
    ride.facts["lead.renews_on"] = "2026-02-10"
    ride.passes(minutes=2)
    assert ride.turn.wake == datetime(2026, 2, 10, 8, 0, tzinfo=UTC)
    ride.changes(renews_on="2026-03-10")
    assert ride.turn.wake == datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
    ride.changes(renews_on=None)
    assert ride.turn.wake == ride.position.life_over
    ride.changes(renews_on="2026-01-02")
    assert ride.steps == ["a"]


def test_a_held_message_goes_later_under_the_same_id_when_its_condition_still_holds() -> None:
    ride = Ride("steps:\n  - wait: 1 minute\n  - email: a\n    if: lead.score >= 10\n")
    ride.facts["lead.score"] = 20
    ride.answers = [Sent(0, "held", reason="quiet", until=MONDAY + timedelta(hours=9))]
    ride.passes(minutes=1)
    assert ride.stands == ("a", "held: quiet")
    ride.passes(hours=10)
    assert [send.send_id for send in ride.sends()] == [ride.sends()[0].send_id] * 2
    assert ride.ending == "finished"


def test_a_held_message_is_skipped_when_its_condition_has_ceased_to_hold() -> None:
    ride = Ride("steps:\n  - wait: 1 minute\n  - email: a\n    if: lead.score >= 10\n")
    ride.facts["lead.score"] = 20
    ride.answers = [Sent(0, "held", reason="quiet", until=MONDAY + timedelta(hours=9))]
    ride.passes(minutes=1)
    ride.facts["lead.score"] = 5
    ride.passes(hours=10)
    assert len(ride.sends()) == 1
    assert ride.said("skipped") == ["condition: lead.score >= 10 (score 5)"]


def test_a_message_held_longer_than_not_after_is_skipped() -> None:
    ride = Ride("steps:\n  - wait: 1 minute\n  - email: a\n    not_after: 2 hours\n")
    ride.answers = [Sent(0, "held", reason="quiet", until=MONDAY + timedelta(hours=9))]
    ride.passes(minutes=1)
    assert ride.ending == "finished"
    assert ride.said("skipped") == ["past: not after 2026-01-05 12:01"]


def test_a_message_with_at_goes_then_and_judges_its_condition_then() -> None:
    ride = Ride(
        "steps:\n  - email: a\n    at: start.expires_at - 1 day\n    if: lead.score >= 10\n",
        expires_at="2026-01-08T09:00:00+00:00",
    )
    assert ride.turn.wake == datetime(2026, 1, 7, 9, 0, tzinfo=UTC)
    assert not any("lead.score" in asked for asked in ride.asked)
    ride.facts["lead.score"] = 10
    ride.passes(days=2)
    assert ride.steps == ["a"]


def test_a_message_whose_time_is_past_is_skipped_sent_or_ends_the_run_as_it_says() -> None:
    for word, steps, ending in (
        ("skip", ["b"], "finished"),
        ("send", ["a", "b"], "finished"),
        ("end", [], "finished"),
    ):
        ride = Ride(
            f"steps:\n  - email: a\n    at: start.expires_at\n    if_past: {word}\n  - email: b\n",
            expires_at="2026-01-05T08:40:00+00:00",
        )
        assert (ride.steps, ride.ending) == (steps, ending)


def test_a_quarter_of_an_hour_late_is_not_past() -> None:
    ride = Ride("steps:\n  - email: a\n    at: start.expires_at\n", expires_at="2026-01-05T08:46:00+00:00")
    assert ride.steps == ["a"]


def test_else_of_send_is_taken_when_nobody_can_be_reached() -> None:
    text = "steps:\n  - wait: 1 minute\n  - send: a\n    by: [sms, email]\n    else: [notify: sales]\n"
    ride = Ride(text)
    ride.answers = [Sent(0, "skipped", reason="no_address")]
    ride.passes(minutes=1)
    assert [effect.kind for effect in ride.effects] == ["send", "notify", "finish"]
    assert Ride(text).turn.effects == ()


def test_a_choice_says_why_with_the_values_read() -> None:
    ride = Ride("steps:\n  - if: lead.score >= 70\n    then: [email: hot]\n    else: [email: cold]\n")
    assert ride.steps == ["cold"]
    assert ride.said("branch") == ["not: lead.score >= 70 (score unknown)"]
    assert [note.branch for note in ride.notes if note.kind == "branch"] == ["no"]


def test_a_split_sends_leads_both_ways_by_their_share() -> None:
    from dataclasses import replace

    from engine.advance import advance, start

    text = (
        "steps:\n  - split: {a: 30, b: 70}\n    id: which\n    then:\n      a: [email: a]\n"
        "      b: [email: b]\n"
    )
    ride = Ride(text)
    counts = {"a": 0, "b": 0}
    for number in range(1000):
        run = replace(ride.position.run, lead_id=f"lead-{number}")
        turn = advance(ride.journey, start(ride.journey, run, MONDAY), (), MONDAY, {})
        counts[turn.effects[0].step] += 1  # type: ignore[union-attr]
    assert 250 < counts["a"] < 350


def test_the_runs_own_data_counts_and_clears_and_leaves_missing_values_alone() -> None:
    ride = Ride(
        "steps:\n"
        "  - set: {run.tries: 1}\n  - set: {run.tries: run.tries + 1}\n"
        "  - set: {run.other: run.nothing + 1}\n"
        "  - if: run.tries is 2 and run.other is not known\n    then: [email: yes]\n"
        "  - set: {run.tries: nothing}\n  - if: run.tries is not known\n    then: [email: cleared]\n"
    )
    assert ride.steps == ["yes", "cleared"]


def test_data_steps_are_effects_with_stable_ids_one_after_the_other() -> None:
    ride = Ride(
        "steps:\n  - set: {lead.status: mql}\n  - score: +30\n  - report: visit\n  - suppress: sms\n"
        "  - notify: sales\n"
    )
    kinds = [type(effect) for effect in ride.effects]
    assert kinds == [SetFacts, AddScore, Report, Suppress, Notify, Finish]
    assert isinstance(ride.effects[0], SetFacts)
    assert ride.effects[0].bound.values == {"lead.status": "mql"}
    ids = [effect.id for effect in ride.effects if not isinstance(effect, Finish)]  # type: ignore[union-attr]
    assert len(set(ids)) == 5


def test_an_effect_that_failed_is_recorded_and_the_run_goes_on() -> None:
    ride = Ride("steps:\n  - wait: 1 minute\n  - notify: sales\n  - email: a\n")
    ride.answers = [Done(0, ok=False, reason="the team has no address")]
    ride.passes(minutes=1)
    assert ride.said("missing") == ["the team has no address"]
    assert ride.ending == "finished"


def test_a_repeat_ends_when_its_condition_holds() -> None:
    ride = Ride(
        "steps:\n  - repeat: {until: lead.score >= 5, at_most: 4}\n"
        "    do: [email: a, wait: 1 day]\n  - email: b\n"
    )
    ride.passes(days=1, hours=12)
    ride.facts["lead.score"] = 9
    ride.passes(days=1)
    assert ride.steps == ["a", "a", "b"]


def test_a_round_that_took_no_time_rests_until_nine_the_next_morning() -> None:
    ride = Ride("steps:\n  - repeat: 3\n    do:\n      - email: a\n        if: lead.score > 5\n")
    assert ride.turn.wake == datetime(2026, 1, 6, 8, 0, tzinfo=UTC)
    assert ride.said("rest")[0].startswith("no_rest")
    ride.passes(days=4)
    assert ride.ending == "finished"


def test_an_exit_ends_the_run_in_a_wait_and_before_a_step() -> None:
    text = "exit:\n  - if: lead.score >= 90\n    as: recovered\nsteps:\n  - wait: 5 days\n  - email: a\n"
    waiting = Ride(text)
    waiting.changes(score=95)
    assert waiting.ending == "recovered"
    finish = waiting.effects[-1]
    assert isinstance(finish, Finish)
    assert (finish.outcome, finish.reason) == ("won", "exit: lead.score >= 90 (score 95)")
    unheard = Ride(text)
    unheard.facts["lead.score"] = 95
    unheard.passes(days=6)
    assert (unheard.steps, unheard.ending) == ([], "recovered")


def test_becomes_fires_only_after_having_been_found_false_since_entry() -> None:
    text = "exit:\n  - becomes: lead.score >= 90\n    as: lost\nsteps:\n  - wait: 5 days\n"
    ride = Ride(text)
    ride.changes(score=95)
    assert ride.ending == "lost"


def test_an_exit_by_time_alone_fires_at_its_instant() -> None:
    ride = Ride("exit:\n  - if: days_since(start.at) >= 3\n    as: lost\nsteps:\n  - wait: 30 days\n")
    ride.passes(days=4)
    assert ride.ending == "lost"
    assert ride.notes[-1].at <= datetime(2026, 1, 8, 0, 0, tzinfo=UTC)


def test_whenever_leads_to_a_stage_and_its_event_is_what_led_there() -> None:
    ride = Ride(
        "whenever:\n  - event: help.requested\n    go_to: helped\n"
        "stages:\n  first: [wait: 9 days, end: lost]\n"
        '  helped:\n    - if: event.topic is "price"\n      then: [email: price]\n'
        "    - wait: 1 day\n    - end: gone\n"
    )
    ride.hears("help.requested", topic="price")
    assert ride.steps == ["price"]
    ride.passes(days=2)
    assert ride.ending == "gone"


def test_whenever_do_runs_beside_the_run_which_does_not_stop() -> None:
    ride = Ride(
        "whenever:\n  - event: help.requested\n    do: [email: help, notify: sales]\n"
        'steps:\n  - wait_for: help.requested\n    where: event.topic is "price"\n'
        "    within: 3 days\n    then: [email: price]\n"
    )
    ride.hears("help.requested", topic="price")
    assert sorted(ride.steps) == ["help", "price", "sales"]
    assert ride.ending == "finished"


def test_only_whenever_lines_of_the_present_stage_fire() -> None:
    ride = Ride(
        "whenever:\n  - event: help.requested\n    in: [second]\n    do: [email: help]\n"
        "stages:\n  first: [wait: 1 day, go_to: second]\n  second: [wait: 1 day, end: gone]\n"
    )
    ride.hears("help.requested")
    ride.passes(days=1)
    ride.hears("help.requested")
    assert ride.steps == ["help"]


def test_a_run_with_only_refused_marketing_to_come_ends_as_unsubscribed() -> None:
    text = "steps:\n  - wait: 5 days\n  - email: a\n"
    ride = Ride(text)
    ride.hears("lead.unsubscribed", channel="email", scope="marketing")
    assert ride.ending == "unsubscribed"
    other = Ride(text)
    other.hears("lead.unsubscribed", channel="sms", scope="marketing")
    assert other.ending is None
    staying = Ride("on_opt_out: go_on\n" + text)
    staying.hears("lead.unsubscribed", channel="email")
    assert staying.ending is None


def test_work_or_a_wait_with_a_won_ending_to_come_keeps_a_run_that_opted_out() -> None:
    outcomes = "{won: go_on, refused: go_on, busy: go_on, wrong_number: go_on, do_not_call: go_on}"
    work = Ride(
        f"steps:\n  - wait: 5 days\n  - email: a\n  - call: c\n    queue: inside_sales\n"
        f"    outcomes: {outcomes}\n"
    )
    work.hears("lead.unsubscribed", channel="all")
    assert work.ending is None
    wait = Ride(
        "steps:\n  - email: a\n  - wait_for: order.completed\n    within: 5 days\n"
        "    then: [end: recovered]\n"
        "    else: [email: b]\n"
    )
    wait.hears("lead.unsubscribed", channel="all")
    assert wait.ending is None


def test_a_run_that_has_lived_long_enough_ends_as_life_over() -> None:
    ride = Ride("life: 10 days\nsteps:\n  - wait_for: order.completed\n")
    ride.passes(days=11)
    assert ride.ending == "life_over"


def test_an_operator_skips_a_wait_a_held_message_and_a_listening_and_ends_a_run() -> None:
    text = (
        "steps:\n  - wait: 5 days\n  - email: a\n  - wait_for: order.completed\n"
        "    within: 9 days\n  - wait: 9 days\n"
    )
    ride = Ride(text)
    ride.answers = [Sent(0, "held", reason="cap", until=MONDAY + timedelta(days=1))]
    ride.orders(Operator("skip"))
    seen = [ride.stands[1]]
    for _ in range(2):
        ride.orders(Operator("skip"))
        seen.append(ride.stands[1])
    assert seen[:2] == ["held: cap", "order.completed"]
    assert ride.stands[0] == "9 days"
    ride.orders(Operator("end", "lost"))
    assert ride.ending == "lost"


def test_a_send_that_needs_attention_parks_the_run_until_an_operator_moves_it() -> None:
    ride = Ride("steps:\n  - wait: 1 minute\n  - email: a\n  - email: b\n")
    ride.answers = [Sent(0, "needs_attention", reason="template_unknown")]
    ride.passes(minutes=1)
    assert isinstance(ride.position.tokens[0].state, Parked)
    assert ride.said("needs_attention") == ["template_unknown"]
    ride.orders(Operator("skip"))
    assert ride.steps == ["a", "b"]


def test_a_circle_without_rest_is_parked_and_never_spins() -> None:
    from language.compiled import Journey, Jump, Place

    journey = Journey("story", 1, "", (Jump(Place("x", "s"), 1), Jump(Place("x", "s"), 0)), {"s": 0}, ())
    ride = Ride(journey)
    assert isinstance(ride.position.tokens[0].state, Parked)


def test_nothing_else_is_taken_while_an_effect_is_being_carried_out() -> None:
    from engine.advance import advance
    from engine.turn import Heard
    from model.events import Delivery, Event

    ride = Ride(
        "exit:\n  - event: order.completed\n    as: recovered\nsteps:\n  - wait: 1 minute\n"
        "  - email: a\n  - email: b\n"
    )
    facts = dict(ride.facts)
    sending = advance(ride.journey, ride.position, (), MONDAY + timedelta(minutes=1), facts)
    assert sending.effects
    bought = Heard((Delivery(1, MONDAY, Event("e1", "order.completed", MONDAY)),))
    meanwhile = advance(ride.journey, sending.position, (bought,), MONDAY + timedelta(minutes=2), facts)
    assert not meanwhile.effects
    assert _waiting(meanwhile.position) == 1
    after = advance(
        ride.journey, meanwhile.position, (Sent(1, "sent", "email"),), MONDAY + timedelta(minutes=2), facts
    )
    assert [effect.kind for effect in after.effects] == ["send"]


def _waiting(position: Position) -> int:
    return len(position.inbox)


def test_a_gap_in_the_numbers_waits_and_a_repeat_is_dropped() -> None:
    from engine.turn import Heard
    from model.events import Delivery, Event

    ride = Ride("steps:\n  - wait_for: order.completed\n  - wait_for: order.completed\n  - email: a\n")
    second = Delivery(2, MONDAY, Event("e2", "order.completed", MONDAY))
    first = Delivery(1, MONDAY, Event("e1", "order.completed", MONDAY))
    ride.take(Heard((second,)))
    assert ride.stands[0] == "order.completed"
    ride.take(Heard((first,)))
    assert ride.ending == "finished"
    assert ride.position.seq == 2


def test_a_run_told_to_end_from_outside_ends_as_it_was_told() -> None:
    from engine.turn import Heard
    from model.events import Delivery

    ride = Ride("steps:\n  - wait: 5 days\n")
    ride.take(Heard((Delivery(1, MONDAY, ending="replaced", kind="end"),)))
    assert ride.ending == "replaced"


def test_a_guarded_step_that_is_left_out_says_why() -> None:
    ride = Ride("steps:\n  - end: lost\n    if: lead.score > 5\n  - email: a\n")
    assert ride.said("skipped") == ["condition: lead.score > 5 (score unknown)"]
    assert ride.steps == ["a"]


def test_a_message_whose_time_is_cleared_rests_until_it_is_known_again() -> None:
    ride = Ride("steps:\n  - wait: 1 minute\n  - email: a\n    at: lead.renews_on at 9:00\n")
    ride.facts["lead.renews_on"] = "2026-02-10"
    ride.passes(minutes=1)
    ride.facts["lead.renews_on"] = None
    ride.passes(days=60)
    assert ride.steps == []
    ride.changes(renews_on="2026-04-10")
    ride.passes(days=60)
    assert ride.steps == ["a"]
