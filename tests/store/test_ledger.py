"""The ledger of sends: forward only, once, counted against caps."""

import asyncio
from datetime import timedelta
from typing import get_args

import pytest

from model.contact import Contact
from model.records import Enrolment
from model.results import LedgerSend, NewOutboxMessage, SendState
from store import Store, Tx
from store.errors import NotFound
from tests.store.making import NOON, Wall, make_enrolment, make_lead, send

STATES: tuple[SendState, ...] = get_args(SendState)
ALLOWED = {
    "planned": {"held", "dispatching", "skipped"},
    "held": {"planned", "dispatching", "skipped"},
    "dispatching": {"planned", "held", "skipped", "accepted", "rejected", "unknown", "delivered", "bounced"},
    "unknown": {"accepted", "rejected", "delivered", "bounced"},
    "accepted": {"delivered", "bounced"},
    "delivered": {"bounced"},
}
PATHS: dict[SendState, tuple[SendState, ...]] = {
    "planned": (), "held": ("held",), "skipped": ("skipped",), "dispatching": ("dispatching",),
    "accepted": ("dispatching", "accepted"), "rejected": ("dispatching", "rejected"),
    "unknown": ("dispatching", "unknown"), "delivered": ("dispatching", "accepted", "delivered"),
    "bounced": ("dispatching", "accepted", "bounced"),
}  # fmt: skip


@pytest.mark.parametrize("start", STATES)
async def test_a_send_moves_forward_only(store: Store, start: SendState) -> None:
    async with store.begin() as tx:
        run = await a_run(tx)
        for target in STATES:
            row = send(run)
            await tx.sends.reserve(row)
            for state in PATHS[start]:
                await move(tx, row.send_id, state)
            reached = (await move(tx, row.send_id, target)).state
            moved = target in ALLOWED.get(start, set())
            assert reached == (target if moved else start), (start, target)


async def test_a_send_is_reserved_once_and_a_repeat_sees_what_stands(store: Store) -> None:
    async with store.begin() as tx:
        row = send(await a_run(tx), topic="news")
        first, made = await tx.sends.reserve(row)
        assert made
        assert (first.state, first.topic, first.recorded_at) == ("planned", "news", NOON)
        await take(tx, row.send_id)
        again, made = await tx.sends.reserve(row)
        assert not made
        assert again.state == "dispatching"


async def test_ten_attempts_at_once_reach_the_provider_once(store: Store) -> None:
    async with store.begin() as tx:
        row = send(await a_run(tx))

    async def attempt(owner: int) -> bool:
        async with store.begin() as tx:
            await tx.sends.reserve(row)
            deadline = NOON + timedelta(seconds=5)
            taken = await tx.sends.dispatch(
                row.send_id, "email", owner=str(owner), deadline=deadline, at=NOON
            )
        return taken is not None

    assert sum(await asyncio.gather(*(attempt(owner) for owner in range(10)))) == 1


async def test_a_reserved_send_may_be_taken_in_the_same_step(store: Store) -> None:
    async with store.begin() as tx:
        row = send(await a_run(tx), owner="w1", deadline=NOON + timedelta(seconds=5))
        taken, made = await tx.sends.reserve(row, "dispatching")
        assert (taken.state, taken.owner, made) == ("dispatching", "w1", True)


async def test_a_late_accepted_overrides_unknown_and_names_the_provider(store: Store) -> None:
    async with store.begin() as tx:
        row = send(await a_run(tx))
        await tx.sends.reserve(row)
        await take(tx, row.send_id)
        assert (await tx.sends.settle(row.send_id, "email", "unknown", reason="timeout")).reason == "timeout"
        settled = await tx.sends.settle(
            row.send_id, "email", "accepted", provider="sendgrid", provider_id="p1"
        )
        assert (settled.state, settled.reason, settled.provider_id) == ("accepted", None, "p1")
        assert await tx.sends.by_provider_id("sendgrid", "p1") == settled
        assert await tx.sends.by_provider_id("twilio", "p1") is None


async def test_an_answer_after_the_callback_still_leaves_the_providers_id(store: Store) -> None:
    async with store.begin() as tx:
        row = send(await a_run(tx))
        await tx.sends.reserve(row)
        await take(tx, row.send_id)
        await tx.sends.settle(row.send_id, "email", "delivered")
        late = await tx.sends.settle(row.send_id, "email", "accepted", provider="x", provider_id="p1")
        assert (late.state, late.provider_id) == ("delivered", "p1")


async def test_what_was_never_reserved_cannot_be_settled(store: Store) -> None:
    async with store.begin() as tx:
        assert await take(tx, "nothing") is None
        with pytest.raises(NotFound):
            await tx.sends.settle("nothing", "email", "accepted")


async def test_caps_count_what_reached_the_lead_or_may_have(store: Store) -> None:
    counted = {"dispatching", "accepted", "unknown", "delivered"}
    async with store.begin() as tx:
        run, other = await a_run(tx), await a_run(tx)
        for number, state in enumerate(STATES):
            row = send(run, contact=state, at=NOON + timedelta(minutes=number), topic="news")
            await tx.sends.reserve(row)
            for step in PATHS[state]:
                await move(tx, row.send_id, step, row.at)
        old, strange = send(run, at=NOON - timedelta(days=1)), send(other)
        for one in (old, strange):
            await tx.sends.reserve(one, "dispatching")
        found = await tx.sends.recent_contacts(run.lead_id, NOON)
        assert [one.contact_key for one in found] == [state for state in STATES if state in counted]
        assert found[0] == Contact(found[0].at, "email", "marketing", "news", found[0].contact_key)
        assert len(await tx.sends.recent_contacts(run.lead_id, NOON - timedelta(days=2))) == 5


async def test_a_cap_of_one_holds_when_ten_runs_send_at_once(store: Store) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)
        runs = [await make_enrolment(tx, lead.id, str(number)) for number in range(10)]

    async def message(run: Enrolment) -> bool:
        async with store.begin() as tx:
            await tx.leads.lock(run.lead_id)
            if await tx.sends.recent_contacts(run.lead_id, NOON - timedelta(days=1)):
                return False
            await tx.sends.reserve(send(run), "dispatching")
        return True

    assert sum(await asyncio.gather(*(message(run) for run in runs))) == 1


async def test_a_send_held_for_later_counts_when_it_goes(store: Store) -> None:
    later = NOON + timedelta(days=3)
    async with store.begin() as tx:
        row = send(await a_run(tx))
        await tx.sends.reserve(row, "held")
        await take(tx, row.send_id, later)
        stands = await tx.sends.get(row.send_id, "email")
        assert stands is not None
        assert stands.at == later
        assert await tx.sends.last_on(stands.lead_id or "", "email") == stands
        assert await tx.sends.last_on(stands.lead_id or "", "sms") is None


async def test_only_what_passed_its_deadline_is_stale(store: Store, wall: Wall) -> None:
    async with store.begin() as tx:
        row = send(await a_run(tx))
        await tx.sends.reserve(row)
        await take(tx, row.send_id)
        wall.on(seconds=5)
        assert await tx.sends.stale_dispatching() == ()
        wall.on(seconds=1)
        assert [one.send_id for one in await tx.sends.stale_dispatching()] == [row.send_id]
        await tx.sends.settle(row.send_id, "email", "unknown")
        assert await tx.sends.stale_dispatching() == ()


async def test_each_channel_of_a_send_has_its_row(store: Store, wall: Wall) -> None:
    async with store.begin() as tx:
        run = await a_run(tx)
        for channel in ("sms", "email"):
            await tx.sends.reserve(send(run, send_id="s", channel=channel), "skipped")
            wall.on(seconds=1)
        assert [one.channel for one in await tx.sends.find("s")] == ["sms", "email"]
        assert len(await tx.sends.of_enrolment(run.id)) == 2


async def test_the_outbox_shows_a_message_sent_twice_twice(store: Store) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)
        message = NewOutboxMessage(
            send_id="s", channel="email", to="a@b", at=NOON, lead_id=lead.id, text="hi"
        )
        ids = [await tx.outbox.add(message) for _ in range(3)]
        first = await tx.outbox.list(lead_id=lead.id, limit=2)
        rest = await tx.outbox.list(channel="email", cursor=first.next)
        assert [one.id for one in (*first.items, *rest.items)] == ids
        assert (first.items[0].text, first.items[0].to) == ("hi", "a@b")
        assert (await tx.outbox.list(channel="sms")).items == ()


async def a_run(tx: Tx) -> Enrolment:
    return await make_enrolment(tx, (await make_lead(tx)).id)


async def take(tx: Tx, send_id: str, at: object = NOON) -> LedgerSend | None:
    assert isinstance(at, type(NOON))
    return await tx.sends.dispatch(
        send_id, "email", owner="w", deadline=tx.wall() + timedelta(seconds=5), at=at
    )


async def move(tx: Tx, send_id: str, state: SendState, at: object = NOON) -> LedgerSend:
    if state == "dispatching":
        await take(tx, send_id, at)
        (row,) = await tx.sends.find(send_id)
        return row
    return await tx.sends.settle(send_id, "email", state)
