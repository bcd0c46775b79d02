"""What runs hear of others, and leads by their values: found by index, whoever else is there."""

from __future__ import annotations

from sqlalchemy import text

from model.events import Delivery
from model.listening import Listener
from store import Store, Tx
from store.listeners import ACCOUNT, value_digest
from tests.store.making import NOON, make_enrolment, make_lead


async def listening(tx: Tx, *heard: Listener) -> tuple[str, str]:
    """Makes a lead with a run that hears these of others; gives the ids of both."""
    lead = await make_lead(tx)
    run = await make_enrolment(tx, lead.id)
    await tx.listeners.add(run.id, lead.id, heard)
    return lead.id, run.id


async def test_a_run_is_found_by_its_own_value_and_one_without_by_the_type_alone(store: Store) -> None:
    async with store.begin() as tx:
        _, mine = await listening(tx, Listener("order.paid", "anyone", "order_id=start.order_id", 7))
        _, other = await listening(tx, Listener("order.paid", "anyone", "order_id=start.order_id", "8"))
        _, every = await listening(tx, Listener("order.paid", "anyone"))
        found = await tx.listeners.by_value("order.paid", "anyone", "order_id=start.order_id", [7.0, "9"])
        assert [run.id for run in found] == [mine], "7 and 7.0 are the same number"
        found = await tx.listeners.by_value("order.paid", "anyone", "order_id=start.order_id", ["8"])
        assert [run.id for run in found] == [other]
        assert [run.id for run in await tx.listeners.by_value("order.paid", "anyone")] == [every]
        assert await tx.listeners.by_value("order.lost", "anyone") == ()
        assert await tx.listeners.by_value("order.paid", "account") == ()


async def test_runs_are_found_by_the_values_of_their_leads_until_they_end(store: Store) -> None:
    async with store.begin() as tx:
        first, run = await listening(tx, Listener("mail.came", "account"))
        second, another = await listening(tx, Listener("mail.came", "account"))
        third, _ = await listening(tx, Listener("mail.went", "account"))
        await tx.lead_values.add([(one, ACCOUNT, "acme") for one in (first, second, third)])
        leads = await tx.lead_values.find(ACCOUNT, ["acme"])
        assert leads == tuple(sorted((first, second, third)))
        found = await tx.listeners.of_leads("mail.came", "account", "", leads)
        assert {one.id for one in found} == {run, another}
        await tx.enrolments.close(another, ending="lost", outcome="lost", reason=None, at=NOON)
        found = await tx.listeners.of_leads("mail.came", "account", "", leads)
        assert [one.id for one in found] == [run]
        assert await tx.lead_values.find_another(ACCOUNT, "acme", first) in (second, third)
        assert await tx.lead_values.find_another(ACCOUNT, "nobody", first) is None


async def test_the_values_of_a_lead_take_the_place_of_those_before_and_only_hashes_are_kept(
    store: Store,
) -> None:
    async with store.begin() as tx:
        lead = await make_lead(tx)
        await tx.lead_values.write(lead.id, [("lead.email", "ana@example.com"), (ACCOUNT, "acme")])
        await tx.lead_values.write(lead.id, [("lead.email", "ana@example.org")])
        assert await tx.lead_values.find("lead.email", ["ana@example.com"]) == ()
        assert await tx.lead_values.find("lead.email", ["ana@example.org"]) == (lead.id,)
        assert await tx.lead_values.find(ACCOUNT, ["acme"]) == ()
        rows = (await tx.connection.execute(text("SELECT value FROM lead_values"))).scalars().all()
        assert rows == [value_digest("ana@example.org")]


async def test_many_runs_get_their_next_numbers_at_once_and_ended_ones_none(store: Store) -> None:
    async with store.begin() as tx:
        runs = [(await listening(tx))[1] for _ in range(3)]
        await tx.enrolments.next_seq(runs[0])
        await tx.enrolments.close(runs[2], ending="lost", outcome="lost", reason=None, at=NOON)
        seqs = await tx.enrolments.next_seqs(runs)
        assert seqs == {runs[0]: 2, runs[1]: 1}
        await tx.deliveries.add_many({run: Delivery(seq, NOON, kind="facts") for run, seq in seqs.items()})
    async with store.read() as tx:
        waiting = dict(await tx.deliveries.undelivered())
    assert {run: [row.seq for row in rows] for run, rows in waiting.items()} == {runs[0]: [2], runs[1]: [1]}


async def test_no_question_goes_through_all_runs_or_leads(store: Store) -> None:
    questions = {
        "SELECT lead_id FROM lead_values WHERE path = 'a' AND value IN ('b')": (
            "ix_lead_values_path_value_lead_id (path=? AND value=?)"
        ),
        "SELECT enrolment_id FROM listeners WHERE type = 'a' AND whose = 'b' AND lookup = 'c'"
        " AND value IN ('d')": (
            "ix_listeners_type_whose_lookup_value (type=? AND whose=? AND lookup=? AND value=?)"
        ),
        "SELECT e.id FROM enrolments e JOIN listeners l ON l.enrolment_id = e.id WHERE l.type = 'a'"
        " AND l.whose = 'b' AND l.lookup = 'c' AND l.lead_id IN ('d', 'e') AND e.state != 'ended'": (
            "ix_listeners_lead_id_type_whose_lookup (lead_id=? AND type=? AND whose=? AND lookup=?)"
        ),
        "SELECT * FROM enrolments WHERE lead_id = 'a' AND journey = 'b' AND key_value = 'c'"
        " ORDER BY opened_at DESC, id DESC LIMIT 1": (
            "ix_enrolments_lead_id_journey_key_value_opened_at_id (lead_id=? AND journey=? AND key_value=?)"
        ),
    }
    async with store.begin() as tx:
        if tx.connection.dialect.name == "sqlite":
            for question, index in questions.items():
                plan = (await tx.connection.execute(text(f"EXPLAIN QUERY PLAN {question}"))).all()
                assert index in str(plan), plan
                assert "SCAN" not in str(plan)
