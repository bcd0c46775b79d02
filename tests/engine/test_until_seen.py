"""`until_seen`: a message goes by the next channel unless a person sees it in time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.simulator import simulate
from engine.turn import Heard, Operator
from language.problems import Problems
from language.reactions import seen_by
from language.vocabulary import load_vocabulary
from model.commands import Sent
from model.events import Delivery, Event
from tests.engine.riding import MONDAY, VOCABULARY, Ride, compiled
from tests.engine.test_simulator import play

SEND = "steps:\n  - send: offer\n    by: [whatsapp, sms, email]\n    until_seen: 4 hours\n"
LADDER = SEND + "  - notify: sales\n"


def channels(ride: Ride) -> list[str]:
    return [send.channels[0] for send in ride.sends()]


def test_each_channel_has_its_time_and_the_last_is_waited_for_no_more() -> None:
    ride = Ride(LADDER)
    assert ride.stands == ("offer", "to be seen: whatsapp")
    assert ride.turn.wake == MONDAY + timedelta(hours=4)
    ride.passes(hours=3, minutes=59)
    assert channels(ride) == ["whatsapp"]
    ride.passes(minutes=1)
    assert channels(ride) == ["whatsapp", "sms"]
    assert ride.ending is None
    ride.passes(hours=4)
    assert channels(ride) == ["whatsapp", "sms", "email"]
    assert ride.ending == "finished"
    assert [send.channels for send in ride.sends()] == [
        ("whatsapp", "sms", "email"), ("sms", "email"), ("email",)
    ]  # fmt: skip


def test_all_channels_are_one_message_and_one_contact_and_what_follows_is_another() -> None:
    ride = Ride(LADDER.replace("  - notify: sales\n", "  - email: later\n"))
    ride.passes(hours=8)
    first, second, third, later = ride.sends()
    assert first.send_id == second.send_id == third.send_id != later.send_id
    assert first.contact == second.contact == third.contact != later.contact


@pytest.mark.parametrize("seen", ["whatsapp.read", "whatsapp.replied"])
def test_a_message_that_is_seen_goes_no_further(seen: str) -> None:
    ride = Ride(LADDER)
    ride.passes(hours=1)
    ride.clicks("offer", seen)
    assert (channels(ride), ride.ending) == (["whatsapp"], "finished")
    assert f"seen: {seen}" in ride.said("heard")


@pytest.mark.parametrize(
    ("channel", "events"),
    [
        ("email", {"email.opened", "email.clicked", "email.replied"}),
        ("sms", {"sms.delivered", "sms.read", "sms.replied"}),
        ("whatsapp", {"whatsapp.read", "whatsapp.replied"}),
        ("web_message", {f"web_message.{what}" for what in ("shown", "clicked", "dismissed", "replied")}),
        ("push", {"push.opened"}),
        ("voice", {"voice.delivered"}),
        ("social", {"social.read", "social.replied"}),
        ("letter", set()),
    ],
)
def test_what_counts_as_seen(channel: str, events: set[str]) -> None:
    assert set(seen_by(channel)) == events
    other = "email" if channel != "email" else "sms"
    network = "    network: x\n" if channel == "social" else ""
    text = f"steps:\n  - send: a\n    by: [{channel}, {other}]\n{network}    until_seen: 1 hour\n"
    assert events <= set(compiled(text).hears)
    for event in events:
        ride = Ride(text)
        ride.clicks("a", event)
        assert ride.ended, event


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        ("whatsapp.delivered", {}, None),
        ("whatsapp.failed", {}, None),
        ("sms.delivered", {}, None),
        ("whatsapp.read", {}, "another message"),
    ],
)
def test_what_does_not_count_as_seen(kind: str, fields: dict[str, bool], message: str | None) -> None:
    ride = Ride(LADDER)
    ride.tell(kind, {**fields}, message=message or ride.sends()[0].send_id)
    assert not ride.ended


def test_a_machine_sees_nothing() -> None:
    ride = Ride("steps:\n  - send: offer\n    by: [email, sms]\n    until_seen: 1 hour\n")
    ride.clicks("offer", "email.opened", machine=True)
    ride.passes(hours=1)
    assert channels(ride) == ["email", "sms"]


def test_a_late_look_at_an_earlier_channel_counts_too() -> None:
    ride = Ride(LADDER)
    ride.passes(hours=4)
    ride.clicks("offer", "whatsapp.read")
    assert (channels(ride), ride.ending) == (["whatsapp", "sms"], "finished")


def test_the_reaction_by_which_it_was_seen_is_left_for_the_wait_that_follows() -> None:
    text = SEND + "  - wait_for: whatsapp.replied\n    within: 1 day\n    then: [end: recovered]\n"
    ride = Ride(text)
    ride.clicks("offer", "whatsapp.replied")
    assert ride.ending == "recovered"


@pytest.mark.parametrize(("run", "ends"), [("run-1", True), ("another run", False), (None, False)])
def test_a_reply_that_names_no_message_counts_for_the_run_that_last_wrote(
    run: str | None, ends: bool
) -> None:
    ride = Ride(LADDER)
    reply = Event("reply", "whatsapp.replied", ride.now, {}, None, None, run)
    ride.take(Heard((Delivery(1, ride.now, reply),)))
    assert ride.ended == ends


def test_a_channel_that_does_not_reach_the_lead_takes_no_time() -> None:
    ride = Ride("steps:\n  - wait: 1 hour\n" + LADDER.removeprefix("steps:\n"))
    ride.answers = [Sent(0, "sent", "sms")]
    ride.passes(hours=1)
    assert ride.stands == ("offer", "to be seen: sms"), "whatsapp was refused, sms went"
    ride.passes(hours=4)
    assert ride.sends()[-1].channels == ("email",)


def test_nobody_reachable_is_else_but_not_after_one_channel_went() -> None:
    text = SEND + "    else: [end: gone]\n"
    ride = Ride("steps:\n  - wait: 1 hour\n" + text.removeprefix("steps:\n"))
    ride.answers = [Sent(0, "skipped", "email", "no_consent")]
    ride.passes(hours=1)
    assert ride.ending == "gone"
    ride = Ride(text)
    ride.answers = [Sent(0, "skipped", "email", "no_consent")]
    ride.passes(hours=4)
    assert ride.ending == "finished"
    assert not ride.said("skipped")


def test_the_next_channel_waits_for_its_hours_and_is_dropped_when_the_message_is_seen_meanwhile() -> None:
    ride = Ride(LADDER)
    ride.answers = [Sent(0, "held", "sms", "quiet", MONDAY + timedelta(hours=23))]
    ride.passes(hours=4)
    assert ride.stands == ("offer", "held: quiet")
    ride.passes(hours=10)
    ride.clicks("offer", "whatsapp.read")
    assert (len(ride.sends()), ride.ending) == (2, "finished")


def test_a_held_next_channel_goes_and_has_its_own_time_from_then() -> None:
    ride = Ride(LADDER)
    ride.answers = [Sent(0, "held", "sms", "quiet", MONDAY + timedelta(hours=23))]
    ride.passes(hours=23)
    assert ride.stands == ("offer", "to be seen: whatsapp, sms")
    assert ride.turn.wake == MONDAY + timedelta(hours=27)


def test_a_first_hold_begins_anew_with_all_channels() -> None:
    ride = Ride("steps:\n  - wait: 1 hour\n" + LADDER.removeprefix("steps:\n"))
    ride.answers = [Sent(0, "held", "whatsapp", "quiet", MONDAY + timedelta(hours=20))]
    ride.passes(hours=20)
    assert [send.channels for send in ride.sends()] == [("whatsapp", "sms", "email")] * 2


def test_its_if_and_not_after_are_judged_before_each_channel() -> None:
    ride = Ride(LADDER.replace("until_seen", 'if: lead.status is not "customer"\n    until_seen'))
    ride.changes(status="customer")
    ride.passes(hours=4)
    assert (channels(ride), ride.ending) == (["whatsapp"], "finished")
    ride = Ride(LADDER.replace("until_seen", "not_after: 5 hours\n    until_seen"))
    ride.passes(hours=8)
    assert channels(ride) == ["whatsapp", "sms"]
    assert not ride.said("skipped"), "it went, so it was not skipped"


def test_an_exit_ends_it_while_it_has_to_be_seen() -> None:
    ride = Ride("exit:\n  - event: order.completed\n    as: recovered\n" + LADDER)
    ride.hears("order.completed")
    assert (channels(ride), ride.ending) == (["whatsapp"], "recovered")


@pytest.mark.parametrize(("seen", "sends"), [(True, 1), (False, 2)])
def test_a_run_on_hold_keeps_the_next_channel_back(seen: bool, sends: int) -> None:
    ride = Ride('hold_while: lead.status is "busy"\n' + LADDER.replace("sms, email", "sms"))
    ride.changes(status="busy")
    ride.passes(hours=5)
    assert channels(ride) == ["whatsapp"]
    if seen:
        ride.clicks("offer", "whatsapp.read")
    ride.changes(status="mql")
    assert (len(ride.sends()), ride.ending) == (sends, "finished")


def test_an_operator_may_let_it_go_on() -> None:
    ride = Ride(LADDER)
    ride.orders(Operator("skip"))
    assert (channels(ride), ride.ending) == (["whatsapp"], "finished")


def test_days_to_be_seen_are_calendar_days_of_the_lead() -> None:
    ride = Ride(LADDER.replace("4 hours", "2 days"))
    ride.passes(days=2)
    assert channels(ride) == ["whatsapp", "sms"]


def test_the_preferred_channel_is_the_first_to_be_seen() -> None:
    text = "steps:\n  - wait: 1 hour\n  - send: a\n    by: lead.preferred_channel\n    until_seen: 1 hour\n"
    ride = Ride(text)
    ride.facts["lead.preferred_channel"] = "sms"
    ride.passes(hours=1)
    ride.facts["lead.preferred_channel"] = "push"
    ride.passes(hours=1)
    assert channels(ride) == ["sms", "email"], "what it prefers meanwhile changes nothing"


def test_scenarios_tell_of_each_channel() -> None:
    text = "contact_hours: {from: 9:00, to: 16:00}\n" + SEND
    lead = 'lead: {phone: "+34600111222", consent: {whatsapp: true, sms: true, email: true}}'
    unseen, seen, refused = play(
        text,
        f"  - name: nobody looks\n    {lead}\n"
        "    expect: [day 0 at 10:00 whatsapp offer, day 0 at 14:00 sms offer, day 1 at 9:00 email offer,"
        " day 1 end finished]\n"
        f"  - name: seen by sms\n    {lead}\n    events: [{{at: 5 hours, event: sms.delivered}}]\n"
        "    expect: [day 0 whatsapp offer, day 0 sms offer, day 0 end finished]\n"
        "  - name: only by email\n    lead: {phone: nothing, consent: {email: true}}\n"
        "    expect: [day 0 email offer, day 0 end finished]\n",
    )
    assert [one.difference for one in (unseen, seen, refused)] == [None, None, None]


def test_a_cap_of_one_a_day_lets_the_message_go_by_all_its_channels() -> None:
    words = load_vocabulary(
        {"vocabulary.yaml": VOCABULARY + "caps: {marketing: {per_day: 1, min_gap: 6 hours}}\n"}, Problems()
    )
    story = simulate(compiled(SEND), words, {"phone": "+34600111222"})
    assert [line.kind for line in story.log if line.text == "offer"] == ["whatsapp", "sms", "email"]
