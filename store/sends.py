"""The ledger of sends: what makes a message go out once, in effect."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from pydantic import JsonValue
from sqlalchemy import Column, Executable, ForeignKey, Index, Table, select, update

from model.contact import Contact
from model.results import FirstState, LedgerSend, NewSend, SendState
from store.base import (
    Json,
    Repository,
    Shape,
    among,
    columns_of,
    given,
    given_limit,
    metadata,
    partial_index,
    same,
    text_column,
    time_column,
)
from store.errors import NotFound

sends = Table(
    "sends",
    metadata,
    Column("send_id", text_column("send_id").type, primary_key=True),
    Column("channel", text_column("channel").type, primary_key=True),
    Column("enrolment_id", ForeignKey("enrolments.id")),
    Column("lead_id", ForeignKey("leads.id")),
    *(text_column(name) for name in ("journey", "step", "template")),
    text_column("purpose", null=False),
    *(text_column(name) for name in ("topic", "contact", "address")),
    text_column("state", null=False),
    text_column("owner"),
    time_column("deadline", null=True),
    *(text_column(name) for name in ("provider", "provider_id", "reason")),
    Column("decision", Json),
    time_column("at"),
    time_column("recorded_at"),
    time_column("updated_at"),
    Index(None, "lead_id", "at"),
    Index(None, "enrolment_id", "at"),
    Index(None, "provider", "provider_id"),
)
_dispatching = same(sends.c.state, "dispatching")
partial_index("ix_sends_dispatching", _dispatching, sends.c.deadline)

COUNTED: tuple[SendState, ...] = ("dispatching", "accepted", "unknown", "delivered")
"""States in which a message reached the lead or may have: these count against caps."""

BEFORE: dict[SendState, tuple[SendState, ...]] = {
    "planned": ("planned", "held", "dispatching"),
    "held": ("planned", "held", "dispatching"),
    "skipped": ("planned", "held", "dispatching"),
    "dispatching": ("planned", "held"),
    "accepted": ("dispatching", "unknown"),
    "rejected": ("dispatching", "unknown"),
    "unknown": ("dispatching",),
    "delivered": ("dispatching", "unknown", "accepted"),
    "bounced": ("dispatching", "unknown", "accepted", "delivered"),
}
"""From which states each state may follow; from `dispatching` back only where nothing was provably sent."""

_SEND = Shape(LedgerSend)
_CONTACT = Shape(Contact)
_s = sends.c
_counted = among(_s.state, COUNTED)
_this = (_s.send_id == given("send"), _s.channel == given("channel"))
_ONE = select(sends).where(*_this)
_OF_SEND = select(sends).where(_s.send_id == given("send")).order_by(_s.recorded_at, _s.channel)
_BY_PROVIDER = (
    select(sends)
    .where(_s.provider == given("provider"), _s.provider_id == given("provider_id"))
    .order_by(_s.recorded_at.desc(), _s.send_id)
    .limit(1)
)
_CONTACTS = (
    select(_s.at, _s.channel, _s.purpose, _s.topic, _s.contact.label("contact_key"))
    .where(_s.lead_id == given("lead"), _s.at >= given("since"), _counted)
    .order_by(_s.at, _s.send_id, _s.channel)
)
_OF_RUN = select(sends).where(_s.enrolment_id == given("run")).order_by(_s.at, _s.send_id, _s.channel)
_LAST_ON = (
    select(sends)
    .where(_s.lead_id == given("lead"), _s.channel == given("channel"), _counted)
    .order_by(_s.at.desc(), _s.send_id.desc())
    .limit(1)
)
_STALE = (
    select(sends)
    .where(_dispatching, _s.deadline < given("wall"))
    .order_by(_s.deadline, _s.send_id)
    .limit(given_limit())
)
_NAME_PROVIDER = update(sends).where(*_this, _s.provider_id.is_(None))


class Sends(Repository):
    """Sends by id and channel."""

    async def reserve(self, new: NewSend, state: FirstState = "planned") -> tuple[LedgerSend, bool]:
        """Enters a send; answers with the row that stands and whether this call made it.

        With `dispatching` it is reserved and taken at once: then `owner` and `deadline` are needed.
        """
        wall = self._wall()
        row = {**columns_of(new), "state": state, "recorded_at": wall, "updated_at": wall}
        made = await self._add_new(sends, [row], *_s)
        return (_SEND.read(made[0]), True) if made else (await self._must(new.send_id, new.channel), False)

    async def dispatch(
        self,
        send_id: str,
        channel: str,
        *,
        owner: str,
        deadline: datetime,
        at: datetime,
        address: str | None = None,
        decision: JsonValue = None,
    ) -> LedgerSend | None:
        """Takes a planned or held send for one call of the provider; None where it is taken or over.

        Commit before the call. `at` (business) is when it counts as a contact, `deadline` is wall time.
        """
        values: dict[str, object] = {"owner": owner, "deadline": deadline, "at": at, "reason": None}
        values |= {} if address is None else {"address": address}
        values |= {} if decision is None else {"decision": decision}
        return await self._move(send_id, channel, "dispatching", values)

    async def settle(
        self,
        send_id: str,
        channel: str,
        state: SendState,
        *,
        reason: str | None = None,
        provider: str | None = None,
        provider_id: str | None = None,
        decision: JsonValue = None,
    ) -> LedgerSend:
        """Records what became of a send, forward only; answers with the row that stands. Raises NotFound.

        A state that may not follow the present one changes nothing, save that a provider's id is kept.
        A late `accepted` or `delivered` overrides `unknown`. `planned` or `held` after `dispatching` says
        that nothing was sent, provably.
        """
        named = {"provider": provider, "provider_id": provider_id, "decision": decision}
        values: dict[str, object] = {key: value for key, value in named.items() if value is not None}
        moved = await self._move(send_id, channel, state, {**values, "reason": reason})
        if moved is None and provider_id is not None:
            await self._keep_provider(send_id, channel, provider, provider_id)
        return moved or await self._must(send_id, channel)

    async def find(self, send_id: str) -> tuple[LedgerSend, ...]:
        """Lists the rows of a send, one for each channel tried, in the order in which they were reserved."""
        return await self._all(_SEND, _OF_SEND, given_send=send_id)

    async def get(self, send_id: str, channel: str) -> LedgerSend | None:
        """Reads one row."""
        return await self._one(_SEND, _ONE, given_send=send_id, given_channel=channel)

    async def by_provider_id(self, provider: str, provider_id: str) -> LedgerSend | None:
        """Reads the row that a provider's callback names."""
        return await self._one(_SEND, _BY_PROVIDER, given_provider=provider, given_provider_id=provider_id)

    async def recent_contacts(self, lead_id: str, since: datetime) -> tuple[Contact, ...]:
        """Lists what reached the lead or may have, from `since` (business time), the oldest first."""
        return await self._all(_CONTACT, _CONTACTS, given_lead=lead_id, given_since=since)

    async def of_enrolment(self, enrolment_id: str) -> tuple[LedgerSend, ...]:
        """Lists a run's sends by business time."""
        return await self._all(_SEND, _OF_RUN, given_run=enrolment_id)

    async def last_on(self, lead_id: str, channel: str) -> LedgerSend | None:
        """Reads the last message that went, or may have gone, to a lead on a channel."""
        return await self._one(_SEND, _LAST_ON, given_lead=lead_id, given_channel=channel)

    async def stale_dispatching(self, limit: int = 100) -> tuple[LedgerSend, ...]:
        """Lists sends still `dispatching` past their deadline, the oldest deadline first."""
        return await self._all(_SEND, _STALE, given_wall=self._wall(), given_limit=limit)

    async def _move(
        self, send_id: str, channel: str, state: SendState, values: dict[str, object]
    ) -> LedgerSend | None:
        this = {"given_send": send_id, "given_channel": channel}
        return await self._one(_SEND, _move_to(state), **this, **values, updated_at=self._wall())

    async def _keep_provider(
        self, send_id: str, channel: str, provider: str | None, provider_id: str
    ) -> None:
        this = {"given_send": send_id, "given_channel": channel}
        await self._run(_NAME_PROVIDER, **this, provider=provider, provider_id=provider_id)

    async def _must(self, send_id: str, channel: str) -> LedgerSend:
        found = await self.get(send_id, channel)
        if found is None:
            raise NotFound(f"There is no send {send_id} on {channel}.")
        return found


@cache
def _move_to(state: SendState) -> Executable:
    """Composes the step into a state from those that it may follow."""
    before = among(_s.state, BEFORE[state])
    return update(sends).where(*_this, before).values(state=state).returning(*_s)
