"""Replies on every channel: their keywords, and STOP."""

from __future__ import annotations

import pytest

from language.reactions import REPLIES
from model.records import Identifier
from tests.house import House

LUIS = [Identifier("email", "luis@example.com")]


@pytest.fixture
def database(sqlite_url: str) -> str:
    """One database is enough here."""
    return sqlite_url


async def test_a_reply_on_any_channel_has_its_keyword_though_nobody_wrote_before(world: House) -> None:
    assert (
        tuple(f"{channel}.replied" for channel in ("email", "sms", "whatsapp", "web_message", "social"))
        == REPLIES
    )
    for kind in REPLIES:
        plain = await world.take(kind, LUIS, text="Gracias")
        assert "keyword" not in plain.body
        stop = await world.take(kind, LUIS, text="por favor BAJA ya")
        assert (stop.body["keyword"], stop.run) == ("stop_all", None)


@pytest.mark.parametrize("kind", REPLIES)
async def test_stop_on_any_channel_is_a_refusal_of_everything_at_once(world: House, kind: str) -> None:
    row = await world.take(kind, LUIS, text="Stop")
    async with world.store.read() as tx:
        (word,) = await tx.consents.latest(row.lead_id or "")
    assert (word.channel, word.given, word.scope) == ("all", False, "all")
    assert "lead.unsubscribed" in [line.text for line in await world.timeline()]


async def test_a_reply_that_names_no_message_is_of_the_run_that_last_wrote_on_that_channel(
    world: House,
) -> None:
    await world.event("trial.started")
    row = await world.take("email.replied", LUIS, text="hola")
    (run,) = await world.runs()
    assert (row.run, row.body["step"], row.body["template"]) == (run.id, "welcome", "welcome")
    other = await world.take("whatsapp.replied", LUIS, text="hola")
    assert other.run is None
