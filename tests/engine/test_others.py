"""Events of other leads: `of: account` and `of: anyone` on every line (language.md §4.1)."""

from __future__ import annotations

import pytest

from engine.scenario_runner import run_scenario
from language.problems import Problems
from language.scenario import read_scenarios
from model.events import Whose
from tests.engine.riding import Ride, compiled, vocabulary

WAIT = (
    "steps:\n  - wait_for: order.completed\n{}    within: 9 days\n    then: [end: recovered]\n"
    "    else: [end: lost]\n"
)
OF = {
    "nobody": "",
    "lead": "    of: lead\n",
    "account": "    of: account\n",
    "anyone": "    of: anyone\n    where: event.amount > 100\n",
}


@pytest.mark.parametrize(
    ("of", "heard"),
    [
        ("nobody", {"lead"}),
        ("lead", {"lead"}),
        ("account", {"lead", "account"}),
        ("anyone", {"lead", "account", "anyone"}),
    ],
)
def test_a_line_hears_as_far_as_it_says(of: str, heard: set[str]) -> None:
    whose: Whose
    for whose in ("lead", "account", "anyone"):
        ride = Ride(WAIT.format(OF[of]))
        ride.hears("order.completed", whose=whose, amount=500)
        assert ride.ended == (whose in heard), whose


def test_where_of_an_event_of_anybody_compares_it_with_the_lead_of_the_run() -> None:
    of = "    of: anyone\n    where: event.topic is lead.id\n"
    ride = Ride(WAIT.format(of).replace("order.completed", "help.requested"))
    ride.facts["lead.id"] = "lead-1"
    ride.hears("help.requested", whose="anyone", topic="lead-2")
    assert not ride.ended
    ride.hears("help.requested", whose="anyone", topic="lead-1")
    assert ride.ending == "recovered"


def test_exits_whenever_first_of_and_restart_on_hear_the_account() -> None:
    exit_ = Ride("exit:\n  - event: order.completed\n    of: account\n    as: gone\nsteps: [wait: 9 days]\n")
    exit_.hears("order.completed", whose="account")
    assert exit_.ending == "gone"
    whenever = Ride(
        "whenever:\n  - event: order.completed\n    of: account\n    do: [email: aside]\n"
        "steps: [wait: 9 days]\n"
    )
    whenever.hears("order.completed", whose="anyone")
    whenever.hears("order.completed", whose="account")
    assert whenever.steps == ["aside"]
    first = Ride(
        "steps:\n  - first_of:\n      - event: order.completed\n        of: account\n"
        "        then: [end: gone]\n      - event: order.completed\n        then: [end: recovered]\n"
        "    within: 1 day\n"
    )
    first.hears("order.completed", whose="account")
    assert first.ending == "gone"
    restart = Ride("steps:\n  - wait: 2 days\n    restart_on: quote.changed\n    of: account\n  - email: a\n")
    restart.passes(days=1)
    restart.hears("quote.changed", whose="account")
    restart.passes(days=1, hours=12)
    assert restart.steps == []


def test_a_keyed_run_hears_others_whatever_their_key() -> None:
    ride = Ride(
        "key: start.quote_id\nsteps:\n  - wait_for: quote.completed\n    of: account\n    within: 1 day\n"
        "    then: [end: recovered]\n",
        key="q1",
        quote_id="q1",
    )
    ride.hears("quote.completed", whose="account", quote_id="q7")
    assert ride.ending == "recovered"


def test_a_colleagues_reply_and_refusal_are_not_the_leads_own() -> None:
    ride = Ride(
        "exit:\n  - event: email.replied\n    of: account\n    as: gone\n  - event: lead.unsubscribed\n"
        '    of: account\n    where: event.channel is "sms"\n    as: lost\n'
        "steps:\n  - email: a\n  - wait: 9 days\n  - email: b\n"
    )
    ride.hears("lead.unsubscribed", whose="account", channel="email")
    assert ride.ending is None, "the colleague refused, not the lead"
    ride.hears("email.replied", whose="account", message="another", run="run-2")
    assert ride.ending == "gone"


def test_an_event_of_others_is_kept_only_for_a_wait_that_listens_so_far() -> None:
    text = "steps:\n  - wait: 1 day\n" + WAIT.removeprefix("steps:\n")
    near = Ride(
        text.format("") + "exit: {event: order.completed, of: account, where: event.amount > 900, as: gone}\n"
    )
    near.hears("order.completed", whose="account", amount=1)
    assert near.position.unused == ()
    far = Ride(text.format("    of: account\n"))
    far.hears("order.completed", whose="account", amount=1)
    far.passes(days=1)
    assert far.ending == "recovered"


def test_a_scenario_says_whose_an_event_is() -> None:
    journey = compiled(
        "exit:\n  - event: help.requested\n    of: account\n    as: gone\n"
        "steps:\n  - email: welcome\n" + WAIT.format(OF["anyone"]).removeprefix("steps:\n")
    )
    text = (
        "journey: story\nscenarios:\n"
        "  - name: a colleague\n    events: [{at: 1 day, event: help.requested, of: account}]\n"
        "    expect: [day 0 email welcome, day 1 end gone]\n"
        "  - name: somebody, who is heard for orders alone\n    events:\n"
        "      - {at: 1 day, event: help.requested, of: anyone}\n"
        "      - {at: 2 days, event: order.completed, of: anyone, amount: 50}\n"
        "      - {at: 3 days, event: order.completed, of: anyone, amount: 500}\n"
        "    expect: [day 0 email welcome, day 3 end recovered]\n"
    )
    problems = Problems()
    found = read_scenarios("story.test.yaml", text, {"story": journey}, vocabulary(), problems)
    assert problems.all == ()
    assert [run_scenario(journey, vocabulary(), one).difference for one in found] == [None, None]
