"""Splits with a winner: what counts, who wins, when it is decided; in the engine and in a population."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.experiments import Experiments, best, converts, splits_of
from engine.population import Population
from language.compiled import Split, dump, load
from language.crowd import Crowd, Reacts
from model.events import Event
from model.figures import ArmCount, Draw
from model.time import Length
from tests.engine.riding import MONDAY, Ride, compiled, vocabulary
from tests.engine.test_simulator import play

HOUR = timedelta(hours=1)


def split_text(decide: str, by: str = "order.completed") -> str:
    return (
        "steps:\n  - split: {a: 50, b: 50}\n    id: offer\n"
        f"    winner: {{by: {by}, within: 2 days, decide: {decide}}}\n"
        "    then: {a: [email: first], b: [email: second]}\n  - wait: 3 days\n"
    )


TEXT = split_text("after 4")
KEY = "story/offer: a, b"


def the_split(text: str = TEXT) -> Split:
    return splits_of(compiled(text))[KEY]


def drawn(lead: int, arm: str, after: timedelta = timedelta()) -> Draw:
    return Draw(split=KEY, lead_id=f"l{lead}", enrolment_id=f"r{lead}", arm=arm, at=MONDAY + after)


def order(after: timedelta, run: str | None = None, kind: str = "order.completed") -> Event:
    return Event(f"e{after}", kind, MONDAY + after, {}, run=run)


def test_the_winner_is_compiled_and_read_back_equal() -> None:
    journey = compiled(TEXT)
    winner = the_split().winner
    assert winner is not None
    assert (winner.event, winner.within, winner.after, winner.over) == (
        "order.completed", Length(days=2), 4, None,
    )  # fmt: skip
    assert load(dump(journey)) == journey


@pytest.mark.parametrize(
    ("counts", "arm"),
    [
        ([], "a"),
        ([("a", 10, 0), ("b", 10, 0)], "a"),
        ([("a", 10, 2), ("b", 10, 3)], "b"),
        ([("a", 10, 2), ("b", 5, 1)], "a"),
        ([("b", 5, 2), ("a", 10, 4)], "a"),
        ([("b", 5, 1)], "b"),
    ],
)
def test_the_highest_share_wins_and_of_equal_ones_the_first_named(
    counts: list[tuple[str, int, int]], arm: str
) -> None:
    found = [ArmCount(arm=name, drawn=drawn, converted=converted) for name, drawn, converted in counts]
    assert best(the_split(), found) == arm


def test_an_event_counts_from_the_draw_on_within_its_time_and_a_reaction_for_its_own_run() -> None:
    winner, clicks = the_split().winner, the_split(split_text("after 4", "email.clicked")).winner
    assert winner is not None
    assert clicks is not None
    draw = drawn(1, "a")
    assert converts(winner, draw, order(2 * 24 * HOUR))
    assert not converts(winner, draw, order(2 * 24 * HOUR + HOUR))
    assert not converts(winner, draw, order(-HOUR))
    assert converts(clicks, draw, order(HOUR, "r1", "email.clicked"))
    assert not converts(clicks, draw, order(HOUR, "r2", "email.clicked"))


def test_after_so_many_it_is_decided_when_the_time_of_the_last_one_is_over() -> None:
    found = Experiments(splits_of(compiled(TEXT)))
    for lead, arm in enumerate("abab"):
        found.draw(drawn(lead, arm, lead * HOUR))
    found.draw(drawn(4, "a", 5 * HOUR))
    found.hear("l1", order(3 * HOUR))
    for lead in (0, 2):
        found.hear(f"l{lead}", order(4 * 24 * HOUR))
    found.hear("l4", order(6 * HOUR))
    assert found.winners(MONDAY + 50 * HOUR) == {}
    assert found.winners(MONDAY + 51 * HOUR) == {KEY: "b"}
    found.hear("l4", order(7 * HOUR))
    assert found.winners(MONDAY + 99 * HOUR) == {KEY: "b"}


def test_so_long_after_the_first_those_drawn_until_then_count() -> None:
    text = split_text("1 day after the first")
    found = Experiments(splits_of(compiled(text)))
    found.draw(drawn(0, "a"))
    found.draw(drawn(1, "b", 10 * HOUR))
    found.draw(drawn(2, "b", 30 * HOUR))
    found.hear("l2", order(31 * HOUR))
    found.hear("l0", order(HOUR))
    assert found.winners(MONDAY + 57 * HOUR) == {}
    assert found.winners(MONDAY + 58 * HOUR) == {KEY: "a"}


def test_a_lead_is_counted_once_with_its_first_arm() -> None:
    found = Experiments(splits_of(compiled(split_text("after 2"))))
    found.draw(drawn(0, "a"))
    found.draw(drawn(0, "b", HOUR))
    assert found.winners(MONDAY + 99 * HOUR) == {}


def test_a_run_asks_for_the_winner_and_draws_as_long_as_there_is_none() -> None:
    open_one = Ride(TEXT)
    (note,) = [note for note in open_one.notes if note.kind == "branch"]
    assert (note.split, note.text) == (KEY, f"{note.branch}: by share")
    other = "a" if note.branch == "b" else "b"

    class Decided(Ride):
        def _asked(self, news):  # type: ignore[no-untyped-def]
            self.facts[f'split_winner("{KEY}")'] = other
            return super()._asked(news)

    decided = Decided(TEXT)
    (said,) = [note for note in decided.notes if note.kind == "branch"]
    assert (said.branch, said.split, said.text) == (other, None, f"{other}: it has won")
    assert decided.steps == ["first" if other == "a" else "second"]


def test_in_a_scenario_the_shares_decide() -> None:
    (result,) = play(TEXT, "  - name: one\n    expect: []\n")
    assert ("offer", "a") in result.covered or ("offer", "b") in result.covered


def test_in_a_population_those_who_come_later_go_down_the_arm_that_won() -> None:
    journey = compiled(split_text("after 100", "email.clicked"))
    clicks = Reacts("email.clicked", 50, Length(seconds=3600), template="second")
    crowd = Crowd(over=Length(days=20), reactions=(clicks,))
    tally = Population(journey, vocabulary(), crowd, 600).play(range(600))
    first, second = tally.branches["offer", "a"], tally.branches["offer", "b"]
    assert first + second == 600
    assert 40 < first < 120
