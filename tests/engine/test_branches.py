"""Branches of a `parallel`: side by side, each with its own memory (language.md §3, §4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.turn import Operator
from model.commands import Answer, Effect, SetFacts, WithdrawWork
from tests.engine.riding import MONDAY, Ride

BOTH = """
steps:
  - parallel:
      mails:
        - email: a
        - wait: 2 days
        - email: b
      texts:
        - sms: c
        - wait: 1 day
        - sms: d
    id: both
  - email: z
"""


def test_branches_run_side_by_side_and_the_run_goes_on_when_all_are_done() -> None:
    ride = Ride(BOTH)
    assert ride.steps == ["a", "c"]
    ride.passes(days=1)
    assert ride.steps == ["a", "c", "d"]
    ride.passes(days=1)
    assert ride.steps == ["a", "c", "d", "b", "z"]
    assert ride.ending == "finished"


def test_where_a_run_stands_says_each_branch() -> None:
    ride = Ride(BOTH)
    both = "2 days: until 2026-01-07 10:00; 1 day: until 2026-01-06 10:00"
    assert ride.stands == ("2 days", both)
    ride.passes(days=1)
    assert ride.stands == ("2 days", "until 2026-01-07 10:00")


FIRST = """
steps:
  - parallel:
      called:
        - call: hot
          queue: inside_sales
          expires: never
          outcomes: {"won or refused or busy or do_not_call or wrong_number": go_on, no_answer: go_on}
        - email: thanks
      bought:
        - wait_for: order.completed
        - email: bought
    until: first
    id: race
  - email: z
"""


def test_the_first_branch_that_is_done_ends_the_others_and_their_work_is_taken_back() -> None:
    ride = Ride(FIRST)
    task = ride.tasks()[0].task_id
    ride.hears("order.completed", amount=3)
    assert ride.steps == ["hot", "bought", "withdraw_work", "z"]
    (taken,) = [effect for effect in ride.effects if isinstance(effect, WithdrawWork)]
    assert taken.task_ids == (task,)
    assert ride.said("dropped") == ["called: not needed any more"]
    assert ("race", "bought") in {(note.step, note.branch) for note in ride.notes}


def test_what_an_agent_does_for_a_lost_branch_moves_nothing() -> None:
    ride = Ride(FIRST.replace("  - email: z", "  - wait: 5 days\n  - email: z"))
    ride.hears("order.completed", amount=3)
    ride.finishes("won")
    assert "thanks" not in ride.steps
    ride.passes(days=5)
    assert ride.steps[-1] == "z"


TIE = """
steps:
  - parallel:
      one:
        - parallel:
            inner: [{wait: 1 day}, {email: a}]
            other: [{wait: 3 days}]
          until: first
      two: [{wait: 1 day}, {email: b}]
    until: first
  - email: z
"""


def test_of_branches_that_are_done_at_the_same_instant_the_first_in_the_file_counts() -> None:
    ride = Ride(TIE)
    ride.passes(days=1)
    assert ride.steps == ["a", "z"]


def test_deadlines_of_the_same_instant_come_in_the_order_of_the_file() -> None:
    ride = Ride(BOTH.replace("2 days", "1 day"))
    ride.passes(days=1)
    assert ride.steps == ["a", "c", "b", "d", "z"]


def test_work_of_a_lost_branch_that_nothing_waits_for_is_taken_back_and_that_of_the_winner_stays() -> None:
    loose = "- task: {0}\n          queue: inside_sales\n          wait: false\n          expires: never"
    ride = Ride(
        f"""
steps:
  - parallel:
      one:
        {loose.format("mine")}
        - wait: 1 day
      two:
        {loose.format("theirs")}
        - wait: 2 days
    until: first
  - wait: 1 day
"""
    )
    ride.passes(days=1)
    (taken,) = [effect for effect in ride.effects if isinstance(effect, WithdrawWork)]
    assert taken.steps == ("theirs",)


def test_the_end_of_a_branch_by_its_name_ends_the_run() -> None:
    ride = Ride("steps:\n  - parallel:\n      a: [{wait: 1 day}, {end: lost}]\n      b: [{wait: 5 days}]\n")
    ride.passes(days=1)
    assert ride.ending == "lost"


WINDOWS = """
steps:
  - wait: 1 hour
  - parallel:
      one:
        - wait_for: order.completed
          within: 1 day
        - email: a
        - wait_for: order.completed
          within: 1 day
        - email: again
      two:
        - wait: 1 hour
        - wait_for: order.completed
          within: 1 day
        - email: b
"""


def test_each_branch_may_use_an_event_that_came_before_the_parallel() -> None:
    ride = Ride(WINDOWS)
    ride.hears("order.completed", amount=1)
    ride.passes(hours=1)
    assert ride.steps == ["a"]
    ride.passes(hours=1)
    assert ride.steps == ["a", "b"]


def test_an_event_that_one_branch_used_is_there_for_the_wait_to_come_of_another_alone() -> None:
    ride = Ride(WINDOWS)
    ride.passes(hours=1)
    ride.hears("order.completed", amount=1)
    assert ride.steps == ["a"]
    ride.passes(hours=1)
    assert ride.steps == ["a", "b"]
    ride.passes(days=1)
    assert ride.steps == ["a", "b", "again"]
    assert ride.said("timeout") == ["the time is over"]


def test_one_event_opens_the_waits_of_all_branches_that_hear_it() -> None:
    ride = Ride(WINDOWS)
    ride.passes(hours=2)
    ride.hears("order.completed", amount=1)
    assert ride.steps == ["a", "b"]


def test_what_a_branch_used_is_not_heard_again_behind_the_parallel() -> None:
    ride = Ride(
        "steps:\n  - parallel:\n      one: [{wait_for: order.completed}]\n      two: [{wait: 1 day}]\n"
        "  - wait_for: order.completed\n    within: 1 day\n"
        "    then: [email: heard]\n    else: [email: late]\n"
    )
    ride.hears("order.completed", amount=1)
    ride.passes(days=1)
    assert ride.steps == []
    ride.passes(days=1)
    assert ride.steps == ["late"]


def test_what_no_branch_used_is_heard_behind_the_parallel() -> None:
    ride = Ride(
        "steps:\n  - parallel:\n      one: [{wait: 2 days}]\n      two: [{wait: 1 day}]\n"
        "  - wait_for: order.completed\n    within: 1 day\n"
        "    then: [email: heard]\n    else: [email: late]\n"
    )
    ride.hears("order.completed", amount=1)
    ride.passes(days=2)
    assert ride.steps == ["heard"]


REACTIONS = """
steps:
  - email: before
  - parallel:
      one:
        - wait: 1 hour
        - email: own
        - wait_for: email.clicked
          within: 1 day
          then: [sms: own_click]
      two:
        - wait_for: email.clicked
          within: 2 days
          then: [sms: before_click]
  - wait_for: email.opened
    within: 1 day
    then: [sms: opened]
"""


def test_a_reaction_means_the_last_message_of_the_branch_or_the_one_before_the_parallel() -> None:
    ride = Ride(REACTIONS)
    ride.passes(hours=1)
    ride.clicks("own")
    assert ride.steps == ["before", "own", "own_click"]
    ride.clicks("before")
    assert ride.steps == ["before", "own", "own_click", "before_click"]


def test_behind_the_parallel_a_reaction_means_the_last_message_of_all() -> None:
    ride = Ride(REACTIONS)
    ride.passes(hours=1)
    ride.clicks("own")
    ride.clicks("before")
    ride.clicks("before", "email.opened")
    assert ride.steps[-1] == "before_click"
    ride.clicks("own", "email.opened")
    assert ride.steps[-1] == "opened"


def test_event_is_what_opened_the_wait_of_the_branch_and_stays_as_it_was_behind_it() -> None:
    ride = Ride(
        "steps:\n  - parallel:\n"
        "      one:\n        - wait_for: order.completed\n"
        "        - email: a\n          with: {n: event.amount}\n"
        "      two:\n        - wait: 1 day\n        - email: b\n          with: {n: event.amount}\n"
        "  - email: z\n    with: {n: event.amount}\n",
        amount=1,
    )
    ride.hears("order.completed", amount=7)
    ride.passes(days=1)
    assert [(send.step, send.bound.values["n"]) for send in ride.sends()] == [("a", 7), ("b", 1), ("z", 1)]


def test_conditions_of_several_branches_are_asked_for_together() -> None:
    ride = Ride(
        "steps:\n  - parallel:\n"
        '      one:\n        - first_of: [{if: lead.status is "a"}]\n          within: 9 days\n'
        "      two:\n        - first_of: [{if: lead.score > 5}]\n          within: 9 days\n"
    )
    ride.asked.clear()
    ride.changes(score=9)
    assert {"lead.status", "lead.score"} <= ride.asked[0]


class Writing(Ride):
    """A run whose `set` steps change what the store knows."""

    def _carried_out(self, effect: Effect) -> Answer:
        if isinstance(effect, SetFacts):
            self.facts |= effect.bound.values
        return super()._carried_out(effect)


def test_effects_of_branches_go_one_after_the_other_and_exits_are_judged_between() -> None:
    ride = Writing(
        'exit: {if: lead.status is "done", as: gone}\n'
        "steps:\n  - parallel:\n      one: [{set: {lead.status: done}}]\n      two: [{email: never}]\n"
    )
    assert [effect.kind for effect in ride.effects] == ["set_facts", "finish"]
    assert ride.ending == "gone"


STAGES = """
whenever:
  - event: help.requested
    go_to: second
stages:
  first:
    - parallel:
        one:
          - call: hot
            queue: inside_sales
            expires: never
            outcomes: {"won or refused or busy or do_not_call or wrong_number": go_on, no_answer: go_on}
        two:
          - wait_for: order.completed
          - email: own
          - go_to: second
  second:
    - email: there
      with: {n: event.amount}
    - wait_for: email.clicked
      within: 1 day
      then: [email: clicked]
    - end: lost
"""


def test_go_to_in_a_branch_ends_all_and_takes_along_what_the_branch_remembers() -> None:
    ride = Ride(STAGES.replace("    - email: there\n      with: {n: event.amount}\n", ""))
    ride.hears("order.completed", amount=4)
    assert ride.steps == ["hot", "own", "withdraw_work"]
    ride.clicks("own")
    assert ride.steps[-1] == "clicked"
    assert ride.ending == "lost"


def test_the_event_of_the_branch_that_leads_to_a_stage_is_readable_there() -> None:
    ride = Ride(STAGES)
    ride.hears("order.completed", amount=4)
    assert ride.sends("there")[0].bound.values == {"n": 4}


def test_a_whenever_that_leads_to_a_stage_ends_all_branches() -> None:
    ride = Ride(STAGES)
    ride.hears("help.requested", topic="x")
    assert ride.steps == ["hot", "withdraw_work", "there"]
    ride.passes(days=1)
    assert ride.ending == "lost"


LEAVE = """
steps:
  - repeat: for ever
    id: nagging
    do:
      - parallel:
          mails:
            - email: nag
            - wait: 2 days
          ears:
            - wait_for: order.completed
              within: 1 day
              then: [leave: nagging]
      - email: round_is_over
  - email: z
    with: {n: event.amount}
"""


def test_leave_leads_out_of_a_repeat_and_ends_the_branches_inside_it() -> None:
    ride = Ride(LEAVE, amount=1)
    ride.passes(days=2)
    assert ride.steps == ["nag", "round_is_over", "nag"]
    ride.hears("order.completed", amount=7)
    assert ride.steps == ["nag", "round_is_over", "nag", "z"]
    assert ride.sends("z")[0].bound.values == {"n": 7}
    assert ride.ending == "finished"


def test_leave_ends_the_repeat_that_it_names_and_not_the_one_inside() -> None:
    ride = Ride(
        """
steps:
  - repeat: 3
    id: outer
    do:
      - repeat: 3
        id: inner
        do:
          - email: a
          - wait: 1 day
          - if: round >= 2
            then:
              - leave: outer
  - email: z
"""
    )
    ride.passes(days=2)
    assert ride.steps == ["a", "a", "z"]


RESTART = """
steps:
  - first_of:
      - event: order.completed
        then:
          - parallel:
              one:
                - wait: 1 day
                - email: thanks
                - restart: this
              two:
                - wait: 5 days
                - email: never
    within: 30 days
    else: [email: over]
"""


def test_restart_of_a_wait_around_the_parallel_ends_all_branches() -> None:
    ride = Ride(RESTART)
    ride.hears("order.completed", amount=1)
    ride.passes(days=1)
    assert ride.steps == ["thanks"]
    ride.hears("order.completed", amount=1)
    ride.passes(days=1)
    assert ride.steps == ["thanks", "thanks"]
    ride.passes(days=30)
    assert ride.steps == ["thanks", "thanks", "over"]


LOOPS = """
steps:
  - parallel:
      one:
        - repeat: 3
          do: [{email: a}]
      two:
        - repeat: 3
          do: [{sms: b}]
"""


def test_a_round_that_took_no_time_rests_whatever_other_branches_do() -> None:
    ride = Ride(LOOPS)
    assert ride.steps == ["a", "b"]
    assert ride.stands[1] is not None
    assert ride.stands[1].count("no_rest") == 2
    ride.until(MONDAY.replace(hour=8) + timedelta(days=1))
    assert ride.steps == ["a", "b", "a", "b"]


def test_a_round_takes_time_if_a_branch_inside_it_does() -> None:
    ride = Ride(
        "steps:\n  - repeat: 2\n    do:\n      - parallel:\n          x: [{email: a}]\n"
        "          y: [{wait: 1 hour}]\n"
    )
    ride.passes(hours=1)
    assert ride.steps == ["a", "a"]
    assert not ride.said("rest")


def test_side_steps_of_late_work_in_a_branch_are_dropped_with_it() -> None:
    late = (
        "queue: inside_sales\n            due: 1 hour\n            overdue:\n              - notify: sales\n"
    )
    ride = Ride(FIRST.replace("queue: inside_sales\n", late.replace("            ", "          ")))
    ride.passes(hours=2)
    assert "notify" in [effect.kind for effect in ride.effects]
    ride.hears("order.completed", amount=1)
    assert ride.ending == "finished"


SKIPS = """
steps:
  - parallel:
      one: [{wait: 2 days, id: long}, {email: a}]
      two: [{wait: 1 day, id: short}, {email: b}]
"""


def test_an_operator_names_the_branch_whose_wait_is_skipped() -> None:
    ride = Ride(SKIPS)
    ride.orders(Operator("skip"))
    assert ride.said("operator") == ["nothing is skipped: name one of the steps long, short"]
    ride.orders(Operator("skip", step="long"))
    assert ride.steps == ["a"]
    ride.orders(Operator("skip"))
    assert ride.steps == ["a", "b"]
    assert ride.ending == "finished"


def test_an_operator_ends_all_branches() -> None:
    ride = Ride(SKIPS)
    ride.orders(Operator("end", "gone"))
    assert ride.ending == "gone"
    assert ride.turn.wake is None


def test_messages_of_several_branches_whose_instant_moves_go_one_after_the_other() -> None:
    ride = Ride(
        "steps:\n  - parallel:\n      one: [{email: a, at: lead.renews_on}]\n"
        "      two: [{sms: b, at: lead.renews_on}]\n",
        amount=1,
    )
    assert ride.ending == "finished", "without the date both are skipped"
    ride = Ride(
        "steps:\n  - wait: 1 hour\n  - parallel:\n      one: [{email: a, at: lead.renews_on + 1 hour}]\n"
        "      two: [{sms: b, at: lead.renews_on + 1 hour}]\n"
    )
    ride.facts["lead.renews_on"] = "2026-02-01"
    ride.passes(hours=1)
    assert ride.steps == []
    ride.changes(renews_on=MONDAY.date().isoformat())
    assert sorted(ride.steps) == ["a", "b"] or ride.ending == "finished"


@pytest.mark.parametrize("within", ["1 day", "2 days"])
def test_an_exit_is_heard_in_all_branches(within: str) -> None:
    ride = Ride(
        "exit: {event: order.completed, as: recovered}\nsteps:\n  - parallel:\n"
        f"      one: [{{wait: {within}}}]\n      two: [{{wait: 9 days}}]\n"
    )
    ride.hears("order.completed", amount=1)
    assert ride.ending == "recovered"
