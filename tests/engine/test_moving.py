"""A run at rest is moved to another version: where it lands, what it keeps, and why it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from engine.moving import CannotMove, landings, moved
from engine.position import Position
from engine.turn import News
from language.compiled import Journey
from model.commands import Sent, WithdrawWork
from tests.engine.programs import BLOCKS, BURSTS, Block, Burst, Player, journey, record, replay
from tests.engine.riding import HEAD, MONDAY, Ride, compiled
from tests.engine.test_inlined import INNER, OUTER, joined
from tests.engine.test_inlined import ride as inlined
from tests.engine.test_properties import few
from tests.engine.test_work import call


def version(steps: str, number: int = 2) -> Journey:
    return compiled(HEAD.replace("version: 1", f"version: {number}") + steps)


def move(ride: Ride, steps: str, **mapping: str) -> None:
    """Moves a ride to the next version, in which nothing refuses it."""
    new = version(steps, ride.journey.version + 1)
    found = moved(ride.journey, new, ride.position, mapping)
    assert isinstance(found, Position), found
    ride.journey, ride.position = new, found
    ride.take()


def refusal(ride: Ride, steps: str, **mapping: str) -> CannotMove:
    found = moved(ride.journey, version(steps), ride.position, mapping)
    assert isinstance(found, CannotMove)
    return found


WAITS = "steps:\n  - email: a\n  - wait: 3 days\n    id: pause\n  - email: b\n"


def test_a_wait_that_has_begun_keeps_its_instant() -> None:
    ride = Ride(WAITS)
    ride.passes(days=1)
    move(ride, "steps:\n  - email: a\n  - wait: 9 days\n    id: pause\n  - email: c\n")
    assert ride.turn.wake == MONDAY + timedelta(days=3)
    ride.passes(days=3)
    assert (ride.steps, ride.ending) == (["a", "c"], "finished")


def test_a_wait_for_a_fact_reads_the_one_that_the_new_version_names() -> None:
    until = "steps:\n  - wait: until lead.{} - 1 day\n    id: pause\n  - email: b\n"
    text = until.format("renews_on")
    ride = Ride("steps:\n  - wait: 1 minute\n" + text.removeprefix("steps:\n"))
    ride.facts["lead.renews_on"] = "2026-02-10"
    ride.passes(minutes=1)
    move(
        ride,
        "steps:\n  - wait: 1 minute\n  - wait: until lead.renews_on - 5 days\n    id: pause\n  - email: b\n",
    )
    assert ride.turn.wake is not None
    assert ride.turn.wake.isoformat().startswith("2026-02-04T23:00"), "five days before, in Madrid"


def test_a_step_that_is_gone_is_named_with_the_map_to_write() -> None:
    ride = Ride(WAITS)
    found = refusal(ride, "steps:\n  - email: a\n  - wait: 3 days\n    id: paused\n")
    assert (found.step, str(found)) == (
        "pause", "version 2 has no step `pause`: write `--map pause=paused`"
    )  # fmt: skip
    far = refusal(ride, "steps:\n  - email: hello\n")
    assert str(far).endswith("write `--map pause=STEP` with a step of version 2")


def test_a_mapped_step_of_the_same_kind_carries_on() -> None:
    ride = Ride(WAITS)
    move(ride, "steps:\n  - email: a\n  - wait: 1 day\n    id: calm\n  - email: c\n", pause="calm")
    assert ride.stands[0] == "calm"
    assert ride.turn.wake == MONDAY + timedelta(days=3)


def test_a_mapped_step_of_another_kind_begins_anew() -> None:
    ride = Ride(WAITS)
    move(ride, "steps:\n  - email: a\n  - email: c\n", pause="c")
    assert (ride.steps, ride.ending) == (["a", "c"], "finished")


def test_a_step_that_became_another_kind_is_refused_unless_it_is_mapped() -> None:
    ride = Ride(WAITS)
    other = "steps:\n  - email: c\n    id: pause\n"
    found = refusal(ride, other)
    assert str(found) == (
        "`pause` is `email c` in version 2, not `wait 3 days`: `--map pause=pause` begins it anew there"
    )
    move(ride, other, pause="pause")
    assert ride.steps == ["a", "pause"]


def test_a_held_message_keeps_its_id_under_its_new_name() -> None:
    ride = Ride("steps:\n  - wait: 1 minute\n  - email: a\n  - wait: 1 day\n")
    ride.answers = [Sent(0, "held", reason="quiet", until=MONDAY + timedelta(hours=5))]
    ride.passes(minutes=1)
    move(ride, "steps:\n  - wait: 1 minute\n  - email: b\n  - wait: 1 day\n", a="b")
    ride.passes(hours=6)
    first, second = ride.sends()
    assert first.send_id == second.send_id, "the ledger knows it by this id alone"
    assert second.template == "b"


def test_a_repeat_goes_on_in_its_round_and_sends_under_ids_of_its_own() -> None:
    again = (
        "steps:\n  - repeat: 3\n    id: again\n    do:\n"
        "      - email: {}\n      - wait: 1 day\n        id: pause\n"
    )
    ride = Ride(again.format("a"))
    ride.passes(days=1)
    move(ride, again.format("b"), a="b")
    ride.passes(days=5)
    assert ride.steps == ["a", "a", "b"]
    assert len({send.send_id for send in ride.sends()}) == 3
    assert ride.ending == "finished"


def test_a_reaction_to_a_message_sent_before_counts_for_the_renamed_step() -> None:
    text = (
        "steps:\n  - email: {0}\n  - email: x\n"
        "  - wait_for: email.clicked\n    to: {0}\n    id: hears\n  - end: recovered\n"
    )
    ride = Ride(text.format("a"))
    move(ride, text.format("b"), a="b")
    ride.clicks("a")
    assert ride.ending == "recovered"


def test_an_event_not_used_yet_is_kept_where_the_new_version_hears_it() -> None:
    ride = Ride(WAITS + "  - wait_for: order.completed\n  - end: recovered\n")
    ride.hears("order.completed")
    assert len(ride.position.unused) == 1
    gone = moved(ride.journey, version(WAITS), ride.position, {})
    assert isinstance(gone, Position)
    assert gone.unused == ()
    move(ride, WAITS + "  - email: c\n  - wait_for: order.completed\n  - end: recovered\n")
    ride.passes(days=3)
    assert ride.ending == "recovered"


def test_a_listening_keeps_since_when_and_until_when() -> None:
    text = "steps:\n  - wait_for: order.completed\n    id: hears\n    within: {}\n    else: [end: gone]\n"
    ride = Ride(text.format("3 days"))
    ride.passes(days=1)
    move(ride, text.format("9 days"))
    assert ride.turn.wake == MONDAY + timedelta(days=3)
    move(ride, "steps:\n  - wait_for: order.completed\n    id: hears\n  - end: recovered\n")
    ride.passes(days=20)
    assert not ride.ended
    ride.hears("order.completed")
    assert ride.ending == "recovered"


def test_a_condition_of_the_new_version_is_judged_at_once() -> None:
    ride = Ride(WAITS)
    ride.facts["lead.score"] = 90
    move(ride, "exit: {if: lead.score > 80, as: recovered}\n" + WAITS)
    assert ride.ending == "recovered"


def test_an_exit_that_becomes_true_remembers_what_it_was_wherever_it_stands_now() -> None:
    line = "  - {becomes: lead.score > 80, as: recovered}\n"
    ride = Ride("exit:\n" + line + WAITS)
    move(ride, "exit:\n  - {event: order.completed, as: lost}\n" + line + WAITS)
    ride.changes(score=90)
    assert ride.ending == "recovered"


def test_open_work_stays_with_its_queue() -> None:
    ride = Ride(call())
    move(ride, call("    due: 1 day\n"))
    ride.finishes("won")
    assert (len(ride.tasks()), ride.ending) == (1, "recovered")


def test_the_next_attempt_of_renamed_work_is_the_same_work() -> None:
    text = call("    retry: {busy: 1 hour}\n    attempts: 3\n")
    ride = Ride(text)
    move(ride, text.replace("call: offer", "call: offered"), offer="offered")
    ride.finishes("busy")
    ride.passes(hours=1)
    ride.finishes("won")
    assert [task.attempt for task in ride.tasks()] == [1, 2]
    assert ride.ending == "recovered"


def test_work_in_another_queue_is_refused_or_begins_anew() -> None:
    ride, other = Ride(call()), call().replace("inside_sales", "seniors")
    task = ride.tasks()[0].task_id
    assert "begins it anew" in str(refusal(ride, other))
    move(ride, other, offer="offer")
    taken = [effect.task_ids for effect in ride.effects if isinstance(effect, WithdrawWork)]
    assert taken == [(task,)]
    assert [one.queue for one in ride.tasks()] == ["inside_sales", "seniors"]
    assert len({one.task_id for one in ride.tasks()}) == 2


def test_an_outcome_that_the_old_version_did_not_know_goes_its_way_after_the_move() -> None:
    ride = Ride(call())
    queues = {
        name: replace(queue, outcomes={code: e for code, e in queue.outcomes.items() if code != "won"})
        for name, queue in ride.journey.queues.items()
    }
    ride.journey = replace(ride.journey, queues=queues)
    ride.finishes("won")
    assert ride.said("needs_attention") != []
    move(ride, call())
    assert ride.ending == "recovered"


PARALLEL = (
    "steps:\n  - parallel:\n      one: [email: a, wait: 2 days, email: {0}]\n"
    "      two: [wait_for: order.completed, email: {1}]\n    id: both\n  - end: recovered\n"
)


def test_branches_are_moved_together() -> None:
    ride = Ride(PARALLEL.format("b", "c"))
    move(ride, PARALLEL.format("x", "y"))
    ride.hears("order.completed")
    ride.passes(days=2)
    assert (ride.steps, ride.ending) == (["a", "y", "x"], "recovered")


def test_a_branch_that_is_gone_is_refused() -> None:
    ride = Ride(PARALLEL.format("b", "c"))
    text = PARALLEL.format("b", "c").replace("      two:", "      three:")
    assert "other outcomes or branches" in str(refusal(ride, text))


def test_a_step_in_other_blocks_is_refused() -> None:
    ride = Ride(WAITS)
    found = refusal(
        ride, "steps:\n  - repeat: 3\n    id: again\n    do:\n      - wait: 3 days\n        id: pause\n"
    )
    assert str(found).startswith("`pause` stands in other blocks in version 2: in `again`, not in none")


def test_side_steps_are_moved_with_their_thread() -> None:
    text = (
        "whenever:\n{}  - event: help.requested\n    do: [email: a]\n"
        "steps:\n  - wait: 9 days\n    id: pause\n"
    )
    ride = Ride(text.format(""))
    ride.answers = [Sent(0, "held", reason="quiet", until=MONDAY + timedelta(hours=5))]
    ride.hears("help.requested")
    move(ride, text.format("  - event: order.completed\n    do: [score: +1]\n"))
    ride.passes(hours=6)
    assert ride.steps == ["a", "a"]


@pytest.mark.parametrize("mapping", [{}, {"nurture": "warm_up"}])
def test_a_run_inside_another_journey_goes_on_inside_it(mapping: dict[str, str]) -> None:
    ride = inlined(amount=3)
    assert ride.stands[0] == "nurture/2 days"
    inner = INNER.replace("  - email: second\n", "  - email: last\n")
    outer = OUTER.replace("email: after", "email: later")
    for name in mapping.values():
        outer = outer.replace("run: nurture\n", f"run: nurture\n    id: {name}\n")
    new = replace(joined(outer, inner), version=2)
    found = moved(ride.journey, new, ride.position, mapping)
    assert isinstance(found, Position), found
    ride.journey, ride.position = new, found
    ride.take()
    run = mapping.get("nurture", "nurture")
    ride.passes(days=2)
    assert ride.steps == ["before", "nurture/first", f"{run}/last", "later"]
    assert ride.sends("later")[0].bound.values == {"seen": 4, "own": 3}


def test_a_run_inside_a_journey_that_is_not_run_any_more_is_refused() -> None:
    ride = inlined(amount=3)
    assert "no step `nurture`" in str(refusal(ride, WAITS))


def test_another_key_is_refused() -> None:
    ride = Ride(WAITS)
    assert str(refusal(ride, "key: start.quote_id\n" + WAITS)) == "version 2 has another `key`"


def test_a_run_of_another_version_is_refused() -> None:
    ride = Ride(WAITS)
    found = moved(version(WAITS, 3), version(WAITS, 4), ride.position, {})
    assert str(found) == "it is in version 1"


def test_a_life_that_the_new_version_gives_counts_from_the_entry() -> None:
    ride = Ride(WAITS)
    move(ride, "life: 4 days\n" + WAITS.replace("  - email: b\n", "  - wait_for: order.completed\n"))
    ride.passes(days=4)
    assert ride.ending == "life_over"


def test_where_a_run_lands_is_said_before() -> None:
    ride = Ride(WAITS)
    same = moved(ride.journey, version(WAITS), ride.position, {})
    anew = moved(ride.journey, version("steps:\n  - email: c\n"), ride.position, {"pause": "c"})
    assert isinstance(same, Position)
    assert isinstance(anew, Position)
    assert landings(ride.position, same) == (("pause", "pause", False),)
    assert landings(ride.position, anew) == (("pause", "c", True),)


class Moving(Player):
    """Is moved to another version of the same content whenever it comes to rest."""

    moves = 0

    def take(self, *news: News) -> None:
        """Takes news, then moves."""
        super().take(*news)
        if self.ended:
            return
        other = replace(self.journey, version=self.journey.version + 1)
        found = moved(self.journey, other, self.position, {})
        assert isinstance(found, Position), found
        self.journey, self.position = other, found
        self.moves += 1
        super().take()


@given(BLOCKS, BURSTS)
@few
def test_moving_to_a_version_with_the_same_content_changes_nothing(block: Block, bursts: list[Burst]) -> None:
    told = Player(journey(block, exits=True))
    recorded = record(told, bursts)
    again = Moving(journey(block, exits=True), through_json=True)
    replay(again, recorded)
    assert again.effects == told.effects
    assert again.moves > 0 or told.ended


@pytest.mark.parametrize("text", [WAITS, call(), PARALLEL.format("b", "c")])
def test_a_run_at_work_is_not_moved(text: str) -> None:
    ride = Ride(text)
    busy = replace(ride.position, flight=1)
    assert str(moved(ride.journey, version(text), busy, {})) == "it is at work: try again"
