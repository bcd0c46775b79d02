"""Timeline, outcomes, scores, switches, idempotency, audit."""

import asyncio
from datetime import timedelta

from model.records import ApiKey, Stopped
from model.results import NewEntry, NewOutcome, NewScore
from store import Store
from tests.store.making import NOON, Wall, make_enrolment, make_lead


def entry(lead_id: str, dedup: str, minutes: int = 0, enrolment_id: str | None = None) -> NewEntry:
    at = NOON + timedelta(minutes=minutes)
    return NewEntry(lead_id=lead_id, at=at, kind="branch", text=dedup, dedup=dedup, enrolment_id=enrolment_id)


def outcome(outcome_id: str, body_hash: str = "h", report: bool = True) -> NewOutcome:
    return NewOutcome(
        outcome_id=outcome_id, lead_id="somebody", type="sale", at=NOON, body={"label": 1},
        body_hash=body_hash, label=1, value=9.5, report=report,
    )  # fmt: skip


async def test_a_repeated_line_adds_nothing_to_the_timeline(store: Store) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)
        run = await make_enrolment(tx, lead.id)
        assert await tx.timeline.add_many([entry(lead.id, "b", 5), entry(lead.id, "a")]) == 2
        again = [entry(lead.id, "b", 5), entry(lead.id, "c", 5, run.id), entry(lead.id, "c", 6)]
        assert await tx.timeline.add_many(again) == 1
        first = await tx.timeline.page(lead.id, limit=2)
        rest = await tx.timeline.page(lead.id, cursor=first.next)
        assert [line.text for line in (*first.items, *rest.items)] == ["a", "b", "c"]
        assert [line.text for line in (await tx.timeline.page(lead.id, enrolment_id=run.id)).items] == ["c"]


async def test_an_outcome_is_recorded_once_and_reported_until_it_is_taken(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.outcomes.record(outcome("o1")) == "accepted"
        assert await tx.outcomes.record(outcome("o1")) == "duplicate"
        assert await tx.outcomes.record(outcome("o1", "other")) == "conflict"
        for name in ("o2", "o3"):
            await tx.outcomes.record(outcome(name))
        await tx.outcomes.record(outcome("silent", report=False))
        assert [one.outcome_id for one in await tx.outcomes.unreported()] == ["o1", "o2", "o3"]
        await tx.outcomes.mark_reported(["o1"])
        await tx.outcomes.mark_failed(["o1", "o2"])
        await tx.outcomes.mark_failed(["o3"], final=True)
        told = [(one.reported, one.attempts) for one in await tx.outcomes.of("somebody")]
        assert told == [("sent", 0), ("waiting", 1), ("failed", 1), ("none", 0)]
        for _ in range(19):
            await tx.outcomes.mark_failed(["o2"])
        assert await tx.outcomes.unreported() == ()
        assert [one.value for one in await tx.outcomes.all(1)] == [9.5]


async def test_a_request_for_a_score_is_answered_once(store: Store, wall: Wall) -> None:
    async with store.begin() as tx:
        first = score("s1", "r1")
        assert await tx.scores.record(first) == "accepted"
        assert await tx.scores.record(score("s2", "r1")) == "duplicate"
        assert await tx.scores.record(score("s3", "r1", "other")) == "conflict"
        kept = await tx.scores.by_request("r1")
        assert kept is not None
        assert (kept.score_id, kept.response) == ("s1", {"tier": "T1"})
        wall.on(minutes=1)
        await tx.scores.record(score("s4", "r2"))
        latest = await tx.scores.latest("l")
        assert latest is not None
        assert latest.score_id == "s4"


async def test_switches_stop_everything_or_one_journey(store: Store) -> None:
    async with store.begin() as tx:
        assert await tx.switches.stopped() == Stopped()
        assert await tx.switches.stop(NOON, "welcome")
        assert await tx.switches.stop(NOON)
        assert not await tx.switches.stop(NOON)
        assert await tx.switches.stopped() == Stopped(everything=True, journeys=("welcome",))
        assert await tx.switches.resume()
        assert not await tx.switches.resume()
        assert await tx.switches.stopped() == Stopped(journeys=("welcome",))


async def test_of_two_equal_requests_at_once_one_is_carried_out(store: Store, wall: Wall) -> None:
    async with store.begin() as tx:
        await tx.keys.add(ApiKey(id="k", name="k", source="web", hash="h", scopes=(), created_at=NOON))

    async def request() -> bool:
        async with store.begin() as tx:
            before = await tx.idempotency.begin("k", "i", "hash")
            if before is None:
                await asyncio.sleep(0.02)
                await tx.idempotency.finish("k", "i", 201, {"id": "x"})
                return True
            assert (before.status, before.response, before.request_hash) == (201, {"id": "x"}, "hash")
            return False

    assert sum(await asyncio.gather(*(request() for _ in range(4)))) == 1
    async with store.begin() as tx:
        assert await tx.idempotency.forget_before(NOON) == 0
        wall.on(days=1)
        assert await tx.idempotency.forget_before(wall.now) == 1
        assert await tx.idempotency.find("k", "i") is None


async def test_the_audit_lists_who_did_what(store: Store) -> None:
    async with store.begin() as tx:
        await tx.audit.add(NOON, "stop-sending", "welcome", None)
        await tx.audit.add(NOON, "key.revoke", None, None)
        first = await tx.audit.list(limit=1)
        rest = await tx.audit.list(cursor=first.next)
        assert [one.action for one in (*first.items, *rest.items)] == ["stop-sending", "key.revoke"]


def score(score_id: str, request_id: str, body_hash: str = "h") -> NewScore:
    return NewScore(
        score_id=score_id, request_id=request_id, lead_id="l", at=NOON, body_hash=body_hash,
        request={"a": 1}, response={"tier": "T1"},
    )  # fmt: skip
