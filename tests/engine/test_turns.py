"""Whose turn it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.turns import account_of, due_at, has_room
from language.rules import AtATime, Pace, Rules
from model.time import Length
from model.waiting import Entered
from tests.engine.riding import MONDAY, compiled

HOUR = Length(seconds=3600)


@pytest.mark.parametrize(
    ("rules", "before", "account", "room"),
    [
        (Rules(), Entered(MONDAY, 9, 9), "a", True),
        (Rules(pace=Pace(HOUR, 5)), Entered(MONDAY - timedelta(minutes=59)), None, False),
        (Rules(pace=Pace(HOUR, 5)), Entered(MONDAY - timedelta(minutes=60)), None, True),
        (Rules(pace=Pace(HOUR, 5)), Entered(None), None, True),
        (Rules(at_a_time=AtATime(3)), Entered(open=2), None, True),
        (Rules(at_a_time=AtATime(3)), Entered(open=3), None, False),
        (Rules(at_a_time=AtATime(3, per_account=True)), Entered(open=9, open_of_account=2), "a", True),
        (Rules(at_a_time=AtATime(3, per_account=True)), Entered(open_of_account=3), "a", False),
        (Rules(at_a_time=AtATime(3, per_account=True)), Entered(open_of_account=3), None, True),
        (Rules(pace=Pace(HOUR, 1), at_a_time=AtATime(3)), Entered(MONDAY, 0), None, False),
    ],
)
def test_there_is_room_while_neither_pace_nor_number_is_reached(
    rules: Rules, before: Entered, account: str | None, room: bool
) -> None:
    assert has_room(rules, before, account, MONDAY) is room


def test_a_spread_is_even_and_the_same_for_a_lead() -> None:
    journey = compiled("pace: spread over 30 days\nsteps: [email: a]\n")
    turns = [due_at(journey, f"lead-{n}", MONDAY) - MONDAY for n in range(1_000)]
    assert turns == [due_at(journey, f"lead-{n}", MONDAY) - MONDAY for n in range(1_000)]
    assert timedelta() <= min(turns) < max(turns) <= timedelta(days=30)
    assert 400 < sum(turn < timedelta(days=15) for turn in turns) < 600
    assert due_at(compiled("pace: 5 per hour\nsteps: [email: a]\n"), "lead-1", MONDAY) == MONDAY


def test_an_account_is_told_by_its_id_or_else_its_domain_or_name() -> None:
    assert account_of({"domain": "acme.example", "id": 7, "name": "Acme"}) == "7"
    assert account_of({"name": "Acme", "domain": "acme.example"}) == "acme.example"
    assert account_of({"industry": "cars", "name": ""}) is None
